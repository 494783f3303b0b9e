"""What is said about closing, her confirmation, the call-back."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class ClosingWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
