"""The desk's pages of figures, reports and exports."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
