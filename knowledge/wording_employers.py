"""What is said about employers across cases, and what repeats there."""

from pydantic import Field

from knowledge.wording_base import Section, Text, Words, says


class Practice(Section):
    """A practice as a letter names it, with law and article in full."""

    practice: Text
    laws: Words


class EmployerWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did.

    `letter` is the draft of a 提示函: it can hold nothing about any case. `practices` is by kind of case,
    `sizes` and `letter_states` are labels.
    """

    sizes: dict[str, Text]
    letter_states: dict[str, Text]
    between: Text
    repeats: Text
    look_at_letter: Text
    letter_looked_at: Text
    letter: Text = says("employer", "practice", "law", "union", "day")
    practices: dict[str, Practice]
    demo: Text
    demo_mark: Text
    demo_alone: Text
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
