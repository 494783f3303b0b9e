"""`python -m bot bench`: speed and size as ratios to bare yardsticks, all within one run."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commands.common import fail

if TYPE_CHECKING:
    from bench.measure import Row

NAME = "bench"
HELP = "性能对比"
PARTS = ("search", "store", "telegram", "desk", "start")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which part, how many rounds, how it is printed."""
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"], help="哪一部分，默认全部")
    parser.add_argument("--rounds", type=int, default=5, help="轮数，至少 5；取中位数")
    parser.add_argument("--million", action="store_true", help="竞答一直量到一百万人（要多等几分钟）")
    parser.add_argument("--quick", action="store_true", help="工作台只量到一千件，不到一分钟")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure, then print one table; exit code 1 only where nothing could be measured."""
    try:
        from bench.measure import FEWEST_ROUNDS, as_data, machine, table
    except ImportError:
        return fail("这里没有 bench/ 文件夹：性能对比要在源代码文件夹里运行")
    if arguments.rounds < FEWEST_ROUNDS:
        return fail(f"--rounds 至少 {FEWEST_ROUNDS}")
    wanted = PARTS if arguments.part == "all" else (arguments.part,)
    Path("var").mkdir(mode=0o700, exist_ok=True)
    rows: list[Row] = []
    # On the disk of the data, not in memory: durable means that this disk has it.
    with tempfile.TemporaryDirectory(prefix="bench-", dir="var") as folder:
        for part in wanted:
            rows += _measure(part, arguments, Path(folder).resolve())
    if arguments.json:
        json.dump(as_data(rows), sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print(f"{machine()}; medians of {arguments.rounds} interleaved rounds")
        print(table(rows))
    return 0


def _measure(part: str, arguments: argparse.Namespace, folder: Path) -> "list[Row]":
    rounds: int = arguments.rounds
    match part:
        case "search":
            from bench import search

            return search.rows(rounds)
        case "store":
            from bench import store

            return asyncio.run(store.rows(rounds, arguments.million, folder))
        case "telegram":
            from bench import messages, telegram_http

            return asyncio.run(messages.rows(rounds, folder)) + telegram_http.rows(rounds, folder)
        case "desk":
            from bench import desk

            return asyncio.run(desk.rows(rounds, arguments.quick, folder / "desk"))
        case _:
            from bench import start

            return start.rows(rounds, folder)
