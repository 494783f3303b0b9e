"""The outbox: order, lanes, one at a time, and nothing lost or sent twice unmarked."""

from datetime import timedelta

import pytest

from bot.domain.errors import NotFound
from bot.domain.incoming import Address
from bot.domain.ports_talk import UNSURE
from bot.domain.reply import Button, Lane, Reply
from bot.domain.signals import outbox_of, talk_of

FULL = Reply(
    "第一行\n第二行 <b>&amp;</b>",
    rows=((Button("依据", "d:law"), Button("官网", url="https://example.org/")), (Button("返回", "b"),)),
    card="answer:1",
    bold=True,
    quiet=True,
    private=True,
    menu=True,
)


@pytest.fixture
def post(store, clock):
    """Queue messages for an address; returns their seqs."""

    async def add(address, *texts, lane=Lane.REPLY, **options):
        def queue(unit):
            person = unit.people.get_or_add(address, clock.now())
            replies = [text if isinstance(text, Reply) else Reply(text) for text in texts]
            return unit.outbox.add(person.id, replies, lane=lane, now=clock.now(), **options)

        return await store.write(queue)

    return add


@pytest.fixture
def claim(store, clock):
    async def take(limit=10, channel="telegram"):
        return await store.write(lambda unit: unit.outbox.claim(channel, clock.now(), limit))

    return take


@pytest.fixture
def sent(store, clock):
    async def mark(out, remote="m1"):
        await store.write(lambda unit: unit.outbox.sent(out.seq, remote, clock.now()))

    return mark


async def test_a_message_comes_out_as_it_went_in(post, claim, store, anna):
    (seq,) = await post(anna, FULL, lane=Lane.URGENT, case_id=None)
    (out,) = await claim()
    assert out.reply == FULL
    assert (out.seq, out.channel, out.to, out.lane) == (seq, "telegram", anna, Lane.URGENT)
    assert (out.attempts, out.repeated, out.replaces, out.delete) == (0, False, None, ())
    assert len(out.number) == 13
    assert await store.read(lambda unit: unit.outbox.states([seq, 99])) == {seq: "sending"}


async def test_messages_of_one_chat_go_one_at_a_time_in_order(post, claim, sent, anna):
    await post(anna, "一", "二")
    await post(anna, "三")
    heard = []
    for _ in range(3):
        (out,) = await claim()
        assert await claim() == []
        heard.append(out.reply.text)
        await sent(out)
    assert heard == ["一", "二", "三"]
    assert await claim() == []


async def test_a_message_whose_answer_was_lost_stays_marked_over_a_restart(post, claim, store, anna, clock):
    await post(anna, "一")
    (out,) = await claim()
    assert not out.repeated
    await store.write(lambda unit: unit.outbox.retry(out.seq, clock.now(), UNSURE))
    (again,) = await claim()
    assert again.repeated and again.number == out.number
    await store.write(lambda unit: unit.outbox.retry(out.seq, clock.now(), "network"))
    (once_more,) = await claim()
    assert once_more.repeated


async def test_better_lanes_go_first_across_chats_and_within_one(post, claim, sent, anna, bela):
    await post(anna, "群发", lane=Lane.BROADCAST)
    await post(anna, "回复", lane=Lane.REPLY)
    await post(bela, "紧急", lane=Lane.URGENT)
    await post(Address("telegram", "3"), "通知", lane=Lane.NOTICE)
    first = await claim()
    assert [out.reply.text for out in first] == ["紧急", "回复", "通知"]
    for out in first:
        await sent(out)
    assert [out.reply.text for out in await claim()] == ["群发"]


async def test_a_claim_takes_no_more_than_asked_and_longest_waiting_first(post, claim, clock):
    for number in range(5):
        await post(Address("telegram", str(number)), f"消息{number}")
        clock.forward(seconds=1)
    assert [out.reply.text for out in await claim(limit=2)] == ["消息0", "消息1"]
    assert [out.reply.text for out in await claim(limit=9)] == ["消息2", "消息3", "消息4"]


async def test_channels_do_not_take_each_others_messages(post, claim, anna):
    await post(anna, "x")
    assert await claim(channel="webchat") == []
    assert len(await claim()) == 1


async def test_a_retried_message_keeps_its_place_before_later_ones(post, claim, sent, store, clock, anna):
    await post(anna, "一", "二")
    (out,) = await claim()
    due = clock.now() + timedelta(seconds=60)
    await store.write(lambda unit: unit.outbox.retry(out.seq, due, "http_500"))
    assert await claim() == []
    assert await store.read(lambda unit: unit.outbox.next_due("telegram")) == due
    clock.forward(seconds=60)
    (again,) = await claim()
    assert (again.reply.text, again.attempts, again.number) == ("一", 1, out.number)
    await sent(again)
    assert [row.reply.text for row in await claim()] == ["二"]


async def test_an_urgent_message_overtakes_one_that_waits_for_its_next_try(post, claim, store, clock, anna):
    await post(anna, "一")
    (out,) = await claim()
    await store.write(lambda unit: unit.outbox.retry(out.seq, clock.now() + timedelta(hours=1), "x"))
    await post(anna, "紧急", lane=Lane.URGENT, not_before=clock.now() + timedelta(minutes=5))
    assert await store.read(lambda unit: unit.outbox.next_due("telegram")) == clock.now() + timedelta(
        minutes=5
    )
    clock.forward(minutes=5)
    assert [row.reply.text for row in await claim()] == ["紧急"]


async def test_a_message_for_a_later_hour_holds_up_nobody(post, claim, sent, store, clock, anna):
    tomorrow = clock.now() + timedelta(days=1)
    await post(anna, "明天的提醒", lane=Lane.REPLY, not_before=tomorrow)
    await post(anna, "现在")
    (out,) = await claim()
    assert out.reply.text == "现在"
    await sent(out)
    assert await claim() == []
    assert await store.read(lambda unit: unit.outbox.next_due("telegram")) == tomorrow
    clock.forward(days=1)
    assert [row.reply.text for row in await claim()] == ["明天的提醒"]


async def test_a_chat_that_must_rest_gets_nothing_and_others_do(post, claim, sent, store, clock, anna, bela):
    await post(anna, "一", "二")
    (out,) = await claim()
    until = clock.now() + timedelta(seconds=30)

    def rest(unit):
        unit.outbox.rest_chat("telegram", out.person_id, until)
        unit.outbox.retry(out.seq, until, "retry_after")

    await store.write(rest)
    await post(anna, "紧急", lane=Lane.URGENT)
    await post(bela, "别人")
    assert [row.reply.text for row in await claim()] == ["别人"]
    clock.forward(seconds=29)
    assert await claim() == []
    assert await store.read(lambda unit: unit.outbox.next_due("telegram")) == until
    clock.forward(seconds=1)
    assert [row.reply.text for row in await claim()] == ["紧急"]


async def test_what_was_on_its_way_at_a_crash_goes_again_marked_with_the_same_number(house, clock, anna):
    async with house.open() as store:

        def queue(unit):
            person = unit.people.get_or_add(anna, clock.now())
            unit.outbox.add(person.id, [Reply("一"), Reply("二")], lane=Lane.REPLY, now=clock.now())

        await store.write(queue)
        (before,) = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5))
    async with house.open() as store:
        assert await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5)) == []
        assert await store.write(lambda unit: unit.outbox.requeue_unsure("webchat")) == 0
        assert await store.write(lambda unit: unit.outbox.requeue_unsure("telegram")) == 1
        (after,) = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5))
        assert (after.number, after.repeated, after.reply.text) == (before.number, True, "一")
        await store.write(lambda unit: unit.outbox.sent(after.seq, "m", clock.now()))
        (second,) = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5))
        assert (second.repeated, second.reply.text) == (False, "二")


async def test_a_quiet_person_gets_only_what_answers_her_own_words(
    post, claim, sent, store, clock, says, anna
):
    person = await says("别回", answer=None)
    await store.write(lambda unit: unit.people.set_quiet(person, True))
    await post(anna, "您的案件有进展", lane=Lane.REPLY, case_id="c")
    await post(anna, "通知", lane=Lane.NOTICE)
    assert await claim() == []
    assert await store.read(lambda unit: unit.outbox.next_due("telegram")) is None
    assert (await store.read(lambda unit: unit.people.get(person))).quiet
    await says("产假多少天", answer="158 天")
    (out,) = await claim()
    assert out.reply.text == "158 天"
    await sent(out)
    assert await claim() == []
    await store.write(lambda unit: unit.people.set_quiet(person, False))
    (case_news,) = await claim()
    assert case_news.reply.text == "您的案件有进展"
    await sent(case_news)
    assert [row.reply.text for row in await claim()] == ["通知"]


async def test_a_blocked_persons_messages_are_dead_letters(post, claim, store, clock, anna):
    await post(anna, "一", "二")
    (out,) = await claim()
    seqs = await post(anna, "三")

    def block(unit):
        unit.outbox.dead(out.seq, "blocked")
        unit.people.set_blocked(out.person_id, True)

    await store.write(block)
    seqs = [*seqs, *await post(anna, "四")]
    assert await claim() == []
    assert set((await store.read(lambda unit: unit.outbox.states(seqs))).values()) == {"dead"}
    letters = await store.read(lambda unit: unit.outbox.dead_letters(10))
    assert [letter.reply.text for letter in letters] == ["四", "三", "二", "一"]
    await store.write(lambda unit: unit.people.set_blocked(out.person_id, False))
    await post(anna, "五")
    assert [row.reply.text for row in await claim()] == ["五"]


async def test_a_dead_letter_lets_the_next_one_go(post, claim, store, anna):
    await post(anna, "一", "二")
    (out,) = await claim()
    await store.write(lambda unit: unit.outbox.dead(out.seq, "bad_request"))
    assert [row.reply.text for row in await claim()] == ["二"]


async def test_a_card_takes_the_place_of_the_one_sent_before(post, claim, sent, anna, bela):
    await post(anna, Reply("第一题", card="quiz"), Reply("第二题", card="quiz"))
    (out,) = await claim()
    assert out.replaces is None
    await sent(out, "message-11")
    await post(bela, Reply("第一题", card="quiz"))
    outs = {row.to: row for row in await claim()}
    assert outs[anna].replaces == "message-11"
    assert outs[bela].replaces is None


async def test_the_staff_group_is_a_chat_of_its_own(store, clock, claim, sent, opens_case, says):
    case_id = await opens_case()

    def ring(unit):
        group = {"lane": Lane.URGENT, "now": clock.now(), "channel": "telegram"}
        unit.outbox.add(None, [Reply("新案件", card="bell:case1")], case_id=case_id, **group)
        unit.outbox.add(None, [Reply("各位早上好")], **group)

    await store.write(ring)
    await says("x")
    outs = await claim()
    assert [(out.person_id, out.case_id, out.reply.text) for out in outs] == [
        (None, "case1", "新案件"),
        (outs[1].person_id, None, "好的"),
    ]
    await sent(outs[0], "group:7")
    (hello,) = await claim()
    assert (hello.to, hello.reply.text) == (None, "各位早上好")
    await sent(hello)
    await store.write(
        lambda unit: unit.outbox.add(
            None, [Reply("已认领", card="bell:case1")], lane=Lane.URGENT, now=clock.now(), channel="telegram",
            case_id=case_id,
        )
    )  # fmt: skip
    assert [out.replaces for out in await claim()] == ["group:7"]


async def test_a_message_to_the_group_must_name_its_channel_and_to_nobody_is_not_found(store, clock):
    with pytest.raises(ValueError, match="channel"):
        await store.write(lambda unit: unit.outbox.add(None, [Reply("x")], lane=Lane.REPLY, now=clock.now()))
    with pytest.raises(NotFound):
        await store.write(
            lambda unit: unit.outbox.add("nobody", [Reply("x")], lane=Lane.REPLY, now=clock.now())
        )


async def test_deletions_go_out_as_remote_ids_and_leave_no_row(post, claim, sent, store, clock, says):
    person = await says("清除", answer=None)
    await store.write(lambda unit: unit.outbox.add_deletion(person, ["11", "12"], clock.now()))
    await store.write(lambda unit: unit.outbox.add_deletion(person, [], clock.now()))
    (out,) = await claim()
    assert (out.delete, out.reply) == (("11", "12"), Reply(""))
    await sent(out)
    assert await store.read(lambda unit: unit.outbox.states([out.seq])) == {}
    lines = await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 10))
    assert [line.hers for line in lines] == ["清除"]


async def test_counts_tell_what_waits_and_for_how_long(post, claim, store, clock, anna, bela):
    await post(anna, "一", "二")
    await post(bela, "三")
    clock.forward(seconds=40)
    await claim(limit=1)
    counts = await store.read(lambda unit: unit.outbox.counts())
    assert counts == {"queued": 2, "sending": 1, "dead": 0, "oldest_s": 40}


async def test_undelivered_counts_what_has_not_reached_her(post, claim, sent, store, anna):
    await post(anna, "答复", "补充", case_id="case1")
    assert await store.read(lambda unit: unit.outbox.undelivered("case1")) == 2
    (out,) = await claim()
    await sent(out)
    assert await store.read(lambda unit: unit.outbox.undelivered("case1")) == 1


async def test_the_transcript_puts_each_answer_behind_what_it_answers(store, clock, says, anna):
    person = await says("第一句", answer="第一答")
    clock.forward(seconds=1)
    first, second = [
        await store.write(
            lambda unit, key=key: unit.inbox.receive(key, anna, b"x", clock.now())
        )
        for key in ("telegram:a", "telegram:b")
    ]  # fmt: skip

    def handle(row, words, answer):
        def unit_of(unit):
            unit.outbox.add(person, [Reply(answer)], lane=Lane.REPLY, now=clock.now())
            unit.inbox.done(row.seq, words)

        return unit_of

    await store.write(handle(first, "第二句", "第二答"))
    await store.write(handle(second, "第三句", "第三答"))
    lines = await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 50))
    said = [line.hers or line.reply.text for line in lines]
    assert said == ["第一句", "第一答", "第二句", "第三句", "第二答", "第三答"]
    assert [line.order for line in lines] == sorted(line.order for line in lines)
    for number in range(1, len(lines)):
        rest = await store.read(
            lambda unit, number=number: unit.outbox.talk(person, lines[number - 1].order, 50)
        )
        assert rest == lines[number:]
    assert await store.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 2)) == lines[-2:]
    assert await store.read(lambda unit: unit.outbox.talk(person, lines[0].order, 2)) == lines[1:3]
    assert not any(line.delivered for line in lines if line.reply)


async def test_adding_wakes_the_channel_and_her_page(post, store, house, anna, clock):
    person = await store.write(lambda unit: unit.people.get_or_add(anna, clock.now()))
    async with (
        house.signals.listen(outbox_of("telegram")) as channel,
        house.signals.listen(talk_of(person.id)) as talk,
    ):
        await post(anna, "x")
        assert channel.is_set()
        assert talk.is_set()


async def test_ends_told_twice_or_too_late_change_nothing(post, claim, sent, store, clock, anna):
    await post(anna, "一", "二")
    (out,) = await claim()
    await sent(out, "m1")
    await sent(out, "m2")
    await store.write(lambda unit: unit.outbox.retry(out.seq, clock.now(), "late"))
    await store.write(lambda unit: unit.outbox.dead(out.seq, "late"))
    assert await store.read(lambda unit: unit.outbox.states([out.seq])) == {out.seq: "sent"}
    assert [row.reply.text for row in await claim()] == ["二"]


async def test_claiming_does_not_slow_down_behind_a_hundred_times_the_queue(store, clock):
    """Counted in steps of SQLite's own machine, which no busy neighbour can change."""

    def steps(unit, work):
        counted = [0]

        def tick():
            counted[0] += 1
            return 0

        connection = store._writer._connection
        connection.set_progress_handler(tick, 10)
        try:
            work()
        finally:
            connection.set_progress_handler(None, 0)
        return counted[0]

    def fill(first, last):
        def work(unit):
            for number in range(first, last):
                person = unit.people.get_or_add(Address("telegram", str(number)), clock.now())
                unit.outbox.add(person.id, [Reply("x")], lane=Lane.BROADCAST, now=clock.now())
                later = clock.now() + timedelta(days=1)
                unit.outbox.add(person.id, [Reply("y")], lane=Lane.NOTICE, now=clock.now(), not_before=later)

        return work

    def claim(unit):
        return steps(unit, lambda: unit.outbox.claim("telegram", clock.now(), 10))

    await store.write(fill(0, 30))
    few = await store.write(claim)
    await store.write(fill(30, 3000))
    many = await store.write(claim)
    assert many <= few * 2
