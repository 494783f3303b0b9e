"""What is said about cases that staff take down, doubles, group cases and cases opened for another."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class IntakeWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    refused: dict[str, Text] = says("limit", "length", "least", "most", "number", "into", "others")
    done: dict[str, Text] = Field(default={})
    # She herself comes to a case that another opened for her.
    herself: Text
    who: Text
    noted: Text = says("words")  # what is written in a case that she did not write herself
    noted_line: Text = says("field", "words")
    for_other: Text  # on the receipt of a case opened for somebody else
    taken_over: Text  # why whoever opened it sees it no more
    confirm: Text
    alone: Text
    helper: Text
    spoken: Text
    spoken_alone: Text
    her: dict[str, Text] = says("by")
    # At the desk.
    read_out: Text
    alike: dict[str, Text]
    checked: dict[str, Text]
    spoken_for: dict[str, Text]
    oral: dict[str, Text]
    danger: dict[str, Text]
    slip: Text
    part_unsent: Text = says("count", "why")
