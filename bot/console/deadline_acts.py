"""The desk's acts and pages for legal dates of a case."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
