"""The desk's acts and pages for handing over to partner agencies and joint sessions."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
