"""What repeats at one employer: a proposal of a 提示函 that names the practice and never a person."""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.conversation.case_kind import kind_of_topic
from bot.domain.cases import CaseKind, CaseStatus
from bot.domain.civil_time import civil_day, plain_day
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.ports_employers import CaseAt, EmployerSize, Letter, LetterState
from bot.domain.staff import Power, Role, StaffMember
from bot.services.case_gate import able, on_duty, require
from bot.services.notify_staff import notify
from knowledge.loader import Knowledge
from knowledge.wording import Wording

WINDOW = timedelta(days=90)
LEAST = 3  # independent cases; fewer could point at a person
# Where fewer than twenty work, three cases are known to everybody by name.
LEAST_IN_A_SMALL_PLACE = 5
AGAIN_AFTER = timedelta(days=180)  # a practice that was dealt with is proposed again only after that
LONGEST_REASON = 300
LONGEST_LETTER = 3000
# Trouble that no employer makes, and questions that are no practice.
_NOT_THEIRS = frozenset(
    {
        "domestic-violence", "stalking", "mental-health-crisis", "sexual-assault", "intimate-image-blackmail",
    }
)  # fmt: skip
_CASE_NUMBER = re.compile(r"[A-Za-z]\d{2}-\d{3,}")
_HOLE = re.compile(r"\{([a-z_]+)\}")


def look(unit: Unit, employer_id: str, now: datetime, wording: Wording | None = None) -> list[Letter]:
    """Propose a letter for each practice that repeats there and was not proposed lately."""
    made = []
    for practice in repeated(unit, employer_id, now):
        known = [one for one in unit.employers.letters(employer_id) if one.practice == practice]
        if any(_stands(one, now) for one in known):
            continue
        letter = Letter(secrets.token_hex(8), employer_id, practice, LetterState.PROPOSED, now)
        unit.employers.add_letter(letter)
        unit.audit.append("system", "letter_proposed", employer_id, now, {"letter": letter.id})
        made.append(letter)
    if made and wording is not None:
        leaders = [one for one in unit.staff.all() if one.may(Power.SEE_EMPLOYERS)]
        told = [one.id for one in leaders if one.employer_id != employer_id]
        notify(unit, told, wording.employers.repeats, now, case_id=None)
    return made


def repeated(unit: Unit, employer_id: str, now: datetime) -> list[str]:
    """Practices with enough independent cases in 90 days: topics, else the kind they belong to."""
    employer = unit.employers.get(employer_id)
    if employer is None:
        return []
    least = LEAST_IN_A_SMALL_PLACE if employer.size is EmployerSize.UNDER_20 else LEAST
    cases = [one for one in unit.employers.cases(employer_id, now - WINDOW) if _counts(one)]
    found: list[str] = []
    for kind in sorted({one.kind for one in cases}):
        of_kind = [one for one in cases if one.kind is kind]
        topics = sorted({one.topic for one in of_kind if one.topic})
        named = [f"topic:{topic}" for topic in topics
                 if independent([one for one in of_kind if one.topic == topic]) >= least]  # fmt: skip
        if not named and independent(of_kind) >= least:
            named = [f"kind:{kind.value}"]
        found += named
    return found


def independent(cases: Sequence[CaseAt]) -> int:
    """How many of them come from different people: one woman's cases, and one group's, count once."""
    groups: list[set[str]] = []
    for one in cases:
        ties = {f"group:{one.parent_id or one.id}", *(f"person:{holder}" for holder in one.holders)}
        touching = [group for group in groups if group & ties]
        groups = [group for group in groups if group not in touching]
        groups.append(ties.union(*touching))
    return len(groups)


@dataclass(frozen=True, slots=True)
class LetterView:
    """A proposal as it is shown: the employer's name, the practice in words, its law, and the text.

    `about` is the topic that repeats, for staff; the letter does not hold it. `asked` is the lawyer who shall
    read it, `advice` what she said.
    """

    letter: Letter
    employer: str
    practice: str
    laws: tuple[str, ...]
    text: str
    about: str = ""
    asked: str = ""
    advice: str = ""


def show(unit: Unit, actor: StaffMember, letter_id: str, now: datetime, facts: "LetterFacts") -> LetterView:
    """One proposal; Refused("letter_gone") where there is none for this actor."""
    member = on_duty(unit, actor)
    letter = _known(unit, member, letter_id)
    if not is_asked(unit, member, letter):
        require(member, Power.SEE_EMPLOYERS)
    unit.audit.append(member.id, "open_letter", letter.employer_id, now, {"letter": letter.id})
    return _view(unit, letter, now, facts)


def proposals(unit: Unit, actor: StaffMember, now: datetime, facts: "LetterFacts") -> list[LetterView]:
    """All proposals that this actor may see, undecided ones first, then the newest."""
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    letters = [one for one in unit.employers.letters() if one.employer_id != member.employer_id]
    letters.sort(key=lambda one: one.state is not LetterState.PROPOSED)
    return [_view(unit, letter, now, facts) for letter in letters]


def accept(unit: Unit, actor: StaffMember, letter_id: str, now: datetime, text: str = "") -> None:
    """The union will write: the text is there to copy, print and load. `text` takes the place of the draft.

    Refused: letter_long, letter_names_case.
    """
    said = text.replace("\r\n", "\n").strip()
    _check_text(said)
    _decide(unit, actor, letter_id, LetterState.ACCEPTED, now, "")
    if said:
        unit.facts.put(f"letter:{letter_id}:text", said)


def ask_lawyer(
    unit: Unit,
    actor: StaffMember,
    letter_id: str,
    lawyer_id: str,
    text: str,
    now: datetime,
    wording: Wording,
) -> None:
    """A lawyer shall read the text as it stands now, before it is decided on; she may open this letter.

    Refused: letter_decided, letter_lawyer, letter_long, letter_names_case.
    """
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    letter = _known(unit, member, letter_id)
    if letter.state is not LetterState.PROPOSED:
        raise Refused("letter_decided")
    lawyer = next((one for one in lawyers(unit, letter) if one.id == lawyer_id), None)
    if lawyer is None:
        raise Refused("letter_lawyer")
    said = text.replace("\r\n", "\n").strip()
    _check_text(said)
    facts = {"letter": letter.id, "staff": lawyer.id}
    unit.audit.append(member.id, "letter_asked", letter.employer_id, now, facts)
    if said:
        unit.facts.put(f"letter:{letter.id}:text", said)
    unit.facts.put(f"letter:{letter.id}:asked", lawyer.id)
    notify(unit, [lawyer.id], wording.employers.look_at_letter, now, case_id=None)


def advise(
    unit: Unit, actor: StaffMember, letter_id: str, words: str, now: datetime, wording: Wording
) -> None:
    """What the lawyer says of it; the leaders hear that she has answered. Refused: letter_reason(_long)."""
    member = on_duty(unit, actor)
    letter = _known(unit, member, letter_id)
    if not is_asked(unit, member, letter):
        raise Refused("letter_gone")
    said = words.strip()
    if not said:
        raise Refused("letter_advice")
    if len(said) > LONGEST_REASON:
        raise Refused("letter_reason_long", limit=LONGEST_REASON, length=len(said))
    unit.audit.append(member.id, "letter_advised", letter.employer_id, now, {"letter": letter.id})
    unit.facts.put(f"letter:{letter.id}:advice", said)
    told = [one.id for one in unit.staff.all() if one.may(Power.SEE_EMPLOYERS) and one.id != member.id
            and one.employer_id != letter.employer_id]  # fmt: skip
    notify(unit, told, wording.employers.letter_looked_at, now, case_id=None)


def lawyers(unit: Unit, letter: Letter) -> list[StaffMember]:
    """Who can be asked: active lawyers who do not work there."""
    return [
        one
        for one in unit.staff.all()
        if one.active and Role.LAWYER in one.roles and one.employer_id != letter.employer_id
    ]


def asked_of(unit: Unit, actor: StaffMember, now: datetime, facts: "LetterFacts") -> list["LetterView"]:
    """Proposals that wait for this lawyer's word."""
    member = on_duty(unit, actor)
    waiting = [one for one in unit.employers.letters() if is_asked(unit, member, one)]
    return [_view(unit, one, now, facts) for one in waiting if one.employer_id != member.employer_id]


def is_asked(unit: Unit, member: StaffMember, letter: Letter) -> bool:
    """Whether this member was asked to read it, and it is not decided on yet."""
    open_ = letter.state is LetterState.PROPOSED and Role.LAWYER in member.roles
    return open_ and unit.facts.get(f"letter:{letter.id}:asked") == member.id


def _check_text(text: str) -> None:
    """A letter is one page and holds no number of a case."""
    if len(text) > LONGEST_LETTER:
        raise Refused("letter_long", limit=LONGEST_LETTER, length=len(text))
    if _CASE_NUMBER.search(unicodedata.normalize("NFKC", text)):
        raise Refused("letter_names_case")


def dismiss(unit: Unit, actor: StaffMember, letter_id: str, reason: str, now: datetime) -> None:
    """No letter, and why; it is kept and not proposed again for half a year."""
    said = reason.strip()
    if not said:
        raise Refused("letter_reason")
    if len(said) > LONGEST_REASON:
        raise Refused("letter_reason_long", limit=LONGEST_REASON, length=len(said))
    _decide(unit, actor, letter_id, LetterState.DISMISSED, now, said)


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What a letter is written from besides the store: it knows of no case at all."""

    wording: Wording
    knowledge: Knowledge
    union: str


def _decide(
    unit: Unit, actor: StaffMember, letter_id: str, state: LetterState, now: datetime, reason: str
) -> None:
    member = able(unit, actor, Power.SEE_EMPLOYERS)
    letter = _known(unit, member, letter_id)
    if letter.state is not LetterState.PROPOSED:
        raise Refused("letter_decided")
    unit.audit.append(member.id, f"letter_{state.value}", letter.employer_id, now, {"letter": letter.id})
    unit.employers.save_letter(
        replace(letter, state=state, decided_by=member.id, decided_at=now, reason=reason)
    )


def _view(unit: Unit, letter: Letter, now: datetime, facts: LetterFacts) -> LetterView:
    employer = unit.employers.get(letter.employer_id)
    name = employer.name if employer else ""
    practice, laws, about = _practice(letter.practice, facts)
    words = facts.wording.employers
    holes = {
        "employer": name, "practice": practice, "law": words.between.join(laws), "union": facts.union,
        "day": plain_day(civil_day(letter.decided_at or now)),
    }  # fmt: skip
    text = unit.facts.get(f"letter:{letter.id}:text") or _fill(words.letter, holes)
    asked, advice = (unit.facts.get(f"letter:{letter.id}:{what}") or "" for what in ("asked", "advice"))
    return LetterView(letter, name, practice, laws, text, about, asked, advice)


def _practice(practice: str, facts: LetterFacts) -> tuple[str, tuple[str, ...], str]:
    """The practice in words, its law, and what exactly it is about, for staff only.

    A topic's title is a worker's question: the letter says what is written for its kind, and adds the article
    that stands first under the topic.
    """
    sort, _, name = practice.partition(":")
    kind = name if sort == "kind" else kind_of_topic(facts.knowledge, name).value
    known = facts.wording.employers.practices[kind]
    topic, entry = facts.knowledge.topics.get(name), facts.knowledge.entries.get(name)
    if topic is None or entry is None:
        return known.practice, known.laws, ""
    first = f"《{entry.citations[0].law}》{entry.citations[0].article}"
    return known.practice, tuple(dict.fromkeys((*known.laws, first))), topic.title


def _fill(frame: str, values: Mapping[str, str]) -> str:
    """In one pass: a name that somebody typed is never read as a template."""
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), frame)


def _counts(one: CaseAt) -> bool:
    """Whether a case speaks of something that this employer does."""
    theirs = one.kind is not CaseKind.OTHER and one.topic not in _NOT_THEIRS
    return theirs and one.status is not CaseStatus.WITHDRAWN


def _stands(letter: Letter, now: datetime) -> bool:
    """Whether this proposal still speaks for its practice."""
    at = letter.decided_at or letter.proposed_at
    return letter.state is LetterState.PROPOSED or now - at < AGAIN_AFTER


def _known(unit: Unit, member: StaffMember, letter_id: str) -> Letter:
    letter = unit.employers.letter(letter_id)
    if letter is None or letter.employer_id == member.employer_id:
        raise Refused("letter_gone")
    return letter
