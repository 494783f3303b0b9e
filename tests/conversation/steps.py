"""Stretches of a talk that many tests walk."""

import re

from tests.talk import House, Talk

WORDS = "老板说我怀孕了让我不用来了"


async def at_level(talk: Talk) -> None:
    """From anywhere to the choice of a level, with the consents given."""
    await talk.says("找工会帮我")
    await agree(talk)


async def agree(talk: Talk) -> None:
    """All the consents that this channel asks for."""
    await talk.taps("同意")
    await talk.taps("同意")
    if talk.address.channel == "telegram":
        await talk.taps("同意")


async def at_review(talk: Talk, level: str = "匿名") -> None:
    """Up to the review card, every question answered."""
    await at_level(talk)
    await from_level(talk, level)


async def from_level(talk: Talk, level: str = "匿名") -> None:
    await talk.taps(level)
    if "就用这段" in [button.label for reply in talk.new for button in reply.buttons()]:
        await talk.taps("就用这段")
    else:
        await talk.says(WORDS)
        await talk.taps("说完了")
    await talk.says("上周三")
    await talk.taps("金凤区")
    await talk.says("万家超市")
    await talk.taps("有书面的")
    await talk.says("想继续上班")
    if level != "匿名":
        await talk.says("马女士")
        await talk.says("13912345678")


async def open_case(talk: Talk, level: str = "匿名", *, started: bool = False) -> str:
    """A case handed in; returns its code without blanks."""
    if started:
        await agree(talk)
        await from_level(talk, level)
    else:
        await at_review(talk, level)
    await talk.taps("提交")
    return code_on_screen(talk)


def code_on_screen(talk: Talk) -> str:
    found = re.search(r"(?:\d{5} ){4}\d{5}", "\n".join(reply.text for reply in talk.new))
    assert found, f"no code on the screen:\n{talk}"
    return found[0].replace(" ", "")


async def her_view(talk: Talk, house: House) -> tuple:
    """(card, answers, events, code) of the only case, as its holder may read it."""
    [card] = await house.cases()
    person = await talk.person_id()
    return card, *(await house.read(lambda unit: unit.cases.her_view(card.id, person)))
