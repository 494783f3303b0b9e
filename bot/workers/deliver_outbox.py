"""Delivers one channel's outbox: many chats at once, one message at a time in each, never too fast."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.clock import Clock
from bot.domain.errors import StoreBusy, StoreFull
from bot.domain.kill_points import pass_kill_point
from bot.domain.ports import Store, Unit
from bot.domain.ports_channels import Channel, Delivered, Delivery, TryLater, Undeliverable
from bot.domain.ports_talk import Outgoing
from bot.domain.signals import Signals, outbox_of
from bot.workers.faults import what_and_where
from bot.workers.pacing import Bucket, ChatBuckets, Pacing

log = logging.getLogger("safehouse.outbox")
T = TypeVar("T")

_LOOK_EVERY_S = 5.0  # a lost wake-up costs this much at most
_SHORTEST_WAIT_S = 0.01
# Tries before a row becomes a dead letter. At half a minute apart, 3,000 are more than a day. A row whose
# answer was lost may have arrived each time, so it is given up long before she has it ten times.
_TRIES = 3000
_TRIES_BY_REASON = {"unsure": 8, "crashed": 10}
_FINISH_S = 4.0
_STORE_AGAIN_S = 1.0
_DOWN_AFTER = 3  # failures in a row that mean the network, not a message
_TROUBLE = frozenset({"network", "unsure", "token"})


@dataclass(frozen=True, slots=True)
class _Ended:
    """One attempt, and how long its chat must rest after it."""

    out: Outgoing
    delivery: Delivery
    rest_s: float


@dataclass(slots=True)
class _Line:
    """How the channel's line has been lately: while it is down only one message at a time tries it."""

    failures: int = 0
    closed_until: float = 0.0

    def note(self, delivery: Delivery, now: float) -> None:
        if isinstance(delivery, TryLater) and delivery.why in _TROUBLE:
            self.failures += 1
            if self.failures >= _DOWN_AFTER:
                self.closed_until = now + min(15.0, 0.5 * 2 ** min(self.failures - _DOWN_AFTER, 5))
        else:
            self.failures, self.closed_until = 0, 0.0

    def room(self, in_flight: int) -> int:
        """How many may start besides those under way."""
        return 1_000_000 if self.failures < _DOWN_AFTER else max(0, 1 - in_flight)

    def wait_s(self, now: float) -> float:
        return max(0.0, self.closed_until - now)


@dataclass(slots=True)
class DeliverOutbox:
    """`run()` until cancelled. A row is claimed only when it may go at once: a crash leaves few unsure."""

    store: Store
    channel: Channel
    clock: Clock
    signals: Signals
    pacing: Pacing = field(default_factory=Pacing)
    _ended: list[_Ended] = field(default_factory=list)
    _sends: set[asyncio.Task[None]] = field(default_factory=set)
    _line: _Line = field(default_factory=_Line)
    _chats: ChatBuckets = field(init=False)
    _all: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self._chats = ChatBuckets(self.pacing)
        self._all = Bucket(self.pacing.per_s, self.pacing.burst, self.clock.monotonic())

    async def run(self) -> None:
        """Requeue what a crash left unsure, then deliver."""
        name = self.channel.name
        unsure = await self._write(lambda unit: unit.outbox.requeue_unsure(name))
        if unsure:
            log.warning("%s: %d messages may have gone out before; they go again, marked", name, unsure)
        async with self.signals.listen(outbox_of(name)) as wake:
            try:
                while True:
                    wake.clear()
                    if (wait_s := await self._turn(wake)) > 0:
                        await _wait(wake, wait_s)
            finally:
                await self._finish()

    async def _turn(self, wake: asyncio.Event) -> float:
        """Write down what ended, claim what may go now, start it; returns how long nothing can be done."""
        ended, self._ended = self._ended, []
        moment, now = self.clock.monotonic(), self.clock.now()
        room = self._room(moment)

        def settle_and_claim(unit: Unit) -> tuple[list[Outgoing], datetime | None]:
            for one in ended:
                self._settle(unit, one, now)
            claimed = list(unit.outbox.claim(self.channel.name, now, room)) if room > 0 else []
            return claimed, unit.outbox.next_due(self.channel.name)

        rows, due = await self._write(settle_and_claim)
        self._all.take(len(rows), moment)
        for out in rows:
            send = asyncio.create_task(self._attempt(out, wake))
            self._sends.add(send)
            send.add_done_callback(self._sends.discard)
        return 0.0 if self._ended else self._wait_s(due)

    def _room(self, moment: float) -> int:
        """How many messages may start now."""
        if self._line.wait_s(moment) > 0:
            return 0
        under_way = len(self._sends)
        return min(self._all.room(moment), self.pacing.in_flight - under_way, self._line.room(under_way))

    def _wait_s(self, due: datetime | None) -> float:
        under_way, moment = len(self._sends), self.clock.monotonic()
        full = under_way >= self.pacing.in_flight or (under_way and self._line.room(under_way) <= 0)
        if due is None or full:  # the end of a send wakes us
            return _LOOK_EVERY_S
        due_s = max(_SHORTEST_WAIT_S, (due - self.clock.now()).total_seconds())
        return min(_LOOK_EVERY_S, max(due_s, self._line.wait_s(moment), self._all.wait_s(moment)))

    async def _attempt(self, out: Outgoing, wake: asyncio.Event) -> None:
        pass_kill_point("before_send")
        delivery: Delivery
        try:
            delivery = await self.channel.deliver(out)
        except Exception as error:  # a fault of ours must not stop the others; it becomes a dead letter
            log.error("outbox row %d could not be sent: %s", out.seq, what_and_where(error))
            delivery = TryLater(2.0 ** min(out.attempts, 8), "crashed")
        pass_kill_point("after_send")
        moment = self.clock.monotonic()
        self._line.note(delivery, moment)
        self._ended.append(_Ended(out, delivery, self._chats.take(out.person_id, _cost(out), moment)))
        if this := asyncio.current_task():
            self._sends.discard(this)  # its place is free before the loop looks for one
        wake.set()

    def _settle(self, unit: Unit, one: _Ended, now: datetime) -> None:
        out, name = one.out, self.channel.name
        match one.delivery:
            case Delivered(remote_id):
                unit.outbox.sent(out.seq, remote_id, now)
            case Undeliverable(why, gone):
                log.warning("outbox row %d of %s is a dead letter: %s", out.seq, name, why)
                unit.outbox.dead(out.seq, why)
                if gone and out.person_id is not None:
                    unit.people.set_blocked(out.person_id, True)
            case TryLater(_, why) if out.attempts + 1 >= _TRIES_BY_REASON.get(why, _TRIES):
                log.error("outbox row %d of %s is a dead letter, tried too often: %s", out.seq, name, why)
                unit.outbox.dead(out.seq, why)
            case TryLater(after_s, why, whole_chat):
                spread = 1.0 if whole_chat else random.uniform(0.7, 1.3)
                until = now + timedelta(seconds=after_s * spread)
                unit.outbox.retry(out.seq, until, why)
                if whole_chat:
                    unit.outbox.rest_chat(name, out.person_id, until)
                    return
        if one.rest_s > 0:
            unit.outbox.rest_chat(name, out.person_id, now + timedelta(seconds=one.rest_s))

    async def _finish(self) -> None:
        """At a stop: let what is on its way end, and write it down, so that nothing goes out twice."""
        if self._sends:
            await asyncio.wait(self._sends, timeout=_FINISH_S)
        for send in self._sends:
            send.cancel()
        ended, self._ended = self._ended, []
        now = self.clock.now()

        def settle(unit: Unit) -> None:
            for one in ended:
                self._settle(unit, one, now)

        if ended:
            await self.store.write(settle)

    async def _write(self, work: Callable[[Unit], T]) -> T:
        """Write, waiting for as long as the store takes nothing: what was sent must be written down."""
        while True:
            try:
                return await self.store.write(work)
            except (StoreFull, StoreBusy) as error:
                log.error("%s: the outbox waits for the store (%s)", self.channel.name, type(error).__name__)
                await asyncio.sleep(_STORE_AGAIN_S)


def _cost(out: Outgoing) -> float:
    """The first card of a case costs the group two calls: its topic, and the card."""
    first_card = out.person_id is None and (out.reply.card or "").startswith("bell:") and not out.replaces
    return 2.0 if first_card else 1.0


async def _wait(wake: asyncio.Event, at_most_s: float) -> None:
    try:
        async with asyncio.timeout(at_most_s):
            await wake.wait()
    except TimeoutError:
        return
