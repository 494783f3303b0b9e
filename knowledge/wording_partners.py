"""What is said about handing a case over to a partner agency, with her consent."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class PartnerWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
