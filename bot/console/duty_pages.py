"""The desk's page of the duty roster, substitutes and handing over."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
