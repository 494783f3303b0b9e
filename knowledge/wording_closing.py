"""What is said about closing, her confirmation, the call-back."""

from pydantic import Field

from knowledge.wording_base import Section, Text, Words, says


class ClosingButtons(Section):
    """What she can tap. `stars` from 1 (不满意) to 5 (很满意)."""

    come: Text
    come_partly: Text
    not_come: Text
    solved: Text
    solved_partly: Text
    not_solved: Text
    stars: dict[str, Text]
    skip: Text
    later: Text
    change: Text
    about: Text = says("sum")


class ClosingTalk(Section):
    """What she reads at closing, when she is asked again, and after each answer. {sum} is in yuan."""

    closed: Text = says("outcome")
    recovered: Text = says("sum", "kind")
    money: Text = says("sum")
    solved: Text
    rating: Text
    after: Text
    call_back: Text = says("question")
    by_telephone: Text = says("answer")
    by_telephone_partly: Text = says("answer", "sum")
    thanks: Text
    how_much: Text
    amount_wrong: Text
    amount_noted: Text = says("sum", "rest")
    partly_noted: Text
    goes_on: Text
    goes_on_by: Text = says("day")
    about: Text = says("sum")
    about_case: Text = says("number")
    said_sum: Text = says("sum")
    said_money: dict[str, Text]
    said_solved: dict[str, Text]
    won: Text = says("sum", "kind")
    who_rest: Text
    typed: dict[str, Words]
    not_come: Text
    not_solved: Text
    rated: Text
    rated_low: Text
    kept: Text
    skipped: Text
    running: Text = says("number")
    older: Text
    too_late: Text = says("number")
    buttons: ClosingButtons


class ClosingNotices(Section):
    """For members of staff: number and kind only."""

    no: Text = says("number", "kind")
    partly: Text = says("number", "kind")
    call: Text = says("number", "kind")
    still: Text = says("number", "kind")
    low: Text = says("number", "kind", "stars")
    reopened: Text = says("number", "kind")


class ClosingWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    her: ClosingTalk
    notices: ClosingNotices
    calls: dict[str, Text]  # results of a call back
    filed: dict[str, Text]  # why a case went into the archive
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
