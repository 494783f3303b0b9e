"""The curators' pages about what is written: overview, topics, laws, what teaches."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from markupsafe import escape

from bot.services.content_library import Kind, Library, State, states_of
from bot.services.content_search import find_topics
from knowledge.loader import load_knowledge
from tests.console.conftest import KNOWLEDGE
from tests.console.content_desk import curator, links, notes, text_of, with_knowledge
from tests.console.small_knowledge import ARREARS, CHECKED, CONTRACTS, DISMISSAL, LEAVE, WOMEN
from tests.console.test_hostile import HOSTILE

# ── overview ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_overview_counts_each_category_and_every_figure_is_the_way_to_its_list(house):
    desk = await curator(house)
    page = (await desk.opens("/content")).text
    rows = {
        text_of(row).split()[0]: [int(cell) for cell in text_of(row).split()[1:]]
        for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", page, re.DOTALL)
    }
    assert rows["三期与生育"] == [3, 2, 1, 1, 1, 1]
    assert rows["工资"] == [1, 1, 0, 1, 0, 0]
    assert rows["合计"] == [4, 3, 1, 2, 1, 1]
    for state, number in (("written", 3), ("reviewed", 1), ("overdue", 1), ("old", 1), ("few", 2)):
        listed = (await desk.opens("/content/topics", params={"state": state})).text
        assert listed.count('class="what"') == number, state
    for link in dict.fromkeys(links(page)):
        if link.startswith("/console/content"):
            answer = await desk.client.get(link)
            assert answer.status_code == 200, link
    assert f"{30 + 4 + 3} 问法" in text_of(page)
    for words in ("1 故事", "1 小课", "1 小工说法", "2 竞答题"):
        assert words in text_of(page)


async def test_the_overview_shows_what_was_asked_most_and_what_was_not_understood(house):
    desk, now = await curator(house), house.clock.now()
    await notes(
        house,
        ("产假几天", "unsure", None), ("产假是多少天呀", "not_found", None), ("食堂太远", "not_found", None),
        ("看不懂", "not_clear", "wage-arrears"), ("不是我", "not_mine", "wage-arrears"),
        ("还是不懂", "not_clear", "wage-arrears"), ("不清楚", "not_clear", "pregnancy-dismissal"),
    )  # fmt: skip
    for topic in ("wage-arrears", "wage-arrears", "maternity-leave-length"):
        await house.write(lambda unit, topic=topic: unit.feedback.helped(topic, now))
    page = text_of((await desk.opens("/content")).text)
    assert "7 没答好、待处理" in page
    assert "2 次" in page
    assert page.index("产假是多少天呀") < page.index("不是我")
    assert "老板拖欠工资怎么办 2 1 怀孕被辞退怎么办 1 0" in page
    assert "3 她说“解决了”" in page
    assert re.search(r"解决了 老板拖欠工资怎么办 2 产假有多少天 1", page)


# ── topics ───────────────────────────────────────────────────────────────────────────────────────────


async def listed(desk, **params):
    page = (await desk.opens("/content/topics", params=params)).text
    return re.findall(r'<span class="where">[^<]* · ([a-z-]+)</span>', page)


async def test_topics_are_filtered_by_what_a_curator_asks(house):
    desk = await curator(house)
    await notes(house, ("不懂", "not_clear", "wage-arrears"))
    everything = ["pregnancy-dismissal", "maternity-leave-length", "nursing-break", "wage-arrears"]
    assert await listed(desk) == everything
    assert await listed(desk, category="pay") == ["wage-arrears"]
    assert await listed(desk, state="waiting") == ["pregnancy-dismissal", "wage-arrears"]
    assert await listed(desk, state="unwritten") == ["nursing-break"]
    assert await listed(desk, votes="against") == ["wage-arrears"]
    assert await listed(desk, law=CONTRACTS) == ["pregnancy-dismissal", "wage-arrears"]
    assert await listed(desk, law=WOMEN, state="few") == ["pregnancy-dismissal", "maternity-leave-length"]
    assert (await listed(desk, sort="against"))[0] == "wage-arrears"
    assert (await listed(desk, sort="checked"))[0] == "maternity-leave-length"
    assert await listed(desk, category="<script>", state="x", law="没有", sort="x", page="x") == everything


async def test_a_search_finds_letters_and_what_is_like_them_and_says_by_which_phrasing(house):
    desk = await curator(house)
    assert await listed(desk, q="产假") == ["maternity-leave-length"]
    assert await listed(desk, q="wage-arr") == ["wage-arrears"]
    assert (await listed(desk, q="怀孕被辞腿"))[0] == "pregnancy-dismissal", "a slip of the hand"
    assert await listed(desk, q="懷孕") == ["pregnancy-dismissal"], "traditional characters"
    assert await listed(desk, q="！！") == []
    await desk.opens("/content/topics", params={"q": "肚子大了"})
    assert desk.sees("问法：肚子大了要开除我")


def test_the_search_puts_the_topic_that_is_named_first(knowledge, index):
    library = Library(knowledge, index)
    first, *_ = find_topics(library, "pregnancy-dismissal")
    assert first.topic == "pregnancy-dismissal"
    assert find_topics(library, "") == []


@pytest.mark.parametrize(
    ("entry", "state", "holds"),
    [(LEAVE, State.OVERDUE, True), (LEAVE, State.REVIEWED, True), (LEAVE, State.WAITING, False),
     (DISMISSAL, State.OVERDUE, False), (ARREARS, State.FEW, False), (DISMISSAL, State.FEW, True)],
)  # fmt: skip
def test_a_state_holds_or_not(entry, state, holds):
    assert (state in states_of(entry, CHECKED)) is holds


def test_a_check_is_old_after_a_year_and_a_review_overdue_on_the_day_after(knowledge):
    on = LEAVE.checked_on
    assert State.OLD not in states_of(LEAVE, on.replace(year=on.year + 1))
    assert State.OLD in states_of(LEAVE, on.replace(year=on.year + 1, day=on.day + 1))
    assert State.OVERDUE not in states_of(LEAVE, LEAVE.review.next)
    assert states_of(None, CHECKED) == {State.UNWRITTEN}


async def test_a_topic_is_shown_as_she_reads_it_with_everything_that_hangs_on_it(house):
    desk = await curator(house)
    await notes(house, ("不懂", "not_clear", "pregnancy-dismissal"))
    page = (await desk.opens("/content/topics/pregnancy-dismissal")).text
    seen = text_of(page)
    for words in (
        "不能因为您怀孕辞退您。请打 12351。", "从怀孕到孩子满一周岁都受保护。", "1. 请单位书面写明理由",
        "·怀孕证明", "请书面说明理由。", "今天就要签字的时候。", "一年之内", "待律师审核", "肚子大了要开除我",
        "knowledge/faq/maternity/pregnancy-dismissal.yaml", "延长产假 没有核实，不说 60天",
        "来源：网上转载", "生育津贴 可以说 3000元 · 2026年5月1日核对", "来源：市医保局通知",
        "两件事的区别：一个是辞退，一个是欠钱。", "knowledge/siblings/leaving.yaml", "没看懂： 1",
        "其中 1 条还没有人处理",
    ):  # fmt: skip
        assert words in seen, words
    ways = links(page)
    for way in (
        f"/console/content/laws/{quote(WOMEN)}", f"/console/content/laws/{quote(CONTRACTS)}",
        "/console/content/topics/wage-arrears", "/console/content/teaching/story/li-dismissed",
        "/console/content/teaching/question/q-easy",
    ):  # fmt: skip
        assert way in ways, way
    assert "/console/content/teaching/tip/tip-001" not in ways, "that one is about wages"


async def test_a_topic_without_an_answer_says_where_it_will_stand(house):
    desk = await curator(house)
    await desk.opens("/content/topics/nursing-break")
    assert desk.sees("还没有写")
    assert desk.sees("knowledge/faq/maternity/nursing-break.yaml")
    for missing in ("no-such-topic", "<script>", "%00", "x" * 3000):
        assert (await desk.opens(f"/content/topics/{missing}")).status_code == 404


async def test_a_topic_of_a_region_names_the_regions_own_file_too(house, tmp_path):
    own = tmp_path / "knowledge" / "regions" / "ningxia" / "faq"
    own.mkdir(parents=True)
    (own / "wage-arrears.yaml").write_text("short: 别的\n", encoding="utf-8")
    desk = await curator(with_knowledge(house, folder=tmp_path / "knowledge"))
    await desk.opens("/content/topics/wage-arrears")
    assert desk.sees("knowledge/faq/pay/wage-arrears.yaml")
    assert desk.sees("knowledge/regions/ningxia/faq/wage-arrears.yaml")


# ── laws, teaching ───────────────────────────────────────────────────────────────────────────────────


async def test_a_law_leads_to_everything_that_cites_it_by_article(house):
    desk = await curator(house)
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", (await desk.opens("/content/laws")).text, re.DOTALL)
    assert text_of(rows[0]) == f"{WOMEN} 2 1 1 1 0 0", "the most cited first"
    assert text_of(rows[1]) == f"{CONTRACTS} 2 1 0 0 1 0"
    assert text_of(rows[2]) == "劳动法 1 0 0 0 0 1", "a deadline rests on it, and the entry that shows it"
    page = (await desk.opens(f"/content/laws/{CONTRACTS}")).text
    seen = text_of(page)
    assert "中华人民共和国劳动合同法" in seen
    assert "第三十条 主题 老板拖欠工资怎么办 竞答题 欠薪最多等多久再去投诉？ 小工说法 工资拖着不发" in seen
    assert "第四十二条 主题 怀孕被辞退怎么办" in seen
    assert seen.index("第三十条") < seen.index("第四十二条") < seen.index("第八十五条")
    for link in links(page):
        if link.startswith("/console/content"):
            assert (await desk.client.get(link)).status_code == 200, link
    assert (await desk.opens("/content/laws/劳合法")).status_code == 200, "an alias is a name"
    assert (await desk.opens("/content/laws/没有这部法")).status_code == 404
    page = text_of((await desk.opens(f"/content/laws/{WOMEN}")).text)
    for words in ("故事 小李怀孕以后", "小课 产假怎么算", "竞答题 小李怀孕了，公司可以辞退她吗？"):
        assert words in page, words


async def test_what_teaches_is_listed_by_kind_category_and_difficulty_and_can_be_read_whole(house):
    desk = await curator(house)

    async def found(**params):
        page = (await desk.opens("/content/teaching", params=params)).text
        return [unescape(one) for one in re.findall(r'<span class="what">(.*?)</span>', page)]

    assert await found() == ["小李怀孕以后"]
    assert await found(kind="lesson", category="maternity") == ["产假怎么算"]
    assert await found(kind="lesson", category="pay") == []
    assert len(await found(kind="question")) == 2
    assert await found(kind="question", difficulty="hard") == ["欠薪最多等多久再去投诉？"]
    assert await found(kind="tip", difficulty="hard") == ["工资拖着不发，每个月发消息催一次。"]
    for path, words in (
        ("story/li-dismissed", ("小李怀孕五个月。", "公司让她回去上班。", "先别签字", "请打 12351")),
        ("story/li-dismissed", ("knowledge/stories/li-dismissed.yaml", "情景案例")),
        ("lesson/leave-counted", ("卡片正文三", "15天 对", "加15天。")),
        ("tip/tip-001", ("工资拖着不发", "《劳动合同法》第三十条", "knowledge/tips")),
        ("question/q-easy", ("不可以 对", "法律保护孕期。", "春天竞答", "容易")),
    ):
        page = text_of((await desk.opens(f"/content/teaching/{path}")).text)
        for one in words:
            assert one in page, (path, one)
    for missing in ("story/none", "tip/li-dismissed", "entry/wage-arrears", "x/y", "story/%00"):
        assert (await desk.opens(f"/content/teaching/{missing}")).status_code == 404, missing


async def test_a_long_list_is_paged(house, knowledge):
    one = next(iter(knowledge.campaigns["spring"].questions))
    many = tuple(one.model_copy(update={"id": f"q-{at:03}", "text": f"第{at:03}题"}) for at in range(95))
    campaign = knowledge.campaigns["spring"].model_copy(update={"questions": many})
    desk = await curator(with_knowledge(house, campaigns={"spring": campaign}))
    seen, path = [], "/content/teaching?kind=question&difficulty=easy"
    while True:
        page = (await desk.opens(path)).text
        seen += re.findall(r'<span class="what">第(\d+)题', page)
        onward = re.search(r'rel="next" href="/console([^"]*)"', page)
        if onward is None:
            break
        path = unescape(onward[1])
    assert seen == [f"{at:03}" for at in range(95)]
    assert "第 3 页，共 3 页" in page
    assert (await desk.opens("/content/teaching?kind=question&page=99999")).status_code == 200


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────


def whole_content(knowledge, every=1):
    """The address of every page about something that is written; of what teaches every n-th."""
    library = Library(knowledge, None)
    yield from (f"/content/topics/{topic.id}" for topic in library.topics)
    yield from (f"/content/laws/{quote(row.law.name)}" for row in library.laws)
    yield from (f"/content/teaching/{kind}/{name}" for kind, name in list(library.items)[::every])
    yield from ("/content", "/content/topics", "/content/laws")
    yield from (f"/content/teaching?kind={kind}" for kind in Kind)


async def test_every_page_about_the_real_content_opens(house):
    real = load_knowledge(KNOWLEDGE)
    desk = await curator(with_knowledge(house, knowledge=real))
    for path in whole_content(real, every=7):
        assert (await desk.opens(path)).status_code == 200, path


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_in_content_and_notes_is_shown_as_text(house, knowledge, text):
    entry = DISMISSAL.model_copy(update={
        "title": text, "short": text, "details": text, "steps": (text,), "ask": (text,), "say": text,
        "evidence": (text,), "handover": text, "audience": text,
    })  # fmt: skip
    told = dict.fromkeys(("title", "happened", "outcome"), text)
    story = knowledge.stories["li-dismissed"].model_copy(update=told)
    tip = knowledge.tips[0].model_copy(update={"text": text})
    group = knowledge.siblings["leaving"].model_copy(update={"difference": text, "question": text})
    hostile = with_knowledge(
        house, entries={**knowledge.entries, entry.id: entry}, stories={story.id: story}, tips=(tip,),
        siblings={"leaving": group},
    )  # fmt: skip
    desk = await curator(hostile)
    await notes(house, (text, "not_clear", entry.id), (text, "not_found", None))
    paths = [*whole_content(hostile.deps.knowledge), "/content/unanswered", "/content/unanswered?tab=week"]
    pages = [await desk.opens(path) for path in paths]
    pages.append(await desk.sends("/content/try", text=text))
    pages.append(await desk.opens("/content/topics", params={"q": text}))
    assert str(escape(text.strip())) in pages[paths.index("/content/unanswered")].text
    assert str(escape(text)) in pages[paths.index(f"/content/teaching/tip/{tip.id}")].text
    for page in pages:
        assert page.status_code in (200, 422), page.url
        assert page.text.count("<script") == 1
        assert "<img src=x" not in page.text
        assert page.text.count("<textarea") == page.text.count("</textarea>")


async def test_no_page_of_content_lets_the_browser_edit_it(house):
    desk = await curator(house)
    for path in whole_content(house.deps.knowledge):
        page = (await desk.opens(path)).text
        actions = set(re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page))
        assert actions <= {"/console/logout"}, path
