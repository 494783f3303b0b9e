"""What staff do at the desk in a walk: mostly whoever has the case, now and then somebody who may not."""

from collections.abc import Callable
from typing import Any

from bot.domain.cases import (
    OPEN_STATUSES,
    CaseStatus,
    EventKind,
    Outcome,
    PauseReason,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.closing import CallResult
from bot.domain.errors import SafeHouseError
from bot.domain.ports import Unit
from bot.domain.ports_team import ContactWith
from bot.domain.staff import Role, StaffMember
from bot.services import (
    case_work,
    chase_partners,
    close_case,
    drafts,
    follow_up,
    group_digest,
    guard_deadlines,
    pause_clock,
    team_work,
    watch_promises,
)
from tests.journeys.walk_oracle import Drafted, Mark, Of
from tests.journeys.walk_women import wrong
from tests.journeys.walker import ADVICE, Walk

_OPEN = OPEN_STATUSES


async def does(walk: Walk, what: str, member: StaffMember, case_id: str, work: Callable[[Unit], Any]) -> Any:
    """One act of staff, written into the log before it is tried."""
    walk.says(f"    {member.id} {what} {case_id}")
    return await walk.write(work)


def inside(walk: Walk, member: StaffMember, case_id: str) -> str:
    """Words of staff that stay inside."""
    return walk.oracle.mark(Of.INSIDE, member.id, case_id).word


def to_her(walk: Walk, member: StaffMember, case_id: str) -> Mark:
    """Words that reach her at once with an act, if this member may do it."""
    mark = walk.oracle.mark(Of.TO_HER, member.id, case_id)
    if walk.handles(member, case_id):
        mark.sent.add(case_id)
    return mark


async def claims(walk: Walk) -> None:
    """An unclaimed case, better than one that somebody has."""
    case_id = walk.any_case(fit=lambda card: card.assignee is None)
    member = await walk.any_staff(case_id)
    await does(
        walk, "claims", member, case_id,
        lambda unit: case_work.claim(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


async def assigns(walk: Walk) -> None:
    """A leader, if there is one, gives a case to anybody."""
    case_id, known = walk.any_case(), await walk.staff()
    member = walk.source.choice([one for one in known if Role.LEADER in one.roles] or known)
    taker = walk.source.choice(known)
    await does(
        walk, f"gives {taker.id}", member, case_id,
        lambda unit: case_work.assign(unit, member, case_id, taker.id, walk.now, walk.desk),
    )  # fmt: skip


async def notes(walk: Walk) -> None:
    """An internal note."""
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    text = inside(walk, member, case_id)
    await does(
        walk, f"notes {text} in", member, case_id,
        lambda unit: case_work.add_note(unit, member, case_id, text, walk.now, walk.desk),
    )  # fmt: skip


async def logs(walk: Walk) -> None:
    """A task, a call or a visit."""
    case_id = walk.any_case()
    member = await walk.any_staff(case_id)
    text = inside(walk, member, case_id)

    def work(unit: Unit) -> None:
        if walk.seed % 2:
            team_work.add_task(unit, member, case_id, text, None, None, walk.now, walk.desk)
        else:
            team_work.log_contact(
                unit, member, case_id, EventKind.CALL, ContactWith.HER, walk.now, 5, text, walk.now, walk.desk
            )

    await does(walk, f"logs {text} in", member, case_id, work)


# ── words to her ──


async def drafts_words(walk: Walk) -> None:
    """A new draft, or one in the place of another; some give legal advice."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member, oracle = await walk.any_staff(case_id), walk.oracle
    mark, advice = oracle.mark(Of.TO_HER, member.id, case_id), walk.source.random() < 0.4
    kind = walk.source.choice((EventKind.REPLY, EventKind.ASK_MORE))
    older = [one for one in oracle.waiting() if oracle.drafts[one].case_id == case_id]
    old = walk.source.choice(older) if older and walk.source.random() < 0.3 else None
    text = f"您好 {mark.word} {ADVICE if advice else ''}"
    made = await does(
        walk, f"drafts {text} (for {old}) in", member, case_id,
        lambda unit: drafts.write_draft(
            unit, member, case_id, text, walk.now, walk.desk, kind, replaces=old
        ),
    )  # fmt: skip
    looked_at = old is not None and oracle.drafts[old].advice
    oracle.drafts[made.id] = Drafted(mark, case_id, member.id, advice or looked_at)
    if old is not None:
        oracle.drafts[old].gone = True
    walk.says(f"      = {made.id}")


def any_draft(walk: Walk) -> tuple[str, str]:
    """A draft and its case; now and then another case."""
    known_ones = walk.oracle.waiting() if walk.source.random() < 0.9 else list(walk.oracle.drafts)
    draft_id = wrong(walk.source, known_ones[-6:])
    known = walk.oracle.drafts.get(draft_id)
    if known is None or walk.source.random() < 0.06:
        return draft_id, walk.any_case()
    return draft_id, known.case_id


async def sends(walk: Walk) -> None:
    """Any draft, by whoever; where there is none yet, one is written."""
    if not walk.oracle.drafts:
        await drafts_words(walk)
        return
    draft_id, case_id = any_draft(walk)
    member, oracle = await walk.any_staff(case_id), walk.oracle
    allowed = oracle.may_send(member, case_id, draft_id, walk.cards[case_id].assignee)
    new = oracle.sending(draft_id, case_id, allowed=allowed)
    try:
        await does(
            walk, f"sends {draft_id} in", member, case_id,
            lambda unit: drafts.send_draft(unit, member, case_id, draft_id, walk.now, walk.desk),
        )  # fmt: skip
    except SafeHouseError:
        if new:
            oracle.not_sent(draft_id, case_id)
        raise
    oracle.drafts[draft_id].gone = True


async def drops(walk: Walk) -> None:
    """A draft is thrown away."""
    draft_id, case_id = any_draft(walk)
    member = await walk.any_staff(case_id)
    await does(
        walk, f"drops {draft_id} in", member, case_id,
        lambda unit: drafts.drop_draft(unit, member, case_id, draft_id, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.drafts[draft_id].gone = True


async def asks_for_a_look(walk: Walk) -> None:
    """About a draft, or for one to be written; a question may go along."""
    draft_id, case_id = any_draft(walk)
    member, question = await walk.any_staff(case_id), ""
    if walk.source.random() < 0.5:
        question = inside(walk, member, case_id)
    about = draft_id if walk.source.random() < 0.8 else None
    whom = walk.source.choice((None, "zhao", "qian", "zhou"))
    await does(
        walk, f"asks {whom} about {about} ({question}) in", member, case_id,
        lambda unit: drafts.ask_review(unit, member, case_id, about, whom, walk.now, walk.desk, question),
    )  # fmt: skip
    if about is not None and about in walk.oracle.drafts:
        walk.oracle.drafts[about].advice = True  # somebody was asked: it waits for the answer
        walk.oracle.drafts[about].approved = False


async def reviews(walk: Walk) -> None:
    """A second pair of eyes, or the same pair, which does not count."""
    if not walk.oracle.drafts:
        await drafts_words(walk)
        return
    draft_id, case_id = any_draft(walk)
    known, oracle = await walk.staff(), walk.oracle
    able = [one for one in known if one.roles & {Role.LAWYER, Role.LEADER}]
    member = walk.source.choice(able if walk.source.random() < 0.8 else known)
    if walk.source.random() < 0.75:
        await does(
            walk, f"approves {draft_id} in", member, case_id,
            lambda unit: drafts.approve(unit, member, case_id, draft_id, walk.now, walk.desk),
        )  # fmt: skip
        draft = oracle.drafts.get(draft_id)
        if draft is not None and draft.author != member.id and member.roles & {Role.LAWYER, Role.LEADER}:
            draft.approved = True
        return
    mark = oracle.mark(Of.INSIDE, member.id, case_id)
    mark.in_topic = True
    await does(
        walk, f"returns {draft_id} with {mark.word} in", member, case_id,
        lambda unit: drafts.return_draft(unit, member, case_id, draft_id, mark.word, walk.now, walk.desk),
    )  # fmt: skip
    if draft_id in oracle.drafts:
        oracle.drafts[draft_id].advice, oracle.drafts[draft_id].approved = True, False


# ── states ──


async def moves(walk: Walk) -> None:
    """Into any state, with words to her."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None)
    member = await walk.any_staff(case_id)
    to = walk.source.choice((*CaseStatus, CaseStatus.MEDIATING, CaseStatus.ACCEPTED))
    words = to_her(walk, member, case_id).word
    await does(
        walk, f"moves to {to} ({words})", member, case_id,
        lambda unit: case_work.move(unit, member, case_id, to, walk.now, walk.desk, words),
    )  # fmt: skip


async def pauses(walk: Walk) -> None:
    """The clock stands still, or runs again."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member = await walk.any_staff(case_id)
    words, paused = to_her(walk, member, case_id).word, walk.cards[case_id].paused_at is not None

    def work(unit: Unit) -> None:
        if paused:
            pause_clock.resume(unit, member, case_id, words, walk.now, walk.desk)
        else:
            reason = walk.source.choice(list(PauseReason))
            pause_clock.pause(unit, member, case_id, reason, words, walk.now, walk.desk)

    await does(walk, f"pauses or resumes ({words})", member, case_id, work)


async def closes(walk: Walk) -> None:
    """With an outcome, words to her, and an internal note on how."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.status in _OPEN)
    member = await walk.any_staff(case_id)
    outcome = walk.source.choice([one for one in Outcome if one is not Outcome.WITHDRAWN])
    words, how = to_her(walk, member, case_id).word, inside(walk, member, case_id)
    fen = walk.source.choice((0, 840_000))

    def work(unit: Unit) -> None:
        close_case.close(
            unit, member, case_id, outcome, walk.now, walk.desk, fen, 1, words,
            recovered_kind=RecoveredKind.WAGES, evidence=RecoveredEvidence.AGREEMENT, how=how,
        )  # fmt: skip

    await does(walk, f"closes with {outcome} ({words}, {how})", member, case_id, work)


async def calls_back(walk: Walk) -> None:
    """After closing."""
    case_id = walk.any_case(fit=lambda card: card.closed_at is not None)
    member = await walk.any_staff(case_id)
    result, words = walk.source.choice(list(CallResult)), inside(walk, member, case_id)
    await does(
        walk, f"called back: {result} ({words})", member, case_id,
        lambda unit: follow_up.record_call(
            unit, member, case_id, result, walk.now, walk.desk, fen=100_000, words=words
        ),
    )  # fmt: skip


async def archives(walk: Walk) -> None:
    """An ended case is filed away."""
    case_id = walk.any_case(fit=lambda card: card.closed_at is not None)
    member = await walk.any_staff(case_id)
    await does(
        walk, "files away", member, case_id,
        lambda unit: follow_up.archive(unit, member, case_id, walk.now, walk.desk),
    )  # fmt: skip


# ── by the clock ──


async def clock_looks(walk: Walk) -> None:
    """Every sweep of the clock, as the worker does it."""
    sweeps = (watch_promises, guard_deadlines, chase_partners, follow_up, group_digest)
    for one in sweeps:
        await walk.write(lambda unit, of=one: of.sweep(unit, walk.now, walk.desk))


ACTS = (
    (claims, 6), (assigns, 2), (notes, 3), (logs, 2), (drafts_words, 9), (sends, 10), (drops, 1),
    (asks_for_a_look, 3), (reviews, 4), (moves, 4), (pauses, 2), (closes, 3), (calls_back, 2), (archives, 1),
    (clock_looks, 4),
)  # fmt: skip
