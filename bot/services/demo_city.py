"""Plays the demo city: every act goes through the real services, with a clock that runs through a year.

Nothing of it is sent: what would go out is put down as delivered. The store is marked for good.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.civil_time import at_clock, civil_day
from bot.domain.employer_names import key_of
from bot.domain.errors import SafeHouseError
from bot.domain.ports import Store, Unit
from bot.domain.ports_cases import CaseFilter
from bot.domain.ports_employers import Employer, EmployerSize
from bot.domain.promises import is_workday
from bot.domain.staff import SYSTEM, Role
from bot.services import accounts, chase_partners, follow_up, guard_deadlines, watch_promises
from bot.services.demo_her_side import her_act
from bot.services.demo_mark import mark_demo
from bot.services.demo_plan import Life, Plan, Step
from bot.services.demo_staff_side import decide_letters, keep_dates, keep_promises, leave_drafts, staff_act
from bot.services.demo_stage import CHANNELS, Stage

_AT_ONCE = 40  # steps in one unit
_SWEEPS = ((9, 5), (11, 50), (17, 20))  # clock times at which the sweeps of the workers are played
_ROSTER_AHEAD = timedelta(days=34)  # four weeks from any day, and the rest of the last one
_NOTICES_READ = timedelta(days=2)

_Moment = tuple[datetime, Step | None, Life | None]  # without a step: the workers' sweeps


class NotEmpty(SafeHouseError):
    """The store has people, cases or accounts in it: a demo never mixes with them."""


@dataclass(slots=True)
class Player:
    """Plays a plan into a store, whose clock is that of the stage."""

    store: Store
    plan: Plan
    stage: Stage

    async def play(self, until: datetime, show: Callable[[int, int], None]) -> None:
        """All that happens up to `until`, with the sweeps of the workers in between."""
        begins = min(step.at for life in self.plan.lives for step in life.steps)
        self.stage.clock.at = begins - timedelta(days=1)
        await self.store.write(lambda unit: self._found_house(unit, until))
        happens = self.plan.in_order(until)
        moments: list[_Moment] = [
            *((step.at, step, life) for step, life in happens),
            *((at, None, None) for at in _sweeps(begins, until)),
        ]
        moments.sort(key=lambda one: one[0])
        for first in range(0, len(moments), _AT_ONCE):
            part = moments[first : first + _AT_ONCE]
            await self.store.write(self._playing(part))
            show(first + len(part), len(moments))
        self.stage.clock.at = until
        await self.store.write(lambda unit: self._leave(unit, until))

    def _leave(self, unit: Unit, now: datetime) -> None:
        leave_drafts(self.stage, unit, now)
        _deliver(unit, now)

    def _playing(self, part: list[_Moment]) -> Callable[[Unit], None]:
        return lambda unit: self._play(unit, part)

    def _play(self, unit: Unit, part: list[_Moment]) -> None:
        for at, step, life in part:
            self.stage.clock.at = at
            if step is None or life is None:
                self._sweep(unit, at)
            elif not her_act(self.stage, unit, step, life):
                staff_act(self.stage, unit, step, life)
        _deliver(unit, part[-1][0])

    def _found_house(self, unit: Unit, until: datetime) -> None:
        """Staff and the employers whose size is known; the mark that cannot be taken off."""
        now = self.stage.clock.at
        if unit.staff.all() or unit.cases.count(CaseFilter(), at_most=1):
            raise NotEmpty("demo")
        mark_demo(unit, until)
        unit.audit.append(SYSTEM.id, "demo_city", "house", now)
        for one in self.stage.city.staff:
            member, _ = accounts.invite(unit, SYSTEM, one.name, frozenset({Role(one.role)}), now)
            self.stage.staff.append(member)
        for place, firm in enumerate(self.stage.city.employers):
            size = EmployerSize(firm.size)
            employer = Employer(f"demo{place:02d}", firm.name, size, None, True, now)
            unit.employers.add(employer, key_of(firm.name), SYSTEM.id)

        self._plan_duty(unit, civil_day(now), civil_day(until) + _ROSTER_AHEAD)

    def _plan_duty(self, unit: Unit, first: date, last: date) -> None:
        """Two officers on working days, one on the others, in turn."""
        officers = [one.id for one in self.stage.staff if Role.OFFICER in one.roles]
        for ahead in range((last - first).days + 1):
            day = first + timedelta(days=ahead)
            turn = [officers[(2 * ahead + more) % len(officers)] for more in range(2)]
            unit.duty.plan(day, turn if is_workday(day) else turn[:1])

    def _sweep(self, unit: Unit, now: datetime) -> None:
        if is_workday(civil_day(now)):
            keep_promises(self.stage, unit, now)
            keep_dates(self.stage, unit, now)
            decide_letters(self.stage, unit, now)
            for member in self.stage.staff:
                unit.duty.mark_read(member.id, now - _NOTICES_READ, now)
        watch_promises.sweep(unit, now, self.stage.desk)
        guard_deadlines.sweep(unit, now, self.stage.desk)
        chase_partners.sweep(unit, now, self.stage.desk)
        follow_up.sweep(unit, now, self.stage.desk)


def _sweeps(begins: datetime, until: datetime) -> Iterator[datetime]:
    day = civil_day(begins)
    while day <= civil_day(until):
        for hour, minute in _SWEEPS:
            at = at_clock(day, hour, minute)
            if begins < at < until:
                yield at
        day += timedelta(days=1)


def _deliver(unit: Unit, now: datetime) -> None:
    """Nothing of a demo leaves the house."""
    later = now + timedelta(days=3)
    for channel in CHANNELS.values():
        while rows := unit.outbox.claim(channel, later, 500):
            for row in rows:
                unit.outbox.sent(row.seq, f"demo-{row.seq}", now)


def login_links(unit: Unit, now: datetime) -> list[tuple[str, str, str]]:
    """(name, role, token of a one-time link) of every account of the demo."""
    made = []
    for member in unit.staff.all():
        roles = "、".join(sorted(role.value for role in member.roles))
        made.append((member.name, roles, accounts.reset(unit, SYSTEM, member.id, now)))
    return made
