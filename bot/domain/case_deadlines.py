"""The legal dates of one case: which rules her answers bring up, from which day, and when somebody is warned.

Every last day comes from bot/domain/deadlines.py. What is counted from her own words is a trial (试算): from
the first day that they may mean. All days are civil days in Asia/Shanghai.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.cases import Answers, CaseKind
from bot.domain.civil_time import civil_day
from bot.domain.deadlines import RULES
from bot.domain.said_dates import SaidDay, read_day, read_day_of

STEPS = (30, 14, 7, 3, 1)  # days ahead at which staff are warned
STEPS_OF_OTHERS = (3, 1)  # where an office or the employer has to act, not she
HER_STEPS = (14, 3)
NOT_YET, LAPSED_STEP = 99, -1
URGENT_DAYS, LEADER_DAYS, CHIP_DAYS = 7, 3, 30
UNKNOWN_ANSWER = "unknown"  # what her answers hold where she does not know


class DeadlineState(StrEnum):
    RUNNING = "running"
    DONE = "done"  # the step was taken in time
    LAPSED = "lapsed"
    DROPPED = "dropped"


class DaySure(StrEnum):
    """Where the first day comes from."""

    FIXED = "fixed"  # staff checked it
    SAID = "said"  # one day, in her words
    ROUGH = "rough"  # about then; counted from the earliest
    UNKNOWN = "unknown"  # to be asked
    EMPLOYED = "employed"  # unpaid wages of somebody who still works there: no limit runs


class DropReason(StrEnum):
    NOT_HERS = "not_hers"  # does not fit this case
    SETTLED = "settled"  # solved otherwise
    OTHER_WAY = "other_way"  # another way was taken
    HER_WISH = "her_wish"  # she does not want it
    MISTAKE = "mistake"


class Interruption(StrEnum):
    """What starts the year anew (劳动争议调解仲裁法 第二十七条第二款; 民法典 第一百九十五条)."""

    CLAIMED = "claimed"  # she claimed from the employer
    ASKED = "asked"  # she asked an authority for help
    PROMISED = "promised"  # the employer agreed to fulfil


OTHERS = frozenset(
    {"injury_employer", "protection_order", "legal_aid_decision", "payment_order", "award_set_aside"}
)
ANEW = frozenset({"arbitration", "arbitration_after_leaving", "civil", "enforcement"})
_WAGES = "arbitration_after_leaving"  # unpaid wages: no limit while employed (第二十七条第四款)
# In the order of what hurts first; the first one is asked for where her words give no day.
_BY_KIND: dict[CaseKind, tuple[str, ...]] = {
    CaseKind.MATERNITY: ("arbitration", "labor_inspection"),
    CaseKind.WAGES: (_WAGES, "labor_inspection"),
    CaseKind.DISMISSAL: ("arbitration",),
    CaseKind.CONTRACT: ("arbitration", "labor_inspection"),
    CaseKind.INSURANCE: ("arbitration", "labor_inspection"),
    CaseKind.INJURY: ("injury_worker", "injury_employer"),
    CaseKind.HARASSMENT: ("public_security", "civil"),
    CaseKind.DISCRIMINATION: ("arbitration", "civil"),
    CaseKind.OTHER: ("arbitration",),
}
_BY_TOPIC: dict[str, tuple[str, ...]] = {
    "mental-health-crisis": (),
    "privacy-personal-data": ("civil",),
    "injury-dismissal": ("injury_worker", "injury_employer", "arbitration"),
    "harassment-retaliation": ("arbitration", "public_security", "civil"),
    "workplace-bullying": ("arbitration", "civil"),
    "maternity-pay-withheld": (_WAGES, "labor_inspection"),
    "pregnancy-pay-cut": (_WAGES, "labor_inspection"),
}
_LEFT = re.compile(
    "离职|辞退|解除|开除|不用来|不用去|走人|不干了|没干了|不做了|辞职|劝退|离开(?:公司|单位|厂|了)"
)
# Before such a word, or right behind it: she has not left (还没离职, 怕被辞退, 要是辞职).
_NOT_LEFT = re.compile(
    r"(?:没有?|未|不(?:敢|想|能|肯|让|准|给)|想|要|怕|担心|打算|准备|如果|万一|否则|等|逼|威胁|吓唬)[^,，。;；!！?？]{0,4}$"
)
_EMPLOYED = re.compile(
    "(?:还|仍|一直)在(?:上班|干|做|这|那|单位|公司|厂|岗|职|里面)|在职|在岗|(?:没有?|还没有?|未|不敢|不想)(?:离职|辞职|走)"
)
_UNPAID = re.compile(
    "(?:没发|不发|拖欠|欠|没给|不给|没结|少发|克扣).{0,6}(?:工资|薪|工钱)|(?:工资|薪水?|工钱).{0,8}(?:没发|不发|没给|不给|欠|没结|少发|克扣)"
)
# What of her story names the last time of a wrong that went on (治安管理处罚法 第二十五条第二款).
_DONE_AGAIN = re.compile("又|还在|最近一次|最后一次|摸|抱|搂|亲|碰|蹭|打|拉|堵|跟踪|威胁|骚扰|偷拍|骂")


@dataclass(frozen=True, slots=True)
class PlannedDeadline:
    """A legal date as computed from her answers; without a last day it has to be asked for."""

    rule: str
    event_on: date | None
    last_on: date | None
    sure: DaySure


@dataclass(frozen=True, slots=True)
class CaseDeadline:
    """A legal date as kept. `warned` and `told`: the last step (days ahead) done for staff and for her."""

    id: str
    case_id: str
    rule: str
    event_on: date | None
    last_on: date | None
    sure: DaySure
    set_by: str  # "worker", "system" or a staff id
    set_at: datetime
    state: DeadlineState = DeadlineState.RUNNING
    reason: DropReason | None = None
    ended_at: datetime | None = None
    interruptions: tuple[date, ...] = ()
    warned: int = NOT_YET
    told: int = NOT_YET

    @property
    def is_hers(self) -> bool:
        """Whether she loses something when it lapses; else an office or the employer has to act."""
        return self.rule not in OTHERS

    @property
    def is_trial(self) -> bool:
        """Whether it was counted from her words and nobody has checked the day."""
        return self.sure is not DaySure.FIXED

    def days_left(self, today: date) -> int | None:
        """Days until the last one, which counts as 0; None where the day is not known."""
        return None if self.last_on is None else (self.last_on - today).days

    def step(self, today: date) -> int | None:
        """The step that is due for staff at this day and was not done; None where there is none."""
        left = self.days_left(today)
        if left is None or self.state is not DeadlineState.RUNNING:
            return None
        reached = step_at(left, STEPS if self.is_hers else STEPS_OF_OTHERS)
        return reached if reached is not None and reached < self.warned else None

    def her_step(self, today: date) -> int | None:
        """Like `step`, for her; only of what is hers to do."""
        left = self.days_left(today)
        if left is None or left < 0 or not self.is_hers or self.state is not DeadlineState.RUNNING:
            return None
        reached = step_at(left, HER_STEPS)
        return reached if reached is not None and reached < self.told else None

    @property
    def look_on(self) -> date | None:
        """The next day on which something may be due; None: never again by itself."""
        if self.state is not DeadlineState.RUNNING:
            return None
        if self.last_on is None:
            if self.sure is DaySure.EMPLOYED:
                return None
            asked = self.warned != NOT_YET
            return None if asked else civil_next(self.set_at)
        steps = STEPS if self.is_hers else STEPS_OF_OTHERS
        staff = next((step for step in steps if step < self.warned), LAPSED_STEP)
        hers = next((step for step in HER_STEPS if step < self.told), LAPSED_STEP) if self.is_hers else -1
        return self.last_on - timedelta(days=max(staff, hers))

    def counted_from(self, event_on: date, interruptions: Sequence[date] | None = None) -> "CaseDeadline":
        """The same date counted from another day, checked by staff; every step may come anew."""
        kept = self.interruptions if interruptions is None else tuple(sorted(set(interruptions)))
        return replace(
            self, event_on=event_on, last_on=last_day(self.rule, event_on, kept), interruptions=kept,
            sure=DaySure.FIXED, state=DeadlineState.RUNNING, warned=NOT_YET, told=NOT_YET,
        )  # fmt: skip


def civil_next(at: datetime) -> date:
    """The civil day after an instant."""
    return civil_day(at) + timedelta(days=1)


def step_at(days_left: int, steps: Sequence[int]) -> int | None:
    """The narrowest step that so many days fall into; LAPSED_STEP when it is over, None before the first."""
    if days_left < 0:
        return LAPSED_STEP
    return min((step for step in steps if step >= days_left), default=None)


def last_day(rule: str, event_on: date, interruptions: Sequence[date] = ()) -> date:
    """The last day of a rule. An interruption counts only while the period still runs, and only where the
    law knows one (ANEW). Raises KeyError for an unknown rule."""
    counted = RULES[rule].last_day
    last = counted(event_on)
    for day in sorted(interruptions) if rule in ANEW else ():
        if event_on <= day <= last:
            last = counted(day)
    return last


def plan(kind: CaseKind, topic: str | None, answers: Answers, today: date) -> tuple[PlannedDeadline, ...]:
    """The legal dates that her answers bring up. What would have lapsed already is not claimed: her words
    may mean another day, or the period began anew; it has to be asked."""
    if kind is CaseKind.OTHER and topic is None and _UNPAID.search(answers.happened):
        kind = CaseKind.WAGES  # nobody has sorted it yet, but this date must not be a wrong one
    rules = _BY_TOPIC.get(topic or "", _BY_KIND[kind])
    happened, sure_of = _event(answers, today)
    if happened is None and _WAGES not in rules and "public_security" not in rules:
        return tuple(PlannedDeadline(rule, None, None, DaySure.UNKNOWN) for rule in rules[:1])
    planned: list[PlannedDeadline] = []
    for rule in rules:
        event_on, sure = happened, sure_of
        if rule == _WAGES:
            event_on, sure = _left_on(answers, today)
        elif rule == "public_security":
            event_on, sure = _last_time(answers, today) or (happened, sure_of)
        if event_on is None:
            # One day is asked for; the others follow from it.
            if sure is DaySure.EMPLOYED or not any(one.sure is DaySure.UNKNOWN for one in planned):
                planned.append(PlannedDeadline(rule, None, None, sure))
            continue
        last = last_day(rule, event_on)
        if last >= today:
            planned.append(PlannedDeadline(rule, event_on, last, sure))
        elif rule not in OTHERS:
            planned.append(PlannedDeadline(rule, event_on, None, DaySure.UNKNOWN))
    return tuple(planned)


def _left_on(answers: Answers, today: date) -> tuple[date | None, DaySure]:
    """When she left, which is what the year for unpaid wages counts from; EMPLOYED where she works there.

    A day that she gives for something else is never taken: before leaving no year runs at all.
    """
    told = [answers.since if answers.since != UNKNOWN_ANSWER else "", answers.happened]
    texts = [text for text in told if text]
    if not any(_has_left(text) for text in texts):
        works = any(_EMPLOYED.search(text) for text in texts)
        return None, DaySure.EMPLOYED if works else DaySure.UNKNOWN
    for at, text in enumerate(texts):
        said = read_day_of(text, _LEFT, today, strict=text is answers.happened)
        if said is not None and said.firm and _has_left(texts[at]):
            return said.earliest, _sure(said)
    return None, DaySure.UNKNOWN


def _has_left(text: str) -> bool:
    return any(_NOT_LEFT.search(text[: found.start()]) is None for found in _LEFT.finditer(text))


def _last_time(answers: Answers, today: date) -> tuple[date, DaySure] | None:
    """The latest day that her words give for a wrong that went on; None where they give none."""
    told = ((answers.since or "", False), (answers.happened, True))
    said = [read_day_of(text, _DONE_AGAIN, today, strict=strict) for text, strict in told]
    firm = [one for one in said if one is not None and one.firm]
    if not firm:
        return None
    newest = max(firm, key=lambda one: one.earliest)
    return newest.earliest, _sure(newest)


def _sure(said: SaidDay) -> DaySure:
    return DaySure.SAID if said.exact else DaySure.ROUGH


def _event(answers: Answers, today: date) -> tuple[date | None, DaySure]:
    """When it happened: what she answered, else what her story says; the first day that fits."""
    since = answers.since or ""
    said = read_day(since, today) if since != UNKNOWN_ANSWER else None
    if said is not None and said.firm:
        return said.earliest, _sure(said)
    told = read_day(answers.happened, today, strict=True) if said is None else None
    if told is not None and told.firm:
        return told.earliest, DaySure.ROUGH
    return None, DaySure.UNKNOWN
