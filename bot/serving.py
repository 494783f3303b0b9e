"""Runs the opened house: takes the port, greets, serves until it is told to stop."""

import asyncio
import errno
import gc
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from bot.app import House, open_house
from bot.config import Settings
from bot.domain.errors import SafeHouseError
from bot.services.accounts import first_admin_link

log = logging.getLogger("safehouse")

_STOP_S = 8  # a stop under load is done in ten seconds: what is under way gets most of them


class _Server(uvicorn.Server):
    """uvicorn in our own loop; signals are the house's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings, *, stop: asyncio.Event, say: Callable[[str], None]) -> None:
    """Run until `stop` is set. SafeHouseError says in a sentence why it cannot start."""
    listener = listen(settings.web.host, settings.web.port)
    try:
        async with open_house(settings) as house:
            await _greet(house, say)
            await run_house(house, listener, stop)
    finally:
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is opened; SafeHouseError where somebody else has it."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
        listener.setblocking(False)
    except OSError as error:
        why = {
            errno.EADDRINUSE: "已经被别的程序占用",
            errno.EACCES: "没有权限使用（小于 1024 的端口要管理员权限）",
            errno.EADDRNOTAVAIL: "这台机器没有这个地址",
        }.get(error.errno or 0, "打不开")
        raise SafeHouseError(
            f"{host}:{port} {why}。请停掉那个程序，或在 config.yaml 的 web.port 换一个"
            "（也可以用环境变量 SAFEHOUSE__WEB__PORT）。"
        ) from None
    return listener


async def run_house(house: House, listener: socket.socket, stop: asyncio.Event) -> None:
    """Pages and workers until `stop`; a worker that ends is a fault of ours and ends everything."""
    server = _Server(
        uvicorn.Config(
            house.app,
            log_config=None,
            access_log=False,  # addresses and times of visits are nobody's business
            lifespan="off",
            timeout_graceful_shutdown=_STOP_S,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=64 * 1024,
            server_header=False,
            date_header=False,
        )
    )
    gc.freeze()  # content and code stay for good: no collection need walk through them
    async with asyncio.TaskGroup() as tasks:
        pages = tasks.create_task(server.serve(sockets=[listener]))
        workers = [tasks.create_task(work) for work in house.workers]
        waiting = tasks.create_task(stop.wait())
        tasks.create_task(asyncio.to_thread(house.content.index.warm_up, _meanings_read))
        await asyncio.wait([pages, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        house.content.index.stop()
        house.web.chat.close()
        server.should_exit = True
        await asyncio.wait([pages], timeout=_STOP_S)
        for worker in workers:
            worker.cancel()


def _meanings_read(done: int, total: int) -> None:
    """The first start with the extra `semantic` reads for minutes; until then answers go by letters."""
    if done >= total or done // 1000 > (done - 64) // 1000:
        log.info("read by meaning: %d of %d phrasings", done, total)


async def _greet(house: House, say: Callable[[str], None]) -> None:
    """What whoever starts it must know, on the terminal and nowhere else."""
    base, key_file = house.web.public_url, house.settings.storage.key_file
    notes = {
        "key_made": f"已生成主密钥：{key_file}\n  请现在就把它另外备份一份。丢了它，所有内容谁也读不出来。",
        "key_beside_data": f"注意：密钥 {key_file} 和数据放在一起，起不到保护作用，请换地方。",
        "key_readable": f"注意：密钥 {key_file} 别人也能读，请运行 chmod 600。",
    }
    if house.demo:
        say(house.content.wording.employers.demo.join(("※※※ ", " ※※※")))
    for note in house.store.notes:
        say(notes[note])
    now = house.clock.now()
    if token := await house.store.write(lambda unit: first_admin_link(unit, now)):
        say(f"还没有管理员。请在 48 小时内打开这个一次性链接设置：\n  {base}/console/setup/{token}")
    telegram = house.settings.channels.telegram
    if telegram.enabled and house.telegram is None:
        say("Telegram 没有启动：没有设置环境变量 SAFEHOUSE_TELEGRAM_TOKEN。")
    say(f"{house.settings.organisation.bot_name}已启动")
    if house.settings.channels.webchat.enabled:
        say(f"  网页聊天 {base}/")
    say(f"  工作台   {base}/console/")
    if house.telegram is not None:
        say(f"  Telegram 已打开（{telegram.mode}）")
