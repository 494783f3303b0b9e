"""Who may read what, reckoned beside the product: the walks compare every text that was written with it.

Nothing here asks the product for leave. Who holds a case, what was sent, what she agreed to give away is
kept from the acts alone.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.handovers import Content, Field
from bot.domain.reply import Reply
from bot.domain.staff import Role, StaffMember

_LETTERS = "bcdfghjklm"
_MARK = re.compile(r"qx[bcdfghjklm]{5}xq")
_NUMBER = re.compile(r"A\d{2}-\d{4}")
_CODE = re.compile(r"\d{5}(?: \d{5}){4}|\d{25}")
_WORD = re.compile(r"[A-Za-z0-9_-]+")


class Of(StrEnum):
    """Whose words a marker is part of."""

    HER = "hers"
    TO_HER = "to her"  # hers to read once it was sent by somebody who may
    INSIDE = "inside"  # notes, tasks, questions, review notes, what partners wrote
    SECRET = "secret"  # a phrase: shown to nobody


@dataclass(slots=True)
class Mark:
    """One marked text. `cases` are those it was written for, `sent` those in which it may be read."""

    word: str
    of: Of
    by: str  # person id or staff id
    cases: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    part: Field | None = None  # of her answers
    in_topic: bool = False  # a review note: the draft's card shows it in the topic of its case


@dataclass(slots=True)
class Drafted:
    """A draft, and who has found it right."""

    mark: Mark
    case_id: str
    author: str
    advice: bool
    approved: bool = False
    gone: bool = False  # sent, dropped or written anew


@dataclass(slots=True)
class Given:
    """A hand-over: what was asked, what is kept back, and what she agreed to (None: nothing yet)."""

    case_id: str
    offered: tuple[Field, ...]
    until: datetime
    agreed: frozenset[Field] | None = None
    dead: bool = False
    token: str = ""
    code: str = ""


@dataclass(slots=True)
class Oracle:
    """The knowledge of one walk."""

    marks: dict[str, Mark] = field(default_factory=dict)
    own: dict[str, set[str]] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    typed: set[tuple[str, str]] = field(default_factory=set)  # (person, code): she knows it
    in_words: set[tuple[str, str]] = field(default_factory=set)  # (case, code): she wrote it into that case
    phrases: dict[str, str] = field(default_factory=dict)
    told_by: dict[str, str] = field(default_factory=dict)  # case -> who told it for another
    let_go: set[str] = field(default_factory=set)  # of those, where she has taken over
    employers: dict[str, str | None] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], None] = field(default_factory=dict)  # (staff, case), in order
    drafts: dict[str, Drafted] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)  # joint session -> case
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)  # what was looked at, for the figures

    # ── words ──

    def mark(self, of: Of, by: str, *cases: str, part: Field | None = None) -> Mark:
        """A new word, unlike all others of this walk."""
        number, letters = len(self.marks), ""
        for _ in range(5):
            number, rest = divmod(number, len(_LETTERS))
            letters += _LETTERS[rest]
        made = Mark(f"qx{letters}xq", of, by, set(cases), set(cases) if of is Of.HER else set(), part)
        self.marks[made.word] = made
        return made

    def found(self, text: str) -> Iterator[Mark]:
        """Every marker in a text."""
        for word in _MARK.findall(text):
            yield self.marks[word]

    # ── who ──

    def holders(self, case_id: str) -> set[str]:
        """Whoever opened it or brought its code, or that of a double that is joined with it."""
        doubles = [young for young, old in self.merged.items() if old == case_id]
        return self.own.get(case_id, set()).union(*(self.own.get(one, set()) for one in doubles))

    def root(self, case_id: str) -> str:
        """The case in which work goes on."""
        return self.merged.get(case_id, case_id)

    def held(self, person_id: str) -> set[str]:
        """The cases that she holds now."""
        return {case_id for case_id in self.own if person_id in self.holders(case_id)}

    def barred(self, member: StaffMember, case_id: str) -> bool:
        """Whether she declared a conflict here, or in another case about the same employer."""
        employer = self.employers.get(case_id)
        return any(
            staff == member.id
            and (one == case_id or (employer is not None and self.employers.get(one) == employer))
            for staff, one in self.conflicts
        )

    def handles(self, member: StaffMember, case_id: str, assignee: str | None) -> bool:
        """Whether words of this member may reach her in this case."""
        if not member.active or self.barred(member, case_id):
            return False
        if Role.LEADER in member.roles:
            return True
        return assignee == member.id and bool(member.roles & {Role.OFFICER, Role.LAWYER})

    def may_send(self, member: StaffMember, case_id: str, draft_id: str, assignee: str | None) -> bool:
        """Whether a draft may go out by this hand: advice takes a second pair of eyes."""
        draft = self.drafts.get(draft_id)
        if draft is None or draft.case_id != case_id or (draft.advice and not draft.approved):
            return False
        return self.handles(member, case_id, assignee)

    def sending(self, draft_id: str, case_id: str, *, allowed: bool) -> bool:
        """Somebody sends a draft: it may be read from now on. Whether to take that back where it fails."""
        if not allowed or case_id in self.drafts[draft_id].mark.sent:
            return False
        self.drafts[draft_id].mark.sent.add(case_id)
        return True

    def not_sent(self, draft_id: str, case_id: str) -> None:
        """It was refused."""
        self.drafts[draft_id].mark.sent.discard(case_id)

    def waiting(self) -> list[str]:
        """Drafts that wait, the newest last; where there are none, those that are gone."""
        known = [one for one, draft in self.drafts.items() if not draft.gone]
        return known or list(self.drafts)

    # ── what was written ──

    def check_hers(self, person_id: str, reply: Reply, case_id: str | None) -> None:
        """A message to a woman: only what is meant for her, of cases that she holds at this moment."""
        text, held = _words(reply), self.held(person_id)
        self.seen["messages to women"] += 1
        if case_id is not None and case_id not in held:
            self.fault(f"message of case {case_id} to {person_id}, who does not hold it")
        for mark in self.found(text):
            self.seen[f"words {mark.of}"] += 1
            if not self._may_read(person_id, mark, held):
                self.fault(f"{mark.of} word of {mark.by} for {sorted(mark.cases)} to {person_id}")
        for number in _NUMBER.findall(text):
            if self.numbers.get(number) not in held:
                self.fault(f"number {number} to {person_id}")
        for shown in _CODE.findall(text):
            code = shown.replace(" ", "")
            known = self.codes.get(code)
            if known is not None and known not in held and not self._knows(person_id, code, held):
                self.fault(f"code of {known} to {person_id}")
        for named in self._named(reply):
            if named not in held:
                self.fault(f"button of case {named} to {person_id}")

    def check_waiting(self, person_id: str, case_id: str) -> None:
        """A message that was not delivered yet, of a case that she may hold no more."""
        if case_id not in self.held(person_id):
            self.fault(f"message of case {case_id} still waits for {person_id}, who holds it no more")

    def _knows(self, person_id: str, code: str, held: set[str]) -> bool:
        """She typed this code herself, or somebody wrote it into a case of hers."""
        return (person_id, code) in self.typed or any((one, code) in self.in_words for one in held)

    def _may_read(self, person_id: str, mark: Mark, held: set[str]) -> bool:
        match mark.of:
            case Of.HER:
                return mark.by == person_id or bool(mark.cases & held)
            case Of.TO_HER:
                return bool(mark.sent & held)
            case _:
                return False

    def _named(self, reply: Reply) -> Iterator[str]:
        """Cases that buttons name, also through a hand-over or a joint session."""
        for button in reply.buttons():
            for word in _WORD.findall(f"{button.action} {button.url}"):
                if word in self.own:
                    yield word
                elif word in self.given:
                    yield self.given[word].case_id
                elif word in self.sessions:
                    yield self.sessions[word]

    def check_group(self, reply: Reply, case_id: str | None) -> None:
        """A message to the staff group: no word of hers, no note; a draft only in its own case's topic."""
        text = _words(reply)
        self.seen["messages to the group"] += 1
        for mark in self.found(text):
            shown_there = mark.of is Of.TO_HER or mark.in_topic
            if not shown_there or case_id is None or case_id not in mark.cases:
                self.fault(f"{mark.of} word of {mark.by} for {sorted(mark.cases)} to the group ({case_id})")
        self.check_plain(text, "the group")

    def check_staff(self, text: str, member: StaffMember, case_id: str | None) -> None:
        """A notice to a member of staff: numbers and kinds, no word of anybody; nothing where barred."""
        self.seen["notices to staff"] += 1
        for mark in self.found(text):
            self.fault(f"{mark.of} word of {mark.by} in a notice to {member.id}")
        self.check_plain(text, member.id)
        if case_id is not None and self.barred(member, case_id):
            self.fault(f"notice of case {case_id} to {member.id}, who has a conflict of interest")

    def check_plain(self, text: str, to: str) -> None:
        """No receipt code, no employer."""
        if any(shown.replace(" ", "") in self.codes for shown in _CODE.findall(text)):
            self.fault(f"receipt code to {to}")
        if any(name in text for name in EMPLOYERS):
            self.fault(f"employer to {to}")

    def check_partner(
        self, hand_over_id: str, content: Content, answers: Iterable[str], now: datetime
    ) -> None:
        """An agency's page: alive, and nothing but the fields that she agreed to."""
        given = self.given.get(hand_over_id)
        self.seen["pages of partners"] += 1
        if given is None or given.agreed is None or given.dead or now >= given.until:
            self.fault(f"page of hand-over {hand_over_id} without her consent")
            return
        for shown, text in content.words.items():
            if shown not in given.agreed:
                self.fault(f"field {shown} of hand-over {hand_over_id} was not given")
            for mark in self.found(text):
                if given.case_id not in mark.cases or mark.part is not shown:
                    self.fault(f"{mark.of} word ({mark.part}) of {mark.by} under {shown} to a partner")
        if content.files and Field.FILES not in given.agreed:
            self.fault(f"files of hand-over {hand_over_id} were not given")
        for text in answers:
            for mark in self.found(text):
                if mark.by != hand_over_id:
                    self.fault(f"word of {mark.by} among the answers of hand-over {hand_over_id}")

    def check_holders(self, case_id: str, people: Iterable[str]) -> None:
        """The store may know fewer holders than this, never more."""
        for person_id in set(people) - self.holders(case_id):
            self.fault(f"{person_id} holds case {case_id} without having opened it or brought its code")

    def fault(self, text: str) -> None:
        """Keep what is wrong; the walk ends after this step."""
        self.faults.append(text)


EMPLOYERS = ("银光纺织厂", "兴庆餐饮店")


def _words(reply: Reply) -> str:
    """Everything of a message that people can read."""
    return "\n".join((reply.text, *(f"{button.label} {button.url}" for button in reply.buttons())))
