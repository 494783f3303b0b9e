"""A process of its own: the bot that is measured, ours or the library's echo bot."""

import argparse
import asyncio
import logging
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """The library's first example."""
    if update.message is not None and update.message.text is not None:
        await update.message.reply_text(update.message.text)


def run_echo(base: str, files: str, token: str, *, concurrent: bool) -> None:
    """Poll until the process is ended."""
    builder = Application.builder().token(token).base_url(base).base_file_url(files)
    application: Application[Any, Any, Any, Any, Any, Any] = builder.concurrent_updates(concurrent).build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, echo))
    application.run_polling()


async def run_ours(base: str, files: str, token: str, folder: Path) -> None:
    """The whole Telegram side of the product, without its pacing: Telegram's own limits are not measured."""
    from bench.product import telegram_product
    from bot.channels.telegram_api import TelegramSettings

    settings = TelegramSettings(token, base_url=base, base_file_url=files)
    async with telegram_product(folder, settings) as product:
        await product.channel.run()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", choices=["ours", "echo", "echo-concurrent"])
    parser.add_argument("base")
    parser.add_argument("files")
    parser.add_argument("token")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    if given.bot == "ours":
        asyncio.run(run_ours(given.base, given.files, given.token, given.folder))
    else:
        run_echo(given.base, given.files, given.token, concurrent=given.bot == "echo-concurrent")
