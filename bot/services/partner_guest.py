"""A partner agency at its link: opens it with the code, reads what she gave, answers. No account.

Who holds a wrong, dead, expired or unknown link, or a wrong code, is told the same: None here.
"""

import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.cases import ENDED_STATUSES, CaseCard, CaseStatus, EventKind, may_move
from bot.domain.errors import Refused, SafeHouseError
from bot.domain.handovers import (
    Content,
    DeclineReason,
    GuestSession,
    HandOver,
    PartnerAnswer,
    PartnerResult,
    PartnerStep,
    said_before,
)
from bot.domain.ports import Unit
from bot.domain.reply import Reply
from bot.services.case_work import Desk, show_change, tell_her
from bot.services.hand_over import awaiting, new_code, note_event, tell_staff

PARTNER = "partner"
TRIES = 10  # wrong codes an hour; then the link is dead
LONGEST_WORDS = 2000
MOST_NOTES = 20
OPEN_FOR = timedelta(hours=8)
_HOUR_S = 3600
# An agency that takes the case on moves it there, unless staff have gone further with it already.
_TAKEN_ON_FROM = frozenset({CaseStatus.ACCEPTED, CaseStatus.ADVISING, CaseStatus.LETTER})


@dataclass(frozen=True, slots=True)
class GuestPage:
    """Everything that the agency's page shows."""

    hand_over: HandOver
    number: str
    content: Content
    answers: tuple[PartnerAnswer, ...]
    session: GuestSession


class AnsweredBefore(SafeHouseError):
    """The agency said it already; the first answer stays."""

    def __init__(self, earlier: PartnerAnswer) -> None:
        super().__init__(f"answered before: {earlier.step}")
        self.earlier = earlier


def enter(unit: Unit, token: str, code: str, now: datetime, desk: Desk) -> str | None:
    """The secret of a new session where link and code fit. The code is used up; the page shows the next."""
    typed = "".join(char for char in unicodedata.normalize("NFKC", code) if char.isdigit())[:12]
    found = _live(unit, token, now)
    # The code is checked even where there is no such link, so that both take the same time.
    fits = unit.partners.fits(found[0].id if found else "", typed)
    if found is None:
        return None
    hand_over, card = found
    if not fits:
        _wrong(unit, hand_over, card, now, desk)
        return None
    secret = secrets.token_urlsafe(32)
    unit.audit.append(PARTNER, "partner_enter", card.id, now, {"hand_over": hand_over.id})
    unit.partners.save(replace(hand_over, views=hand_over.views + 1))  # one opening, however often it is read
    unit.partners.start_session(secret, hand_over, new_code(), now)
    return secret


def look(unit: Unit, token: str, secret: str, now: datetime) -> GuestPage | None:
    """The page for an open session; every view is in the audit before anything is unsealed."""
    found = _entered(unit, token, secret, now)
    if found is None:
        return None
    hand_over, card, session = found
    seq = unit.audit.append(PARTNER, "partner_view", card.id, now, {"hand_over": hand_over.id})
    first = hand_over.first_seen_at is None
    hand_over = replace(hand_over, first_seen_at=hand_over.first_seen_at or now, last_seen_at=now)
    unit.partners.save(hand_over)
    if first:
        note_event(unit, hand_over, "opened", PARTNER, now)
    content = unit.partners.content(hand_over.id, seq).only(hand_over.given)
    return GuestPage(hand_over, card.number, content, tuple(unit.partners.answers(hand_over.id)), session)


def take(
    unit: Unit, token: str, secret: str, what: str, now: datetime
) -> tuple[HandOver, CaseCard, Content] | None:
    """Leave to fetch a file ("file") or the package ("package"); in the audit first."""
    found = _entered(unit, token, secret, now)
    if found is None:
        return None
    hand_over, card, _ = found
    seq = unit.audit.append(PARTNER, f"partner_{what}", card.id, now, {"hand_over": hand_over.id})
    return hand_over, card, unit.partners.content(hand_over.id, seq).only(hand_over.given)


def answer(
    unit: Unit,
    token: str,
    secret: str,
    step: PartnerStep | None,
    what: str,
    words: str,
    now: datetime,
    desk: Desk,
) -> PartnerStep | None:
    """Keep what the agency says; None where the session is over.

    Raises AnsweredBefore for a second answer, Refused for one that cannot be taken.
    """
    found = _entered(unit, token, secret, now)
    if found is None:
        return None
    hand_over, card, _ = found
    said = unit.partners.answers(hand_over.id)
    body = words.replace("\r\n", "\n").strip()
    checked = _checked(step, what, body, sum(one.step is PartnerStep.NOTE for one in said))
    earlier = said_before(checked, said)
    if earlier is not None:
        raise AnsweredBefore(earlier)
    what = what if checked in (PartnerStep.DECLINED, PartnerStep.RESULT) else ""
    unit.partners.keep_answer(
        PartnerAnswer(secrets.token_hex(8), hand_over.id, card.id, checked, now, what, body)
    )
    _act_on(unit, hand_over, card, checked, what, now, desk)
    return checked


def _checked(step: PartnerStep | None, what: str, body: str, notes: int) -> PartnerStep:
    if len(body) > LONGEST_WORDS:
        raise Refused("partner_too_long", limit=LONGEST_WORDS, length=len(body))
    match step:
        case None:
            raise Refused("partner_step")
        case PartnerStep.DECLINED:
            if what not in set(DeclineReason) or (what == DeclineReason.OTHER and not body):
                raise Refused("partner_reason")
        case PartnerStep.RESULT:
            if what not in set(PartnerResult):
                raise Refused("partner_result")
        case PartnerStep.NOTE:
            if not body:
                raise Refused("partner_empty")
            if notes >= MOST_NOTES:
                raise Refused("partner_notes")
        case _:
            pass
    return step


def _act_on(
    unit: Unit, hand_over: HandOver, card: CaseCard, step: PartnerStep, what: str, now: datetime, desk: Desk
) -> None:
    facts = {"hand_over": hand_over.id, "agency": hand_over.agency, "state": step.value}
    unit.audit.append(PARTNER, "partner_answer", card.id, now, facts)
    if step is PartnerStep.RECEIVED:
        unit.partners.save(awaiting(hand_over, now, desk.promises))
    elif step is not PartnerStep.NOTE:
        unit.partners.save(replace(hand_over, look_at=hand_over.until))
    status = card.status
    if step is PartnerStep.ACCEPTED and status in _TAKEN_ON_FROM and may_move(status, CaseStatus.REFERRED):
        facts |= {"from": status.value, "to": CaseStatus.REFERRED.value}
        status = CaseStatus.REFERRED
    unit.cases.add_event(card.id, EventKind.PARTNER, by=PARTNER, at=now, facts=facts)
    card = unit.cases.save_card(replace(card, status=status, changed_at=now))
    words = desk.wording.partners
    tell_staff(unit, card, words.notices.answers[step.value], now, desk)
    if step.value in words.her.answers and card.is_open:
        result = {**words.reasons, **words.results}.get(what, "")
        told = words.her.answers[step.value].format(agency=hand_over.agency_name, result=result)
        tell_her(unit, card, Reply(told, private=True), now)
    show_change(unit, card, now, desk)


def _wrong(unit: Unit, hand_over: HandOver, card: CaseCard, now: datetime, desk: Desk) -> None:
    """Count a wrong code; the tenth within an hour kills the link, and staff hear of it."""
    unit.audit.append(PARTNER, "partner_wrong_code", card.id, now, {"hand_over": hand_over.id})
    if unit.limits.hit(f"partner-code:{hand_over.id}", now, window_s=_HOUR_S, at_most=TRIES - 1):
        return
    unit.partners.drop_link(hand_over.id)
    note_event(unit, hand_over, "locked", "system", now)
    tell_staff(unit, card, desk.wording.partners.notices.locked, now, desk)
    show_change(unit, card, now, desk)


def _live(unit: Unit, token: str, now: datetime) -> tuple[HandOver, CaseCard] | None:
    """Looked up at every request: a consent or a case that ended ends the page in the same moment."""
    hand_over = unit.partners.by_link(token)
    card = unit.cases.card(hand_over.case_id) if hand_over else None
    if hand_over is None or card is None or card.status in ENDED_STATUSES:
        return None
    return (hand_over, card) if hand_over.is_open_to_partner(now) else None


def _entered(
    unit: Unit, token: str, secret: str, now: datetime
) -> tuple[HandOver, CaseCard, GuestSession] | None:
    found = _live(unit, token, now)
    session = unit.partners.session(secret, found[0].id) if found and secret else None
    if found is None or session is None or now - session.started_at > OPEN_FOR:
        return None
    return *found, session
