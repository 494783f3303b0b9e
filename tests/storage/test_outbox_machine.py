"""Any mixture of adding, claiming, sending, failing and crashing keeps order and loses nothing."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.incoming import Address
from bot.domain.reply import Lane, Reply
from bot.domain.signals import Signals
from storage.sqlite import open_store


class Clock:
    at = datetime(2026, 11, 22, tzinfo=UTC)

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    def forward(self, **span):
        self.at += timedelta(**span)


class Machine:
    def __init__(self, store, clock):
        self.store, self.clock = store, clock

    async def add(self, person, texts):
        def work(unit):
            owner = unit.people.get_or_add(Address("telegram", str(person)), self.clock.now())
            replies = [Reply(text) for text in texts]
            unit.outbox.add(owner.id, replies, lane=Lane.REPLY, now=self.clock.now())

        await self.store.write(work)

    async def claim(self, limit):
        return await self.store.write(lambda unit: unit.outbox.claim("telegram", self.clock.now(), limit))

    async def end(self, out, how):
        def work(unit):
            match how:
                case "sent":
                    unit.outbox.sent(out.seq, "m", self.clock.now())
                case "dead":
                    unit.outbox.dead(out.seq, "x")
                case _:
                    unit.outbox.retry(out.seq, self.clock.now() + timedelta(seconds=30), "x")

        await self.store.write(work)

    async def requeue(self):
        return await self.store.write(lambda unit: unit.outbox.requeue_unsure("telegram"))

    async def counts(self):
        return await self.store.read(lambda unit: unit.outbox.counts())


def _machine_house():
    """A store on a loop of its own: hypothesis drives it from outside any loop."""
    loop = asyncio.new_event_loop()
    folder = tempfile.TemporaryDirectory()
    clock = Clock()
    path = Path(folder.name)
    manager = open_store(f"sqlite:///{path}/var/s.db", path / "k" / "key", clock, Signals())
    store = loop.run_until_complete(manager.__aenter__())

    def run(work):
        if work is not None:
            return loop.run_until_complete(work)
        loop.run_until_complete(manager.__aexit__(None, None, None))
        loop.close()
        folder.cleanup()
        return None

    return run, Machine(store, clock)


class OutboxOrder(RuleBasedStateMachine):
    """Any mixture of adding, claiming, sending, retrying, dying, crashing: order and uniqueness hold."""

    @initialize()
    def begin(self):
        self.runner, self.house = _machine_house()
        self.queued: dict[int, list[str]] = {0: [], 1: []}
        self.flying: dict[int, object] = {}
        self.counter = 0

    @rule(person=st.integers(0, 1), number=st.integers(1, 3))
    def add(self, person, number):
        texts = [f"m{self.counter + step}" for step in range(number)]
        self.counter += number
        self.runner(self.house.add(person, texts))
        self.queued[person] += texts

    @rule(limit=st.integers(1, 3))
    def claim(self, limit):
        for out in self.runner(self.house.claim(limit)):
            person = int(out.to.id)
            assert person not in self.flying
            assert out.reply.text == self.queued[person][0]
            self.flying[person] = out

    @precondition(lambda self: getattr(self, "flying", None))
    @rule(how=st.sampled_from(["sent", "retry", "dead"]), data=st.data())
    def end(self, how, data):
        person = data.draw(st.sampled_from(sorted(self.flying)))
        out = self.flying.pop(person)
        self.runner(self.house.end(out, how))
        if how != "retry":
            self.queued[person].pop(0)

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds):
        self.house.clock.forward(seconds=seconds)

    @rule()
    def crash(self):
        assert self.runner(self.house.requeue()) == len(self.flying)
        self.flying.clear()

    @invariant()
    def nothing_is_lost(self):
        if not hasattr(self, "house"):
            return
        counts = self.runner(self.house.counts())
        assert counts["sending"] == len(self.flying)
        assert counts["queued"] + counts["sending"] == sum(map(len, self.queued.values()))

    def teardown(self):
        if not hasattr(self, "house"):
            return
        self.house.clock.forward(hours=1)
        for person in sorted(self.flying):
            self.runner(self.house.end(self.flying.pop(person), "sent"))
            self.queued[person].pop(0)
        while any(self.queued.values()):  # everything still goes, in order
            outs = self.runner(self.house.claim(5))
            assert outs
            for out in outs:
                assert out.reply.text == self.queued[int(out.to.id)].pop(0)
                self.runner(self.house.end(out, "sent"))
        self.runner(None)


OutboxOrder.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestOutboxOrder = OutboxOrder.TestCase
