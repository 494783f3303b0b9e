"""Reads a question by its meaning before it is searched, where nobody else has to wait for it."""

import asyncio

from knowledge.index import FaqIndex

MOST_WAITING = 8  # at some 20 ms each; whoever comes when so many wait is answered by letters alone


class PrepareSearch:
    """One question at a time, off the loop and off the thread of the store."""

    def __init__(self, index: FaqIndex) -> None:
        self._index = index
        self._waiting = 0
        self._turn = asyncio.Semaphore(1)

    async def prepare(self, text: str) -> None:
        """Afterwards `index.search(text)` compares by meaning at no more cost than without."""
        if not text or not self._index.by_meaning or self._waiting >= MOST_WAITING:
            return
        self._waiting += 1
        try:
            async with self._turn:
                await asyncio.to_thread(self._index.prepare, text)
        finally:
            self._waiting -= 1
