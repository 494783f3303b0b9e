"""Cases: cards for everybody at the desk, words only through the gate."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import Answers, CaseStatus, Draft, EventKind
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ports_cases import CaseFilter, StoredFile
from bot.domain.reply import Lane, Reply
from bot.domain.signals import CASES, case_of

ALL_ANSWERS = Answers(
    "三个月没发工资", "八月起", "兴庆区", "某某纺织厂", "工资条、聊天记录", "要回工资", "李四", "13900001111"
)


def reveal(case_id, target=None):
    """Audit and reveal in one unit, as the gate does."""

    def work(unit):
        seq = unit.audit.append("staff1", "case.open", target or case_id, unit.context.now())
        return unit.cases.reveal(case_id, seq)

    return work


async def test_a_card_comes_back_as_it_was_kept(store, opens_case, card):
    await opens_case(urgent=True)
    assert await store.read(lambda unit: unit.cases.card("case1")) == card(urgent=True)
    assert await store.read(lambda unit: unit.cases.card("nothing")) is None


async def test_numbers_count_within_the_civil_year_and_are_never_given_twice(store, clock):
    first = await store.write(lambda unit: unit.cases.next_number(clock.now()))

    def failing(unit):
        unit.cases.next_number(clock.now())
        raise NotFound("rolled back")

    with pytest.raises(NotFound):
        await store.write(failing)
    second = await store.write(lambda unit: unit.cases.next_number(clock.now()))
    clock.at = clock.at.replace(month=12, day=31, hour=15, minute=59)
    third = await store.write(lambda unit: unit.cases.next_number(clock.now()))
    clock.forward(minutes=1)  # midnight in Shanghai
    fourth = await store.write(lambda unit: unit.cases.next_number(clock.now()))
    assert [first, second, third, fourth] == ["A26-0001", "A26-0002", "A26-0003", "A27-0001"]


async def test_lists_show_open_and_urgent_cases_first_and_can_be_narrowed(store, opens_case, clock):
    soon, late = clock.now() + timedelta(hours=1), clock.now() + timedelta(days=3)
    await opens_case(case_id="late", number="A26-0001", promised_at=late)
    await opens_case(case_id="soon", number="A26-0002", promised_at=soon, assignee="staff1")
    await opens_case(case_id="urgent", number="A26-0003", promised_at=late, urgent=True)
    await opens_case(case_id="closed", number="A26-0004", status=CaseStatus.CLOSED, urgent=True)

    async def ids(**wanted):
        return [card.id for card in await store.read(lambda unit: unit.cases.cards(CaseFilter(**wanted)))]

    assert await ids() == ["urgent", "soon", "late", "closed"]
    assert await ids(open_only=True) == ["urgent", "soon", "late"]
    assert await ids(assignee="staff1") == ["soon"]
    assert await ids(unclaimed=True, open_only=True) == ["urgent", "late"]
    assert await ids(due_before=soon + timedelta(seconds=1)) == ["soon"]
    assert await ids(number="A26-0004") == ["closed"]
    assert await ids(ids=("late", "closed", "unknown")) == ["late", "closed"]
    assert await ids(ids=()) == []
    assert await ids(limit=2) == ["urgent", "soon"]
    assert await ids(limit=2, offset=2) == ["late", "closed"]


async def test_of_two_who_change_a_card_at_once_the_second_is_told(store, opens_case):
    await opens_case()
    seen = await store.read(lambda unit: unit.cases.card("case1"))
    claimed = replace(seen, assignee="staff1", status=CaseStatus.ACCEPTED)
    saved = await store.write(lambda unit: unit.cases.save_card(claimed))
    assert saved == replace(claimed, version=2)
    with pytest.raises(NotAllowed, match="changed"):
        await store.write(lambda unit: unit.cases.save_card(replace(seen, assignee="staff2")))
    assert await store.read(lambda unit: unit.cases.card("case1")) == saved
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.save_card(replace(seen, id="nothing")))


async def test_a_changed_card_wakes_the_desk(store, opens_case, house):
    await opens_case()
    async with house.signals.listen(CASES) as cases, house.signals.listen(case_of("case1")) as case:
        card = await store.read(lambda unit: unit.cases.card("case1"))
        await store.write(lambda unit: unit.cases.save_card(card))
        assert cases.is_set()
        assert case.is_set()


async def test_the_gate_opens_a_case_with_everything_in_it(store, opens_case, clock):
    await opens_case()
    at = clock.now()
    draft = Draft("draft1", "case1", "staff1", "您好，我们已受理", at, EventKind.ASK_MORE)

    def fill(unit):
        unit.cases.save_answers("case1", ALL_ANSWERS)
        unit.cases.add_event("case1", EventKind.OPENED, by="worker", at=at)
        unit.cases.add_event("case1", EventKind.HER_WORDS, by="worker", at=at, body="还有加班费")
        unit.cases.add_event("case1", EventKind.NOTE, by="staff1", at=at, body="内部：先查社保")
        unit.cases.add_event(
            "case1", EventKind.STATUS, by="staff1", at=at, facts={"from": "new", "to": "accepted"}
        )
        unit.cases.keep_draft(draft)

    await store.write(fill)
    opened = await store.write(reveal("case1"))
    assert opened.answers == ALL_ANSWERS
    assert [(event.kind, event.by, event.body, event.facts) for event in opened.events] == [
        ("opened", "worker", "", None),
        ("her_words", "worker", "还有加班费", None),
        ("note", "staff1", "内部：先查社保", None),
        ("status", "staff1", "", {"from": "new", "to": "accepted"}),
    ]
    assert all(event.at == at for event in opened.events)
    assert opened.drafts == (draft,)
    assert opened.card.id == "case1"


async def test_no_audit_line_of_this_very_unit_no_words(store, opens_case, clock):
    await opens_case(case_id="case1")
    await opens_case(case_id="case2", number="A26-0002")
    earlier = await store.write(lambda unit: unit.audit.append("s", "case.open", "case1", clock.now()))
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: unit.cases.reveal("case1", earlier))
    with pytest.raises(NotAllowed):
        await store.write(lambda unit: unit.cases.reveal("case1", 999))
    with pytest.raises(NotAllowed):
        await store.write(reveal("case1", target="case2"))
    with pytest.raises(NotAllowed):
        await store.read(lambda unit: unit.cases.reveal("case1", earlier))
    assert (await store.write(reveal("case1", target="*"))).card.id == "case1"


async def test_a_failed_opening_leaves_no_audit_line_and_a_good_one_does(store, opens_case):
    await opens_case()
    with pytest.raises(NotFound):
        await store.write(reveal("nothing"))
    assert await store.read(lambda unit: unit.audit.lines()) == []
    await store.write(reveal("case1"))
    (line,) = await store.read(lambda unit: unit.audit.lines("case1"))
    assert (line.actor, line.act, line.target) == ("staff1", "case.open", "case1")


async def test_an_outline_has_kinds_and_facts_but_no_words(store, opens_case, clock):
    await opens_case()

    def fill(unit):
        unit.cases.add_event("case1", EventKind.HER_WORDS, by="worker", at=clock.now(), body="秘密")
        unit.cases.add_event("case1", EventKind.NOTE, by="s", at=clock.now(), body="内部")
        unit.cases.add_event("case1", EventKind.STATUS, by="s", at=clock.now(), facts={"to": "accepted"})

    await store.write(fill)
    kinds = [EventKind.HER_WORDS, EventKind.STATUS]
    events = await store.read(lambda unit: unit.cases.outline("case1", kinds))
    assert [(event.kind, event.body, event.facts) for event in events] == [
        ("her_words", "", None),
        ("status", "", {"to": "accepted"}),
    ]


async def test_she_sees_her_timeline_and_code_and_nobody_else_does(store, opens_case, clock, anna, bela):
    await opens_case()
    hers = (await store.read(lambda unit: unit.people.find(anna))).id
    other = (await store.write(lambda unit: unit.people.get_or_add(bela, clock.now()))).id

    def fill(unit):
        unit.cases.add_event("case1", EventKind.NOTE, by="s", at=clock.now(), body="内部")
        unit.cases.add_event("case1", EventKind.REPLY, by="s", at=clock.now(), body="给她的话")

    await store.write(fill)
    answers, events, code = await store.read(lambda unit: unit.cases.her_view("case1", hers))
    assert answers.happened == "三个月没发工资"
    assert [event.body for event in events] == ["给她的话"]
    assert code == "code-case1"
    for person in (other, "nobody"):
        with pytest.raises(NotFound):
            await store.read(lambda unit, person=person: unit.cases.her_view("case1", person))
    with pytest.raises(NotFound):
        await store.read(lambda unit: unit.cases.her_view("nothing", hers))


async def test_a_case_can_be_taken_up_elsewhere_and_answers_follow_her(store, opens_case, clock, anna, bela):
    await opens_case()
    first = (await store.read(lambda unit: unit.people.find(anna))).id
    second = (await store.write(lambda unit: unit.people.get_or_add(bela, clock.now()))).id
    assert await store.read(lambda unit: unit.cases.people_of("case1")) == [first]
    await store.write(lambda unit: unit.cases.link("case1", second, clock.now()))
    assert await store.read(lambda unit: unit.cases.people_of("case1")) == [first, second]
    await store.write(lambda unit: unit.cases.link("case1", first, clock.now()))
    assert await store.read(lambda unit: unit.cases.people_of("case1")) == [second, first]
    clock.forward(hours=1)
    await opens_case(case_id="case2", number="A26-0002")
    assert await store.read(lambda unit: unit.cases.ids_of(first)) == ["case2", "case1"]
    assert await store.read(lambda unit: unit.cases.ids_of(second)) == ["case1"]


async def test_code_and_phrase_open_the_right_case_only(store, opens_case):
    await opens_case(phrase="我的口令")
    await opens_case(case_id="case2", number="A26-0002")
    assert await store.read(lambda unit: unit.cases.find_by_code("code-case1")) == "case1"
    assert await store.read(lambda unit: unit.cases.find_by_code("code-case9")) is None

    async def check(case_id, phrase):
        return await store.read(lambda unit: unit.cases.check_phrase(case_id, phrase))

    assert await check("case1", "我的口令") is True
    assert await check("case1", "别的口令") is False
    assert await check("case2", "我的口令") is None
    assert await check("nothing", "我的口令") is None
    await store.write(lambda unit: unit.cases.set_phrase("case2", "我的口令"))
    await store.write(lambda unit: unit.cases.set_phrase("case1", "新口令"))
    assert [await check("case2", "我的口令"), await check("case1", "我的口令")] == [True, False]
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.set_phrase("nothing", "x"))


async def test_a_code_is_given_to_one_case_only(store, opens_case):
    await opens_case()
    with pytest.raises(sqlite3.IntegrityError):
        await opens_case(number="A26-0002")
    assert await store.read(lambda unit: unit.cases.card("case1")) is not None


async def test_drafts_are_kept_changed_and_dropped(store, opens_case, clock):
    await opens_case()
    draft = Draft("draft1", "case1", "staff1", "第一稿", clock.now())
    await store.write(lambda unit: unit.cases.keep_draft(draft))
    changed = replace(draft, body="第二稿", author="staff2")
    await store.write(lambda unit: unit.cases.keep_draft(changed))
    assert (await store.write(reveal("case1"))).drafts == (changed,)
    await store.write(lambda unit: unit.cases.drop_draft("draft1"))
    await store.write(lambda unit: unit.cases.drop_draft("draft1"))
    assert (await store.write(reveal("case1"))).drafts == ()


async def test_a_draft_cannot_be_moved_to_another_case(store, opens_case, clock):
    await opens_case()
    await opens_case(case_id="case2", number="A26-0002")
    draft = Draft("draft1", "case1", "staff1", "给第一位", clock.now())
    await store.write(lambda unit: unit.cases.keep_draft(draft))
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.keep_draft(replace(draft, case_id="case2")))
    assert (await store.write(reveal("case1"))).drafts == (draft,)


async def test_events_and_answers_of_no_case_are_refused(store, clock):
    with pytest.raises(NotFound):
        await store.write(
            lambda unit: unit.cases.add_event("nothing", EventKind.NOTE, by="s", at=clock.now(), body="x")
        )
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.save_answers("nothing", Answers()))


async def test_files_of_a_case_show_the_original_and_whether_a_clean_copy_is_there(
    store, opens_case, clock, anna
):
    await opens_case()
    person = (await store.read(lambda unit: unit.people.find(anna))).id
    photo = StoredFile("file1", "photo", 100, "aa" * 32, "工资条.jpg", "image/jpeg")
    clean = StoredFile("file2", "photo", 90, "bb" * 32, "工资条.jpg", "image/jpeg", "file1")
    voice = StoredFile("file3", "voice", 70, "cc" * 32, "", "audio/ogg")
    keys = {file.id: await store.vault.put(file.id, b"x") for file in (photo, clean, voice)}

    def keep(unit):
        for file in (photo, voice):
            unit.files.keep(file, person, keys[file.id], clock.now())
            unit.cases.add_file("case1", file.id)
        unit.files.keep(clean, person, keys[clean.id], clock.now())

    await store.write(keep)
    files = (await store.write(reveal("case1"))).files
    assert [(file.id, file.name, file.sha256, file.clean) for file in files] == [
        ("file1", "工资条.jpg", "aa" * 32, True),
        ("file3", "", "cc" * 32, False),
    ]
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.add_file("case1", "nothing"))
    await opens_case(case_id="case2", number="A26-0002")
    with pytest.raises(NotFound):
        await store.write(lambda unit: unit.cases.add_file("case2", "file1"))


async def test_topics_in_the_staff_group_lead_back_to_their_case(store, opens_case):
    await opens_case()
    assert await store.read(lambda unit: unit.cases.topic("case1")) is None
    await store.write(lambda unit: unit.cases.keep_topic("case1", "-1001:77"))
    assert await store.read(lambda unit: unit.cases.topic("case1")) == "-1001:77"
    assert await store.read(lambda unit: unit.cases.case_of_topic("-1001:77")) == "case1"
    assert await store.read(lambda unit: unit.cases.case_of_topic("-1001:78")) is None
    await store.write(lambda unit: unit.cases.keep_topic("case1", None))
    assert await store.read(lambda unit: unit.cases.topic("case1")) is None
    assert await store.read(lambda unit: unit.cases.case_of_topic("-1001:77")) is None


async def test_an_erased_case_keeps_its_card_without_place_and_topic_and_nothing_else(
    store, opens_case, clock, anna
):
    await opens_case(phrase="口令")
    person = (await store.read(lambda unit: unit.people.find(anna))).id

    def fill(unit):
        unit.cases.add_event(
            "case1", EventKind.STATUS, by="s", at=clock.now(), body="x", facts={"to": "accepted"}
        )
        unit.cases.keep_draft(Draft("d", "case1", "s", "稿", clock.now()))
        unit.cases.keep_topic("case1", "-1001:77")
        unit.outbox.add(person, [Reply("答复")], lane=Lane.REPLY, now=clock.now(), case_id="case1")

    await store.write(fill)
    await store.write(lambda unit: unit.cases.erase("case1"))
    card = await store.read(lambda unit: unit.cases.card("case1"))
    assert (card.number, card.district, card.topic) == ("A26-0001", None, None)
    for look in (
        lambda unit: unit.cases.her_view("case1", person),
        lambda unit: unit.context.seal.open("case", "case1", "x", b"\x01" + bytes(40)),
    ):
        with pytest.raises(Exception, match=r"case case1|gone"):
            await store.read(look)
    with pytest.raises(NotFound):
        await store.write(reveal("case1"))
    assert await store.read(lambda unit: unit.cases.find_by_code("code-case1")) is None
    assert await store.read(lambda unit: unit.cases.people_of("case1")) == []
    assert await store.read(lambda unit: unit.cases.case_of_topic("-1001:77")) is None
    assert await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5)) == []
    span = clock.now() - timedelta(days=1), clock.now() + timedelta(days=1)
    for figure in ("opened", "accepted"):
        counted = await store.read(lambda unit, figure=figure: getattr(unit.figures, figure)(*span))
        assert [case.number for case in counted] == ["A26-0001"]
    await store.write(lambda unit: unit.cases.erase("case1"))
