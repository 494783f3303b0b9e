"""Closing a case in its topic: outcome, people, sum, kind and evidence, a look at all of it, then done.

Half a closing lapses after half an hour; it belongs to who began it and is kept as a fact until then.
"""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.case_deadlines import DeadlineState
from bot.domain.cases import CaseCard, CaseStatus, Outcome, RecoveredEvidence, RecoveredKind, may_move
from bot.domain.errors import MoveNotAllowed, Refused
from bot.domain.handovers import RUNNING
from bot.domain.money import sum_in_fen, yuan
from bot.domain.reply import Button
from bot.domain.staff import Power
from bot.services import case_work, close_case, guard_deadlines
from bot.services.case_gate import in_hand
from bot.services.case_messages import fill, refusal
from bot.services.group_turn import AWAITED_FOR, GroupTurn, Rows

_PEOPLE = (1, 2, 3, 5, 10, 20)
_LOOKS_LIKE_A_NUMBER = re.compile(r"[0-9０-９零〇一二三四五六七八九十百千万两壹贰叁肆伍陆柒捌玖拾佰仟元块]")
_LONGEST_NUMBER = 20  # characters; a longer sentence with a number in it is a note
_IN_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Closing:
    """What is known so far. `seen` is the card's version that its member saw last."""

    token: str
    case_id: str
    place: str
    until: str
    outcome: str = ""
    people: int | None = None
    fen: int | None = None
    kind: str = ""
    evidence: str = ""
    seen: int = 0

    @property
    def step(self) -> str:
        """What is asked next; "preview" where everything is known."""
        if not self.outcome:
            return "outcome"
        if self.people is None:
            return "people"
        if self.fen is None:
            return "sum"
        if self.fen and not self.kind:
            return "kind"
        return "evidence" if self.fen and not self.evidence else "preview"


# ── buttons ──


def begin(turn: GroupTurn, card: CaseCard, _: str) -> None:
    """Ask for the outcome; an older closing of this member is forgotten."""
    in_hand(turn.unit, turn.staff, card.id, Power.CLOSE)
    case_work.refuse_ended(card)
    if not may_move(card.status, CaseStatus.CLOSED):
        raise MoveNotAllowed(card.id, card.status, CaseStatus.CLOSED)
    until = (turn.now + AWAITED_FOR).isoformat()
    turn.no_longer_await()
    _ask(turn, card, Closing(secrets.token_hex(6), card.id, turn.place, until))


def choose_outcome(turn: GroupTurn, card: CaseCard, value: str) -> None:
    """MEDIATED needs a mediation on record; how else it was settled is written at the desk."""
    closing = _mine(turn, card)
    if closing is None:
        return
    outcome = Outcome(value)
    if outcome is Outcome.MEDIATED and not close_case.was_mediated(turn.unit, card):
        turn.say(turn.words.closing.no_mediation, card)
        return
    _ask(turn, card, replace(closing, outcome=outcome.value))


def choose_people(turn: GroupTurn, card: CaseCard, value: str) -> None:
    if closing := _mine(turn, card):
        _ask(turn, card, replace(closing, people=_people(value)))


def no_sum(turn: GroupTurn, card: CaseCard, _: str) -> None:
    if closing := _mine(turn, card):
        _ask(turn, card, replace(closing, fen=0, kind="", evidence=""))


def choose_kind(turn: GroupTurn, card: CaseCard, value: str) -> None:
    if closing := _mine(turn, card):
        _ask(turn, card, replace(closing, kind=RecoveredKind(value).value))


def choose_evidence(turn: GroupTurn, card: CaseCard, value: str) -> None:
    if closing := _mine(turn, card):
        _ask(turn, card, replace(closing, evidence=RecoveredEvidence(value).value))


def confirm(turn: GroupTurn, card: CaseCard, token: str) -> None:
    """Close it as the preview says; where the case changed meanwhile the preview comes once more."""
    closing = _mine(turn, card, token)
    if closing is None:
        return
    case_work.refuse_ended(card)
    if closing.step != "preview":
        _ask(turn, card, closing)
        return
    if closing.seen != card.version:
        _ask(turn, card, closing, changed=True)
        return
    outcome = Outcome(closing.outcome)
    close_case.close(
        turn.unit, turn.staff, card.id, outcome, turn.now, turn.desk, closing.fen or 0, closing.people or 0,
        recovered_kind=RecoveredKind(closing.kind) if closing.fen else None,
        evidence=RecoveredEvidence(closing.evidence) if closing.fen else None,
        seen=closing.seen,
    )  # fmt: skip
    _forget(turn)
    said = turn.desk.wording.labels.outcome[outcome.value]
    turn.say(turn.words.closing.closed, card, on=_card_of(closing), outcome=said)


def give_up(turn: GroupTurn, card: CaseCard, token: str) -> None:
    """Nothing was changed."""
    if closing := _mine(turn, card, token):
        _forget(turn)
        turn.say(turn.words.closing.given_up, card, on=_card_of(closing))


# ── typed words ──


def takes(turn: GroupTurn, text: str) -> str | None:
    """The case whose closing waits here for a number that these words may be; None: they are no answer."""
    closing = _kept(turn)
    if closing is None or closing.place != turn.place or closing.step not in ("people", "sum"):
        return None
    number = len(text.strip()) <= _LONGEST_NUMBER and _LOOKS_LIKE_A_NUMBER.search(text)
    return closing.case_id if number else None


def typed(turn: GroupTurn, card: CaseCard, text: str) -> None:
    """How many people, or the sum; what cannot be read is said and asked for again."""
    closing = _mine(turn, card)
    if closing is None:
        return
    try:
        if closing.step == "people":
            closing = replace(closing, people=_people(text))
        else:
            closing = replace(closing, fen=_sum(text))
    except Refused as refused:
        why = refusal(turn.desk.wording, refused)
        turn.say(turn.words.closing.typed_wrong, card, why=why)
        return
    _ask(turn, card, closing)


def _sum(text: str) -> int:
    fen = sum_in_fen(text)
    if not fen and not any(char in text for char in "0０零〇"):
        raise Refused("amount")
    return fen


def _people(text: str) -> int:
    plain = text.strip().removesuffix("人").removesuffix("个").strip()
    if not (plain.isdecimal() and len(plain) <= len(str(close_case.MOST_PEOPLE))):
        raise Refused("people")
    if int(plain) > close_case.MOST_PEOPLE:
        raise Refused("people_range")
    return int(plain)


# ── the card that asks ──


def _ask(turn: GroupTurn, card: CaseCard, closing: Closing, *, changed: bool = False) -> None:
    """Keep what is known, and show the next question in place of the last."""
    closing = replace(closing, seen=card.version)
    turn.unit.facts.put(_fact(turn), json.dumps(asdict(closing)))
    words, labels = turn.words.closing, turn.desk.wording.labels
    give_up_row = (Button(turn.words.buttons.give_up, f"g:quit:{card.id}:{closing.token}"),)
    holes = {"sum": yuan(closing.fen or 0)}
    match closing.step:
        case "outcome":
            text, rows = words.outcome, _choices("out", card, Outcome, labels.outcome)
        case "people":
            people = tuple(Button(str(number), f"g:many:{card.id}:{number}") for number in _PEOPLE)
            text, rows = words.people, (people,)
        case "sum":
            text = words.sum
            rows = ((Button(turn.words.buttons.no_sum, f"g:nosum:{card.id}"),),)
        case "kind":
            text, rows = words.kind, _choices("kind", card, RecoveredKind, labels.recovered)
        case "evidence":
            text, rows = words.evidence, _choices("shown", card, RecoveredEvidence, labels.evidence)
        case _:
            text, holes = _preview(turn, card, closing, changed=changed)
            rows = ((Button(turn.words.buttons.confirm, f"g:done:{card.id}:{closing.token}"),),)
    turn.say(text, card, on=_card_of(closing), rows=(*rows, give_up_row), **holes)


def _preview(
    turn: GroupTurn, card: CaseCard, closing: Closing, *, changed: bool
) -> tuple[str, dict[str, str]]:
    words, labels = turn.words.closing, turn.desk.wording.labels
    won = words.nothing
    if closing.fen:
        kind, evidence = labels.recovered[closing.kind], labels.evidence[closing.evidence]
        won = fill(words.won, sum=yuan(closing.fen), kind=kind, evidence=evidence)
    text = words.preview
    if left := _left(turn, card):
        text += "\n" + fill(words.left_over, what=turn.words.digest.number_joint.join(left))
    if changed:
        text = words.changed + "\n\n" + text
    outcome = labels.outcome[closing.outcome]
    return text, {"outcome": outcome, "people": str(closing.people), "sum": won}


def _left(turn: GroupTurn, card: CaseCard) -> list[str]:
    """What the closing would leave behind, as numbers."""
    unit, words = turn.unit, turn.words.closing.left
    dates = guard_deadlines.of_case(unit, card.id)
    counts = {
        "tasks": sum(task.done_at is None for task in unit.team.tasks_of(card.id)),
        "handovers": sum(one.state in RUNNING for one in unit.partners.of_case(card.id)),
        "deadlines": sum(one.state is DeadlineState.RUNNING for one in dates),
    }
    return [fill(words[name], count=str(count)) for name, count in counts.items() if count]


def _choices(act: str, card: CaseCard, values: Iterable[StrEnum], labels: Mapping[str, str]) -> Rows:
    buttons = [Button(labels[value.value], f"g:{act}:{card.id}:{value.value}") for value in values]
    return tuple(tuple(buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW))


# ── keeping it ──


def _mine(turn: GroupTurn, card: CaseCard, token: str | None = None) -> Closing | None:
    """The member's own closing of this case; None, and said so, where it lapsed or is another's."""
    closing = _kept(turn)
    if closing is None or closing.case_id != card.id or token not in (None, closing.token):
        turn.say(turn.words.closing.lapsed, card)
        return None
    return closing


def _kept(turn: GroupTurn) -> Closing | None:
    kept = turn.unit.facts.get(_fact(turn))
    if not kept:
        return None
    known: dict[str, Any] = json.loads(kept)
    closing = Closing(**known)
    return closing if datetime.fromisoformat(closing.until) >= turn.now else None


def _forget(turn: GroupTurn) -> None:
    turn.unit.facts.put(_fact(turn), "")


def _fact(turn: GroupTurn) -> str:
    return f"group-closing:{turn.staff.id}"


def _card_of(closing: Closing) -> str:
    return f"closing:{closing.token}"
