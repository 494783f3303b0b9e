"""What staff do in the Telegram group: claim, draft, confirm, note – the same acts as at the desk.

Text in a case's topic stays internal. Words reach her only as a draft that somebody confirmed. Who acts is
decided by the numeric Telegram id in the staff account, never by a name or the group itself.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.clock import Clock
from bot.domain.errors import MoveNotAllowed, NotAllowed, NotFound, Refused
from bot.domain.incoming import GroupIncoming
from bot.domain.ports import Store, Unit
from bot.domain.ports_talk import Received
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import outbox_of
from bot.domain.staff import StaffMember
from bot.services import case_messages, case_work, drafts
from bot.services.case_gate import on_duty, see_card
from bot.services.case_work import Desk

_ACTION = re.compile(r"g:(claim|draft|send|drop):([A-Za-z0-9_-]{1,32})(?::([A-Za-z0-9_-]{1,16}))?")
_DRAFT_WORDS = re.compile(r"(?:草稿\s*[：:]|/draft(?:@\w+)?(?:\s|$))\s*", re.IGNORECASE)
_LINK = re.compile(r"/link(?:@\w+)?(?:\s+(\S{1,64}))?\s*$", re.IGNORECASE)
_DRAFTING_LIVES = timedelta(minutes=30)
_DAY_S, _HOUR_S = 86_400, 3_600
_LINK_TRIES = 10
_LINK_TRIES_OF_ALL = 100


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
            if incoming.action is not None:
                self._tapped(unit, staff, incoming, now)
            elif incoming.text.strip():
                self._wrote(unit, staff, incoming, now)
        unit.inbox.done(received.seq, "")

    # ── who ──

    def _staff(self, unit: Unit, incoming: GroupIncoming, now: datetime) -> StaffMember | None:
        """The account behind the Telegram id. Strangers get one hint a day and nothing else."""
        member = unit.staff.by_telegram(incoming.staff_telegram_id)
        if member is not None and member.active:
            return member
        acts = incoming.action is not None or incoming.thread is not None
        if acts and self._once_a_day(unit, f"group-stranger:{incoming.staff_telegram_id}", now):
            self._say(unit, self._words.unknown_staff, now)
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

    # ── buttons ──

    def _tapped(self, unit: Unit, staff: StaffMember, incoming: GroupIncoming, now: datetime) -> None:
        found = _ACTION.fullmatch(incoming.action or "")
        if found is None:
            self._say(unit, self._words.old_button, now, self._case_of(unit, incoming))
            return
        act, case_id, draft_id = found.groups()
        acts: dict[str, Callable[[], None]] = {
            "claim": lambda: self._claim(unit, staff, case_id, now),
            "draft": lambda: self._await_draft(unit, staff, case_id, incoming, now),
            "send": lambda: self._send(unit, staff, case_id, draft_id or "", now),
            "drop": lambda: self._drop(unit, staff, case_id, draft_id or "", now),
        }
        acts[act]()

    def _claim(self, unit: Unit, staff: StaffMember, case_id: str, now: datetime) -> None:
        card = case_work.claim(unit, staff, case_id, now, self._desk)
        self._say(unit, self._words.claimed.format(number=card.number, name=staff.name), now, case_id)

    def _await_draft(
        self, unit: Unit, staff: StaffMember, case_id: str, incoming: GroupIncoming, now: datetime
    ) -> None:
        """Her next words in this place become a draft. No case of this staff member: nothing is said."""
        number = self._number(unit, staff, case_id)
        place = f"{case_id}|{_place(incoming)}|{(now + _DRAFTING_LIVES).isoformat()}"
        unit.facts.put(_drafting(staff), place)
        self._say(unit, self._words.write_draft.format(number=number), now, case_id)

    def _send(self, unit: Unit, staff: StaffMember, case_id: str, draft_id: str, now: datetime) -> None:
        drafts.send_draft(unit, staff, case_id, draft_id, now, self._desk)
        self._close_draft(unit, staff, case_id, draft_id, self._words.draft_sent, now)

    def _drop(self, unit: Unit, staff: StaffMember, case_id: str, draft_id: str, now: datetime) -> None:
        drafts.drop_draft(unit, staff, case_id, draft_id, now, self._desk)
        self._close_draft(unit, staff, case_id, draft_id, self._words.draft_dropped, now)

    def _close_draft(
        self, unit: Unit, staff: StaffMember, case_id: str, draft_id: str, words: str, now: datetime
    ) -> None:
        """The draft's card loses its buttons and says what became of it."""
        text = words.format(number=self._number(unit, staff, case_id), name=staff.name)
        self._say(unit, text, now, case_id, card=f"draft:{draft_id}")

    # ── words ──

    def _wrote(self, unit: Unit, staff: StaffMember, incoming: GroupIncoming, now: datetime) -> None:
        case_id = self._case_of(unit, incoming)
        awaited = self._awaited(unit, staff, incoming, now)
        if found := _DRAFT_WORDS.match(incoming.text):
            target, text = case_id or awaited, incoming.text[found.end() :]
        else:
            target, text = awaited, incoming.text
        if target is not None:
            unit.facts.put(_drafting(staff), "")
            self._draft(unit, staff, target, text, now)
        elif found and case_id is None:
            self._say(unit, self._words.no_case_here, now)
        elif case_id is not None:
            case_work.add_note(unit, staff, case_id, incoming.text, now, self._desk)
            if self._once_a_day(unit, f"group-note:{staff.id}:{case_id}", now):
                number = self._number(unit, staff, case_id)
                self._say(unit, self._words.note_kept.format(number=number), now, case_id)
        elif incoming.thread is not None and self._once_a_day(unit, f"group-topic:{_place(incoming)}", now):
            self._say(unit, self._words.no_case_here, now)

    def _draft(self, unit: Unit, staff: StaffMember, case_id: str, text: str, now: datetime) -> None:
        draft = drafts.write_draft(unit, staff, case_id, text, now, self._desk)
        buttons = self._words.buttons
        row = (
            Button(buttons.send, f"g:send:{case_id}:{draft.id}"),
            Button(buttons.drop, f"g:drop:{case_id}:{draft.id}"),
        )
        before, _, after = self._words.draft_card.partition("{text}")
        number = self._number(unit, staff, case_id)
        shown = before.format(number=number) + draft.body + after.format(number=number)
        self._say(unit, shown, now, case_id, card=f"draft:{draft.id}", rows=(row,))

    def _awaited(self, unit: Unit, staff: StaffMember, incoming: GroupIncoming, now: datetime) -> str | None:
        """The case whose draft this member was asked to write here, if that was not long ago."""
        kept = unit.facts.get(_drafting(staff)) or ""
        case_id, _, rest = kept.partition("|")
        place, _, until = rest.partition("|")
        if not case_id or datetime.fromisoformat(until) < now:
            return None
        return case_id if place == _place(incoming) else None

    # ── helpers ──

    def _case_of(self, unit: Unit, incoming: GroupIncoming) -> str | None:
        return unit.cases.case_of_topic(_place(incoming)) if incoming.thread is not None else None

    def _number(self, unit: Unit, staff: StaffMember, case_id: str) -> str:
        """The case's number, for staff who may see it; NotFound for the others."""
        return see_card(unit, on_duty(unit, staff), case_id).number

    def _refusal(self, error: Exception) -> str:
        match error:
            case Refused():
                return case_messages.refusal(self._desk.wording, error)
            case NotAllowed(args=("changed",)):
                return self._words.changed
            case NotFound() | NotAllowed():
                return self._words.not_yours
            case _:
                return self._words.not_done

    def _once_a_day(self, unit: Unit, what: str, now: datetime) -> bool:
        return unit.limits.hit(what, now, window_s=_DAY_S, at_most=1)

    def _say(
        self,
        unit: Unit,
        text: str,
        now: datetime,
        case_id: str | None = None,
        *,
        card: str | None = None,
        rows: tuple[tuple[Button, ...], ...] = (),
    ) -> None:
        """Into the group: the case's topic, or its main page."""
        reply = Reply(text, rows, card=card, quiet=not rows)
        unit.outbox.add(None, [reply], lane=Lane.REPLY, now=now, case_id=case_id, channel=self._channel)
        unit.announce(outbox_of(self._channel))

    def _tell(self, unit: Unit, received: Received, text: str, now: datetime) -> None:
        """To the member of staff in private."""
        unit.outbox.add(received.person_id, [Reply(text)], lane=Lane.REPLY, now=now)
        unit.announce(outbox_of(self._channel))


def _place(incoming: GroupIncoming) -> str:
    """Remote id of the place in the group: "chat:thread", thread 0 for the main page."""
    return f"{incoming.chat}:{incoming.thread or 0}"


def _drafting(staff: StaffMember) -> str:
    return f"group-drafting:{staff.id}"
