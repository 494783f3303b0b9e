"""One message, one unit of work: look up the talk, answer, carry out, keep – or nothing of it at all."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.conversation.effects import (
    AddToCase,
    AnswerHandOver,
    AnswerSession,
    ChooseDistrict,
    ChooseField,
    ConfirmResult,
    ContinueCase,
    Effect,
    FinishAttempt,
    ForgetTalk,
    KeepAnswer,
    NoteHelped,
    NoteUnanswered,
    OpenCase,
    RateCase,
    RecordConsent,
    ReopenCase,
    RevokeHandOver,
    SetPhrase,
    SetQuiet,
    ShowQuestion,
    SpeakForHerself,
    StartAttempt,
    Subscribe,
    Unsubscribe,
    WithdrawCase,
)
from bot.conversation.receipt import code_was_tried
from bot.conversation.router import respond
from bot.conversation.session import from_json, to_json
from bot.conversation.turn import Context, Organisation, Turn
from bot.conversation.typed import CommandBook, readable
from bot.domain.clock import Clock
from bot.domain.incoming import Address, Incoming
from bot.domain.ports import Store, Unit
from bot.domain.ports_talk import Person, Received
from bot.domain.promises import Promises
from bot.domain.reply import Lane
from bot.domain.signals import INBOX
from bot.services import confirm_result, her_consent, run_campaign, weekly_tips, worker_cases
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.her_things import HerThings
from bot.services.worker_cases import WorkersDesk
from knowledge.index import FaqIndex
from knowledge.loader import Knowledge
from knowledge.wording import Wording

__all__ = ["Converse", "Organisation"]
_LOOKED_BACK = 20  # lines of her talk
_LONGEST_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who wrote, in this unit."""

    person: Person
    address: Address


class Converse:
    """Receives what channels bring, and answers it."""

    def __init__(
        self,
        store: Store,
        knowledge: Knowledge,
        index: FaqIndex,
        wording: Wording,
        clock: Clock,
        bell: Bell,
        promises: Promises,
        *,
        public_url: str,
        organisation: Organisation,
        contest: bool = True,
        source: random.Random | None = None,
        prepare: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._store, self._clock = store, clock
        self._knowledge, self._index, self._wording = knowledge, index, wording
        self._prepare = prepare
        self._desk = WorkersDesk(bell, promises)
        self._organisation, self._contest = organisation, contest
        self._public_url = public_url
        self._commands = CommandBook.of(wording.talk.commands)
        self._random = source or random.SystemRandom()
        self.hand_over: Callable[[Sequence[tuple[Received, Address]]], None] = lambda fresh: None
        """Told of rows that were just kept, in their order, so that nobody need read them back."""

    async def receive(self, channel: str, updates: Sequence[tuple[str, Address, bytes]]) -> list[Received]:
        """Keep a batch durably before the channel is told so; updates that came before are left out."""
        now = self._clock.now()

        def keep(unit: Unit) -> list[tuple[Received, Address]]:
            rows = [(unit.inbox.receive(key, sender, raw, now), sender) for key, sender, raw in updates]
            unit.announce(INBOX)
            return [(row, sender) for row, sender in rows if row is not None]

        fresh = await self._store.write(keep) if updates else []
        self.hand_over(fresh)
        return [row for row, _ in fresh]

    async def handle(self, received: Received, incoming: Incoming | None) -> None:
        """Answer one row of the inbox. None: the channel says that there is nothing to answer."""
        now = self._clock.now()
        if incoming is not None and self._prepare is not None:
            await self._prepare(readable(incoming.text))
        await self._store.write(lambda unit: self._handle(unit, received, incoming, now))

    def _handle(self, unit: Unit, received: Received, incoming: Incoming | None, now: datetime) -> None:
        person = unit.people.get(received.person_id)
        if incoming is None or person is None:
            unit.inbox.done(received.seq, "")
            return
        if person.blocked:  # she writes, so she can be reached again
            unit.people.set_blocked(person.id, False)
        if person.quiet:
            unit.people.set_quiet(person.id, False)
        sender = _Sender(person, incoming.sender)
        context = self._context(unit, sender, now)
        turn = respond(incoming, context)
        turn = self._carry_out(unit, sender, context, turn, now)
        unit.sessions.save(person.id, to_json(turn.session), now)
        lane = Lane.URGENT if turn.urgent else Lane.REPLY
        unit.outbox.add(person.id, turn.replies, lane=lane, now=now)
        shown = turn.shown if turn.shown is not None else self._shown(unit, sender, incoming, context)
        unit.inbox.done(received.seq, shown, [file.id for file in incoming.files if not file.refused])

    def _context(self, unit: Unit, sender: _Sender, now: datetime) -> Context:
        return Context(
            session=from_json(unit.sessions.get(sender.person.id)),
            now=now,
            knowledge=self._knowledge,
            index=self._index,
            wording=self._wording,
            look=HerThings(unit, sender.person, sender.address, now),
            random=self._random,
            organisation=self._organisation,
            promises=self._desk.promises,
            commands=self._commands,
            contest_on=self._contest,
            public_url=self._public_url,
        )

    def _carry_out(self, unit: Unit, sender: _Sender, context: Context, turn: Turn, now: datetime) -> Turn:
        """Everything the turn wants, in its order. A typed code is the one thing whose result she is told."""
        for effect in turn.actions:
            if isinstance(effect, ContinueCase):
                outcome, case_id = worker_cases.continue_case(unit, sender.person, effect, now)
                told = code_was_tried(context.with_session(turn.session), outcome, case_id)
                turn = replace(told.after(turn), shown=turn.shown).settled(now)
            else:
                self._do(unit, sender, effect, now)
        return turn

    def _do(self, unit: Unit, sender: _Sender, effect: Effect, now: datetime) -> None:
        person = sender.person
        match effect:
            case OpenCase() | AddToCase() | WithdrawCase() | ReopenCase() | SetPhrase() | SpeakForHerself():
                worker_cases.carry_out(unit, person, effect, now, self._desk)
            case ChooseField() | AnswerHandOver() | RevokeHandOver() | AnswerSession():
                desk = Desk(self._wording, self._desk.bell, self._desk.promises)
                her_consent.carry_out(unit, person, effect, now, desk)
            case StartAttempt() | KeepAnswer() | ShowQuestion() | FinishAttempt() | ChooseDistrict():
                run_campaign.carry_out(unit, unit.contest.player(sender.address), effect, now)
            case RecordConsent(kind=kind, version=version):
                unit.people.add_consent(person.id, kind, version, now, None)
            case NoteUnanswered(masked=masked, reason=reason, topic=topic):
                unit.feedback.add(masked, reason, topic, now)
            case NoteHelped(topic=topic):
                unit.feedback.helped(topic, now)
            case ForgetTalk():
                unit.outbox.add_deletion(person.id, unit.people.forget_talk(person.id), now)
            case SetQuiet(quiet=quiet):
                unit.people.set_quiet(person.id, quiet)
                unit.subscriptions.drop_waiting(person.id)
            case Subscribe(lasting=lasting):
                weekly_tips.subscribe(unit, person.id, now, lasting=lasting)
            case Unsubscribe():
                unit.subscriptions.stop(person.id)
            case ConfirmResult():
                confirm_result.confirm(unit, person, effect, now, self._wording)
            case RateCase():
                confirm_result.rate(unit, person, effect, now, self._wording)
            case ContinueCase():
                raise TypeError("a typed code is tried where its outcome can be told")
            case _:
                assert_never(effect)

    def _shown(self, unit: Unit, sender: _Sender, incoming: Incoming, context: Context) -> str:
        """How her transcript shows what she did."""
        words = self._wording.talk.shown
        if incoming.action is not None:
            known = {action: label for label, action in context.session.choices}
            label = known.get(incoming.action) or _sent_label(unit, sender.person, incoming.action)
            return label or words.tap
        files = "".join(words.files.get(file.kind.value, "") for file in incoming.files if not file.refused)
        return (incoming.text[:_LONGEST_SHOWN] + files) or words.tap


def _sent_label(unit: Unit, person: Person, action: str) -> str | None:
    """The label of a button that staff or the clock sent her: her session knows only those of answers."""
    for line in reversed(unit.outbox.talk(person.id, (0, 0, 0), _LOOKED_BACK)):
        for button in line.reply.buttons() if line.reply else ():
            if button.action == action:
                return button.label
    return None
