"""Staff and strangers in the Telegram group: words in topics, also foreign and deleted ones, and buttons."""

import re

from bot.domain.incoming import Address, GroupIncoming
from bot.domain.staff import Role, StaffMember
from tests.journeys.walk_oracle import Of
from tests.journeys.walker import ADVICE, GROUP, STAFF, Walk

_DRAFT_ACT = re.compile(r"g:(send|okay|ask|back):([^:]+):([^:]+)")
_STRANGER = "666"


async def _in_group(
    walk: Walk, telegram_id: str, thread: str | None, *, text: str = "", action: str | None = None
) -> None:
    row = await walk.received(Address("telegram", telegram_id))
    chat = GROUP
    walk.says(f"    {telegram_id} in {thread}: {text or action}")
    await walk.group_desk.handle(
        row, GroupIncoming(row.key, chat, thread, telegram_id, walk.now, text=text, action=action)
    )


async def _who(walk: Walk, case_id: str | None) -> str:
    if walk.source.random() < 0.05:
        return _STRANGER
    return (await walk.any_staff(case_id)).telegram_id or _STRANGER


def _where(walk: Walk, case_id: str | None) -> str | None:
    """The topic of a case; now and then another one, a deleted one, or the main page."""
    luck = walk.source.random()
    if luck < 0.05:
        return None
    if luck < 0.1:
        return "9999"
    if luck < 0.2 and walk.topics:
        return walk.source.choice(list(walk.topics))
    return next((thread for thread, one in walk.topics.items() if one == case_id), None)


async def writes_in_group(walk: Walk) -> None:
    """A note, a draft, or what the house waits for: which of them is for the house to say."""
    case_id = walk.any_case()
    thread, who = _where(walk, case_id), await _who(walk, case_id)
    member = next((one for one in STAFF if one.telegram_id == who), None)
    luck = walk.source.random()
    if luck < 0.12:
        await _in_group(walk, who, thread, text=walk.source.choice(("8400元", "3", "/link 1234567890")))
        return
    kind, lead = (Of.INSIDE, "") if luck < 0.5 else (Of.TO_HER, "草稿：")
    kept = await walk.store.store.read(
        lambda unit: unit.facts.get(f"group-awaited:{member.id}") if member else None
    )
    waited, place = (kept or "").split("|"), f"{GROUP}:{thread or 0}"
    about = walk.topics.get(thread or "")
    mark = walk.oracle.mark(kind, member.id if member else who, *([about] if about else []))
    if len(waited) == 4 and waited[1] == place:  # the next words here are a draft, or a review note
        if waited[3] == "draft":
            mark.of = Of.TO_HER
            mark.cases.add(waited[0])
        elif kind is Of.INSIDE:
            mark.in_topic = True
            mark.cases = {waited[0]}
    advice = f" {ADVICE}" if walk.source.random() < 0.25 else ""
    await _in_group(walk, who, thread, text=f"{lead}{mark.word}{advice}")


async def taps_in_group(walk: Walk) -> None:
    """A button that was shown in the group, tapped by anybody, anywhere."""
    if not walk.group:
        await writes_in_group(walk)
        return
    shown = walk.source.choice(walk.group[-10:] if walk.source.random() < 0.7 else walk.group)
    thread, who = _where(walk, shown.case_id), await _who(walk, shown.case_id)
    action = shown.action
    if walk.source.random() < 0.05 and shown.case_id:
        action = action.replace(shown.case_id, walk.any_case())
    await _taps(walk, who, thread, action)


async def sends_in_group(walk: Walk) -> None:
    """The button that sends a draft, of any draft that is known."""
    known = walk.oracle.waiting()[-6:]
    if not known:
        await taps_in_group(walk)
        return
    draft_id = walk.source.choice(known)
    case_id = walk.oracle.drafts[draft_id].case_id
    if walk.source.random() < 0.05:
        case_id = walk.any_case()
    verb = walk.source.choice(("send", "send", "send", "okay", "ask", "back"))
    await _taps(walk, await _who(walk, case_id), _where(walk, case_id), f"g:{verb}:{case_id}:{draft_id}")


async def _taps(walk: Walk, who: str, thread: str | None, action: str) -> None:
    """Tap, after the oracle has said what that may bring about."""
    member = next((one for one in await walk.staff() if one.telegram_id == who), None)
    found = _DRAFT_ACT.fullmatch(action)
    if found is None or member is None or found[3] not in walk.oracle.drafts:
        await _in_group(walk, who, thread, action=action)
    elif found[1] == "send":
        await _sends(walk, member, thread, found[2], found[3], action)
    else:
        await _in_group(walk, who, thread, action=action)
        await _reviewed(walk, member, found[1], found[3])
    await _conflict(walk, member, action)


async def _sends(
    walk: Walk, member: StaffMember, thread: str | None, case_id: str, draft_id: str, action: str
) -> None:
    card = walk.cards.get(case_id)
    allowed = card is not None and walk.oracle.may_send(member, case_id, draft_id, card.assignee)
    new = walk.oracle.sending(draft_id, case_id, allowed=allowed)
    await _in_group(walk, member.telegram_id or "", thread, action=action)
    if not await _is_kept(walk, draft_id):
        walk.oracle.drafts[draft_id].gone = True
    elif new:
        walk.oracle.not_sent(draft_id, case_id)


async def _is_kept(walk: Walk, draft_id: str) -> bool:
    return bool(
        await walk.store.store.inspect(
            lambda _, unit: unit.context.db.one("select 1 from drafts where id = :id", id=draft_id)
        )
    )


async def _reviewed(walk: Walk, member: StaffMember, verb: str, draft_id: str) -> None:
    """What became of a second look; a reviewer is never the author."""
    draft = walk.oracle.drafts[draft_id]
    row = await walk.store.store.inspect(
        lambda _, unit: unit.context.db.one("select review, reviewer from drafts where id = :id", id=draft_id)
    )
    if row is None:
        return
    if verb == "ask" and row["review"] == "asked":
        draft.advice, draft.approved = True, False
    elif verb == "okay" and row["review"] == "approved" and row["reviewer"] == member.id:
        reviewer = member.active and bool(member.roles & {Role.LAWYER, Role.LEADER})
        draft.approved = reviewer and draft.author != member.id


async def _conflict(walk: Walk, member: StaffMember | None, action: str) -> None:
    """有，回避 in the group closes the case to her as at the desk."""
    verb, _, case_id = action.removeprefix("g:").partition(":")
    if verb != "shun" or member is None or case_id not in walk.cards:
        return
    declared = await walk.store.store.read(lambda unit: unit.team.conflicts(case_id))
    if member.id in declared:
        walk.oracle.conflicts[member.id, case_id] = None


async def topic_goes(walk: Walk) -> None:
    """A topic is deleted; a new one may come."""
    case_id = walk.any_case()
    remote = f"{GROUP}:{len(walk.topics) + 10}" if walk.source.random() < 0.6 else None
    known = [thread for thread, one in walk.topics.items() if one == case_id]
    await walk.write(lambda unit: unit.cases.keep_topic(case_id, remote))
    for thread in known:
        walk.topics[thread] = ""
    if remote is not None:
        walk.topics[remote.partition(":")[2]] = case_id


ACTS = ((writes_in_group, 5), (taps_in_group, 6), (sends_in_group, 3), (topic_goes, 1))
