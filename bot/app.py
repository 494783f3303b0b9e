"""Builds the whole product, opens it, runs it, and closes it in reverse order."""

import asyncio
import errno
import gc
import logging
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.channels.web_routes import problem_pages
from bot.channels.web_routes import routes as web_routes
from bot.channels.webchat import Web, WebChat
from bot.config import Settings
from bot.console.deps import ConsoleDeps
from bot.console.passwords import Argon2Passwords
from bot.console.routes import routes as console_routes
from bot.conversation.turn import Organisation
from bot.domain.cases import CaseKind
from bot.domain.clock import Clock, RealClock
from bot.domain.errors import SafeHouseError
from bot.domain.ports_channels import Channel
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.services.accounts import first_admin_link
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.content_library import Library
from bot.services.converse import Converse
from bot.services.erase_old_data import KeptFor
from bot.services.group_desk import GroupDesk
from bot.services.prepare_search import PrepareSearch
from bot.services.take_files import FileLimits, TakeFiles
from bot.services.weekly_tips import TipsToSend
from bot.workers.deliver_outbox import DeliverOutbox
from bot.workers.pacing import UNPACED
from bot.workers.process_inbox import ProcessInbox
from bot.workers.run_daily import RunDaily
from bot.workers.send_tips import SendTips
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge, load_knowledge
from knowledge.semantic import installed
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, database_path, open_store

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel

log = logging.getLogger("safehouse")

KNOWLEDGE_FOLDER = Path(__file__).resolve().parents[1] / "knowledge"
TELEGRAM = "telegram"
_STOP_S = 8  # a stop under load is done in ten seconds: what is under way gets most of them


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that people wrote: checked, indexed, ready to answer."""

    knowledge: Knowledge
    index: FaqIndex
    wording: Wording


@dataclass(slots=True)
class House:
    """The opened product: what the pages, the workers and the tests take hold of."""

    settings: Settings
    content: Content
    store: SqliteStore
    clock: Clock
    signals: Signals
    converse: Converse
    process: ProcessInbox
    web: Web
    desk: Desk
    telegram: "TelegramChannel | None"
    app: Starlette
    workers: list[Coroutine[Any, Any, None]] = field(default_factory=list)


def load_content(settings: Settings, folder: Path = KNOWLEDGE_FOLDER) -> Content:
    """Read the content for the configured region; KnowledgeFaults tells every fault.

    What the index learns from it is kept beside the data, so that the next start is quick.
    """
    data = database_path(settings.storage.url).parent
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    cache = data / "cache"
    who = settings.organisation
    knowledge = load_knowledge(folder, who.region, union=who.name)
    region = knowledge.region
    offices = {office.id: office for office in (*region.directory, *settings.agencies)}
    own = {
        "union": who.name,
        "hotline": who.hotline,
        "amounts": {**region.amounts, **settings.amounts},
        "directory": tuple(offices.values()),
        "districts": settings.districts or region.districts,
    }
    knowledge = replace(knowledge, region=region.model_copy(update=own))
    index = FaqIndex.build(knowledge, cache=cache, encoder=installed())
    return Content(knowledge, index, load_wording(folder))


@asynccontextmanager
async def open_house(
    settings: Settings, *, clock: Clock | None = None, content: Content | None = None
) -> AsyncIterator[House]:
    """Open store and channels and wire everything; nothing runs yet."""
    clock, signals = clock or RealClock(), Signals()
    opening = open_store(settings.storage.url, settings.storage.key_file, clock, signals)
    async with AsyncExitStack() as opened:
        # Where there is data, whoever comes second is told so at once; where there is none, nothing is
        # made before the content is known to be sound.
        known = database_path(settings.storage.url).exists()
        store = await opened.enter_async_context(opening) if known else None
        written = content if content is not None else await asyncio.to_thread(load_content, settings)
        if store is None:
            store = await opened.enter_async_context(opening)
        yield await _wire(settings, written, store, clock, signals, opened)


async def _wire(
    settings: Settings,
    content: Content,
    store: SqliteStore,
    clock: Clock,
    signals: Signals,
    opened: AsyncExitStack,
) -> House:
    public_url = settings.web.public_url.rstrip("/")
    has_group = settings.telegram_on() and settings.channels.telegram.staff_group is not None
    bell = Bell(
        content.wording,
        TELEGRAM if has_group else None,
        public_url,
        settings.channels.telegram.forward_case_text,
    )
    promises = promises_of(settings)
    desk = Desk(content.wording, bell, promises)
    who = settings.organisation
    kept = settings.retention
    organisation = Organisation(
        who.name,
        who.bot_name,
        who.hotline,
        kept.unfinished_draft_days,
        kept.talk_days,
        kept.closed_case_days,
    )
    converse = Converse(
        store,
        content.knowledge,
        content.index,
        content.wording,
        clock,
        bell,
        promises,
        public_url=public_url,
        organisation=organisation,
        contest=bool(content.knowledge.campaigns),
        prepare=PrepareSearch(content.index).prepare,
    )
    limits = FileLimits(settings.limits.file_mb * 1024 * 1024, settings.limits.files_per_day)
    take_files = TakeFiles(store, clock, limits)
    chat = WebChat(signals)
    channels: dict[str, Channel] = {chat.name: chat}
    telegram = await _open_telegram(settings, content, store, converse, clock, opened)
    if telegram is not None:
        channels[telegram.name] = telegram
    process = ProcessInbox(
        store,
        converse,
        GroupDesk(store, desk, clock),
        channels,
        take_files,
        clock,
        signals,
        words=content.wording.group,
    )
    converse.hand_over = process.hand_over
    web = Web(
        chat,
        store,
        converse.receive,
        process.process_person,
        take_files,
        clock,
        signals,
        content.wording,
        organisation,
        public_url,
        settings.limits.messages_per_minute,
        contest=bool(content.knowledge.campaigns),
        knowledge=content.knowledge,
    )
    house = House(
        settings, content, store, clock, signals, converse, process, web, desk, telegram, Starlette()
    )
    house.app = _pages(house, organisation)
    house.workers = _workers(house, organisation)
    return house


def promises_of(settings: Settings) -> Promises:
    """Answer times and office hours as configured."""
    hours = {
        str(kind): timedelta(hours=length) for kind, length in settings.promises.first_answer_hours.items()
    }
    return Promises(
        answer_within=hours["default"],
        urgent_within=timedelta(minutes=settings.promises.urgent_minutes),
        office=tuple(
            ((start.hour, start.minute), (stop.hour, stop.minute))
            for start, stop in settings.calendar.spans()
        ),
        by_kind={CaseKind(kind): length for kind, length in hours.items() if kind != "default"},
        extra_days_off=frozenset(settings.calendar.extra_days_off),
        extra_workdays=frozenset(settings.calendar.extra_workdays),
    )


async def _open_telegram(
    settings: Settings,
    content: Content,
    store: SqliteStore,
    converse: Converse,
    clock: Clock,
    opened: AsyncExitStack,
) -> "TelegramChannel | None":
    """The library is imported only where Telegram is on: it costs a fifth of a second."""
    if not settings.telegram_on():
        return None
    from bot.channels.telegram import open_telegram
    from bot.channels.telegram_api import TelegramSettings

    wanted = settings.channels.telegram
    own = TelegramSettings(
        token=settings.secrets.telegram_token or "",
        base_url=wanted.base_url,
        base_file_url=wanted.base_file_url,
        mode=wanted.mode,
        webhook_url=settings.web.public_url.rstrip("/") + wanted.webhook_path,
        webhook_path=wanted.webhook_path,
        webhook_secret=settings.secrets.telegram_webhook_secret or "",
        staff_group=wanted.staff_group,
    )
    return await opened.enter_async_context(open_telegram(own, store, converse, content.wording, clock))


def _pages(house: House, organisation: Organisation) -> Starlette:
    """Every address that is served: the desk first, then webhooks, then the web chat at the root."""
    deps = ConsoleDeps(
        store=house.store,
        clock=house.clock,
        signals=house.signals,
        desk=house.desk,
        passwords=Argon2Passwords(),
        public_url=house.web.public_url,
        organisation=organisation.name,
        bot_name=organisation.bot_name,
        version=version(),
        library=Library(house.content.knowledge, house.content.index),
    )
    routes: list[BaseRoute] = [*console_routes(deps)]
    if house.telegram is not None:
        routes += house.telegram.routes()
    if house.settings.channels.webchat.enabled:
        routes += web_routes(house.web)
    return Starlette(routes=routes, exception_handlers=problem_pages(house.web))


def _workers(house: House, organisation: Organisation) -> list[Coroutine[Any, Any, None]]:
    workers = [
        house.process.run(),
        DeliverOutbox(house.store, house.web.chat, house.clock, house.signals, UNPACED).run(),
    ]
    kept = house.settings.retention
    kept_for = KeptFor(
        timedelta(days=kept.unfinished_draft_days),
        timedelta(days=kept.talk_days),
        timedelta(days=kept.closed_case_days),
    )
    workers.append(RunDaily(house.store, kept_for, house.clock).run())
    tips = TipsToSend(house.content.knowledge, house.content.wording, organisation)
    workers.append(SendTips(house.store, tips, house.clock).run())
    if house.telegram is not None:
        workers.append(house.telegram.run())
        workers.append(DeliverOutbox(house.store, house.telegram, house.clock, house.signals).run())
    return workers


def version() -> str:
    """The installed version; a checkout that was never installed has none."""
    try:
        return metadata.version("anquanwu")
    except metadata.PackageNotFoundError:
        return "0.2.0"


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
