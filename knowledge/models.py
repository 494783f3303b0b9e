"""Knowledge as data: what a curator writes in YAML, checked once, never changed afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from knowledge.base import Citation, Frozen, Name, Review, Text
from knowledge.playbooks import Playbook
from knowledge.teaching import Campaign, Lesson, QuestionBank, Siblings, Story, Tip


def split_patterns(written: object) -> object:
    """Patterns are written as one text, separated by commas; brackets would need quotes in YAML lists."""
    if not isinstance(written, str):
        return written
    return [pattern.strip() for pattern in re.split(r"[,，\n]", written) if pattern.strip()]


PatternList = Annotated[tuple[Text, ...], BeforeValidator(split_patterns)]

CALCULATORS = frozenset(
    (
        "maternity-leave", "nursing-period", "severance", "overtime", "double-wage", "annual-leave",
        "maternity-allowance", "retirement", "sick-leave", "deadlines", "injury-benefits", "unemployment",
    )
)  # fmt: skip


class Law(Frozen):
    """One row of laws.yaml: how many articles a law has, so that a citation beyond them is refused."""

    name: Text
    full_name: Text
    articles: int = Field(ge=0)
    effective_on: date | None = None
    status: Text
    aliases: tuple[Text, ...] = ()
    points: bool = False
    annex: int = 0


class OfficeKind(StrEnum):
    """What an office does for her, in the order in which people need them."""

    UNION = "union"
    LABOR_INSPECTION = "labor_inspection"
    ARBITRATION = "arbitration"
    LEGAL_AID = "legal_aid"
    WOMENS_FEDERATION = "womens_federation"
    INJURY = "injury"
    SOCIAL_INSURANCE = "social_insurance"
    MEDICAL_INSURANCE = "medical_insurance"
    HOUSING_FUND = "housing_fund"
    COURT = "court"
    PROCURATORATE = "procuratorate"
    POLICE = "police"
    OTHER = "other"


class Entry(Frozen):
    """One topic with its curated answer; the unit of legal review.

    `places` are offices to show right with the answer; for the others its deadlines and category tell them.
    """

    id: Name
    category: Name
    title: Text
    ask: tuple[Text, ...]
    short: Text
    details: Text
    steps: tuple[Text, ...] = Field(min_length=1)
    evidence: tuple[Text, ...] = ()
    deadlines: tuple[Name, ...] = ()
    local: tuple[Name, ...] = ()
    say: Text | None = None
    citations: tuple[Citation, ...] = Field(min_length=1)
    calculators: tuple[Name, ...] = ()
    next: tuple[Name, ...] = ()
    handover: Text | None = None
    audience: Text | None = None
    places: tuple[OfficeKind, ...] = ()
    checked_on: date
    review: Review


class Amount(Frozen):
    """A local or yearly number; stated only while verified and in date (see amounts.py)."""

    label: Text
    value: int | float | str | None = None
    unit: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    source: str | None = None
    verified_on: date | None = None
    ask_at: Text
    note: str | None = None

    def may_be_stated(self, today: date) -> bool:
        """True when the value is known, verified, and in force on the civil day `today` (Asia/Shanghai)."""
        if self.value is None or self.verified_on is None:
            return False
        begun = self.effective_from is None or self.effective_from <= today
        return begun and (self.effective_to is None or today <= self.effective_to)


class Office(Frozen):
    """A place that helps; unknown address or telephone is null, never guessed."""

    id: Annotated[Name, Field(max_length=40)]  # it is part of a button's data
    name: Text
    kind: OfficeKind
    phone: str | None = None
    address: str | None = None
    hours: str | None = None
    competence: str | None = None
    bring: tuple[Text, ...] = ()
    verified_on: date | None = None

    def may_be_visited(self, today: date) -> bool:
        """True when address or telephone are known and somebody checked them, by the civil day `today`.

        Only then may phone, address and hours be told.
        """
        return bool(self.phone or self.address) and self.verified_on is not None and self.verified_on <= today


class Hotline(Frozen):
    """A telephone number and what it is for (the YAML key is `for`)."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, populate_by_name=True)

    number: Text
    name: Text
    purpose: Text = Field(alias="for")


class RegionFile(Frozen):
    """One file of a region folder; the city file overrides the province file key by key."""

    name: Text | None = None
    short_name: Text | None = None
    hotline: Text | None = None
    amounts: dict[Name, Amount] = Field(default_factory=dict)
    districts: tuple[Text, ...] = ()
    directory: tuple[Office, ...] = ()
    hotlines: tuple[Hotline, ...] = ()


class Region(Frozen):
    """A city with its province beneath it; `id` is "ningxia/yinchuan".

    `name` and `short_name` are the city's (银川市, 银川), `province_name` is the province's short name
    (宁夏); where no city is chosen they are the province's own. `union` is its office of kind "union".
    """

    id: str
    name: Text
    short_name: Text
    hotline: Text
    province_name: str = ""
    union: str = ""
    amounts: Mapping[str, Amount] = Field(default_factory=lambda: MappingProxyType({}))
    districts: tuple[Text, ...] = ()
    directory: tuple[Office, ...] = ()
    hotlines: tuple[Hotline, ...] = ()

    @property
    def province(self) -> str:
        """First part of the id, the prefix of placeholders such as {ningxia.minimum_wage_month}."""
        return self.id.partition("/")[0]


class DeadlineLabel(Frozen):
    """What people read about a deadline rule; the counting is in bot/domain/deadlines.py."""

    label: Text
    law: Text
    in_words: Text


class DangerKind(StrEnum):
    """What kind of danger a message speaks of; replies are keyed by it."""

    VIOLENCE = "violence"
    SEXUAL_ASSAULT = "sexual_assault"
    SUICIDE = "suicide"
    INJURY = "injury"
    CONFINEMENT = "confinement"
    STALKING = "stalking"
    BLACKMAIL = "blackmail"


class DangerSign(Frozen):
    """The patterns of one kind of danger and the topic to show after the safety reply.

    A `weak` pattern does not count when the text also holds a word of `unless`. `instead` names another topic
    for texts that also hold one of its patterns: 大出血 of a pregnant woman is no injury at work.
    """

    topic: Name
    patterns: PatternList
    weak: PatternList = ()
    unless: PatternList = ()
    instead: dict[Name, PatternList] = Field(default_factory=dict)


class DangerRules(Frozen):
    """Signs of danger as data (danger.yaml explains the pattern language); compared by identity.

    `kinds` stands in order of urgency: the first that matches is answered.
    """

    words: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    homophones: dict[str, str] = Field(default_factory=dict)
    innocent: PatternList = ()
    kinds: dict[DangerKind, DangerSign]

    def __hash__(self) -> int:
        """Rules are compiled once and kept by identity."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class AskedFor(StrEnum):
    """For whom a question is asked, where it is not for herself."""

    RELATIVE = "relative"
    EMPLOYER = "employer"


class AskingRule(Frozen):
    """Holds where one of `patterns` is in a text, one of `needs` too (if any), and none of `unless`.

    `own`: whether it also fails where, without the `harmless` phrases, the asker still speaks of herself.
    """

    patterns: PatternList = Field(min_length=1)
    needs: PatternList = ()
    unless: PatternList = ()
    own: bool = True


class AskingFor(Frozen):
    """Rules that tell who asks (asking_for.yaml), the first that holds decides; compared by identity."""

    words: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    speaks_of_herself: PatternList
    harmless: PatternList
    rules: dict[AskedFor, tuple[AskingRule, ...]]

    def __hash__(self) -> int:
        """Rules are compiled once and kept by identity."""
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


class SynonymGroups(Frozen):
    """What a worker's words mean (synonyms.yaml): words of one meaning, letters for words, idle phrases.

    `particles` change nothing in a question; `openers` begin a follow-up; `asides` are what a follow-up asks
    about any topic (how long, what proof).
    """

    groups: dict[Name, tuple[Text, ...]]
    abbreviations: dict[Text, Text] = Field(default_factory=dict)
    fillers: tuple[Text, ...] = ()
    particles: tuple[Text, ...] = ()
    openers: tuple[Text, ...] = ()
    asides: tuple[Text, ...] = ()


class Outside(Frozen):
    """Example questions that are not ours, by field (outside.yaml); they teach the search to say so."""

    fields: dict[str, tuple[Text, ...]]


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of topics.tsv; a topic may be known before its entry is written."""

    id: str
    category: str
    title: str


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the bot knows for one region; built by loader.load_knowledge, never changed."""

    folder: Path
    version: str
    region: Region
    topics: Mapping[str, Topic]
    entries: Mapping[str, Entry]
    campaigns: Mapping[str, Campaign]
    stories: Mapping[str, Story]
    lessons: Mapping[str, Lesson]
    tips: tuple[Tip, ...]
    siblings: Mapping[str, Siblings]
    laws: Mapping[str, Law]
    deadlines: Mapping[str, DeadlineLabel]
    danger: DangerRules
    synonyms: SynonymGroups
    outside: Outside
    asking_for: AskingFor
    banks: Mapping[str, QuestionBank] = field(default_factory=lambda: MappingProxyType({}))
    playbooks: Mapping[str, Playbook] = field(default_factory=lambda: MappingProxyType({}))  # by CaseKind

    def related(self, entry: Entry) -> list[Entry]:
        """The entries to read next that are already written, in the curator's order."""
        return [self.entries[topic] for topic in entry.next if topic in self.entries]
