"""What is said about handing a case over to a partner agency, with her consent."""

from typing import Annotated, Literal

from pydantic import Field

from knowledge.models import OfficeKind
from knowledge.wording_base import Section, Text, says

# Field and Purpose of bot/domain/handovers.py: a slip in the file is told with its line.
FieldName = Literal[
    "happened", "since", "district", "employer", "evidence", "wish", "deadlines", "files", "name", "contact"
]
PurposeName = Literal[
    "inspection", "mediation", "arbitration", "legal_aid", "lawsuit", "protection", "injury", "benefits",
    "supervision", "help",
]  # fmt: skip


class AgencyWords(Section):
    """A kind of partner: how it is called where the directory has no office of it, and what it needs."""

    name: Text
    does: Text
    needs: Annotated[tuple[FieldName, ...], Field(min_length=1)]
    purposes: Annotated[tuple[PurposeName, ...], Field(min_length=1)]


class HerPartnerButtons(Section):
    look: Text
    fields: Text
    chosen: Text
    agree: Text
    refuse: Text
    give: Text = says("field")
    keep: Text = says("field")
    back: Text
    revoke: Text
    revoke_yes: Text
    revoke_no: Text
    list: Text
    decide: Text = says("agency")
    come: Text
    stay: Text


class HerPartnerWords(Section):
    """What she reads: {agency} is its name, {given} and {refused} are names of fields."""

    card: Text = says("agency", "purpose", "given", "kept", "until")
    kept: Text = says("refused")
    no_employer: Text
    look: Text = says("agency", "lines", "purpose", "until")
    look_back: Text = says("agency", "given", "since", "until", "seen")
    next_decide: Text = says("agency")
    line: Text = says("field", "words")
    files: Text = says("count")
    fields: Text = says("agency")
    nothing_given: Text
    agreed: Text = says("agency", "given", "until")
    refused: Text = says("agency")
    no_longer: Text = says("agency")
    list: Text = says("lines")
    list_line: Text = says("agency", "state")
    list_none: Text
    revoke_ask: Text = says("agency", "seen")
    never_seen: Text
    seen: Text = says("count", "at")
    revoked: Text = says("agency")
    already_revoked: Text = says("agency")
    cancelled: Text = says("agency")
    expired: Text = says("agency")
    answers: dict[str, Text] = says("agency", "result")
    states: dict[str, Text]
    timeline: dict[str, Text] = says("agency")
    session: Text = says("when", "place", "who")
    session_answer: dict[str, Text]
    session_gone: Text
    session_cancelled: Text = says("when")
    session_agreed: Text = says("day")
    session_not_agreed: Text
    buttons: HerPartnerButtons


class PartnerNotices(Section):
    """To members of staff: number and kind only."""

    answers: dict[str, Text] = says("number", "kind")
    she: dict[str, Text] = says("number", "kind")
    silent: dict[str, Text] = says("number", "kind")
    expired: Text = says("number", "kind")
    locked: Text = says("number", "kind")


class PackageWords(Section):
    """The sheet of a transfer package, and the mark on everything that leaves the house."""

    title: Text
    mark: Text = says("agency", "number", "at")
    facts: dict[str, Text]
    note: Text = says("agency")
    consent: dict[str, Text] = says("at")
    files: Text
    file: Text = says("number", "name")


class PartnerWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    agencies: dict[OfficeKind, AgencyWords]
    fields: dict[str, Text]
    purposes: dict[str, Text]
    states: dict[str, Text]
    steps: dict[str, Text]
    reasons: dict[str, Text]
    results: dict[str, Text]
    oral: dict[str, Text]
    roles: dict[str, Text]
    session_states: dict[str, Text]
    her: HerPartnerWords
    notices: PartnerNotices
    package: PackageWords
    day: Text = says("label", "day")
    day_trial: Text = says("label", "day")
    letter: Text = says("agency", "number", "day", "until")
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
