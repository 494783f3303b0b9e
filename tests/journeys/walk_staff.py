"""What staff do at the desk in a walk: mostly whoever has the case, now and then somebody who may not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.cases import (
    OPEN_STATUSES,
    Answers,
    CaseSource,
    CaseStatus,
    EventKind,
    NameLevel,
    Outcome,
    PauseReason,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.civil_time import civil_day
from bot.domain.closing import CallResult
from bot.domain.errors import SafeHouseError
from bot.domain.handovers import Field
from bot.domain.ports import Unit
from bot.domain.ports_team import ContactWith
from bot.domain.staff import Role, StaffMember
from bot.services import (
    case_slip,
    case_work,
    chase_partners,
    close_case,
    conflicts,
    doubles,
    drafts,
    follow_up,
    group_cases,
    guard_deadlines,
    pause_clock,
    plan_duty,
    take_down_case,
    team_work,
    watch_promises,
)
from bot.services.take_down_case import Reading, Told
from tests.journeys.walk_oracle import EMPLOYERS, Drafted, Mark, Of
from tests.journeys.walk_women import wrong
from tests.journeys.walker import ADVICE, Walk

_OPEN = OPEN_STATUSES


async def _does(walk: Walk, what: str, member: StaffMember, case_id: str, work: Callable[[Unit], Any]) -> Any:
    walk.says(f"    {member.id} {what} {case_id}")
    return await walk.write(work)


def _inside(walk: Walk, member: StaffMember, case_id: str) -> str:
    return walk.oracle.mark(Of.INSIDE, member.id, case_id).word


def _to_her(walk: Walk, member: StaffMember, case_id: str) -> Mark:
    """Words that reach her at once with an act, if this member may do it."""
    mark = walk.oracle.mark(Of.TO_HER, member.id, case_id)
    if walk.handles(member, case_id):
        mark.sent.add(case_id)
    return mark


async def claims(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.assignee is None)
    member = await walk.any_staff(case_id)
    await _does(
        walk, "claims", member, case_id,
        lambda unit: case_work.claim(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


async def assigns(walk: Walk) -> None:
    case_id, known = walk.any_case(), await walk.staff()
    member = walk.source.choice([one for one in known if Role.LEADER in one.roles] or known)
    taker = walk.source.choice(known)
    await _does(
        walk, f"gives {taker.id}", member, case_id,
        lambda unit: case_work.assign(unit, member, case_id, taker.id, walk.now, walk.desk),
    )  # fmt: skip


async def notes(walk: Walk) -> None:
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    text = _inside(walk, member, case_id)
    await _does(
        walk, f"notes {text} in", member, case_id,
        lambda unit: case_work.add_note(unit, member, case_id, text, walk.now, walk.desk),
    )  # fmt: skip


async def logs(walk: Walk) -> None:
    """A task, a call or a visit."""
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    text = _inside(walk, member, case_id)

    def work(unit: Unit) -> None:
        if walk.seed % 2:
            team_work.add_task(unit, member, case_id, text, None, None, walk.now, walk.desk)
        else:
            team_work.log_contact(
                unit, member, case_id, EventKind.CALL, ContactWith.HER, walk.now, 5, text, walk.now, walk.desk
            )

    await _does(walk, f"logs {text} in", member, case_id, work)


# ── words to her ──


async def drafts_words(walk: Walk) -> None:
    """A new draft, or one in the place of another; some give legal advice."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member, oracle = await walk.any_staff(case_id), walk.oracle
    mark, advice = oracle.mark(Of.TO_HER, member.id, case_id), walk.source.random() < 0.4
    kind = walk.source.choice((EventKind.REPLY, EventKind.ASK_MORE))
    older = [one for one, known in oracle.drafts.items() if known.case_id == case_id]
    old = walk.source.choice(older) if older and walk.source.random() < 0.3 else None
    text = f"您好 {mark.word} {ADVICE if advice else ''}"
    made = await _does(
        walk, f"drafts {text} (for {old}) in", member, case_id,
        lambda unit: drafts.write_draft(
            unit, member, case_id, text, walk.now, walk.desk, kind, replaces=old
        ),
    )  # fmt: skip
    looked_at = old is not None and oracle.drafts[old].advice
    oracle.drafts[made.id] = Drafted(mark, case_id, member.id, advice or looked_at)
    walk.says(f"      = {made.id}")


def _any_draft(walk: Walk) -> tuple[str, str]:
    """A draft and its case; now and then another case."""
    draft_id = wrong(walk.source, list(walk.oracle.drafts)[-12:])
    known = walk.oracle.drafts.get(draft_id)
    if known is None or walk.source.random() < 0.06:
        return draft_id, walk.any_case()
    return draft_id, known.case_id


async def sends(walk: Walk) -> None:
    draft_id, case_id = _any_draft(walk)
    member, oracle = await walk.any_staff(case_id), walk.oracle
    allowed = oracle.may_send(member, case_id, draft_id, walk.cards[case_id].assignee)
    if allowed:
        oracle.drafts[draft_id].mark.sent.add(case_id)
    try:
        await _does(
            walk, f"sends {draft_id} in", member, case_id,
            lambda unit: drafts.send_draft(unit, member, case_id, draft_id, walk.now, walk.desk),
        )  # fmt: skip
    except SafeHouseError:
        if allowed:
            oracle.drafts[draft_id].mark.sent.discard(case_id)
        raise


async def drops(walk: Walk) -> None:
    draft_id, case_id = _any_draft(walk)
    member = await walk.any_staff(case_id)
    await _does(
        walk, f"drops {draft_id} in", member, case_id,
        lambda unit: drafts.drop_draft(unit, member, case_id, draft_id, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.drafts.pop(draft_id, None)


async def asks_for_a_look(walk: Walk) -> None:
    draft_id, case_id = _any_draft(walk)
    member, question = await walk.any_staff(case_id), ""
    if walk.source.random() < 0.5:
        question = _inside(walk, member, case_id)
    about = draft_id if walk.source.random() < 0.8 else None
    whom = walk.source.choice((None, "zhao", "qian", "zhou"))
    await _does(
        walk, f"asks {whom} about {about} ({question}) in", member, case_id,
        lambda unit: drafts.ask_review(unit, member, case_id, about, whom, walk.now, walk.desk, question),
    )  # fmt: skip
    if about is not None and about in walk.oracle.drafts:
        walk.oracle.drafts[about].advice = True  # somebody was asked: it waits for the answer
        walk.oracle.drafts[about].approved = False


async def reviews(walk: Walk) -> None:
    """A second pair of eyes, or the same pair, which does not count."""
    draft_id, case_id = _any_draft(walk)
    known, oracle = await walk.staff(), walk.oracle
    member = walk.source.choice([one for one in known if not one.roles <= {Role.CURATOR}])
    if walk.source.random() < 0.75:
        await _does(
            walk, f"approves {draft_id} in", member, case_id,
            lambda unit: drafts.approve(unit, member, case_id, draft_id, walk.now, walk.desk),
        )  # fmt: skip
        draft = oracle.drafts.get(draft_id)
        if draft is not None and draft.author != member.id and member.roles & {Role.LAWYER, Role.LEADER}:
            draft.approved = True
        return
    mark = oracle.mark(Of.INSIDE, member.id, case_id)
    mark.in_topic = True
    await _does(
        walk, f"returns {draft_id} with {mark.word} in", member, case_id,
        lambda unit: drafts.return_draft(unit, member, case_id, draft_id, mark.word, walk.now, walk.desk),
    )  # fmt: skip
    if draft_id in oracle.drafts:
        oracle.drafts[draft_id].advice, oracle.drafts[draft_id].approved = True, False


# ── states ──


async def moves(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.assignee is not None)
    member = await walk.any_staff(case_id)
    to = walk.source.choice((*CaseStatus, CaseStatus.MEDIATING, CaseStatus.ACCEPTED))
    words = _to_her(walk, member, case_id).word
    await _does(
        walk, f"moves to {to} ({words})", member, case_id,
        lambda unit: case_work.move(unit, member, case_id, to, walk.now, walk.desk, words),
    )  # fmt: skip


async def pauses(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member = await walk.any_staff(case_id)
    words, paused = _to_her(walk, member, case_id).word, walk.cards[case_id].paused_at is not None

    def work(unit: Unit) -> None:
        if paused:
            pause_clock.resume(unit, member, case_id, words, walk.now, walk.desk)
        else:
            reason = walk.source.choice(list(PauseReason))
            pause_clock.pause(unit, member, case_id, reason, words, walk.now, walk.desk)

    await _does(walk, f"pauses or resumes ({words})", member, case_id, work)


async def closes(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member = await walk.any_staff(case_id)
    outcome = walk.source.choice([one for one in Outcome if one is not Outcome.WITHDRAWN])
    words, how = _to_her(walk, member, case_id).word, _inside(walk, member, case_id)
    fen = walk.source.choice((0, 840_000))

    def work(unit: Unit) -> None:
        close_case.close(
            unit, member, case_id, outcome, walk.now, walk.desk, fen, 1, words,
            recovered_kind=RecoveredKind.WAGES, evidence=RecoveredEvidence.AGREEMENT, how=how,
        )  # fmt: skip

    await _does(walk, f"closes with {outcome} ({words}, {how})", member, case_id, work)


async def calls_back(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.closed_at is not None)
    member = await walk.any_staff(case_id)
    result, words = walk.source.choice(list(CallResult)), _inside(walk, member, case_id)
    await _does(
        walk, f"called back: {result} ({words})", member, case_id,
        lambda unit: follow_up.record_call(
            unit, member, case_id, result, walk.now, walk.desk, fen=100_000, words=words
        ),
    )  # fmt: skip


async def archives(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.closed_at is not None)
    member = await walk.any_staff(case_id)
    await _does(
        walk, "files away", member, case_id,
        lambda unit: follow_up.archive(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


# ── doubles and groups ──


async def merges(walk: Walk) -> None:
    case_id, other = walk.any_case(), walk.any_case()
    member = await walk.any_staff(case_id)
    if walk.source.random() < 0.6:
        member = next(one for one in await walk.staff() if one.id == "zhou")
    checked = walk.source.choice((None, *doubles.Checked))
    older = await _does(
        walk, f"joins {other} ({checked}) with", member, case_id,
        lambda unit: doubles.merge(unit, member, case_id, other, checked, walk.now, walk.desk),
    )  # fmt: skip
    younger = other if older.id == case_id else case_id
    walk.oracle.merged[younger] = older.id
    walk.says(f"      = {younger} into {older.id}")


async def parts(walk: Walk) -> None:
    joined = list(walk.oracle.merged)
    case_id = walk.source.choice(joined) if joined else walk.any_case()
    name = walk.source.choice(("zhou", "wu", "li"))
    member = next(one for one in await walk.staff() if one.id == name)
    before = walk.oracle.merged.pop(case_id, None)
    try:
        await _does(
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
    about = _inside(walk, member, case_id)
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

    await _does(walk, f"groups ({about}, {parent}, {luck:.2f})", member, case_id, work)


async def writes_to_all(walk: Walk) -> None:
    parents = [card.parent_id for card in walk.cards.values() if card.parent_id]
    if not parents:
        await groups(walk)
        return
    parent = walk.source.choice(parents)
    member, oracle = await walk.any_staff(parent), walk.oracle
    mark, advice = oracle.mark(Of.TO_HER, member.id), walk.source.random() < 0.2
    kept = await _does(
        walk, f"writes {mark.word} to all of", member, parent,
        lambda unit: group_cases.write_to_all(
            unit, member, parent, mark.word, walk.now, walk.desk, advice=advice
        ),
    )  # fmt: skip
    for one in kept:
        mark.cases.add(one.case_id)
        oracle.drafts[one.draft_id] = Drafted(mark, one.case_id, member.id, advice)


async def sends_to_one(walk: Walk) -> None:
    parents = [card.parent_id for card in walk.cards.values() if card.parent_id]
    draft_id, case_id = _any_draft(walk)
    if not parents or walk.cards[case_id].parent_id is None:
        await sends(walk)
        return
    parent = walk.cards[case_id].parent_id or ""
    member, oracle = await walk.any_staff(parent), walk.oracle
    allowed = oracle.may_send(member, case_id, draft_id, walk.cards[case_id].assignee)
    if allowed:
        oracle.drafts[draft_id].mark.sent.add(case_id)
    try:
        await _does(
            walk, f"sends {draft_id} of {case_id} through", member, parent,
            lambda unit: group_cases.send_to_one(unit, member, parent, draft_id, walk.now, walk.desk),
        )  # fmt: skip
    except SafeHouseError:
        if allowed:
            oracle.drafts[draft_id].mark.sent.discard(case_id)
        raise


# ── people at work ──


async def declares_a_conflict(walk: Walk) -> None:
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    leaders = [one for one in await walk.staff() if Role.LEADER in one.roles and one.id != member.id]
    luck, leader = walk.source.random(), walk.source.choice(leaders)
    if luck < 0.3 and walk.oracle.conflicts:
        staff_id, case_id = walk.source.choice(sorted(walk.oracle.conflicts))
        await _does(
            walk, f"lifts the conflict of {staff_id} in", leader, case_id,
            lambda unit: conflicts.lift_conflict(unit, leader, case_id, staff_id, walk.now, walk.desk),
        )  # fmt: skip
        walk.oracle.conflicts.discard((staff_id, case_id))
        return
    await _does(
        walk, "has a conflict in", member, case_id,
        lambda unit: conflicts.declare_conflict(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.conflicts.add((member.id, case_id))


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

    await _does(walk, f"plans {one.id}, {two.id} ({luck:.2f})", leader, "-", work)


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
    case_id = walk.any_case()
    await _slip(walk, await walk.any_staff(case_id), case_id)


async def _slip(walk: Walk, member: StaffMember, case_id: str) -> None:
    slip = await _does(
        walk, "prints the slip of", member, case_id,
        lambda unit: case_slip.print_slip(unit, member, case_id, walk.now),
    )  # fmt: skip
    walk.oracle.codes.setdefault(slip.code.replace(" ", ""), case_id)


async def hears_from_herself(walk: Walk) -> None:
    case_id = walk.source.choice(list(walk.oracle.told_by) or list(walk.cards))
    member = await walk.any_staff(case_id)
    await _does(
        walk, "heard from herself in", member, case_id,
        lambda unit: take_down_case.she_spoke(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


async def clock_looks(walk: Walk) -> None:
    """Every sweep of the clock, as the worker does it."""
    for sweep in (watch_promises.sweep, guard_deadlines.sweep, chase_partners.sweep, follow_up.sweep):
        await walk.write(lambda unit, run=sweep: run(unit, walk.now, walk.desk))


ACTS = (
    (claims, 6), (assigns, 2), (notes, 3), (logs, 2), (drafts_words, 9), (sends, 10), (drops, 1),
    (asks_for_a_look, 3), (reviews, 4), (moves, 4), (pauses, 2), (closes, 3), (calls_back, 2), (archives, 1),
    (merges, 4), (parts, 2), (groups, 3), (writes_to_all, 2), (sends_to_one, 2), (declares_a_conflict, 2),
    (plans, 2), (comes_and_goes, 1), (takes_down, 2), (prints_a_slip, 1), (hears_from_herself, 1),
    (clock_looks, 4),
)  # fmt: skip
