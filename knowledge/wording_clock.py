"""What is said about the promise clock, the duty roster and what staff are told."""

from pydantic import Field

from knowledge.wording_base import Section, Text, says


class ClockForHer(Section):
    """What she reads. `pause` says by the reason why her case waits."""

    provisional: Text = says("by")  # instead of the bare time, where the holidays are not published yet
    urged: Text = says("by", "leaders", "who", "call")  # the others below are put into it where they hold
    told_leaders: Text
    given_on: Text
    given_first: Text
    call: Text = says("hotline")
    paused: Text = says("why")
    resumed: Text = says("by")
    pause: dict[str, Text]
    next_paused: Text = says("why")  # the next step on her card
    event_paused: Text = says("why")
    event_paused_words: Text = says("why", "words")


class ClockNotices(Section):
    """What staff are told: number, kind and time of a case, never her words."""

    alarm: Text = says("number", "kind", "by")
    unclaimed: Text = says("number", "kind", "by")
    half: Text = says("number", "kind", "by")
    given: Text = says("number", "kind", "by")
    taken: Text = says("number", "kind", "by")
    nobody: Text = says("number", "kind", "by")
    leaders: Text = says("number", "kind", "by", "name")
    nobody_has_it: Text
    stands_in: Text = says("number", "kind", "by")
    long_pause: Text = says("number", "kind", "by", "days")
    close_soon: Text = says("number", "kind", "by", "day")
    close_over: Text = says("number", "kind", "by", "day")
    stranded: Text = says("name", "count", "numbers")
    handed_over: Text = says("name", "count")
    on_duty: Text = says("first", "last")
    substitute: Text = says("name", "first", "last")


class ClockWords(Section):
    """`refused` maps the reason of a Refused to words for staff; `done` says what an act of theirs did."""

    her: ClockForHer
    notices: ClockNotices
    refused: dict[str, Text] = says("limit", "length", "least", "most")
    done: dict[str, Text] = Field(default={})
