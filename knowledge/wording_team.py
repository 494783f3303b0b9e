"""What is said about second pair of eyes, conflicts, tasks, playbooks, saved views."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class TeamNotices(Section):
    """What members of staff are told; a case is named by number and kind only."""

    review: Text = says("number", "kind")
    write: Text = says("number", "kind")
    approved: Text = says("number", "kind")
    returned: Text = says("number", "kind")
    conflict: Text = says("number", "kind")


class TeamWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    notices: TeamNotices
    review: dict[str, Text]  # by ReviewState
    contact: dict[str, Text]  # by ContactWith
    ask_more: Text = says("items")
    ask_more_item: Text = says("item")
    snippet: Text = says("short", "steps", "laws")
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
