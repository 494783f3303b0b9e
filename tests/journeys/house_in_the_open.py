"""`python -m bot serve` with two changes: a test's pace, and a list of every file it writes.

The first argument is where the list goes; the others are those of `python -m bot`.
"""

import os
import sys

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _note_writes(list_file: str) -> None:
    """Names of files that are deleted again before anybody could look."""
    descriptor = os.open(list_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event != "open":
            return
        path, _, flags = arguments
        if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int):
            os.write(descriptor, os.fsencode(path) + b"\n")  # type: ignore[arg-type]

    sys.addaudithook(hook)


def _set_pace() -> None:
    import bot.app
    from bot.workers.deliver_outbox import DeliverOutbox
    from tests.telegram_app import FAST

    def at_test_pace(store, channel, clock, signals, pacing=FAST):  # type: ignore[no-untyped-def]
        return DeliverOutbox(store, channel, clock, signals, pacing)

    bot.app.DeliverOutbox = at_test_pace  # type: ignore[assignment,misc]


if __name__ == "__main__":
    _note_writes(sys.argv[1])
    _set_pace()
    from bot.__main__ import main

    sys.exit(main(sys.argv[2:]))
