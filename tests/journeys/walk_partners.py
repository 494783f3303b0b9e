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
from tests.journeys.walk_staff import does, inside
from tests.journeys.walk_women import decides, wrong
from tests.journeys.walker import Walk

_AGENCIES = (
    Agency("inspection-1", "labor_inspection", "市劳动监察支队", "查处欠薪"),
    Agency("arbitration-1", "arbitration", "市仲裁院", "仲裁"),
)
_TABLE = (("市仲裁院", SessionRole.HOST),)


def _some(walk: Walk, things: Iterable[Field], *, most: float) -> frozenset[Field]:
    return frozenset(one for one in things if walk.source.random() < most)


async def proposes(walk: Walk) -> None:
    """Some fields of a case to one of two agencies."""
    case_id = walk.any_case(fit=lambda card: card.assignee is not None and card.closed_at is None)
    member, agency = await walk.any_staff(case_id), walk.source.choice(_AGENCIES)
    wanted = Proposal(
        agency, Purpose.INSPECTION, _some(walk, Field, most=0.8), walk.source.choice((1, 3, 30))
    )
    one = await does(
        walk, f"proposes to {agency.id} in", member, case_id,
        lambda unit: hand_over.propose(unit, member, case_id, wanted, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one.id] = Given(case_id, one.offered, one.until)
    walk.says(f"      = {one.id}: {[str(field) for field in one.offered]}")


def _one(walk: Walk, *, agreed: bool | None = None) -> tuple[str, str]:
    """A hand-over and its case, better one that is agreed (or not yet); now and then another case."""
    known = walk.oracle.given
    fitting = [one for one in known if agreed is None or (known[one].agreed is not None) is agreed]
    one = wrong(walk.source, fitting or list(known))
    given = walk.oracle.given.get(one)
    return one, given.case_id if given and walk.source.random() < 0.95 else walk.any_case()


async def records_oral(walk: Walk) -> None:
    """Consent by word of mouth, with some fields kept back."""
    one, case_id = _one(walk, agreed=False)
    member, refused = await walk.any_staff(case_id), _some(walk, Field, most=0.3)
    kept = await does(
        walk, f"records consent {one} without {sorted(refused)} in", member, case_id,
        lambda unit: hand_over.record_oral(
            unit, member, case_id, one, OralConsent.BY_PHONE, refused, walk.now, walk.desk
        ),
    )  # fmt: skip
    walk.oracle.given[one].agreed = frozenset(walk.oracle.given[one].offered) - refused
    assert set(kept.given) <= walk.oracle.given[one].agreed, kept


async def cancels(walk: Walk) -> None:
    """Staff stop it."""
    one, case_id = _one(walk)
    member = await walk.any_staff(case_id)
    await does(
        walk, f"cancels {one} in", member, case_id,
        lambda unit: hand_over.cancel(unit, member, case_id, one, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one].dead = True


async def makes_a_link(walk: Walk) -> None:
    """A link for what she agreed to; where there is nothing yet, she decides first."""
    if not any(given.agreed is not None for given in walk.oracle.given.values()):
        await (decides if walk.oracle.given else proposes)(walk)
        return
    one, case_id = _one(walk, agreed=True)
    member = await walk.any_staff(case_id)
    link = await does(
        walk, f"makes a link of {one} in", member, case_id,
        lambda unit: hand_over.make_link(unit, member, case_id, one, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.given[one].token, walk.oracle.given[one].code = link.token, link.code


async def packs(walk: Walk) -> None:
    """What would go into the transfer package."""
    one, case_id = _one(walk, agreed=True)
    member = await walk.any_staff(case_id)
    _, _, content = await does(
        walk, f"packs {one} in", member, case_id,
        lambda unit: hand_over.package_content(unit, member, case_id, one, walk.now),
    )  # fmt: skip
    walk.oracle.check_partner(one, content, (), walk.now)


async def guest_opens(walk: Walk) -> None:
    """An agency opens a link with its code, or with that of another."""
    linked = [one for one, given in walk.oracle.given.items() if given.token]
    if not linked:
        await makes_a_link(walk)
        return
    one = walk.source.choice(linked)
    given = walk.oracle.given[one]
    code = given.code if walk.source.random() < 0.85 else "000000"
    secret = await walk.write(lambda unit: partner_guest.enter(unit, given.token, code, walk.now, walk.desk))
    walk.says(f"    guest opens {one}: {secret is not None}")
    if secret is not None:
        walk.pages.append((one, secret))
    if walk.pages:
        await guest_looks(walk)


async def guest_looks(walk: Walk) -> None:
    """Whoever has a page open looks, also with the secret of another page."""
    if not walk.pages:
        await makes_a_link(walk)
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
    """Whoever has a page open says something, with words that stay inside."""
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
        one, words = walk.source.choice(known), inside(walk, member, case_id)
        agreed = civil_day(walk.now)
        await does(
            walk, f"ends the session {one} ({words})", member, case_id,
            lambda unit: joint_session.cancel(unit, member, case_id, one, walk.now, walk.desk)
            if luck < 0.2
            else joint_session.hold(unit, member, case_id, one, True, agreed, words, walk.now, walk.desk),
        )  # fmt: skip
        return
    place, agenda = walk.oracle.mark(Of.TO_HER, member.id, case_id), inside(walk, member, case_id)
    if walk.handles(member, case_id):
        place.sent.add(case_id)
    plan = Plan(walk.now + timedelta(hours=2), place.word, agenda, _TABLE)
    session = await does(
        walk, f"sets a table at {place.word} ({agenda})", member, case_id,
        lambda unit: joint_session.plan(unit, member, case_id, plan, walk.now, walk.desk),
    )  # fmt: skip
    walk.oracle.sessions[session.id] = case_id


ACTS = (
    (proposes, 5), (records_oral, 2), (cancels, 1), (makes_a_link, 4), (packs, 2), (guest_opens, 3),
    (guest_looks, 3), (guest_answers, 2), (sets_a_table, 2),
)  # fmt: skip
