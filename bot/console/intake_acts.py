"""The desk's acts and pages for taking a case down, doubles, group cases."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
