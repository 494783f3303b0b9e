"""Questions at the curators' desk: trying one, and the queue of those that were not answered well."""

import asyncio
import logging
import re
from html import unescape
from urllib.parse import quote, quote_plus, unquote

import pytest

from bot.domain import errors
from bot.domain.staff import Role
from bot.services import accounts, content_notes
from bot.services.content_trial import LONGEST_TRIAL
from knowledge.index import Found, NotFound, Unsure
from tests.console.content_desk import curator, links, notes, text_of, waiting, with_knowledge

HER_WORDS = "独角兽工厂怀孕被辞退让我签字走人"

# ── try ──────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_question_is_answered_before_the_curators_eyes_with_the_reasons(house):
    desk = await curator(house)
    page = text_of((await desk.sends("/content/try", text="公司知道我怀孕就让我走人")).text)
    assert "最像的问法 公司知道我怀孕就让我走人" in page
    assert "怀孕被辞退怎么办" in page
    for name in ("领先第二名", "领先最强的对手", "和最像一句的相似", "在所有主题里占多少（对数）"):
        assert re.search(re.escape(name) + r" -?\d+\.\d{3}", page), name
    assert len(re.findall(r"-?\d+\.\d{3}", page.partition("十一个数")[2])) == 11
    assert "最强的对手 不归我们答的“cooking”" in page or "还没写的主题 哺乳时间怎么算" in page
    assert re.search(r"把握 \d+%", page)


class Decides:
    """An index whose decision is given; all else is the real one's."""

    def __init__(self, index, decision):
        self._index, self._decision = index, decision

    def search(self, text, topic=None):
        return self._decision

    def __getattr__(self, name):
        return getattr(self._index, name)


@pytest.mark.parametrize(
    ("decision", "said", "shown"),
    [
        (Found("maternity-leave-length", 0.9), "直接回答： 产假有多少天", ("一般 98 天。", "找工会帮我")),
        (
            Unsure(("wage-arrears", "maternity-leave-length")), "给几个选择",
            ("老板拖欠工资怎么办 产假有多少天", "都不是"),
        ),
        (NotFound(), "说没找到", ("找工会帮我",)),
    ],
    ids=["found", "unsure", "not_found"],
)  # fmt: skip
async def test_what_is_shown_is_what_the_talk_would_say(house, index, decision, said, shown):
    desk = await curator(with_knowledge(house, index=Decides(index, decision)))
    page = text_of((await desk.sends("/content/try", text="产假几天")).text)
    assert said in page
    for words in shown:
        assert words in page.partition("她会看到")[2].partition("十一个数")[0], words


async def test_what_is_not_ours_is_not_answered(house):
    desk = await curator(house)
    page = text_of((await desk.sends("/content/try", text="今晚红烧肉怎么做")).text)
    assert "说没找到" in page
    assert "最强的对手 不归我们答的“cooking”（红烧肉怎么做、米饭怎么蒸、怎么炒菜……）" in page


async def test_a_long_text_about_several_things_is_answered_in_parts(house):
    desk = await curator(house)
    text = (
        "公司知道我怀孕就让我走人。" * 2
        + "今天天气还可以，先说到这里吧。"
        + "老板欠我三个月工资不给，老板欠我五个月工资不给。"
    )
    page = text_of((await desk.sends("/content/try", text=text)).text)
    assert "一长段话，分开答：" in page
    for title in ("怀孕被辞退怎么办", "老板拖欠工资怎么办"):
        assert title in page.partition("一长段话，分开答：")[2].partition("最像的问法")[0]


async def test_danger_is_said_first(house):
    desk = await curator(house)
    page = text_of((await desk.sends("/content/try", text="老公打我，我还怀着孕")).text)
    assert "有危险信号：受到暴力" in page
    first = house.deps.wording.talk.danger.first["violence"].split("{")[0].split("\n")[0]
    assert first in page.partition("她会看到")[2]


async def test_too_long_or_empty_is_said_and_nothing_is_lost(house):
    desk = await curator(house)
    assert (await desk.sends("/content/try", text="长" * (LONGEST_TRIAL + 1))).status_code == 422
    assert desk.sees(f"最多 {LONGEST_TRIAL} 个字，现在 {LONGEST_TRIAL + 1} 个字")
    assert desk.sees("长" * (LONGEST_TRIAL + 1))
    assert (await desk.sends("/content/try", text="  ")).status_code == 422
    assert (await desk.sends("/content/try", text="长" * LONGEST_TRIAL)).status_code == 200
    assert (await desk.sends("/content/try", text="？")).status_code == 200
    assert (await desk.sends("/content/try", text="\u200b\x07")).status_code in (200, 422)


async def test_what_is_asked_leaves_no_trace(house, caplog):
    caplog.set_level(logging.DEBUG)
    desk = await curator(house)
    token, audited = await desk.form_token(), await house.audited()
    counted = await house.store.read(lambda unit: (unit.inbox.counts(), unit.outbox.counts()))
    page = await desk.sends("/content/try", text=HER_WORDS, csrf=token)
    assert page.status_code == 200
    assert_nowhere_in_addresses_or_log(house, [page], caplog)
    assert await house.audited() == audited
    assert await waiting(house) == []
    assert await house.store.read(lambda unit: (unit.inbox.counts(), unit.outbox.counts())) == counted
    await desk.opens("/content/try")
    assert not desk.sees(HER_WORDS)


def assert_nowhere_in_addresses_or_log(house, pages, caplog):
    """Her words in no address that a page or an answer holds, and in no line of the log."""
    for page in pages:
        inside = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
        where = [str(page.url), page.headers.get("location", ""), *inside]
        for address in where:
            for spelled in (address, unquote(address), unescape(unquote(address))):
                assert HER_WORDS not in spelled
                assert quote(HER_WORDS) not in spelled
                assert quote_plus(HER_WORDS) not in spelled
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert HER_WORDS not in said
    assert quote(HER_WORDS) not in said


# ── unanswered ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_queue_shows_notes_newest_first_each_with_the_nearest_topics_and_a_way_to_try(house):
    desk = await curator(house)
    await notes(
        house, ("第一句 ＊＊＊", "not_found", None), ("公司知道我怀孕让我走", "not_mine", "wage-arrears")
    )  # fmt: skip
    page = (await desk.opens("/content/unanswered")).text
    seen = text_of(page)
    assert seen.index("公司知道我怀孕让我走") < seen.index("第一句 ＊＊＊")
    assert "不是她的情况 老板拖欠工资怎么办 公司知道我怀孕让我走 最近的主题： 怀孕被辞退怎么办" in seen
    assert page.count("最近的主题：") == 2
    forms = re.findall(r'action="/console/content/try">.*?name="text" value="([^"]*)"', page, re.DOTALL)
    assert [unescape(text) for text in forms] == ["公司知道我怀孕让我走", "第一句 ＊＊＊"]


async def test_the_queue_is_grouped_by_reason_and_topic(house):
    desk = await curator(house)
    await notes(
        house, ("甲", "not_found", None), ("乙", "not_clear", "wage-arrears"),
        ("丙", "not_clear", "wage-arrears"), ("丁", "not_clear", "pregnancy-dismissal"),
        ("戊", "not_mine", "gone-topic"),
    )  # fmt: skip
    page = (await desk.opens("/content/unanswered")).text
    seen = text_of(page)
    assert "全部 5 没找到 1 没看懂 3 不是她的情况 1" in seen
    assert "老板拖欠工资怎么办 · 没看懂 2" in seen
    assert "gone-topic" in seen

    async def shown(**params):
        found = (await desk.opens("/content/unanswered", params=params)).text
        return "".join(re.findall(r'<p class="said">(.)</p>', found))

    assert await shown(reason="not_clear") == "丁丙乙"
    assert await shown(reason="not_clear", topic="wage-arrears") == "丙乙"
    assert await shown(reason="nonsense", topic="<script>") == "戊丁丙乙甲"
    for link in links(page):
        if link.startswith("/console/content"):
            assert (await desk.client.get(link)).status_code == 200, link


async def test_the_queue_is_paged_and_nothing_is_skipped_while_it_empties(house):
    numbers = await notes(house, *((f"第{number:02}个问题", "not_found", None) for number in range(45)))
    desk, seen, path = await curator(house), [], "/content/unanswered"
    while path:
        page = (await desk.opens(path)).text
        here = re.findall(r'<p class="said">第(\d\d)个问题</p>', page)
        seen += here
        if len(seen) == 20:  # a colleague empties half of the first page meanwhile
            await desk.sends("/content/unanswered/done", notes=" ".join(map(str, numbers[25:35])))
        older = [link for link in links(page) if "before=" in link]
        path = older[0].removeprefix("/console") if older else ""
    assert seen == [f"{number:02}" for number in range(44, -1, -1)]
    assert len(await waiting(house)) == 35


async def test_a_note_that_is_done_leaves_the_queue_and_says_who_did_it(house):
    desk = await curator(house)
    first, second = await notes(house, *((text, "not_clear", "wage-arrears") for text in "甲乙"))
    where = {"tab": "waiting", "reason": "not_clear", "topic": "wage-arrears"}
    await desk.sends("/content/unanswered/done", notes=str(first), **where)
    assert "reason=not_clear&topic=wage-arrears" in desk.last.headers["location"]
    await desk.follows()
    assert desk.sees("已处理，不在待处理里了")
    assert await waiting(house) == [second]
    assert await house.audited("unanswered") == ["notes_done"]
    page = text_of((await desk.opens("/content/unanswered?tab=done")).text)
    assert "甲" in page
    assert "乙" not in page
    assert re.search(r"孙编辑，11月22日 20:0\d 处理", page)
    lines = await house.store.read(lambda unit: unit.audit.lines("unanswered", 5))
    assert [line.facts for line in lines] == [{"notes": str(first)}]
    page = text_of((await desk.opens("/content/topics/wage-arrears")).text)
    assert "没看懂： 2" in page, "the vote stays, only the work is done"
    assert "其中 1 条还没有人处理" in page


async def test_done_twice_is_done_once(house):
    desk, other = await curator(house), await curator(house, "周编辑")
    (number,) = await notes(house, ("甲", "not_found", None))
    await desk.sends("/content/unanswered/done", notes=str(number))
    await other.sends("/content/unanswered/done", notes=str(number))
    await other.follows()
    assert other.sees("已经有人处理过了")
    page = text_of((await desk.opens("/content/unanswered?tab=done")).text)
    assert "孙编辑" in page.partition("甲")[2]
    assert await house.audited("unanswered") == ["notes_done"]


async def test_two_who_press_at_once_have_one_act_between_them(house):
    browsers = [await curator(house, f"编辑{name}") for name in "甲乙丙丁"]
    numbers = await notes(house, *((f"问题{one}", "not_found", None) for one in "一二三"))
    tokens = [await browser.form_token() for browser in browsers]
    pressed = [
        browser.sends("/content/unanswered/done", notes=" ".join(map(str, numbers)), csrf=token)
        for browser, token in zip(browsers, tokens, strict=True)
    ]
    answers = await asyncio.gather(*pressed)
    said = sorted(answer.headers["location"].partition("done=")[2] for answer in answers)
    assert said == ["note_done", "note_was_done", "note_was_done", "note_was_done"]
    assert await waiting(house) == []
    assert await house.audited("unanswered") == ["notes_done"]
    done = await house.store.read(lambda unit: unit.feedback.page(done=True, limit=9))
    assert len({note.done_by for note in done}) == 1


async def test_numbers_that_are_none_do_nothing(house):
    desk = await curator(house)
    (number,) = await notes(house, ("甲", "not_found", None))
    for forged in ("", "x", "-1", "0", "999999999999", "9" * 400, "７", f"{number}x", f"{number};--"):
        await desk.sends("/content/unanswered/done", notes=forged, tab="<b>", reason="\r\nset-cookie: x")
        assert desk.last.headers["location"] == "/console/content/unanswered?tab=waiting&done=note_was_done"
    assert await waiting(house) == [number]
    assert await house.audited("unanswered") == []


async def test_a_form_of_another_site_marks_and_tries_nothing(house):
    desk = await curator(house)
    (number,) = await notes(house, ("甲", "not_found", None))
    for path, fields in (
        ("/content/unanswered/done", {"notes": str(number)}),
        ("/content/try", {"text": "产假"}),
    ):
        assert (await desk.sends(path, csrf="0" * 64, **fields)).status_code == 403
        other = {"origin": "https://elsewhere.example"}
        assert (await desk.sends(path, headers=other, **fields)).status_code == 403
    assert await waiting(house) == [number]


async def test_who_was_disabled_meanwhile_marks_nothing(house):
    member, admin = await house.hires("孙编辑", Role.CURATOR), await house.hires("管理员", Role.ADMIN)
    (number,) = await notes(house, ("甲", "not_found", None))
    now = house.clock.now()
    await house.write(lambda unit: accounts.disable(unit, admin, member.id, now))
    with pytest.raises(errors.NotFound):
        await house.write(lambda unit: content_notes.mark_done(unit, member, [number], now))
    assert await waiting(house) == [number]


async def test_the_week_counts_what_says_the_same_and_a_whole_group_is_done_at_once(house):
    await notes(house, ("产假几天", "not_found", None), days_ago=8)
    await notes(
        house,
        ("产假几天", "not_found", None), ("产假是多少天呀", "unsure", None),
        ("产假 几天？", "not_found", None), ("食堂饭菜难吃", "not_found", None),
        ("食堂的饭菜太难吃", "not_found", None), ("老板是谁", "not_found", None),
    )  # fmt: skip
    desk = await curator(house)
    page = (await desk.opens("/content/unanswered?tab=week")).text
    seen = text_of(page)
    assert re.findall(r"(\d) 次", seen) == ["3", "2", "1"]
    assert "另外的说法（2）" in seen
    assert "全部已处理（3）" in seen
    numbers = re.search(r'name="notes" value="([\d ]+)"', page)[1]
    await desk.sends("/content/unanswered/done", notes=numbers, tab="week")
    await desk.follows()
    seen = text_of(desk.last.text)
    assert re.findall(r"(\d) 次", seen) == ["3", "2", "1"], "the count of the week stays"
    assert "都处理了" in seen
    assert len(await waiting(house)) == 4, "the three others, and the one of last week"


async def test_her_words_stand_in_no_address_and_no_log(house, caplog):
    caplog.set_level(logging.DEBUG)
    desk = await curator(house)
    (number,) = await notes(house, (HER_WORDS, "not_clear", "pregnancy-dismissal"))
    await house.write(lambda unit: unit.feedback.helped("pregnancy-dismissal", house.clock.now()))
    pages = [
        await desk.opens(path)
        for path in ("/content", "/content/unanswered", "/content/unanswered?tab=week",
                     "/content/unanswered?reason=not_clear&topic=pregnancy-dismissal")
    ]  # fmt: skip
    assert all(HER_WORDS in page.text for page in pages)
    pages.append(await desk.sends("/content/try", text=HER_WORDS))
    pages.append(await desk.sends("/content/unanswered/done", notes=str(number), tab="week"))
    pages.append(await desk.opens("/content/unanswered?tab=done"))
    assert_nowhere_in_addresses_or_log(house, pages, caplog)
