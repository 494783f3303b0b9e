"""What Telegram itself needs in words: commands, the staff group, and honest words when something fails."""

from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge.wording_base import Section, Text, says

CommandName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Command(Section):
    """A command of Telegram's menu: the word it stands for, and what the menu says about it."""

    says: Text
    about: Annotated[Text, Field(max_length=256)]


class BellWords(Section):
    """The staff group's bell: never a word of hers unless it is allowed twice. `many`: news of several cases
    in one line."""

    card: Text = says("number", "kind", "district", "urgency", "status", "promise", "who")
    urgent: Text
    ordinary: Text
    no_district: Text
    nobody: Text
    somebody: Text
    over: Text
    merged: Text = says("number")
    story: Text = says("words")
    news: Text = says("number", "kind")
    news_urgent: Text = says("number", "kind")
    many: Text = says("count", "numbers")
    claim: Text
    open: Text
    draft: Text
    remind: Text
    close: Text


class GroupButtons(Section):
    """Buttons in the staff group."""

    not_mine: Text  # nothing to do with the employer: claims
    shun: Text  # has to do with it: the case is closed to her
    send: Text
    ask: Text
    approve: Text
    give_back: Text
    drop: Text
    no_sum: Text
    confirm: Text
    give_up: Text


class ClosingDialog(Section):
    """Closing a case in its topic: one card that asks step by step, and the words after it."""

    outcome: Text = says("number")
    people: Text = says("number")
    sum: Text = says("number")
    kind: Text = says("number", "sum")
    evidence: Text = says("number", "sum")
    preview: Text = says("number", "outcome", "people", "sum")
    nothing: Text  # no sum was won back
    won: Text = says("sum", "kind", "evidence")
    left_over: Text = says("what")
    left: dict[str, Text] = says("count")
    changed: Text
    closed: Text = says("number", "name", "outcome")
    given_up: Text = says("number", "name")
    lapsed: Text
    no_mediation: Text
    typed_wrong: Text = says("why")


class DayDigest(Section):
    """What the group reads in the morning: numbers of cases, no words."""

    title: Text = says("day")
    nothing: Text = says("day")
    line: Text = says("name", "count", "numbers")
    names: dict[str, Text]
    more: Text
    number_joint: Text


class GroupWords(Section):
    """`set_aside` and `not_kept` are for her; everything else is for staff."""

    commands: Annotated[dict[CommandName, Command], Field(min_length=1, max_length=100)]
    repeated: Text = says("number")
    set_aside: Text
    not_kept: Text
    topic_title: Text = says("number", "kind")
    strange_group: Text = says("chat")
    link_done: Text = says("name")
    link_wrong: Text
    link_too_often: Text
    unknown_staff: Text
    account_off: Text
    no_case_here: Text
    note_kept: Text = says("number")
    write_draft: Text = says("number")
    draft_card: Text = says("number", "text")
    draft_state: dict[str, Text]  # by the state of its second look
    draft_note: Text = says("note")
    needs_review: Text = says("number")
    write_return: Text = says("number")
    draft_sent: Text = says("number", "name")
    draft_dropped: Text = says("number", "name")
    claim_ask: Text = says("number", "name")
    claimed: Text = says("number", "name")
    shunned: Text = says("number", "name")
    reminder: Text = says("number", "kind", "name")
    reminded: Text = says("number")
    reminded_before: Text = says("number")
    remind_self: Text = says("number")
    remind_nobody: Text = says("number")
    merged: Text = says("number", "into")
    note_merged: Text = says("number", "into")
    not_yours: Text
    not_allowed: Text
    changed: Text
    not_done: Text
    old_button: Text
    row_set_aside: Text
    alarm_conflict: Text
    alarm_webhook: Text
    closing: ClosingDialog
    digest: DayDigest
    buttons: GroupButtons
