"""Replies a second over real HTTP: ours and the library's echo bot, each against the same fake server."""

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.measure import ROOT, Goal, Row, against, interleave

USERS = 50
WARM = 4
TIMED = 20  # a person may write 40 messages a minute
LONGEST_S = 120
REPLIES = Goal(0.8, 1.2, "×", low=False)


def rows(rounds: int, folder: Path) -> list[Row]:
    """Against the library's echo example as it stands, and against one that handles updates concurrently."""
    if importlib.util.find_spec("tests.fake_telegram.server") is None:
        return []  # installed without its tests
    return [
        _row(rounds, folder, "echo", "echo bot of the library", REPLIES),
        _row(rounds, folder, "echo-concurrent", "the same with concurrent_updates", None),
    ]


def _row(rounds: int, folder: Path, yardstick: str, name: str, goal: Goal | None) -> Row:
    what = f"Telegram over HTTP, replies/s, {USERS} users"
    number = iter(range(1_000))

    async def ours() -> float:
        return await asyncio.to_thread(_replies_a_second, "ours", folder / f"{yardstick}-{next(number)}")

    async def theirs() -> float:
        return await asyncio.to_thread(_replies_a_second, yardstick, folder)

    here, there, ratio = asyncio.run(interleave(f"{what}, {yardstick}", rounds, ours, theirs))
    shown = f"{here:.0f}/s", f"{name} {there:.0f}/s"
    return Row(what, *shown, ratio) if goal is None else against(goal, what, *shown, ratio)


def _replies_a_second(bot: str, folder: Path) -> float:
    people = _start("bench.telegram_users", str(USERS), str(WARM), str(TIMED))
    server = _line(people)
    token = importlib.import_module("tests.fake_telegram.server").TOKEN
    measured = _start("bench.telegram_bots", bot, server["base"], server["files"], token, str(folder))
    try:
        result = _line(people)
        return float(result["replies"]) / float(result["seconds"])
    finally:
        for process in (measured, people):
            process.kill()
            process.wait(LONGEST_S)


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def _line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{process.args!r} ended before its result")
    return dict(json.loads(line))
