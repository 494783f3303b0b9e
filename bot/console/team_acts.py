"""The desk's acts and pages for second pair of eyes, conflict, tasks, playbook, calls and visits."""

from bot.console.guard import Entry

ENTRIES: tuple[Entry, ...] = ()
