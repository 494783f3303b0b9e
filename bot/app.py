"""Builds the whole product, opens it, runs it, and closes it in reverse order."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.channels.web_partner import PartnerHouse
from bot.channels.web_partner import routes as partner_routes
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
from bot.services import chase_partners, follow_up, group_digest, guard_deadlines, watch_promises
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.content_library import Library
from bot.services.converse import Converse
from bot.services.demo_mark import is_demo
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
from bot.workers.watch_cases import WatchCases
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge, load_knowledge
from knowledge.semantic import installed
from knowledge.wording import Wording, load_wording
from storage.sqlite import SqliteStore, database_path, open_store

if TYPE_CHECKING:
    from bot.channels.telegram import TelegramChannel

KNOWLEDGE_FOLDER = Path(__file__).resolve().parents[1] / "knowledge"
TELEGRAM = "telegram"
T = TypeVar("T")


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
    demo: bool = False


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
    demo = await store.read(is_demo)
    if demo and settings.telegram_on():
        raise SafeHouseError(content.wording.employers.demo_alone)
    who = settings.organisation
    if demo:
        marked = f"{content.wording.employers.demo_mark}·{who.name}"
        who = who.model_copy(update={"name": marked})
    desk = Desk(content.wording, bell, promises, who.hotline)
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
        settings,
        content,
        store,
        clock,
        signals,
        converse,
        process,
        web,
        desk,
        telegram,
        Starlette(),
        demo=demo,
    )
    house.app = _pages(house, organisation)
    house.workers = _workers(house, organisation)
    return house


def promises_of(settings: Settings) -> Promises:
    """Answer times and office hours as configured."""
    first = _lengths(settings.promises.first_answer_hours)
    following = _lengths(settings.promises.next_step_hours)
    closing = {str(kind): days for kind, days in settings.promises.closing_days.items()}
    return Promises(
        answer_within=first["default"],
        urgent_within=timedelta(minutes=settings.promises.urgent_minutes),
        office=tuple(
            ((start.hour, start.minute), (stop.hour, stop.minute))
            for start, stop in settings.calendar.spans()
        ),
        by_kind=_by_kind(first),
        extra_days_off=frozenset(settings.calendar.extra_days_off),
        extra_workdays=frozenset(settings.calendar.extra_workdays),
        next_within=following["default"],
        urgent_next_within=following["urgent"],
        next_by_kind=_by_kind(following),
        close_days=closing["default"],
        urgent_close_days=closing["urgent"],
        close_days_by_kind=_by_kind(closing),
    )


def _lengths(hours: Mapping[Any, float]) -> dict[str, timedelta]:
    return {str(kind): timedelta(hours=length) for kind, length in hours.items()}


def _by_kind(lengths: Mapping[str, T]) -> dict[CaseKind, T]:
    """Without the values that hold for every kind."""
    return {CaseKind(kind): length for kind, length in lengths.items() if kind not in ("default", "urgent")}


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
        demo=house.demo,
    )
    routes: list[BaseRoute] = [*console_routes(deps)]
    if house.telegram is not None:
        routes += house.telegram.routes()
    partners = PartnerHouse(house.store, house.clock, house.desk, organisation, house.web.public_url)
    routes += partner_routes(partners)
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
    desk = house.desk
    workers.append(
        WatchCases(
            house.store,
            house.clock,
            {
                "promises": lambda unit, now: watch_promises.sweep(unit, now, desk),
                "deadlines": lambda unit, now: guard_deadlines.sweep(unit, now, desk),
                "partners": lambda unit, now: chase_partners.sweep(unit, now, desk),
                "follow_up": lambda unit, now: follow_up.sweep(unit, now, desk),
                "group_digest": lambda unit, now: group_digest.sweep(unit, now, desk),
            },
        ).run()
    )
    if house.telegram is not None:
        workers.append(house.telegram.run())
        workers.append(DeliverOutbox(house.store, house.telegram, house.clock, house.signals).run())
    return workers


def version() -> str:
    """The installed version; a checkout that was never installed has none."""
    try:
        return metadata.version("anquanwu")
    except metadata.PackageNotFoundError:
        return "0.3.0"
