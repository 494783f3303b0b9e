"""Handing over in a walk: staff propose, agencies open their pages and answer, a table is set."""

from collections.abc import Iterable
from datetime import timedelta

from bot.domain.cases import CaseStatus
from bot.domain.civil_time import civil_day
from bot.domain.handovers import (
    Agency,
    DeclineReason,
    Field,
    OralConsent,
    PartnerResult,
    PartnerStep,
    Purpose,
    SessionRole,
)
from bot.services import hand_over, joint_session, partner_guest
from bot.services.hand_over import Proposal
from bot.services.joint_session import Plan
from tests.journeys.walk_oracle import Given, Of
from tests.journeys.walk_staff import _does, _inside
from tests.journeys.walk_women import wrong
from tests.journeys.walker import Walk

_AGENCIES = (
    Agency("inspection-1", "labor_inspection", "市劳动监察支队", "查处欠薪"),
    Agency("arbitration-1", "arbitration", "市仲裁院", "仲裁"),
)
_TABLE = (("市仲裁院", SessionRole.HOST),)


def _some(walk: Walk, things: Iterable[Field], *, most: float) -> frozenset[Field]:
    return frozenset(one for one in things if walk.source.random() < most)


async def proposes(walk: Walk) -> None:
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.closed_at is None)
    member, agency = await walk.any_staff(case_id), walk.source.choice(_AGENCIES)
    wanted = Proposal(
        agency, Purpose.INSPECTION, _some(walk, Field, most=0.8), walk.source.choice((1, 3, 30))
    )
    one = await _does(
        walk, f"proposes to {agency.id} in", member, case_id,
        lambda unit: hand_over.propose(unit, member, case_id, wanted, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one.id] = Given(case_id, one.offered, one.until)
    walk.says(f"      = {one.id}: {[str(field) for field in one.offered]}")


def _one(walk: Walk) -> tuple[str, str]:
    """A hand-over and its case; now and then another case."""
    one = wrong(walk.source, list(walk.oracle.given))
    given = walk.oracle.given.get(one)
    return one, given.case_id if given and walk.source.random() < 0.95 else walk.any_case()


async def records_oral(walk: Walk) -> None:
    one, case_id = _one(walk)
    member, refused = await walk.any_staff(case_id), _some(walk, Field, most=0.3)
    kept = await _does(
        walk, f"records consent {one} without {sorted(refused)} in", member, case_id,
        lambda unit: hand_over.record_oral(
            unit, member, case_id, one, OralConsent.BY_PHONE, refused, walk.now, walk.desk
        ),
    )  # fmt: skip
    walk.oracle.given[one].agreed = frozenset(walk.oracle.given[one].offered) - refused
    assert set(kept.given) <= walk.oracle.given[one].agreed, kept


async def cancels(walk: Walk) -> None:
    one, case_id = _one(walk)
    member = await walk.any_staff(case_id)
    await _does(
        walk, f"cancels {one} in", member, case_id,
        lambda unit: hand_over.cancel(unit, member, case_id, one, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one].dead = True


async def makes_a_link(walk: Walk) -> None:
    one, case_id = _one(walk)
    member = await walk.any_staff(case_id)
    link = await _does(
        walk, f"makes a link of {one} in", member, case_id,
        lambda unit: hand_over.make_link(unit, member, case_id, one, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one].token, walk.oracle.given[one].code = link.token, link.code


async def packs(walk: Walk) -> None:
    """What would go into the transfer package."""
    one, case_id = _one(walk)
    member = await walk.any_staff(case_id)
    _, _, content = await _does(
        walk, f"packs {one} in", member, case_id,
        lambda unit: hand_over.package_content(unit, member, case_id, one, walk.now),
    )  # fmt: skip
    walk.oracle.check_partner(one, content, (), walk.now)


async def guest_opens(walk: Walk) -> None:
    """An agency opens a link with its code, or with that of another."""
    linked = [one for one, given in walk.oracle.given.items() if given.token]
    if not linked:
        await proposes(walk)
        return
    one = walk.source.choice(linked)
    given = walk.oracle.given[one]
    code = given.code if walk.source.random() < 0.85 else "000000"
    secret = await walk.write(
        lambda unit: partner_guest.enter(unit, given.token, code, walk.now, walk.desk)
    )
    walk.says(f"    guest opens {one}: {secret is not None}")
    if secret is not None:
        walk.pages.append((one, secret))
    await guest_looks(walk)


async def guest_looks(walk: Walk) -> None:
    """Whoever has a page open looks, also with the secret of another page."""
    if not walk.pages:
        return
    one, secret = walk.source.choice(walk.pages)
    if walk.source.random() < 0.1:
        secret = walk.source.choice(walk.pages)[1]
    token = walk.oracle.given[one].token
    page = await walk.write(lambda unit: partner_guest.look(unit, token, secret, walk.now))
    walk.says(f"    guest looks at {one}: {page is not None}")
    if page is None:
        return
    said = [answer.words for answer in page.answers]
    walk.oracle.check_partner(one, page.content, said, walk.now)
    case_id = walk.oracle.given[one].case_id
    if page.hand_over.id != one or walk.cards[case_id].number != page.number:
        walk.oracle.fault(f"the page of {one} shows {page.hand_over.id} {page.number}")
    if walk.cards[case_id].status is CaseStatus.WITHDRAWN:
        walk.oracle.fault(f"the page of {one} is open although she withdrew {case_id}")


async def guest_answers(walk: Walk) -> None:
    if not walk.pages:
        await guest_opens(walk)
        return
    one, secret = walk.source.choice(walk.pages)
    words = walk.oracle.mark(Of.INSIDE, one, walk.oracle.given[one].case_id).word
    step = walk.source.choice(list(PartnerStep))
    what = {
        PartnerStep.DECLINED: DeclineReason.OTHER.value, PartnerStep.RESULT: PartnerResult.SETTLED.value
    }.get(step, "")  # fmt: skip
    walk.says(f"    guest of {one} says {step} ({words})")
    await walk.write(
        lambda unit: partner_guest.answer(
            unit, walk.oracle.given[one].token, secret, step, what, words, walk.now, walk.desk
        )
    )
    await guest_looks(walk)


async def sets_a_table(walk: Walk) -> None:
    """A joint session: its place is hers to read, the agenda and what came of it are not."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None)
    member, luck = await walk.any_staff(case_id), walk.source.random()
    known = [one for one, of in walk.oracle.sessions.items() if of == case_id]
    if known and luck < 0.6:
        one, words = walk.source.choice(known), _inside(walk, member, case_id)
        agreed = civil_day(walk.now)
        await _does(
            walk, f"ends the session {one} ({words})", member, case_id,
            lambda unit: joint_session.cancel(unit, member, case_id, one, walk.now, walk.desk)
            if luck < 0.2
            else joint_session.hold(unit, member, case_id, one, True, agreed, words, walk.now, walk.desk),
        )  # fmt: skip
        return
    place, agenda = walk.oracle.mark(Of.TO_HER, member.id, case_id), _inside(walk, member, case_id)
    if walk.handles(member, case_id):
        place.sent.add(case_id)
    plan = Plan(walk.now + timedelta(hours=2), place.word, agenda, _TABLE)
    session = await _does(
        walk, f"sets a table at {place.word} ({agenda})", member, case_id,
        lambda unit: joint_session.plan(unit, member, case_id, plan, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.sessions[session.id] = case_id


ACTS = (
    (proposes, 5), (records_oral, 2), (cancels, 1), (makes_a_link, 4), (packs, 2), (guest_opens, 3),
    (guest_looks, 3), (guest_answers, 2), (sets_a_table, 2),
)  # fmt: skip
