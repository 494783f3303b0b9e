"""The last day to do what keeps a right alive; every rule names its law.

All days are civil days in Asia/Shanghai. A period begins the day after the event (民法典 第二百零一条第一款)
and ends on the day of the same number, or on the last day of a month that has none (第二百零二条). Where
the last day is a statutory holiday the law adds days (第二百零三条); they are never counted on here, nor are
interruption and suspension unless given: what is shown is never later than the true deadline.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from bot.domain.civil_time import local

ADVANCE_NOTICE_DAYS = 30


def add_months(day: date, months: int) -> date:
    """Last day of a period of `months` that begins after `day`.

    Source: 民法典 第二百零一条第一款、第二百零二条.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_years(day: date, years: int) -> date:
    """Last day of a period of `years` that begins after `day`; 29 February ends on 28 February."""
    return add_months(day, 12 * years)


def add_days(day: date, days: int) -> date:
    """Last day of a period of `days` that begins after `day` (民法典 第二百零一条第一款)."""
    return day + timedelta(days=days)


def arbitration(harm_known_on: date, interruptions: Sequence[date] = ()) -> date:
    """Last day to apply for labour arbitration: one year from knowing of the harm.

    An interruption (she claimed in writing, asked an authority, the employer promised) starts the year
    anew, but only while it still runs: it does not revive what has lapsed.
    Source: 劳动争议调解仲裁法 第二十七条第一款、第二款.
    """
    last = add_years(harm_known_on, 1)
    for day in sorted(interruptions):
        if harm_known_on <= day <= last:
            last = add_years(day, 1)
    return last


def arbitration_after_leaving(left_on: date, interruptions: Sequence[date] = ()) -> date:
    """Last day to claim unpaid wages after leaving: one year from the end of employment.

    While employed, a claim for unpaid wages has no such limit.
    Source: 劳动争议调解仲裁法 第二十七条第四款.
    """
    return arbitration(left_on, interruptions)


def lawsuit(award_received_on: date) -> date:
    """Last day to sue after an arbitration award: fifteen days from receiving it.

    Source: 劳动争议调解仲裁法 第四十八条、第五十条.
    """
    return add_days(award_received_on, 15)


def labor_inspection(breach_ended_on: date) -> date:
    """Last day to complain to labour inspection: two years from the breach, or from the end of a lasting one.

    Source: 劳动保障监察条例 第二十条.
    """
    return add_years(breach_ended_on, 2)


def injury_employer(hurt_on: date) -> date:
    """Last day for the employer to apply for recognition of a work injury: thirty days.

    Source: 工伤保险条例 第十七条第一款.
    """
    return add_days(hurt_on, 30)


def injury_worker(hurt_on: date) -> date:
    """Last day for the worker, her family or the union to apply herself: one year.

    Source: 工伤保险条例 第十七条第二款.
    """
    return add_years(hurt_on, 1)


def public_security(done_on: date) -> date:
    """Last day on which the police must have learnt of a breach of public order: six months.

    Source: 治安管理处罚法（2026-01-01 施行）第二十五条.
    """
    return add_months(done_on, 6)


def protection_order(accepted_at: datetime, *, urgent: bool = False) -> datetime:
    """Latest instant (aware) for a protection order: 72 hours from acceptance, urgent 24.

    Hours count from the moment itself (民法典 第二百零一条第二款). Source: 反家庭暴力法 第二十八条.
    """
    if accepted_at.tzinfo is None:
        raise ValueError("accepted_at must be an aware instant")
    return accepted_at + timedelta(hours=24 if urgent else 72)


def legal_aid_decision(applied_on: date) -> date:
    """Last day for the legal-aid office to decide on an application: seven days.

    Source: 法律援助法 第四十三条.
    """
    return add_days(applied_on, 7)


def civil(harm_known_on: date) -> date:
    """Last day of the general limitation of civil claims: three years from knowing the harm and the debtor.

    Source: 民法典 第一百八十八条.
    """
    return add_years(harm_known_on, 3)


def judicial_confirmation(agreed_on: date) -> date:
    """Last day for both sides to ask the court to confirm a mediation agreement: thirty days.

    Source: 人民调解法 第三十三条第一款; 民事诉讼法 第二百零五条.
    """
    return add_days(agreed_on, 30)


def appeal(judgment_received_on: date) -> date:
    """Last day to appeal against a judgment of first instance: fifteen days.

    Source: 民事诉讼法 第一百七十一条第一款.
    """
    return add_days(judgment_received_on, 15)


def enforcement(to_be_fulfilled_by: date) -> date:
    """Last day to apply for enforcement: two years from the last day for fulfilling.

    Source: 民事诉讼法 第二百五十条.
    """
    return add_years(to_be_fulfilled_by, 2)


def payment_order(received_on: date) -> date:
    """Last day for the employer to pay or to object to a payment order: fifteen days.

    Source: 民事诉讼法 第二百二十七条第二款.
    """
    return add_days(received_on, 15)


def award_set_aside(received_on: date) -> date:
    """Last day for the employer to ask for a final award to be set aside: thirty days.

    Source: 劳动争议调解仲裁法 第四十九条.
    """
    return add_days(received_on, 30)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A rule as data: what the counted day is called, and how the last day follows from it."""

    name: str
    counted_from: str
    last_day: Callable[[date], date]

    def warn_on(self, event: date, today: date) -> date:
        """The day to remind her: 30 days ahead, or half way where that is later; never in the past."""
        last = self.last_day(event)
        ahead = min(timedelta(days=ADVANCE_NOTICE_DAYS), (last - event) / 2)
        return max(today, last - ahead)

    def days_left(self, event: date, today: date) -> int:
        """Days until the last day, which counts as 0; negative when it has passed."""
        return (self.last_day(event) - today).days


def _protection_order_day(accepted_on: date) -> date:
    """By the day: an application accepted at any hour of it is decided by the end of this one."""
    return add_days(accepted_on, 3)


RULES: Mapping[str, DeadlineRule] = MappingProxyType(
    {
        rule.name: rule
        for rule in (
            DeadlineRule("arbitration", "harm_known_on", arbitration),
            DeadlineRule("arbitration_after_leaving", "left_on", arbitration_after_leaving),
            DeadlineRule("lawsuit", "award_received_on", lawsuit),
            DeadlineRule("labor_inspection", "breach_ended_on", labor_inspection),
            DeadlineRule("injury_employer", "hurt_on", injury_employer),
            DeadlineRule("injury_worker", "hurt_on", injury_worker),
            DeadlineRule("public_security", "done_on", public_security),
            DeadlineRule("protection_order", "accepted_on", _protection_order_day),
            DeadlineRule("legal_aid_decision", "applied_on", legal_aid_decision),
            DeadlineRule("civil", "harm_known_on", civil),
            DeadlineRule("judicial_confirmation", "agreed_on", judicial_confirmation),
            DeadlineRule("appeal", "judgment_received_on", appeal),
            DeadlineRule("enforcement", "to_be_fulfilled_by", enforcement),
            DeadlineRule("payment_order", "received_on", payment_order),
            DeadlineRule("award_set_aside", "received_on", award_set_aside),
        )
    }
)


def hours_left(accepted_at: datetime, now: datetime, *, urgent: bool = False) -> float:
    """Hours until the court must have decided on a protection order; both instants are aware."""
    return (protection_order(accepted_at, urgent=urgent) - local(now)).total_seconds() / 3600
