"""What she reads from staff, and what the desk answers to staff."""

from knowledge.wording_base import Section, Text, says


class HerButtons(Section):
    """Buttons under messages about her case."""

    add: Text
    progress: Text
    reopen: Text


class HerWords(Section):
    """Messages to her: {by} is the next promised moment, {text} what staff wrote."""

    claimed: Text = says("by")
    claimed_late: Text = says("by")
    handed_over: Text = says("by")
    answer: Text = says("text", "by")
    question: Text = says("text", "by")
    moved: Text = says("status", "by")
    reopened: Text = says("by")
    said: Text = says("text")  # below such a message, where staff added words
    buttons: HerButtons


class DeskWording(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    her: HerWords
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text]
