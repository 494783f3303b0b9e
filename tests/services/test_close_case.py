"""Closing a case: what it needs, what is kept of it, and what a second opening takes back."""

import pytest

from bot.domain.cases import (
    CaseStatus,
    Confirmed,
    EventKind,
    Outcome,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.closing import CallResult, WhyFiled, confirmed_fen, proven_fen
from bot.domain.errors import MoveNotAllowed, Refused
from bot.services import case_work
from bot.services.suggest_lesson import suggest_lesson
from tests.closing import Office, office_of
from tests.talk import House, Talk


@pytest.fixture
async def office(house: House, talk: Talk) -> Office:
    return await office_of(house, talk)


async def refused(office: Office, **named) -> str:
    before = await office.card()
    with pytest.raises(Refused) as told:
        await office.closes(**named)
    assert await office.card() == before
    return told.value.reason


async def test_a_sum_needs_its_kind_and_what_shows_it(office):
    assert await refused(office, recovered_kind=None) == "recovered_kind"
    assert await refused(office, evidence=None) == "recovered_evidence"
    assert await refused(office, fen=-1) == "amount_range"
    assert await refused(office, fen=10_000_000_001) == "amount_range"


async def test_mediated_needs_a_mediation_on_record_or_a_word_on_how(office):
    assert await refused(office, how="") == "no_mediation"
    await office.does(case_work.move, office.officer, CaseStatus.MEDIATING, office.now, office.desk)
    await office.does(case_work.move, office.officer, CaseStatus.LETTER, office.now, office.desk)
    card = await office.closes(how="")
    assert card.outcome is Outcome.MEDIATED


async def test_how_it_was_settled_stays_an_internal_note(office, talk):
    await office.closes(how="电话里谈成的")
    notes = [event.body for event in (await office.opened()).events if event.kind is EventKind.NOTE]
    assert notes == ["电话里谈成的"]
    await talk.says("我的事")
    talk.hears("单位答应补发。")
    talk.does_not_hear("电话里谈成的")


async def test_the_numbers_of_a_closing_are_facts_without_words(office):
    await office.closes()
    [facts] = await office.facts(EventKind.CLOSED)
    promised = facts.pop("promised")
    assert promised.startswith("2026-11-2")
    assert facts == {
        "from": "accepted", "to": "closed", "outcome": "mediated", "recovered_fen": "840000",
        "confirmed_fen": "0", "people_helped": "2", "recovered_kind": "wages", "evidence": "agreement",
    }  # fmt: skip


async def test_only_a_record_of_payment_counts_before_she_has_said_so(office):
    counts = {one: proven_fen(840_000, one) for one in RecoveredEvidence}
    assert {one.value for one, fen in counts.items() if fen} == {"transfer", "receipt"}
    card = await office.closes(evidence=RecoveredEvidence.TRANSFER)
    assert confirmed_fen(card, await office.events(*EventKind)) == 840_000
    assert (await office.facts(EventKind.CLOSED))[0]["confirmed_fen"] == "840000"


async def test_kind_and_evidence_without_a_sum_are_refused_and_a_closing_without_money_has_neither(office):
    chosen = {"recovered_kind": RecoveredKind.WAGES, "evidence": RecoveredEvidence.RECEIPT}
    for fields in (chosen, chosen | {"evidence": None}, chosen | {"recovered_kind": None}):
        assert await refused(office, fen=0, **fields) == "recovered_sum", fields
    card = await office.closes(0, Outcome.ADVISED)
    assert (card.recovered_kind, card.recovered_evidence, card.recovered_fen) == (None, None, 0)


async def test_she_reads_a_neutral_first_line_the_result_and_one_easy_question(office, talk):
    await office.closes()
    await talk._delivered()
    [reply] = talk.new
    lines = reply.text.split("\n")
    assert lines[0] == "您关心的事有了结果。"
    assert "结果：调解成功。" in lines
    assert "追回 8,400 元（工资）。" in lines
    assert "单位答应补发。" in lines
    assert "8,400 元到账了吗？" in reply.text
    labels = [button.label for button in reply.buttons()]
    assert labels == ["全部到了", "到了一部分", "还没有", "补充", "看进度", "重新办理"]
    assert reply.private


async def test_it_is_closed_once_and_called_back_in_working_hours(office):
    card = await office.closes()
    assert card.follow_up_at is not None
    assert card.follow_up_at.isoformat() == "2026-12-08T02:00:00+00:00", "10:00 of a Tuesday in Yinchuan"
    with pytest.raises(MoveNotAllowed):
        await office.closes()


async def test_opened_again_its_sums_go_and_the_earlier_closing_stays_on_record(office, talk):
    await office.closes()
    await talk._delivered()
    await talk.taps("全部到了")
    await talk.taps("很满意")
    await office.does(
        case_work.move, office.officer, CaseStatus.ACCEPTED, office.now, office.desk, "单位又反悔了"
    )
    card = await office.card()
    assert (card.recovered_fen, card.people_helped, card.outcome, card.closed_at) == (0, 0, None, None)
    assert (card.recovered_kind, card.recovered_evidence, card.follow_up_at) == (None, None, None)
    assert (card.confirmed, card.satisfaction) == (None, None)
    await office.closes(900_000)
    card, events = await office.card(), await office.events(*EventKind)
    assert [facts["recovered_fen"] for facts in await office.facts(EventKind.CLOSED)] == ["840000", "900000"]
    assert card.confirmed is None
    assert confirmed_fen(card, events) == 0, "what she said of the first closing is not said of the second"


async def test_she_reopens_at_one_tap_and_the_officer_is_told(office, talk):
    await office.closes()
    await talk._delivered()
    await talk.taps("还没有")
    talk.hears("让您白等了，对不起")
    await talk.taps("重新办理")
    card = await office.card()
    assert card.status is CaseStatus.ACCEPTED
    assert (card.recovered_fen, card.confirmed, card.follow_up_at) == (0, None, None)
    assert card.began_at == office.now
    told = await office.notices(office.officer)
    assert [line.startswith(card.number) for line in told] == [True, True]
    assert sorted(word in line for word in ("还没有落实", "重新办理") for line in told) == [
        False,
        False,
        True,
        True,
    ]
    assert (await office.facts(EventKind.CONFIRMED))[0]["answer"] == Confirmed.NO


async def test_what_is_filed_away_is_fetched_back_by_a_leader_only(office):
    await office.closes(0, Outcome.OUT_OF_SCOPE)
    assert await office.waits(17) == 1
    assert (await office.card()).status is CaseStatus.ARCHIVED
    to = (CaseStatus.ACCEPTED, office.now, office.desk, "再看一次")
    with pytest.raises(Refused, match="leader_reopens"):
        await office.does(case_work.move, office.officer, *to)
    await office.does(case_work.move, office.leader, *to)
    assert (await office.card()).status is CaseStatus.ACCEPTED


async def test_a_lesson_goes_to_the_curators_without_names_and_numbers(office):
    line = "张三在某某商贸公司，13812345678：生育津贴低于工资时单位要补差额"
    await office.does(suggest_lesson, office.officer, line, office.now)
    [note] = await office.house.read(lambda unit: unit.feedback.latest(5))
    assert note.reason == "lesson"
    assert "生育津贴低于工资时单位要补差额" in note.masked
    assert not [told for told in ("张三", "某某商贸公司", "13812345678") if told in note.masked]
    with pytest.raises(Refused, match="lesson_often"):
        await office.does(suggest_lesson, office.officer, line, office.now)
    with pytest.raises(Refused, match="lesson_long"):
        await office.does(suggest_lesson, office.leader, "长" * 121, office.now)


def test_the_desk_has_the_words_for_every_closed_set(wording):
    assert set(wording.closing.calls) == {one.value for one in CallResult}
    assert set(wording.closing.filed) == {one.value for one in WhyFiled}
    assert list(wording.closing.her.buttons.stars) == ["5", "4", "3", "2", "1"]
