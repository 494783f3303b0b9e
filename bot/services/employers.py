"""Employers across cases: which employer a name means, what staff say about it, and who works there.

An exact name joins by itself; a near one only ever asks. All functions run inside one unit of work and
raise NotFound, NotAllowed or Refused before anything is changed.
"""

import secrets
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.cases import CaseCard, CaseKind
from bot.domain.civil_time import local
from bot.domain.employer_names import LONGEST_NAME, alike, key_of
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_employers import CaseAt, Employer, EmployerSize, Pair, WrittenName
from bot.domain.staff import Power, StaffMember
from bot.services import patterns
from bot.services.case_gate import able, in_hand, on_duty, require
from bot.services.case_work import Desk, announce
from knowledge.wording import Wording

NEAR = timedelta(days=90)
YEAR = timedelta(days=365)
FEW = 3  # an officer is told a number of other cases only from here on
_SYSTEM = "system"


def link(
    unit: Unit, card: CaseCard, name: str | None, now: datetime, wording: Wording | None = None
) -> CaseCard:
    """The card with its employer, for a case that is in the store already.

    A name that nobody is called by ("不知道", "某公司") leaves the card as it is. With `wording`, leaders
    hear of a practice that repeats there.
    """
    key = key_of(name or "", card.district)
    if not key or name is None:
        return card
    employer_id = _find_or_add(unit, key, name, card.district, _SYSTEM, now)
    mark = unit.employers.mark_of(key)
    assert mark is not None
    unit.employers.attach(card.id, employer_id, mark)
    patterns.look(unit, employer_id, now, wording)
    return replace(card, employer_id=employer_id)


def name_case(unit: Unit, actor: StaffMember, case_id: str, name: str, now: datetime, desk: Desk) -> CaseCard:
    """The one who handles the case says which employer it is about; her own words stay as they are."""
    member, card = in_hand(unit, actor, case_id, Power.MOVE)
    key = key_of(_checked(name), card.district)
    if not key:
        raise Refused("employer_unclear")
    unit.audit.append(member.id, "employer_named", card.id, now)
    card = link(unit, card, name, now, desk.wording)
    announce(unit, card)
    return card


def others_near(unit: Unit, card: CaseCard, now: datetime) -> int:
    """How many other cases about this employer were opened in the last 90 days.

    Doubles are one case, and a group case is only the roof over those that count.
    """
    if card.employer_id is None:
        return 0
    own = (card.id, card.merged_into)
    return sum(one.id not in own for one in unit.employers.cases(card.employer_id, now - NEAR))


# ── the register ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """One employer in the list."""

    employer: Employer
    near: int  # cases in 90 days
    year: int


@dataclass(frozen=True, slots=True)
class Question:
    """Two names that may mean one employer."""

    newer: Employer
    older: Employer
    score: int


@dataclass(frozen=True, slots=True)
class EmployerView:
    """One employer with its names, its cases of a year, and what kinds came when (month → kind → cases)."""

    employer: Employer
    names: tuple[WrittenName, ...]
    cases: tuple[CaseAt, ...]
    months: tuple[tuple[str, dict[CaseKind, int]], ...]
    questions: tuple[Question, ...]


def list_all(unit: Unit, actor: StaffMember, now: datetime, wanted: str = "") -> list[Line]:
    """The employers with cases of this year, most first; never the one where the actor works."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    unit.audit.append(member.id, "list_employers", "employers", now)
    near, year = unit.employers.counts(now - NEAR), unit.employers.counts(now - YEAR)
    key = key_of(wanted) or wanted.strip()
    lines = [
        Line(one, near.get(one.id, 0), year.get(one.id, 0))
        for one in unit.employers.all()
        if one.id != member.employer_id and (not key or key in key_of(one.name) or key in one.name)
    ]
    return sorted(lines, key=lambda line: (-line.near, -line.year, line.employer.name))


def view(unit: Unit, actor: StaffMember, employer_id: str, now: datetime) -> EmployerView:
    """One employer; Refused("employer_gone") where there is none, or the actor works there."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    employer = _known(unit, member, employer_id)
    unit.audit.append(member.id, "open_employer", employer.id, now)
    cases = unit.employers.cases(employer.id, now - YEAR)
    return EmployerView(
        employer,
        tuple(unit.employers.names(employer.id)),
        tuple(reversed(cases)),
        _months(cases),
        tuple(_questions(unit, member, unit.employers.pairs(employer.id))),
    )


def questions(unit: Unit, actor: StaffMember) -> list[Question]:
    """All pairs that wait for somebody's word."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    return _questions(unit, member, unit.employers.pairs())


def join(unit: Unit, actor: StaffMember, employer_id: str, other_id: str, now: datetime, desk: Desk) -> int:
    """They are one: everything of the newer goes to the older; how many cases moved."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    one, other = _known(unit, member, employer_id), _known(unit, member, other_id)
    if one.id == other.id:
        raise Refused("employer_same")
    newer, older = sorted((one, other), key=lambda each: (each.added_at, each.id), reverse=True)
    unit.audit.append(member.id, "employer_joined", older.id, now, {"other": newer.id})
    moved = unit.employers.join(newer.id, older.id)
    kept = older if older.size is not EmployerSize.UNKNOWN else replace(older, size=newer.size)
    unit.employers.save(replace(kept, district=older.district or newer.district, confirmed=True))
    patterns.look(unit, older.id, now, desk.wording)
    return moved


def keep_apart(unit: Unit, actor: StaffMember, employer_id: str, other_id: str, now: datetime) -> None:
    """They are two: nobody is asked about them again."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    one, other = _known(unit, member, employer_id), _known(unit, member, other_id)
    unit.audit.append(member.id, "employer_apart", one.id, now, {"other": other.id})
    unit.employers.keep_apart(one.id, other.id, member.id, now)


def split(unit: Unit, actor: StaffMember, employer_id: str, mark: str, now: datetime) -> str:
    """One of its names is another employer after all, with the cases that came under it; its id."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    employer = _known(unit, member, employer_id)
    names = unit.employers.names(employer.id)
    name = next((one for one in names if one.mark == mark), None)
    if name is None or len(names) < 2:
        raise Refused("employer_one_name")
    alone = Employer(secrets.token_hex(8), name.written, EmployerSize.UNKNOWN, None, True, now)
    unit.audit.append(member.id, "employer_split", employer.id, now, {"other": alone.id})
    unit.employers.part(mark, alone)
    unit.employers.keep_apart(alone.id, employer.id, member.id, now)
    if employer.name == name.written:
        rest = next(one for one in names if one.mark != mark)
        unit.employers.save(replace(employer, name=rest.written))
    return alone.id


def describe(
    unit: Unit, actor: StaffMember, employer_id: str, name: str, size: EmployerSize, now: datetime
) -> None:
    """Staff set its name and how many work there; the name is confirmed with that."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    employer = _known(unit, member, employer_id)
    plain = _checked(name)
    key = key_of(plain)
    if not key:
        raise Refused("employer_unclear")
    taken = unit.employers.find(key)
    if taken is not None and taken != employer.id:
        raise Refused("employer_taken")
    unit.audit.append(member.id, "employer_described", employer.id, now, {"size": size.value})
    if taken is None:
        unit.employers.add_name(employer.id, key, plain, member.id, now)
    unit.employers.save(replace(employer, name=plain, size=size, confirmed=True))


def employ(unit: Unit, actor: StaffMember, staff_id: str, name: str, now: datetime) -> StaffMember:
    """Where a member of staff works: cases about it are closed to them. An empty name takes it away."""
    member = on_duty(unit, actor)
    require(member, Power.MANAGE_STAFF)
    one = unit.staff.get(staff_id)
    if one is None:
        raise Refused("employer_staff_gone")
    employer_id = None
    if name.strip():
        key = key_of(_checked(name))
        if not key:
            raise Refused("employer_unclear")
        employer_id = _find_or_add(unit, key, name, None, member.id, now)
    unit.audit.append(member.id, "staff_employer", one.id, now, {"set": str(employer_id is not None).lower()})
    one = replace(one, employer_id=employer_id)
    unit.staff.save(one)
    return one


def _find_or_add(unit: Unit, key: str, name: str, district: str | None, by: str, now: datetime) -> str:
    known = unit.employers.find(key)
    if known is not None:
        return known
    near = alike(key, unit.employers.keys())
    plain = " ".join(unicodedata.normalize("NFKC", name).split())[:LONGEST_NAME]
    employer = Employer(secrets.token_hex(8), plain, EmployerSize.UNKNOWN, district, by != _SYSTEM, now)
    unit.employers.add(employer, key, by)
    for other in near:
        unit.employers.keep_pair(Pair(employer.id, other.employer_id, round(other.score)), now)
    return employer.id


def _known(unit: Unit, member: StaffMember, employer_id: str) -> Employer:
    """An employer that this member may look at; where she works looks like one that is not there."""
    employer = unit.employers.get(employer_id)
    if employer is None or employer.id == member.employer_id:
        raise Refused("employer_gone")
    return employer


def _questions(unit: Unit, member: StaffMember, pairs: Sequence[Pair]) -> list[Question]:
    asked = []
    for pair in pairs:
        newer, older = unit.employers.get(pair.newer), unit.employers.get(pair.older)
        if newer and older and member.employer_id not in (newer.id, older.id):
            asked.append(Question(newer, older, pair.score))
    return asked


def _months(cases: Sequence[CaseAt]) -> tuple[tuple[str, dict[CaseKind, int]], ...]:
    """Newest month first; months of Asia/Shanghai without a case are left out."""
    counted: dict[str, Counter[CaseKind]] = {}
    for one in cases:
        counted.setdefault(f"{local(one.opened_at):%Y-%m}", Counter())[one.kind] += 1
    return tuple((month, dict(kinds)) for month, kinds in sorted(counted.items(), reverse=True))


def _checked(name: str) -> str:
    plain = " ".join(unicodedata.normalize("NFKC", name).split())
    if not plain:
        raise Refused("employer_empty")
    if len(plain) > LONGEST_NAME or any(unicodedata.category(sign)[0] == "C" for sign in plain):
        raise Refused("employer_long", most=LONGEST_NAME)
    return plain
