"""Nothing of hers becomes a case without every consent, on whatever way she walks through the questions."""

import os
import random
from datetime import UTC, datetime

import pytest

from bot.conversation.actions import Do, act
from bot.conversation.consent import given, needed
from bot.conversation.effects import OpenCase
from bot.conversation.router import respond
from bot.conversation.session import CaseDraft, Session
from bot.conversation.turn import Context, Organisation
from bot.conversation.typed import CommandBook
from bot.domain.cases import NameLevel
from bot.domain.errors import NotAllowed
from bot.domain.incoming import Address, FileKind, Incoming, KeptFile
from bot.domain.promises import Promises
from bot.services.bell import Bell
from bot.services.worker_cases import WorkersDesk, open_case
from tests.fakes import SUNDAY_EVENING
from tests.talk import House

WALKS = int(os.environ.get("SAFEHOUSE_WALKS", "300"))  # acceptance: 10,000
STEPS = 30
TYPED = [
    "老板欠我三个月",
    "跳过",
    "返回",
    "不知道",
    "说完了",
    "取消",
    "是",
    "不",
    "重新开始",
    "找工会帮我",
    "金凤区",
    "帮助",
]
FORGED = [
    act(Do.OPEN_CASE, "submit"),
    act(Do.OPEN_CASE, "level", "named"),
    act(Do.OPEN_CASE, "yes", "handing_over"),
    act(Do.OPEN_CASE, "edit", "happened"),
    act(Do.OPEN_CASE, "resume"),
    act(Do.OPEN_CASE, "done", "happened"),
]


class NothingYet:
    """Somebody without cases and without tries."""

    contest = None
    player = "p"

    def __init__(self, channel: str) -> None:
        self.channel = channel

    def cases(self) -> list:
        return []

    def case(self, case_id: str) -> None:
        return None

    def taken_over(self) -> bool:
        return False

    def staff_words(self):
        return ()

    def next_number(self) -> str:
        return "A26-0001"

    def gets_tips(self) -> bool:
        return False


def step(source: random.Random, session: Session) -> dict:
    """What she does next: mostly what is on her screen, sometimes what nobody expects."""
    roll = source.random()
    if roll < 0.5 and session.choices:
        return {"action": session.choices[0][1]}  # mostly the way on
    if roll < 0.7 and session.choices:
        return {"action": source.choice(session.choices)[1]}
    if roll < 0.78:
        return {"action": source.choice(FORGED)}
    if roll < 0.85:
        return {"files": (KeptFile("f", FileKind.PHOTO, 1),)}
    return {"text": source.choice(TYPED)}


@pytest.mark.parametrize("channel", ["webchat", "telegram"])
def test_no_walk_opens_a_case_without_matching_consents(house: House, search, channel: str) -> None:
    source = random.Random(channel)
    opened = 0
    book = CommandBook.of(house.wording.talk.commands)
    for walk in range(WALKS):
        session = Session(asked="老板欠我三个月") if walk % 2 else Session()
        for number in range(STEPS):
            context = Context(
                session,
                SUNDAY_EVENING,
                house.knowledge,
                search,
                house.wording,
                NothingYet(channel),
                source,
                Organisation("银川市总工会", "安全屋", "12351"),
                Promises(),
                book,
                contest_on=False,
            )
            incoming = Incoming(
                f"{walk}:{number}", Address(channel, "x"), SUNDAY_EVENING, **step(source, session)
            )
            turn = respond(incoming, context)
            assert turn.replies or turn.actions
            for effect in turn.actions:
                if isinstance(effect, OpenCase):
                    opened += 1
                    assert needed(channel) <= given(effect.draft)
                    assert all(version and at == SUNDAY_EVENING for _, version, at in effect.draft.consents)
            session = turn.session
            draft = session.draft
            if draft is not None and not needed(channel) <= given(draft):
                assert not draft.has_content, "no word enters the draft before she agreed"
    assert opened > WALKS / 50, "the walks do reach the end"


async def test_the_service_refuses_a_case_without_consents(house: House) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    draft = CaseDraft(now, now, level=NameLevel.NAMED, consents=(("processing", "v", now),))
    from bot.domain.cases import CaseKind

    effect = OpenCase("c1", "A26-0001", "7" * 25, CaseKind.OTHER, now, draft)
    desk = WorkersDesk(Bell(house.wording, None, ""), Promises())
    person = await house.write(lambda unit: unit.people.get_or_add(Address("webchat", "x"), now))
    with pytest.raises(NotAllowed):
        await house.write(lambda unit: open_case(unit, person, effect, now, desk))
    assert not await house.cases()
