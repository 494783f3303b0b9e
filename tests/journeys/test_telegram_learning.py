"""学一学 on Telegram: a story, a lesson, the weekly tip that comes by itself on its Tuesday, and its end.

Run with -s to read the chat as it looked.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.clock import RealClock
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from tests.fake_telegram.server import FakeTelegram
from tests.fake_telegram.world import Message
from tests.taught import DISMISSED, LEAVE, TIPS, taught
from tests.telegram_app import GROUP, Person, TelegramApp, real_content, telegram_app

HER = 5001
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # 20:00 in Yinchuan
TUESDAY = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)  # 10:30 in Yinchuan


class MovedClock(RealClock):
    """A clock that goes on from another moment."""

    def __init__(self, start: datetime) -> None:
        self._offset = start - RealClock().now()

    def now(self) -> datetime:
        return super().now() + self._offset


def tips_of(her: Person) -> list[Message]:
    return [one for one in her.user.chat.messages.values() if one.text.startswith("【小工说法】")]


async def wants_tips(app: TelegramApp) -> bool:
    def look(unit: Unit) -> bool:
        person = unit.people.find(Address("telegram", str(HER)))
        return person is not None and unit.subscriptions.active(person.id)

    return await app.read(look)


async def test_a_story_a_lesson_a_tip_a_week_and_its_end(tmp_path: Path) -> None:
    shipped = real_content()
    content = replace(shipped, knowledge=taught(shipped.knowledge))
    async with FakeTelegram() as server:
        server.group(GROUP, forum=True)

        def house_at(moment: datetime):
            return telegram_app(tmp_path, "polling", server=server, clock=MovedClock(moment), content=content)

        async with house_at(SUNDAY) as app:
            her = app.worker(HER)
            await _reads_a_story(her)
            await _takes_a_lesson(her)
            await _wants_one_a_week(her)
            assert await wants_tips(app)

        async with house_at(TUESDAY) as app:
            her.app = app
            await server.until(lambda: tips_of(her), 20)
            await app.settled()
            [tip] = tips_of(her)
            assert tip.silent and TIPS[0].text[:12] in tip.text
            assert tip.labels() == ["拖欠工资怎么要", "不再收", "学一学"]
            assert "【小工说法】" in her.looks()

        async with house_at(TUESDAY + timedelta(hours=2)) as app:
            her.app = app
            assert "拖欠工资" in await her.taps("拖欠工资怎么要")
            assert len(tips_of(her)) == 1, "a restart on the same day sends nothing again"
            her.user.taps("不再收")
            await app.settled()
            assert "不再发" in her.looks()
            assert not await wants_tips(app)
            her.user.taps("不再收")
            await app.settled()
            assert "没有订" in her.looks()

        async with house_at(TUESDAY + timedelta(days=7)) as app:
            her.app = app
            assert "您遇到了什么事" in await her.says("菜单")
            assert len(tips_of(her)) == 1
        print(her.chat())


async def _reads_a_story(her: Person) -> None:
    await her.says("公司知道我怀孕就让我走人")
    await her.taps("细说")
    assert DISMISSED.happened in await her.taps("看个故事")
    count = len(her.user.chat.messages)
    assert DISMISSED.outcome in await her.taps("后来怎样")
    assert len(her.user.chat.messages) == count, "a story goes on in place"
    assert "怀孕被辞退怎么办" in await her.taps("怀孕被辞退怎么办")


async def _takes_a_lesson(her: Person) -> None:
    await her.says("学一学")
    count = len(her.user.chat.messages)
    await her.taps("云课堂")
    for label in (LEAVE.title, "下一张", "下一张", "答两道小题"):
        await her.taps(label)
    assert "没关系" in await her.taps("98天")
    await her.taps("下一题")
    assert "✓ 对" in await her.taps("B")
    assert "学完了" in await her.taps("学完了")
    assert len(her.user.chat.messages) == count, "a lesson goes on in place"


async def _wants_one_a_week(her: Person) -> None:
    await her.says("小工说法")
    assert "不响铃" in await her.taps("每周收一条")
