"""What is said about legal dates of a case."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class HerDeadlines(Section):
    """What she reads: on her receipt, in her case, and in messages that tell nobody what it is about."""

    head: Text
    line: Text = says("label", "day", "left")
    line_today: Text = says("label", "day")
    line_others: Text = says("label", "day", "left")
    line_others_late: Text = says("label", "day")
    line_lapsed: Text = says("label", "day", "after")
    line_lapsed_trial: Text = says("label", "day", "after")
    line_to_check: Text = says("label")
    line_employed: Text = says("label")  # unpaid wages of somebody who still works there
    line_if_left: Text = says("label")  # the same where it is not known whether she left, and when
    trial: Text
    law: Text = says("law")
    anew: Text
    more: Text = says("count")
    ended: Text = says("days")  # the one line about dates of a closed case
    ended_day: Text = says("label", "day")
    told_set: Text = says("day", "left")
    told_done: Text = says("day", "left")
    told_dropped: Text = says("day", "left")
    told_lapsed: Text = says("day")
    told_lapsed_trial: Text = says("day")
    reminder: Text = says("day", "left")


class StaffDeadlines(Section):
    """Notices to staff: number and kind of the case only."""

    near: Text = says("number", "kind", "day", "left")
    lapsed: Text = says("number", "kind", "day", "left")
    others_silent: Text = says("number", "kind", "day", "left")
    to_check: Text = says("number", "kind", "day", "left")


class DeadlineWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did.

    `event` names the day that each rule counts from, `after` says what can still be done when it is over.
    """

    her: HerDeadlines
    staff: StaffDeadlines
    event: dict[str, Text] = Field(default={})
    after: dict[str, Text] = Field(default={})
    sure: dict[str, Text] = Field(default={})
    state: dict[str, Text] = Field(default={})
    reason: dict[str, Text] = Field(default={})
    interruption: dict[str, Text] = Field(default={})
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
