"""Wake-ups inside one process: somebody waits for a name, somebody else says that it changed."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager


class Signals:
    """Named wake-ups. Losing one is harmless: every waiter also looks at the store by itself."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def notify(self, names: Iterable[str]) -> None:
        """Wake everyone who listens to one of the names. Call it on the loop's thread."""
        for name in names:
            for event in self._waiting.get(name, ()):
                event.set()

    @asynccontextmanager
    async def listen(self, *names: str) -> AsyncIterator[asyncio.Event]:
        """An event that is set when one of the names is notified; clear it before you look again."""
        event = asyncio.Event()
        for name in names:
            self._waiting[name].add(event)
        try:
            yield event
        finally:
            for name in names:
                self._waiting[name].discard(event)
                if not self._waiting[name]:
                    del self._waiting[name]


def outbox_of(channel: str) -> str:
    """Signal name: the channel has something to deliver."""
    return f"outbox:{channel}"


def talk_of(person_id: str) -> str:
    """Signal name: a person's conversation grew."""
    return f"talk:{person_id}"


def case_of(case_id: str) -> str:
    """Signal name: a case changed."""
    return f"case:{case_id}"


INBOX = "inbox"
CASES = "cases"
