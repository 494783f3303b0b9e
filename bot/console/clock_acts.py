"""The desk's acts and pages for the promise clock: pause and resume."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
