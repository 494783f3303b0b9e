"""What staff do in the Telegram group, by buttons and words – the same acts as at the desk.

Text in a case's topic stays internal. Words reach her only as a draft that somebody confirmed. Who acts is
decided by the numeric Telegram id in the staff account, never by a name or the group itself.
"""

import re
from dataclasses import replace
from datetime import datetime

from bot.domain.cases import Outcome, RecoveredEvidence, RecoveredKind
from bot.domain.clock import Clock
from bot.domain.errors import MoveNotAllowed, NotAllowed, NotFound, Refused
from bot.domain.incoming import GroupIncoming
from bot.domain.ports import Store, Unit
from bot.domain.ports_talk import Received
from bot.domain.reply import Lane, Reply
from bot.domain.signals import outbox_of
from bot.domain.staff import StaffMember
from bot.services import case_messages, case_work, group_acts, group_closing, group_queue
from bot.services.bell import joined_with
from bot.services.case_work import Desk
from bot.services.group_turn import Act, GroupTurn, place_of

_ACTION = re.compile(r"g:([a-z]{1,8}):([A-Za-z0-9_-]{1,32})(?::([A-Za-z0-9_-]{1,16}))?")
_DRAFT_WORDS = re.compile(r"(?:草稿\s*[：:]|/draft(?:@\w+)?(?:\s|$))\s*", re.IGNORECASE)
_LINK = re.compile(r"/link(?:@\w+)?(?:\s+(\S{1,64}))?\s*$", re.IGNORECASE)
_DAY_S, _HOUR_S = 86_400, 3_600
_LINK_TRIES = 10
_LINK_TRIES_OF_ALL = 100

# What a button does; the pattern is what it carries besides the case, "" where it carries nothing.
_NUMBER, _NAME = "[0-9]{1,6}", "[A-Za-z0-9_-]{1,16}"
_ACTS: dict[str, tuple[Act, str]] = {
    "claim": (group_acts.ask_conflict, ""),
    "mine": (group_acts.claim, ""),
    "shun": (group_acts.shun, ""),
    "draft": (group_acts.await_draft, ""),
    "send": (group_acts.send, _NAME),
    "drop": (group_acts.drop, _NAME),
    "ask": (group_acts.ask_review, _NAME),
    "okay": (group_acts.approve, _NAME),
    "back": (group_acts.await_return, _NAME),
    "urge": (group_acts.remind, ""),
    "close": (group_closing.begin, ""),
    "out": (group_closing.choose_outcome, "|".join(Outcome)),
    "many": (group_closing.choose_people, _NUMBER),
    "nosum": (group_closing.no_sum, ""),
    "kind": (group_closing.choose_kind, "|".join(RecoveredKind)),
    "shown": (group_closing.choose_evidence, "|".join(RecoveredEvidence)),
    "done": (group_closing.confirm, _NAME),
    "quit": (group_closing.give_up, _NAME),
}
_CLAIMS = frozenset({"claim", "mine"})
_OF_DOUBLES = frozenset({"drop", "quit"})  # what may still be cleared away in a case that was joined


class GroupDesk:
    """One update of the staff group, one unit of work."""

    def __init__(self, store: Store, desk: Desk, clock: Clock, *, channel: str = "telegram") -> None:
        self._store = store
        self._desk = desk
        self._clock = clock
        self._channel = channel
        self._words = desk.wording.group

    async def handle(self, received: Received, incoming: GroupIncoming) -> None:
        """Carry out what staff did, or say politely why not; the inbox row is done in the same unit."""
        now = self._clock.now()
        try:
            await self._store.write(lambda unit: self._act(unit, received, incoming, now))
        except (NotFound, NotAllowed, MoveNotAllowed, Refused) as error:
            words = self._refusal(error)
            await self._store.write(lambda unit: self._answer(unit, received, incoming, words, now))

    def _answer(
        self, unit: Unit, received: Received, incoming: GroupIncoming, words: str, now: datetime
    ) -> None:
        self._say(unit, words, now, self._case_of(unit, incoming))
        unit.inbox.done(received.seq, "")

    def _act(self, unit: Unit, received: Received, incoming: GroupIncoming, now: datetime) -> None:
        if found := _LINK.match(incoming.text):
            self._link(unit, received, incoming, found.group(1) or "", now)
        elif staff := self._staff(unit, incoming, now):
            turn = GroupTurn(unit, staff, incoming, now, self._desk, self._channel)
            if incoming.action is not None:
                self._tapped(turn)
            elif incoming.text.strip():
                self._wrote(turn)
        unit.inbox.done(received.seq, "")

    # ── who ──

    def _staff(self, unit: Unit, incoming: GroupIncoming, now: datetime) -> StaffMember | None:
        """The account behind the Telegram id. Strangers get one hint a day and nothing else; who had an
        account is told once an hour that it is closed."""
        who = incoming.staff_telegram_id
        member = unit.staff.by_telegram(who)
        if member is not None and member.active:
            return member
        if incoming.action is None and incoming.thread is None:
            return None
        if member is None:
            if self._once_a_day(unit, f"group-stranger:{who}", now):
                self._say(unit, self._words.unknown_staff, now)
        elif unit.limits.hit(f"group-former:{who}", now, window_s=_HOUR_S, at_most=1):
            self._say(unit, self._words.account_off, now, self._case_of(unit, incoming))
        return None

    def _link(
        self, unit: Unit, received: Received, incoming: GroupIncoming, code: str, now: datetime
    ) -> None:
        """Bind a Telegram account by the code from the desk; the code works once and not for long."""
        words, who = self._words, incoming.staff_telegram_id
        if incoming.chat != who:  # typed into the group: everybody there has read the code
            if unit.facts.get(f"telegram-link:{code}"):
                unit.facts.put(f"telegram-link:{code}", "")
            self._say(unit, words.link_wrong, now)
            return
        own = unit.limits.hit(f"telegram-link:{who}", now, window_s=_HOUR_S, at_most=_LINK_TRIES)
        if not own or not unit.limits.hit("telegram-link", now, window_s=_HOUR_S, at_most=_LINK_TRIES_OF_ALL):
            self._tell(unit, received, words.link_too_often, now)
            return
        staff_id, _, until = (unit.facts.get(f"telegram-link:{code}") or "").partition("|")
        member = unit.staff.get(staff_id) if staff_id else None
        if member is None or not member.active or datetime.fromisoformat(until) < now:
            self._tell(unit, received, words.link_wrong, now)
            return
        if (before := unit.staff.by_telegram(who)) and before.id != member.id:
            unit.staff.save(replace(before, telegram_id=None))
        unit.facts.put(f"telegram-link:{code}", "")
        unit.audit.append(member.id, "telegram_bound", member.id, now)
        unit.staff.save(replace(member, telegram_id=who))
        self._tell(unit, received, words.link_done.format(name=member.name), now)

    # ── buttons and words ──

    def _tapped(self, turn: GroupTurn) -> None:
        found = _ACTION.fullmatch(turn.incoming.action or "")
        name, case_id, value = found.groups() if found else ("", "", None)
        act, carries = _ACTS.get(name, (None, ""))
        if act is None or not re.fullmatch(carries, value or ""):
            self._say(turn.unit, self._words.old_button, turn.now, self._case_of(turn.unit, turn.incoming))
            return
        if name in _CLAIMS:
            group_acts.refuse_claimed(turn, case_id)
        card = turn.card(case_id)
        into = joined_with(turn.unit, card)
        if into and name not in _OF_DOUBLES:
            turn.say(self._words.merged, card, into=into)
        else:
            act(turn, card, value or "")

    def _wrote(self, turn: GroupTurn) -> None:
        """Words are a draft, an answer that is waited for, or a note of the topic's case."""
        here = self._case_of(turn.unit, turn.incoming)
        awaited, text = turn.awaited(), turn.incoming.text
        if found := _DRAFT_WORDS.match(text):
            target = here or (awaited[0] if awaited and awaited[1] == "draft" else None)
            if target is not None:
                self._draft(turn, target, text[found.end() :])
            else:
                self._say(turn.unit, self._words.no_case_here, turn.now)
        elif awaited and awaited[1] == "draft":
            self._draft(turn, awaited[0], text)
        elif awaited:
            card = turn.card(awaited[0])
            turn.no_longer_await()
            group_acts.give_back(turn, card, awaited[1].partition(":")[2], text)
        elif closing := group_closing.takes(turn, text):
            group_closing.typed(turn, turn.card(closing), text)
        elif here is not None:
            self._note(turn, here)
        elif turn.incoming.thread is not None and self._once_a_day(
            turn.unit, f"group-topic:{turn.place}", turn.now
        ):
            self._say(turn.unit, self._words.no_case_here, turn.now)

    def _draft(self, turn: GroupTurn, case_id: str, text: str) -> None:
        card = turn.card(case_id)
        turn.no_longer_await()
        if into := joined_with(turn.unit, card):
            turn.say(self._words.merged, card, into=into)
        else:
            group_acts.keep_draft(turn, card, text)

    def _note(self, turn: GroupTurn, case_id: str) -> None:
        """Kept where it was written; of a double it is said each time where work goes on."""
        case_work.add_note(turn.unit, turn.staff, case_id, turn.incoming.text, turn.now, self._desk)
        card = turn.card(case_id)
        if into := joined_with(turn.unit, card):
            turn.note(self._words.note_merged, card, into=into)
        elif self._once_a_day(turn.unit, f"group-note:{turn.staff.id}:{case_id}", turn.now):
            turn.note(self._words.note_kept, card)

    def _case_of(self, unit: Unit, incoming: GroupIncoming) -> str | None:
        return unit.cases.case_of_topic(place_of(incoming)) if incoming.thread is not None else None

    def _refusal(self, error: Exception) -> str:
        match error:
            case Refused():
                return case_messages.refusal(self._desk.wording, error)
            case NotAllowed(args=("changed",)):
                return self._words.changed
            case NotFound():
                return self._words.not_yours
            case NotAllowed():
                return self._words.not_allowed
            case _:
                return self._words.not_done

    def _once_a_day(self, unit: Unit, what: str, now: datetime) -> bool:
        return unit.limits.hit(what, now, window_s=_DAY_S, at_most=1)

    def _say(self, unit: Unit, text: str, now: datetime, case_id: str | None = None) -> None:
        """Into the group: the case's topic, or its main page."""
        group_queue.put(unit, self._channel, Reply(text, quiet=True), now, case_id)

    def _tell(self, unit: Unit, received: Received, text: str, now: datetime) -> None:
        """To the member of staff in private."""
        unit.outbox.add(received.person_id, [Reply(text)], lane=Lane.REPLY, now=now)
        unit.announce(outbox_of(self._channel))
