"""The desk's acts and pages for employers across cases."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
