"""Updates in our words: what she did, what staff did, and what is none of our business."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_translate import ELSEWHERE, GROUP, Translator, UnreadableUpdate
from bot.domain.incoming import Address, FileKind, FileNote, GroupIncoming, Incoming
from bot.domain.ports_talk import Received

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
STAFF = -1001234
HER = Address("telegram", "1001")
TRANSLATOR = Translator("7000", STAFF, {"help": "帮助", "quiz": "知识竞答"})


def message(**fields: Any) -> dict[str, Any]:
    chat = {"id": 1001, "type": "private"}
    return {
        "update_id": 5,
        "message": {"message_id": 9, "date": 1, "chat": chat, "from": {"id": 1001}} | fields,
    }


def in_group(**fields: Any) -> dict[str, Any]:
    about = {"chat": {"id": STAFF, "type": "supergroup"}, "from": {"id": 42}}
    return {"update_id": 5, "message": {"message_id": 9, "date": 1} | about | fields}


def read(update: Any) -> Incoming | GroupIncoming | None:
    place = TRANSLATOR.place(update)
    return TRANSLATOR.translate(Received(1, place.key, "p", "telegram", place.raw, NOW, 0), place.sender)


def hers(update: Any) -> Incoming:
    incoming = read(update)
    assert isinstance(incoming, Incoming)
    return incoming


def staffs(update: Any) -> GroupIncoming:
    incoming = read(update)
    assert isinstance(incoming, GroupIncoming)
    return incoming


def test_words_keep_their_form_and_carry_key_sender_and_our_time() -> None:
    assert hers(message(text=" 怀孕被辞退\n怎么办 ")) == Incoming(
        "telegram:7000:5", HER, NOW, text=" 怀孕被辞退\n怎么办 "
    )


def test_two_bots_never_share_a_key() -> None:
    other = Translator("8000", None)
    assert other.place(message(text="x")).key != TRANSLATOR.place(message(text="x")).key


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"voice": {"file_id": "F", "file_size": 7}}, FileKind.VOICE),
        ({"audio": {"file_id": "F", "file_size": 7}}, FileKind.VOICE),
        ({"video": {"file_id": "F", "file_size": 7}}, FileKind.VIDEO),
        ({"video_note": {"file_id": "F", "file_size": 7}}, FileKind.VIDEO),
        ({"document": {"file_id": "F", "file_size": 7}}, FileKind.DOCUMENT),
        ({"animation": {"file_id": "F", "file_size": 7}, "document": {"file_id": "F"}}, FileKind.VIDEO),
    ],
)
def test_files_are_announced_with_their_caption(fields: dict[str, Any], kind: FileKind) -> None:
    incoming = hers(message(caption="通知书", **fields))
    assert incoming.text == "通知书"
    assert incoming.announced == (FileNote(kind, "F", "", 7),)


def test_of_a_photo_the_largest_size_is_taken() -> None:
    sizes = [
        {"file_id": "s", "width": 90},
        {"file_id": "L", "width": 1280, "file_size": 8},
        {"file_id": "m", "width": 320},
    ]
    assert hers(message(photo=sizes)).announced == (FileNote(FileKind.PHOTO, "L", "", 8),)


def test_a_file_name_loses_its_control_characters() -> None:
    note = hers(message(document={"file_id": "F", "file_name": "a\u202egpj.exe\x00"})).announced[0]
    assert note.name == "agpj.exe"


@pytest.mark.parametrize("kind", ["sticker", "location", "contact", "poll", "dice", "something_of_next_year"])
def test_what_we_cannot_read_arrives_as_a_message_without_words(kind: str) -> None:
    assert hers(message(**{kind: {"file_id": "F"}})) == Incoming("telegram:7000:5", HER, NOW)


@pytest.mark.parametrize("kind", ["pinned_message", "message_auto_delete_timer_changed", "new_chat_title"])
def test_notices_of_telegram_are_nothing_she_said(kind: str) -> None:
    assert read(message(**{kind: {}})) is None


@pytest.mark.parametrize(
    ("text", "start"),
    [("/start", ""), ("/start kase", "kase"), ("/start@safehouse_bot kase", "kase"), ("/START", "")],
)
def test_start_carries_its_payload_and_no_words(text: str, start: str) -> None:
    incoming = hers(message(text=text))
    assert (incoming.start, incoming.text) == (start, "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/help", "帮助"),
        ("/quiz 三八", "知识竞答 三八"),
        ("/unknown x", "/unknown x"),
        ("/ 5", "/ 5"),
        ("a /help", "a /help"),
    ],
)
def test_commands_become_the_words_they_stand_for(text: str, says: str) -> None:
    incoming = hers(message(text=text))
    assert (incoming.text, incoming.start) == (says, None)


def test_an_edit_says_that_it_is_one() -> None:
    update = message(text="昨天被辞退")
    update["edited_message"] = update.pop("message")
    assert hers(update).edited
    assert hers(update).text == "昨天被辞退"


@pytest.mark.parametrize("extra", [{"date": 1, "text": "旧"}, {"date": 0}])
def test_a_tap_names_the_message_even_where_telegram_no_longer_shows_it(extra: dict[str, Any]) -> None:
    chat = {"id": 1001, "type": "private"}
    query = {
        "id": "q",
        "from": {"id": 1001},
        "data": "t:0",
        "message": {"message_id": 33, "chat": chat} | extra,
    }
    incoming = hers({"update_id": 5, "callback_query": query})
    assert (incoming.action, incoming.card, incoming.text) == ("t:0", "33", "")


def test_a_tap_on_a_message_that_is_gone_is_still_hers() -> None:
    incoming = hers({"update_id": 5, "callback_query": {"id": "q", "from": {"id": 1001}, "data": "t:0"}})
    assert (incoming.sender, incoming.action, incoming.card) == (HER, "t:0", None)


def test_blocking_and_unblocking_is_noticed_and_answered_by_nothing() -> None:
    for status, blocked in [("kicked", True), ("member", False)]:
        change = {"chat": {"id": 1001, "type": "private"}, "new_chat_member": {"status": status}}
        update = {"update_id": 5, "my_chat_member": change}
        assert TRANSLATOR.place(update).blocked is blocked
        assert read(update) is None


def test_staff_words_in_a_topic_carry_chat_topic_and_numeric_id() -> None:
    incoming = staffs(in_group(text="已联系单位", message_thread_id=77, is_topic_message=True))
    assert incoming == GroupIncoming("telegram:7000:5", str(STAFF), "77", "42", NOW, "已联系单位")


def test_a_reply_outside_a_forum_topic_belongs_to_the_main_page() -> None:
    assert staffs(in_group(text="好的", message_thread_id=77)).thread is None


def test_a_tap_in_the_group_names_chat_and_message() -> None:
    shown = {"message_id": 8, "chat": {"id": STAFF, "type": "supergroup"}, "message_thread_id": 77}
    shown |= {"is_topic_message": True}
    query = {"id": "q", "from": {"id": 42}, "data": "g:claim:c1", "message": shown}
    incoming = staffs({"update_id": 5, "callback_query": query})
    assert (incoming.action, incoming.thread, incoming.card) == ("g:claim:c1", "77", f"{STAFF}/8")
    assert incoming.text == ""  # the words of the card are ours, not hers who tapped


def test_a_closed_topic_is_told() -> None:
    assert staffs(in_group(forum_topic_closed={}, message_thread_id=77, is_topic_message=True)).topic_closed


def test_group_notices_and_edits_are_nothing_to_do() -> None:
    assert read(in_group(new_chat_members=[])) is None
    update = in_group(text="改过")
    update["edited_message"] = update.pop("message")
    assert read(update) is None


def test_words_of_a_strange_group_are_not_even_kept() -> None:
    update = in_group(text="机密：她叫某某", chat={"id": -100999, "type": "supergroup"})
    place = TRANSLATOR.place(update)
    assert place.sender == ELSEWHERE
    assert "机密" not in json.dumps(json.loads(place.raw), ensure_ascii=False)
    assert json.loads(place.raw)["update_id"] == 5
    assert read(update) is None


def test_being_added_to_a_strange_group_is_noticed() -> None:
    change = {"chat": {"id": -100999, "type": "group"}, "new_chat_member": {"status": "member"}}
    assert TRANSLATOR.place({"update_id": 5, "my_chat_member": change}).joined_strange_group


def test_the_staff_group_is_one_sender_before_and_after_it_moves() -> None:
    place = TRANSLATOR.place(in_group(migrate_to_chat_id=-100777))
    assert place.sender == GROUP
    assert place.moved_to == -100777


def test_staff_tie_their_account_in_private() -> None:
    incoming = staffs(message(text="/link 0123456789"))
    assert (incoming.chat, incoming.staff_telegram_id, incoming.text) == ("1001", "1001", "/link 0123456789")


def test_a_kind_of_update_that_we_did_not_ask_for_is_nothing_to_do() -> None:
    assert read({"update_id": 5, "poll_answer": {"user": {"id": 1}}}) is None


@pytest.mark.parametrize("update", [{}, {"update_id": "5"}, {"update_id": True}, [], None, "x", 5])
def test_an_update_without_a_number_is_refused_by_name(update: Any) -> None:
    with pytest.raises(UnreadableUpdate):
        TRANSLATOR.place(update)


@pytest.mark.parametrize("content", ["text", 5, None, []])
def test_an_update_of_the_wrong_shape_is_kept_and_then_found_unreadable(content: Any) -> None:
    place = TRANSLATOR.place({"update_id": 5, "message": content})
    received = Received(1, place.key, "p", "telegram", place.raw, NOW, 0)
    with pytest.raises(UnreadableUpdate):
        TRANSLATOR.translate(received, place.sender)


def test_half_a_surrogate_pair_can_be_kept_and_read() -> None:
    incoming = hers(json.loads(json.dumps(message(text="a\ud83d"))))
    assert incoming.text == "a\ufffd"


NAMES = (
    *("message", "edited_message", "callback_query", "my_chat_member", "chat", "id", "type", "from", "text"),
    *("data", "photo", "voice", "document", "file_id", "message_id", "new_chat_member", "status"),
    *("message_thread_id", "is_topic_message"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=25,
)


def read_or_refuse(update: dict[str, Any]) -> None:
    try:
        incoming = read(update)
    except UnreadableUpdate:
        return
    assert incoming is None or isinstance(incoming, Incoming | GroupIncoming)


@given(JSON)
def test_whatever_comes_is_read_or_refused_by_name_and_never_breaks_the_loop(content: Any) -> None:
    read_or_refuse({"update_id": 5} | (content if isinstance(content, dict) else {"message": content}))


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5))
def test_odd_messages_of_hers_never_break_the_loop(fields: dict[str, Any]) -> None:
    read_or_refuse(message(**fields))


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=5))
def test_odd_messages_of_the_staff_group_never_break_the_loop(fields: dict[str, Any]) -> None:
    read_or_refuse(in_group(**fields))
