"""Reading a question by meaning keeps nobody waiting: one at a time, and not for everybody in a rush."""

import asyncio
import threading

from bot.services.prepare_search import MOST_WAITING, PrepareSearch


class SlowIndex:
    """An index whose encoder is at work until it is let go."""

    by_meaning = True

    def __init__(self) -> None:
        self.go = threading.Event()
        self.read: list[str] = []
        self.threads: set[int] = set()

    def prepare(self, text: str) -> None:
        self.go.wait(5)
        self.read.append(text)
        self.threads.add(threading.get_ident())


async def test_the_loop_goes_on_and_those_who_would_wait_long_are_not_kept() -> None:
    index = SlowIndex()
    search = PrepareSearch(index)
    waiting = [asyncio.create_task(search.prepare(f"第{number}问")) for number in range(MOST_WAITING)]
    await asyncio.sleep(0)
    await asyncio.wait_for(search.prepare("来得太晚"), 1)  # while all others wait, and the loop is free
    assert index.read == []
    index.go.set()
    await asyncio.gather(*waiting)
    assert index.read == [f"第{number}问" for number in range(MOST_WAITING)]
    assert threading.get_ident() not in index.threads
    await search.prepare("后来")
    assert index.read[-1] == "后来"


async def test_nothing_is_read_that_would_not_be_used() -> None:
    index = SlowIndex()
    index.go.set()
    search = PrepareSearch(index)
    await search.prepare("")
    index.by_meaning = False
    await search.prepare("问题")
    assert index.read == []
