"""An answer that nobody has checked for over a year says so itself."""

from tests.fakes import FrozenClock
from tests.talk import Talk

DISMISSED = "怀孕被辞退怎么办"  # checked on 2026-11-22; the house stands on the evening of that day


async def test_an_answer_says_when_it_is_due_to_be_read_again(talk: Talk, clock: FrozenClock) -> None:
    clock.passes(days=365)
    await talk.says(DISMISSED)
    talk.hears("待律师审核")
    talk.does_not_hear("该复核了")
    clock.passes(days=1)
    await talk.says(DISMISSED)
    talk.hears("这条内容 2026年11月22日 核对过，该复核了", "12351")
    await talk.taps("我该怎么做")
    talk.does_not_hear("该复核了")
