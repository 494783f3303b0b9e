"""Words that mean the same everywhere, typed or tapped, rightly spelled or not."""

import pytest

from bot.conversation.actions import Do, act, read_tap
from bot.conversation.session import Place
from tests.talk import House, Talk

CARDS = {
    "帮助": "直接打字说您的事",
    "幫助": "直接打字说您的事",
    "/help": "直接打字说您的事",
    "ＨＥＬＰ": "直接打字说您的事",
    "helo": "直接打字说您的事",
    "返回": "您遇到了什么事",
    "菜单": "您遇到了什么事",
    "采单。": "您遇到了什么事",
    "/start": "您遇到了什么事",
    "重新开始": "从头来",
    "重新开是": "从头来",
    "取消": "没有要取消的",
    "隐私": "隐私",
    "隱私": "隐私",
    "清除": "要清除这里的聊天吗",
    "删除聊天": "要清除这里的聊天吗",
    "别回": "不再主动给您发",
    "停": "不再主动给您发",
    "我的事": "回执码",
    "答题": "女职工普法知识竞答",
    "好的": "您遇到了什么事",
    "你好": "我在",
    "有人吗？": "我在",
    "谢谢！": "不客气",
}


@pytest.mark.parametrize(("typed", "heard"), CARDS.items())
async def test_a_word_typed_as_a_whole_message_is_a_command(talk: Talk, typed: str, heard: str) -> None:
    await talk.says(typed)
    talk.hears(heard)


@pytest.mark.parametrize(
    "text", ["单位取消了我的年终奖怎么办", "想返回原来的岗位", "他停了我的工资", "我想清除处分记录"]
)
async def test_a_command_inside_a_question_is_no_command(talk: Talk, text: str) -> None:
    await talk.says(text)
    talk.does_not_hear("没有要取消的", "您遇到了什么事", "不再主动", "要清除")


async def test_clearing_asks_once_and_leaves_nothing_but_the_case(talk: Talk, house: House) -> None:
    await talk.says("我的邻居叫玛尔科夫斯基")
    await talk.says("清除")
    await talk.says("是")
    talk.hears("已经清除", "48 小时")
    person = await talk.person_id()
    lines = await house.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 100))
    assert not any("玛尔科夫斯基" in (line.hers or "") for line in lines)
    assert (await talk.session()).asked == ""
    deletions = [row for row in talk.rows if row.delete]
    assert deletions and all(remote.startswith("remote-") for row in deletions for remote in row.delete)


async def test_clearing_can_be_declined(talk: Talk, house: House) -> None:
    await talk.says("火星上怎么种土豆")
    await talk.says("清除")
    await talk.taps("先不清除")
    talk.hears("没有清除")
    person = await talk.person_id()
    lines = await house.read(lambda unit: unit.outbox.talk(person, (0, 0, 0), 100))
    assert any(line.hers == "火星上怎么种土豆" for line in lines)


async def test_quiet_lasts_until_she_writes_again(talk: Talk, house: House) -> None:
    await talk.says("别回")
    person = await talk.person_id()
    assert (await house.read(lambda unit: unit.people.get(person))).quiet
    await talk.says("菜单")
    assert not (await house.read(lambda unit: unit.people.get(person))).quiet


FORGED = [  # no such thing, not hers, out of range, of another desk, or no action at all
    "",
    "t:",
    "t:no-such-topic",
    "t:../../etc/passwd",
    "d:law",
    "d:secrets:pregnancy-dismissal:1",
    "c:see:0000",
    "c:withdrawn:ffffffffffffffffffff",
    "c:code:1",
    "k:a:deadbeef:0:1:1",
    "k:next:deadbeef:99999:0:0",
    "s:99999",
    "o:submit",
    "o:yes:processing",
    "o:level:named",
    "o:pick:district-99999",
    "o:edit:review",
    "h:yes:nothing:1",
    "g:claim:1",
    "x" * 65,
    "DROP TABLE cases",
    "{{7*7}}",
    "p:",
    "p:cleared2",
    "k:pick:99",
    "k:a:1",
    "c:reopen",
    "t:" + "a" * 100,
    "d:law:pregnancy-dismissal:99999",
    "k:result:1",
    "\u0000",
    "o:start:no-such-topic",
]


@pytest.mark.parametrize("action", FORGED)
async def test_forged_and_stale_buttons_are_answered_politely(talk: Talk, house: House, action: str) -> None:
    await talk.acts(action)
    assert talk.new and all(reply.text.strip() for reply in talk.new)
    assert not await house.cases()
    assert (await talk.session()).place in (Place.HOME, Place.OPENING)


def test_every_action_that_is_written_can_be_read_back() -> None:
    assert read_tap(act(Do.LAYER, "law", "maternity-allowance-direct-payment", 9999)) is not None
    tap = read_tap(act(Do.CONTEST, "a", "0123456789abcdef", 9, 31, 9999))
    assert tap is not None
    assert (tap.verb, tap.arg(1), tap.number(2), tap.number(3), tap.number(4)) == (
        "a",
        "0123456789abcdef",
        9,
        31,
        9999,
    )
    with pytest.raises(ValueError, match="no such action"):
        act(Do.TOPIC, "Not A Topic")


def test_every_topic_fits_into_a_button(house: House) -> None:
    for topic in house.knowledge.topics:
        assert len(act(Do.LAYER, "evidence", topic, 9999).encode()) <= 64


async def test_a_deep_link_opens_what_it_names(talk: Talk) -> None:
    await talk.starts("pregnancy-dismissal")
    talk.hears("怀孕被辞退怎么办")
    await talk.starts("quiz")
    talk.hears("女职工普法知识竞答")
    await talk.starts("case")
    talk.hears("您同意")
    await talk.starts("' or 1=1")
    talk.hears("安全屋")
