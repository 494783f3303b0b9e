"""What Telegram itself needs in words: commands, the staff group, and honest words when something fails."""

from typing import Annotated

from pydantic import Field, StringConstraints

from knowledge.wording_base import Section, Text, says

CommandName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class Command(Section):
    """A command of Telegram's menu: the word it stands for, and what the menu says about it."""

    says: Text
    about: Annotated[Text, Field(max_length=256)]


class GroupButtons(Section):
    """Buttons in the staff group."""

    send: Text
    drop: Text


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
    no_case_here: Text
    note_kept: Text = says("number")
    write_draft: Text = says("number")
    draft_card: Text = says("number", "text")
    draft_sent: Text = says("number", "name")
    draft_dropped: Text = says("number", "name")
    claimed: Text = says("number", "name")
    not_yours: Text
    changed: Text
    not_done: Text
    old_button: Text
    row_set_aside: Text
    alarm_conflict: Text
    alarm_webhook: Text
    buttons: GroupButtons
