"""`serve`: every enabled channel, the desk and the workers in one process."""

import argparse
import asyncio
import logging
import signal
import sys

from bot.commands.common import add_config, fail, read_settings
from bot.domain.errors import SafeHouseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; exit code 1 with a sentence where it cannot start."""
    settings = read_settings(arguments)
    if settings is None:
        return 1
    logging.basicConfig(
        level=arguments.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    from bot.serving import serve
    from knowledge.faults import KnowledgeFaults

    try:
        asyncio.run(_until_stopped(serve, settings))
    except KnowledgeFaults as faults:
        for fault in faults.faults:
            print(fault, file=sys.stderr)
        return fail("内容有错误，没有启动。改好上面各条后再启动。")
    except SafeHouseError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return 130
    return 0


async def _until_stopped(serve, settings) -> None:  # type: ignore[no-untyped-def]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await serve(settings, stop=stop, say=lambda line: print(line, flush=True))
