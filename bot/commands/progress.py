"""Progress of long work: a bar on a terminal, a line every tenth otherwise."""

import sys
from collections.abc import Callable

_WIDTH = 30


def progress(label: str) -> Callable[[int, int], None]:
    """A function of (done, total) that shows how far the work is, on stderr."""
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        percent = done * 100 // max(total, 1)
        if percent == shown:
            return
        if sys.stderr.isatty():
            filled = percent * _WIDTH // 100
            end = "\n" if done >= total else ""
            print(
                f"\r{label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {percent:3d} %",
                end=end,
                file=sys.stderr,
            )
            sys.stderr.flush()
        elif percent // 10 != shown // 10:
            print(f"{label} {percent} %（{done}/{total}）", file=sys.stderr)
        shown = percent

    return show
