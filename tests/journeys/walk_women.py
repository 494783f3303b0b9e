"""What women do in a walk: open, write, tap (also buttons of others), bring codes, are forgotten."""

import random
from dataclasses import replace
from datetime import timedelta

from bot.conversation.actions import Do, act, read_tap, see_case, write_to_case
from bot.conversation.consent import needed
from bot.conversation.effects import OpenCase
from bot.conversation.session import CaseDraft, Place, from_json
from bot.domain.cases import Answers, CaseKind, NameLevel
from bot.domain.civil_time import civil_day
from bot.domain.handovers import Field, HandOverState
from bot.domain.incoming import Address
from bot.domain.ports import Unit
from bot.domain.ports_links import SpokenFor
from bot.domain.receipt_codes import make_code
from bot.services import worker_cases
from bot.services.erase_old_data import KeptFor, erase_old_data
from tests.journeys.walk_oracle import EMPLOYERS, Mark, Of
from tests.journeys.walker import GROUP, WOMEN, Walk

_KINDS = (CaseKind.WAGES, CaseKind.MATERNITY)
_FRAMES = ("补充一下：{}", "{} 他们还没给工资", "老板说要打我 {}", "合同没给我 {}", "{}")
_COMMANDS = (
    "我的事", "菜单", "是", "否", "补充完了", "取消", "返回", "别回", "隐私", "清除", "跳过", "不知道",
    "8400元", "同意", "说完了",
)  # fmt: skip


async def opens(walk: Walk) -> None:
    """A case handed in with every answer marked; now and then told for somebody else."""
    address = walk.source.choice(WOMEN)
    person_id, now, oracle = await walk.person(address), walk.now, walk.oracle
    case_id, code = f"{walk.seed:05d}c{len(walk.cards):02d}", make_code(walk.source)
    oracle.own[case_id], oracle.codes[code] = {person_id}, case_id
    level = walk.source.choice(list(NameLevel))
    answers = _answers(walk, case_id, person_id, named=level is not NameLevel.ANONYMOUS)
    if walk.source.random() < 0.15:
        oracle.told_by[case_id] = person_id
    kinds = sorted(needed(address.channel))
    draft = CaseDraft(
        now, now, answers=answers, level=level, urgent=walk.source.random() < 0.15,
        consents=tuple((kind.value, "v1", now) for kind in kinds), for_other=case_id in oracle.told_by,
    )  # fmt: skip
    kind = walk.source.choice(_KINDS)

    def work(unit: Unit) -> None:
        person, number = unit.people.get(person_id), unit.cases.next_number(now)
        assert person is not None
        by = walk.desk.promises.first_answer_by(now, kind, draft.urgent)
        worker_cases.open_case(
            unit, person, OpenCase(case_id, number, code, kind, by, draft), now, walk.her_desk
        )
        unit.cases.keep_topic(case_id, f"{GROUP}:{len(walk.topics) + 10}")

    await walk.write(work)
    walk.topics[str(len(walk.topics) + 10)] = case_id
    walk.says(f"    {address.id} opened {case_id}")


def _answers(walk: Walk, case_id: str, person_id: str, *, named: bool) -> Answers:
    def words(part: Field, frame: str = "{}") -> str:
        return frame.format(walk.oracle.mark(Of.HER, person_id, case_id, part=part).word)

    answers = Answers(
        happened=words(Field.HAPPENED, "怀孕后让我走 {}"), since=words(Field.SINCE, "上个月15号 {}"),
        district="金凤区", employer=walk.source.choice(EMPLOYERS), evidence=words(Field.EVIDENCE),
        wish=words(Field.WISH),
    )  # fmt: skip
    if named:
        answers = replace(answers, name=words(Field.NAME), contact=_contact(walk, case_id, person_id))
    return answers


def _contact(walk: Walk, case_id: str, person_id: str) -> str:
    """The same telephone in all her cases."""
    marks = walk.oracle.marks.values()
    kept = next((one for one in marks if one.part is Field.CONTACT and one.by == person_id), None)
    mark = kept or walk.oracle.mark(Of.HER, person_id, part=Field.CONTACT)
    mark.cases.add(case_id)
    return mark.word


# ── talking ──


async def writes(walk: Walk) -> None:
    """Marked words, wherever she is in the talk."""
    address = walk.source.choice(WOMEN)
    if walk.source.random() < 0.6:
        await _goes_into_a_case(walk, address)
    mark = await _next_words(walk, address)
    frame = "{}" if mark.of is Of.SECRET else walk.source.choice(_FRAMES)  # danger is no phrase
    text = frame.format(mark.word)
    for case_id in mark.cases if mark.of is Of.SECRET else ():
        walk.oracle.phrases[case_id] = text
    walk.says(f"    {address.id} writes {text}")
    await walk.talks(address, text=text)


async def _goes_into_a_case(walk: Walk, address: Address) -> None:
    person_id = await walk.person(address)
    held = [one for one in walk.cards if person_id in walk.oracle.holders(one)]
    if held:
        await walk.talks(address, action=write_to_case(walk.source.choice(held)))


async def _session(walk: Walk, address: Address) -> str | None:
    person_id = await walk.person(address)
    return await walk.store.store.read(lambda unit: unit.sessions.get(person_id))


async def _next_words(walk: Walk, address: Address) -> Mark:
    """A marker for what she writes next: of the case in which she is, a phrase, or of no case."""
    person_id = await walk.person(address)
    session = from_json(await _session(walk, address))
    case_id = walk.oracle.root(session.case_id or "")
    hers = case_id in walk.oracle.own and person_id in walk.oracle.holders(case_id)
    if session.place is Place.SET_PHRASE:
        return walk.oracle.mark(Of.SECRET, person_id, *([case_id] if hers else []))
    mark = walk.oracle.mark(Of.HER, person_id)
    if hers and session.place in (Place.IN_CASE, Place.WITHDRAWING):
        mark.cases.add(case_id)
    return mark


async def says_a_command(walk: Walk) -> None:
    """A word that is a command."""
    address, text = walk.source.choice(WOMEN), walk.source.choice(_COMMANDS)
    walk.says(f"    {address.id} says {text}")
    session = from_json(await _session(walk, address))
    action = dict(session.choices).get(text)  # a typed label is a tap
    if action is not None:
        _means(walk, await walk.person(address), action)
    await walk.talks(address, text=text)


async def taps(walk: Walk) -> None:
    """A button on her screen, mostly one of the newest."""
    address = walk.source.choice(WOMEN)
    shown = walk.screens.get(await walk.person(address), [])
    if not shown:
        address = Address("webchat", "w0")
        shown = walk.screens.get(await walk.person(address), [])
    if shown:
        button = walk.source.choice(shown[-8:] if walk.source.random() < 0.7 else shown)
        await _tap(walk, address, button.action, button.label)


async def forges(walk: Walk) -> None:
    """A button of somebody else's screen, or one that she makes up about any case."""
    address = walk.source.choice(WOMEN)
    others = [one for shown in walk.screens.values() for one in shown]
    luck = walk.source.random()
    if others and luck < 0.5:
        await _tap(walk, address, walk.source.choice(others).action, "forged")
        return
    case_id = walk.any_case()
    made = [
        see_case(case_id), write_to_case(case_id), act(Do.CASE, "code", case_id),
        act(Do.CASE, "withdrawn", case_id), act(Do.CASE, "phrase", case_id), act(Do.CASE, "reopen", case_id),
        act(Do.CASE, "addlast", case_id), act(Do.AFTER, "partly", case_id, 1),
        act(Do.AFTER, "no", case_id, 1), act(Do.HAND_OVER, "list", case_id),
        act(Do.ASKING_FOR, "herself", case_id), act(Do.ASKING_FOR, "alone", case_id),
    ]  # fmt: skip
    for one in walk.oracle.given:
        made += [act(Do.HAND_OVER, verb, one) for verb in ("look", "fields", "revoke")]
        made.append(act(Do.HAND_OVER, "agree", one, 1023))
    await _tap(walk, address, walk.source.choice(made), "forged")


async def decides(walk: Walk) -> None:
    """A holder answers what staff asked: a hand-over (look, fields, yes, no, stop), or who she is."""
    oracle = walk.oracle
    wanted = [one for one in oracle.given if not oracle.given[one].dead]
    if not wanted:
        await taps(walk)
        return
    one = walk.source.choice(wanted)
    holders = {address: await walk.person(address) for address in WOMEN}
    hers = [at for at, person in holders.items() if person in oracle.holders(oracle.given[one].case_id)]
    if not hers:
        return
    kept = await walk.store.store.read(lambda unit: unit.partners.get(one))
    verbs = [("agree", kept.mask if kept else 0), ("keep", walk.source.randrange(10)), ("look",), ("refuse",)]
    if kept is not None and kept.state is HandOverState.AGREED:
        verbs = [("look",), ("revoked",), ("agree", walk.source.randrange(1024))]
    else:
        verbs += verbs[:1] * 3
    verb, *rest = walk.source.choice(verbs)
    await _tap(walk, walk.source.choice(hers), act(Do.HAND_OVER, str(verb), one, *rest), "decides")


async def _tap(walk: Walk, address: Address, action: str, label: str) -> None:
    walk.says(f"    {address.id} taps {action} ({label})")
    _means(walk, await walk.person(address), action)
    await walk.talks(address, action=action)
    await _taken_over(walk)


def _means(walk: Walk, person_id: str, action: str) -> None:
    """What the oracle learns from a tap before it is carried out."""
    tap = read_tap(action)
    if tap is not None and tap.do is Do.CASE and tap.verb in ("addlast", "reopenadd"):
        _bind_last(walk, person_id, walk.oracle.root(tap.arg(1)))
    if tap is not None and tap.do is Do.HAND_OVER:
        _she_decides(walk, person_id, tap.verb, tap.arg(1), tap.number(2))


def _bind_last(walk: Walk, person_id: str, case_id: str) -> None:
    """What she had written outside goes into a case of hers."""
    if case_id in walk.oracle.own and person_id in walk.oracle.holders(case_id):
        for mark in walk.oracle.marks.values():
            if mark.of is Of.HER and mark.by == person_id and not mark.cases and mark.part is None:
                mark.cases.add(case_id)


def _she_decides(walk: Walk, person_id: str, verb: str, one: str, number: int) -> None:
    """What her tap means: she agrees to the fields that her button names."""
    given = walk.oracle.given.get(one)
    if given is None or person_id not in walk.oracle.holders(given.case_id):
        return
    if walk.oracle.told_by.get(given.case_id) == person_id:
        return
    if verb == "agree" and given.agreed is None and not given.dead:
        fields = frozenset(field for place, field in enumerate(Field) if number >> place & 1)
        given.agreed = fields & set(given.offered)
    elif verb in ("revoked", "refuse") and (verb == "revoked") == (given.agreed is not None):
        given.dead = given.dead or verb == "revoked"


async def _taken_over(walk: Walk) -> None:
    """Where she said that from now on only she hears, the other one holds the case no more."""
    for case_id, person_id in list(walk.oracle.told_by.items()):
        of = await walk.store.store.read(lambda unit, one=case_id: unit.links.for_other(one))
        if of is not None and of.state is SpokenFor.TAKEN_OVER and case_id not in walk.oracle.let_go:
            walk.oracle.let_go.add(case_id)
            walk.oracle.own[case_id].discard(person_id)


# ── codes ──


async def brings_a_code(walk: Walk) -> None:
    """A code typed on any channel by anybody who has it, right, wrong or without its phrase."""
    address, oracle = walk.source.choice(WOMEN), walk.oracle
    code = walk.source.choice(list(oracle.codes))
    case_id, person_id = oracle.codes[code], await walk.person(address)
    typed = code if walk.source.random() < 0.85 else make_code(walk.source)
    phrase = oracle.phrases.get(oracle.root(case_id)) or oracle.phrases.get(case_id)
    said = phrase if phrase and walk.source.random() < 0.5 else None
    walk.says(f"    {address.id} types {'the' if typed == code else 'a wrong'} code of {case_id} ({said})")
    oracle.typed.add((person_id, typed))
    session = from_json(await _session(walk, address))
    if session.place in (Place.IN_CASE, Place.WITHDRAWING):  # there it is a word like any other
        oracle.in_words.add((oracle.root(session.case_id or ""), typed))
    if typed == code and said == phrase:
        oracle.own[case_id].add(person_id)
    await walk.talks(address, text=f"{typed} {said or ''}")
    held = await walk.store.store.read(lambda unit: unit.cases.people_of(case_id))
    if person_id not in held:
        oracle.own[case_id].discard(person_id)


# ── the end ──


async def is_forgotten(walk: Walk) -> None:
    """Everything of a woman is erased, with the cases that she alone holds."""
    if walk.source.random() < 0.7:
        return
    person_id = await walk.person(walk.source.choice(WOMEN))
    await walk.write(lambda unit: unit.people.erase(person_id))
    walk.screens.pop(person_id, None)
    for holders in walk.oracle.own.values():
        holders.discard(person_id)


async def old_data_goes(walk: Walk) -> None:
    """The daily sweep that forgets what has outlived its time, with short times."""
    short = KeptFor(timedelta(hours=30), timedelta(days=3), timedelta(days=2))
    store: object = walk.store
    await erase_old_data(store, short, walk.now)  # type: ignore[arg-type]


async def time_passes(walk: Walk) -> None:
    """Minutes or days."""
    walk.clock.passes(minutes=walk.source.choice((5, 20, 40, 90, 240, 900, 1500, 4500, 22000)))
    walk.says(f"    it is {civil_day(walk.now)} {walk.now:%H:%M}")


def wrong(source: random.Random, things: list[str]) -> str:
    """Any of them, or one that does not exist."""
    return source.choice(things) if things and source.random() < 0.95 else "nosuchthing"


ACTS = (
    (opens, 3), (writes, 9), (says_a_command, 3), (taps, 10), (forges, 5), (decides, 5), (brings_a_code, 4),
    (is_forgotten, 1), (old_data_goes, 1), (time_passes, 5),
)  # fmt: skip
