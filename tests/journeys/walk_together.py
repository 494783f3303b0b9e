"""Doubles, groups and staff who come and go in a walk; cases taken down for callers."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.cases import Answers, CaseSource, NameLevel
from bot.domain.civil_time import civil_day
from bot.domain.errors import SafeHouseError
from bot.domain.handovers import Field
from bot.domain.ports import Unit
from bot.domain.staff import Role, StaffMember
from bot.services import case_slip, conflicts, doubles, group_cases, plan_duty, take_down_case
from bot.services.take_down_case import Reading, Told
from tests.journeys.walk_oracle import EMPLOYERS, Drafted, Of
from tests.journeys.walk_staff import any_draft, does, inside, sends
from tests.journeys.walker import Walk

# ── doubles and groups ──


async def merges(walk: Walk) -> None:
    """Two cases become one; now and then those of two women, which staff should have known."""
    case_id = walk.any_case()
    other = walk.source.choice([one for one in walk.cards if one != case_id])
    member = await walk.any_staff(case_id)
    if walk.source.random() < 0.6:
        member = next(one for one in await walk.staff() if one.id == "zhou")
    checked = walk.source.choice((None, *doubles.Checked, doubles.Checked.CALLED))
    older = await does(
        walk, f"joins {other} ({checked}) with", member, case_id,
        lambda unit: doubles.merge(unit, member, case_id, other, checked, walk.now, walk.desk),
    )  # fmt: skip
    younger = other if older.id == case_id else case_id
    walk.oracle.merged[younger] = older.id
    walk.says(f"      = {younger} into {older.id}")


async def parts(walk: Walk) -> None:
    """A double is taken apart again."""
    joined = list(walk.oracle.merged)
    if not joined:
        await merges(walk)
        return
    case_id = walk.source.choice(joined) if walk.source.random() < 0.9 else walk.any_case()
    name = walk.source.choice(("zhou", "wu", "li"))
    member = next(one for one in await walk.staff() if one.id == name)
    before = walk.oracle.merged.pop(case_id, None)
    try:
        await does(
            walk, "takes apart", member, case_id,
            lambda unit: doubles.unmerge(unit, member, case_id, walk.now, walk.desk),
        )  # fmt: skip
    except SafeHouseError:
        if before is not None:
            walk.oracle.merged[case_id] = before
        raise


async def groups(walk: Walk) -> None:
    """Start a group, put a case in, or take one out."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.parent_id is None)
    member = await walk.any_staff(case_id)
    about = inside(walk, member, case_id)
    parents = [card.parent_id for card in walk.cards.values() if card.parent_id]
    parent = walk.source.choice(parents) if parents else None
    luck = walk.source.random()

    def work(unit: Unit) -> None:
        if parent is None or luck < 0.3:
            group_cases.start(unit, member, case_id, about, walk.now, walk.desk)
        elif luck < 0.85:
            group_cases.join(unit, member, case_id, parent, walk.now, walk.desk)
        else:
            group_cases.leave(unit, member, case_id, walk.now, walk.desk)

    await does(walk, f"groups ({about}, {parent}, {luck:.2f})", member, case_id, work)


async def writes_to_all(walk: Walk) -> None:
    """The same words as a draft to every child of a group."""
    parents = [card.parent_id for card in walk.cards.values() if card.parent_id]
    if not parents:
        await groups(walk)
        return
    parent = walk.source.choice(parents)
    member, oracle = await walk.any_staff(parent), walk.oracle
    mark, advice = oracle.mark(Of.TO_HER, member.id), walk.source.random() < 0.2
    kept = await does(
        walk, f"writes {mark.word} to all of", member, parent,
        lambda unit: group_cases.write_to_all(
            unit, member, parent, mark.word, walk.now, walk.desk, advice=advice
        ),
    )  # fmt: skip
    for one in kept:
        mark.cases.add(one.case_id)
        oracle.drafts[one.draft_id] = Drafted(mark, one.case_id, member.id, advice)


async def sends_to_one(walk: Walk) -> None:
    """One of those drafts goes out through the parent."""
    parents = [card.parent_id for card in walk.cards.values() if card.parent_id]
    draft_id, case_id = any_draft(walk)
    if not parents or walk.cards[case_id].parent_id is None:
        await sends(walk)
        return
    parent = walk.cards[case_id].parent_id or ""
    member, oracle = await walk.any_staff(parent), walk.oracle
    allowed = oracle.may_send(member, case_id, draft_id, walk.cards[case_id].assignee)
    new = oracle.sending(draft_id, case_id, allowed=allowed)
    try:
        await does(
            walk, f"sends {draft_id} of {case_id} through", member, parent,
            lambda unit: group_cases.send_to_one(unit, member, parent, draft_id, walk.now, walk.desk),
        )  # fmt: skip
    except SafeHouseError:
        if new:
            oracle.not_sent(draft_id, case_id)
        raise
    oracle.drafts[draft_id].gone = True


# ── people at work ──


async def declares_a_conflict(walk: Walk) -> None:
    """From now on a case is closed to somebody; or open again."""
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    leaders = [one for one in await walk.staff() if Role.LEADER in one.roles and one.id != member.id]
    luck, leader = walk.source.random(), walk.source.choice(leaders)
    if luck < 0.3 and walk.oracle.conflicts:
        staff_id, case_id = walk.source.choice(list(walk.oracle.conflicts))
        await does(
            walk, f"lifts the conflict of {staff_id} in", leader, case_id,
            lambda unit: conflicts.lift_conflict(unit, leader, case_id, staff_id, walk.now, walk.desk),
        )  # fmt: skip
        walk.oracle.conflicts.pop((staff_id, case_id), None)
        return
    await does(
        walk, "has a conflict in", member, case_id,
        lambda unit: conflicts.declare_conflict(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.conflicts[member.id, case_id] = None


async def plans(walk: Walk) -> None:
    """The roster, an absence, or all cases of somebody to somebody else."""
    known = await walk.staff()
    leader = walk.source.choice([one for one in known if Role.LEADER in one.roles])
    one, two = walk.source.choice(known), walk.source.choice(known)
    luck, today = walk.source.random(), civil_day(walk.now)
    span = (today, today + timedelta(days=3))

    def work(unit: Unit) -> None:
        if luck < 0.4:
            plan_duty.hand_over_all(unit, leader, one.id, two.id, walk.now, walk.desk)
        elif luck < 0.7:
            plan_duty.plan(unit, leader, span, [one.id, two.id], walk.now, walk.desk, only_workdays=False)
        else:
            plan_duty.add_absence(unit, leader, one.id, two.id, span, walk.now, walk.desk)

    await does(walk, f"plans {one.id}, {two.id} ({luck:.2f})", leader, "-", work)


async def comes_and_goes(walk: Walk) -> None:
    """An account is switched off, or on again; the leaders stay."""
    member = walk.source.choice([one for one in await walk.staff() if Role.LEADER not in one.roles])
    walk.says(f"    {member.id} is {'off' if member.active else 'on'}")
    await walk.write(lambda unit: unit.staff.save(replace(member, active=not member.active)))


async def takes_down(walk: Walk) -> None:
    """A caller's case; its slip is handed out now or later."""
    member, oracle = await walk.any_staff(), walk.oracle
    marks = [oracle.mark(Of.HER, "caller", part=part) for part in (Field.HAPPENED, Field.NAME, Field.CONTACT)]
    named, for_other = walk.source.random() < 0.5, walk.source.random() < 0.2
    answers = Answers(
        happened=f"没发工资 {marks[0].word}", employer=walk.source.choice(EMPLOYERS), district="兴庆区",
        name=marks[1].word if named else None, contact=marks[2].word if named else None,
    )  # fmt: skip
    told = Told(
        CaseSource.HOTLINE, answers, level=NameLevel.NAMED, agreed=True, keep_name=named,
        urgent=walk.source.random() < 0.2, for_other=for_other, other_agreed=for_other,
        mine=walk.source.random() < 0.7,
    )  # fmt: skip
    walk.says(f"    {member.id} takes down {marks[0].word}")
    card = await walk.write(
        lambda unit: take_down_case.take_down(
            unit, member, marks[0].word, told, Reading(None, None), walk.now, walk.desk,
            walk.words.knowledge, walk.source,
        )
    )  # fmt: skip
    walk.oracle.own[card.id] = set()
    for mark in marks:
        mark.cases.add(card.id)
    walk.says(f"      = {card.id}")
    await _slip(walk, member, card.id)


async def prints_a_slip(walk: Walk) -> None:
    """Whoever may print a slip knows the code from then on."""
    case_id = walk.any_case()
    await _slip(walk, await walk.any_staff(case_id), case_id)


async def _slip(walk: Walk, member: StaffMember, case_id: str) -> None:
    slip = await does(
        walk, "prints the slip of", member, case_id,
        lambda unit: case_slip.print_slip(unit, member, case_id, walk.now),
    )  # fmt: skip
    walk.oracle.codes.setdefault(slip.code.replace(" ", ""), case_id)


async def hears_from_herself(walk: Walk) -> None:
    """A case that another told is confirmed by word of mouth."""
    case_id = walk.source.choice(list(walk.oracle.told_by) or list(walk.cards))
    member = await walk.any_staff(case_id)
    await does(
        walk, "heard from herself in", member, case_id,
        lambda unit: take_down_case.she_spoke(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


ACTS = (
    (merges, 4), (parts, 2), (groups, 3), (writes_to_all, 2), (sends_to_one, 2), (declares_a_conflict, 2),
    (plans, 2), (comes_and_goes, 1), (takes_down, 2), (prints_a_slip, 1), (hears_from_herself, 1),
)  # fmt: skip
