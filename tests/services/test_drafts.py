"""Second pair of eyes: what may go out, who may look, and for how long."""

import random
from dataclasses import replace

import pytest

from bot.domain.cases import CaseStatus, EventKind, ReviewState
from bot.domain.errors import NotAllowed, NotFound, Refused
from bot.services import drafts
from bot.services.case_gate import see_card
from tests.services.desk_store import desk_store

ADVICE = "按《劳动合同法》第三十条，单位应当付清工资。"
PLAIN = "收到，我们在办。"


@pytest.fixture
async def desk(tmp_path):
    async with desk_store(tmp_path) as opened:
        await opened.case()
        yield opened


async def test_plain_words_go_out_at_once_and_advice_waits(desk):
    plain = await desk.does(drafts.write_draft, "li", "c1", PLAIN)
    assert plain.review is ReviewState.NONE
    await desk.does(drafts.send_draft, "li", "c1", plain.id)
    advice = await desk.does(drafts.write_draft, "li", "c1", ADVICE)
    assert advice.review is ReviewState.NEEDED
    with pytest.raises(Refused, match="needs_review"):
        await desk.does(drafts.send_draft, "li", "c1", advice.id)
    assert len(await desk.heard()) == 1
    await desk.does(drafts.approve, "wang", "c1", advice.id)
    await desk.does(drafts.send_draft, "li", "c1", advice.id)
    assert ADVICE in (await desk.heard())[-1]


async def test_advice_that_was_kept_before_there_were_reviews_waits_as_well(desk):
    draft = await desk.does(drafts.write_draft, "li", "c1", ADVICE)
    old = replace(draft, review=ReviewState.NONE)
    await desk.store.write(lambda unit: unit.cases.keep_draft(old))
    with pytest.raises(Refused, match="needs_review"):
        await desk.does(drafts.send_draft, "li", "c1", draft.id)


async def test_plain_words_wait_as_well_once_somebody_was_asked(desk):
    draft = await desk.does(drafts.write_draft, "li", "c1", PLAIN)
    await desk.does(drafts.ask_review, "li", "c1", draft.id, "zhao")
    with pytest.raises(Refused, match="needs_review"):
        await desk.does(drafts.send_draft, "li", "c1", draft.id)
    await desk.does(drafts.approve, "zhao", "c1", draft.id)
    await desk.does(drafts.send_draft, "li", "c1", draft.id)


@pytest.mark.parametrize("reviewer", ["li", "zhou", "nobody"])
async def test_only_somebody_else_who_may_approve_is_asked(desk, reviewer):
    draft = await desk.does(drafts.write_draft, "li", "c1", ADVICE)
    with pytest.raises(Refused, match="cannot_review"):
        await desk.does(drafts.ask_review, "li", "c1", draft.id, reviewer)


async def test_a_lawyer_of_the_same_employer_is_not_asked_and_sees_nothing(desk):
    await desk.case("c2", employer_id="mill")
    await desk.changes("zhao", employer_id="mill")
    draft = await desk.does(drafts.write_draft, "li", "c2", ADVICE)
    with pytest.raises(Refused, match="cannot_review"):
        await desk.does(drafts.ask_review, "li", "c2", draft.id, "zhao")
    await desk.does(drafts.ask_review, "li", "c2", draft.id, None)
    with pytest.raises(NotFound):
        await desk.does(drafts.approve, "zhao", "c2", draft.id)
    await desk.does(drafts.approve, "qian", "c2", draft.id)


async def test_who_is_asked_changes_nothing_but_words_of_her_own(desk):
    theirs = await desk.does(drafts.write_draft, "li", "c1", PLAIN)
    await desk.does(drafts.ask_review, "li", "c1", None, "zhao")
    own = await desk.does(drafts.write_draft, "zhao", "c1", ADVICE)
    for act in (drafts.send_draft, drafts.drop_draft):
        with pytest.raises(NotAllowed):
            await desk.does(act, "zhao", "c1", theirs.id)
    with pytest.raises(NotAllowed):
        await desk.does(drafts.send_draft, "zhao", "c1", own.id)
    with pytest.raises(NotAllowed):
        await desk.does(drafts.write_draft, "zhao", "c1", "改了别人的", replaces=theirs.id)
    better = await desk.does(drafts.write_draft, "zhao", "c1", ADVICE + "请看。", replaces=own.id)
    await desk.does(drafts.return_draft, "wang", "c1", better.id, "写明日期")
    await desk.does(drafts.write_draft, "zhao", "c1", ADVICE + "11月30日前。", replaces=better.id)


async def test_a_case_that_has_ended_is_closed_to_who_was_asked(desk):
    await desk.does(drafts.ask_review, "li", "c1", None, "zhao")
    zhao = desk.staff["zhao"]
    assert (await desk.store.read(lambda unit: see_card(unit, zhao, "c1"))).id == "c1"

    def end(unit):
        return unit.cases.save_card(replace(unit.cases.card("c1"), status=CaseStatus.CLOSED))

    await desk.store.write(end)
    with pytest.raises(NotFound):
        await desk.store.read(lambda unit: see_card(unit, zhao, "c1"))


async def test_a_draft_outlives_its_author(desk):
    draft = await desk.does(drafts.write_draft, "li", "c1", ADVICE)
    await desk.changes("li", active=False)
    with pytest.raises(NotFound):
        await desk.does(drafts.send_draft, "li", "c1", draft.id)
    await desk.does(drafts.approve, "wang", "c1", draft.id)
    await desk.does(drafts.send_draft, "wang", "c1", draft.id)
    assert ADVICE in (await desk.heard())[-1]


async def test_no_walk_through_drafts_sends_advice_that_nobody_else_approved(desk):
    """400 acts of five people by chance: what reaches her was approved as it is, not by its author."""
    chance, approved, authors = random.Random(7), {}, {}
    for turn in range(400):
        who = chance.choice(list(desk.staff))
        desk.clock.passes(seconds=1)  # drafts come in the order of their time
        kept = await desk.store.read(lambda unit: unit.cases.words.drafts("c1"))
        draft = chance.choice(kept[-2:]) if kept else None
        before = len(await desk.heard())
        try:
            match chance.randrange(7 if draft else 1):
                case 0 | 1:
                    old = draft.id if draft and chance.random() < 0.5 else None
                    new = await desk.does(drafts.write_draft, who, "c1", f"{ADVICE}（{turn}）", replaces=old)
                    authors[new.body] = who
                case 2:
                    await desk.does(drafts.ask_review, who, "c1", draft.id, chance.choice(["zhao", None]))
                case 3 | 4:
                    await desk.does(drafts.approve, who, "c1", draft.id)
                    approved[draft.body] = who
                case 5:
                    await desk.does(drafts.return_draft, who, "c1", draft.id, "再改改")
                    approved.pop(draft.body, None)
                case _:
                    await desk.does(drafts.send_draft, who, "c1", draft.id)
                    assert who in ("li", "wang"), "only who has it in hand, or a leader"
                    assert draft.body in (await desk.heard())[-1]
                    assert approved[draft.body] != authors[draft.body]
        except (NotFound, NotAllowed, Refused):
            assert len(await desk.heard()) == before
    sent = await desk.store.read(lambda unit: unit.cases.outline("c1", {EventKind.REPLY}))
    assert len(sent) > 3, "the walk must reach her"
    assert "再改改" not in "".join(await desk.heard())
