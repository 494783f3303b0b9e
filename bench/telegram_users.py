"""A process of its own: the tests' fake Bot API, and people who write again as soon as they are answered."""

import argparse
import asyncio
import importlib
import json
import os
import time
from collections.abc import Sequence
from typing import Any

from bench.search import questions

LONGEST_S = 120


async def main(users: int, warm: int, timed: int) -> None:
    """Print where the server is; then, when all is answered, how many replies in how many seconds."""
    fake = importlib.import_module("tests.fake_telegram.server")
    async with fake.FakeTelegram() as server:
        print(json.dumps({"base": server.base_url, "files": server.base_file_url}), flush=True)
        people = [server.user(1_000 + number) for number in range(users)]
        await _talk(server, people, warm)
        began = time.perf_counter()
        replies = await _talk(server, people, timed)
        seconds = time.perf_counter() - began
        print(json.dumps({"replies": replies, "seconds": seconds}), flush=True)
        os._exit(0)  # the bot still polls: an orderly end would only fill the log


async def _talk(server: Any, people: Sequence[Any], times: int) -> int:
    """Everybody says `times` things, each after the answer to the one before; returns how many in all."""
    # A number presses a button, and then a card may change in place: nobody would see that as an answer here.
    texts = [text for text in questions() if not text.isdecimal()]
    asked = [0] * len(people)
    last: list[int | None] = [None] * len(people)
    waiting = len(people)
    while waiting:
        seen = len(server.calls)
        for at, person in enumerate(people):
            if asked[at] > times or person.chat.last_id == last[at]:
                continue
            asked[at] += 1
            if asked[at] > times:
                waiting -= 1
                continue
            person.sends(texts[(at * 7 + asked[at]) % len(texts)])
            last[at] = person.chat.last_id
        if waiting:
            await server.until(lambda seen=seen: len(server.calls) > seen, LONGEST_S)
    return len(people) * times


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("users", type=int)
    parser.add_argument("warm", type=int)
    parser.add_argument("timed", type=int)
    given = parser.parse_args()
    asyncio.run(main(given.users, given.warm, given.timed))
