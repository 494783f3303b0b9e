"""The web chat as a channel, and everything its pages need from the rest of the house."""

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.channels.web_session import CHANNEL
from bot.conversation.turn import Organisation
from bot.domain.clock import Clock
from bot.domain.errors import Refused
from bot.domain.incoming import Address, FileKind, FileNote, Incoming, KeptFile
from bot.domain.ports import Store
from bot.domain.ports_channels import Delivered, Delivery
from bot.domain.ports_talk import Outgoing, Received
from bot.domain.signals import Signals, talk_of
from bot.services.take_files import TakeFiles
from knowledge.models import Knowledge
from knowledge.wording import Wording

log = logging.getLogger("safehouse.web")

_VERSION = 1
Receive = Callable[[str, Sequence[tuple[str, Address, bytes]]], Awaitable[Sequence[Received]]]


@dataclass(frozen=True, slots=True)
class Words:
    """What a page posts; kept as JSON in the inbox. Files lie sealed in the store already."""

    text: str = ""
    action: str | None = None
    files: tuple[KeptFile, ...] = ()

    def as_raw(self) -> bytes:
        return json.dumps({"v": _VERSION} | asdict(self), ensure_ascii=False).encode()


def read_raw(raw: bytes) -> Words:
    """The words of an inbox row; ValueError, KeyError or TypeError where it is none of ours."""
    data = json.loads(raw)
    files = tuple(KeptFile(**one | {"kind": FileKind(one["kind"])}) for one in data["files"])
    return Words(data["text"], data["action"], files)


class WebChat:
    """Fulfils ports.Channel. Her page reads the transcript itself; delivering only wakes it."""

    name = CHANNEL

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self.closing = asyncio.Event()

    def close(self) -> None:
        """End every live stream; call it before the server stops, which waits for them."""
        self.closing.set()

    def translate(self, received: Received, sender: Address) -> Incoming | None:
        """A row of the inbox in our words."""
        words = read_raw(received.raw)
        return Incoming(
            received.key, sender, received.at, text=words.text, action=words.action, files=words.files
        )

    async def fetch(self, note: FileNote) -> bytes:
        """Never asked for: files come in with the post that announces them."""
        raise Refused("file_gone")

    async def deliver(self, out: Outgoing) -> Delivery:
        """Her transcript has it already."""
        if out.person_id is not None:
            self._signals.notify([talk_of(out.person_id)])
        return Delivered()


@dataclass(frozen=True, slots=True)
class Web:
    """What the pages need. `receive` is Converse's, `process_person` the inbox worker's: it handles what
    waits in the inbox of one person, now.
    """

    chat: WebChat
    store: Store
    receive: Receive
    process_person: Callable[[str], Awaitable[None]]
    take_files: TakeFiles
    clock: Clock
    signals: Signals
    wording: Wording
    organisation: Organisation
    public_url: str
    messages_per_minute: int = 40
    contest: bool = True
    knowledge: Knowledge | None = None  # the handbook is drawn from it; without it there is none
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def keep(self, key: str, sender: Address, words: Words) -> None:
        """Keep it durably in the inbox; nothing happens where that key was kept before."""
        await self.receive(CHANNEL, [(key, sender, words.as_raw())])

    async def process(self, person_id: str, at_most_s: float) -> bool:
        """Handle her messages; False when it takes longer: then it goes on, and her page hears of it."""

        async def run() -> None:
            await self.process_person(person_id)

        task = asyncio.create_task(run())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        done, _ = await asyncio.wait({task}, timeout=at_most_s)
        if not done:
            return False
        if error := task.exception():
            # Her words lie in the inbox; the worker comes back to them.
            log.error("person %s: not handled at once: %s", person_id, what_and_where(error))
        return not error


def what_and_where(error: BaseException) -> str:
    """ "ValueError at web_posts.py:42": a message could quote what she wrote, so it stays out of the log."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
