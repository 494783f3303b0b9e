"""What is remembered between two messages survives as JSON, also from other versions."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.session import CaseDraft, Place, Session, Step, from_json, to_json
from bot.domain.cases import Answers, NameLevel

TIMES = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)).map(
    lambda at: at.replace(tzinfo=UTC)
)
WORDS = st.text(max_size=50)
MAYBE = st.none() | WORDS
DRAFTS = st.builds(
    CaseDraft,
    started_at=TIMES,
    touched_at=TIMES,
    step=st.sampled_from(Step),
    answers=st.builds(
        Answers, happened=WORDS, since=MAYBE, district=MAYBE, employer=MAYBE, evidence=MAYBE, wish=MAYBE
    ),
    level=st.none() | st.sampled_from(NameLevel),
    files=st.lists(WORDS, max_size=3).map(tuple),
    topic=MAYBE,
    urgent=st.booleans(),
    consents=st.lists(st.tuples(WORDS, WORDS, TIMES), max_size=3).map(tuple),
    editing=st.booleans(),
)
SESSIONS = st.builds(
    Session,
    place=st.sampled_from(Place),
    at=st.none() | TIMES,
    topic=MAYBE,
    topic_at=st.none() | TIMES,
    asked=WORDS,
    asked_files=st.lists(WORDS, max_size=2).map(tuple),
    asked_at=st.none() | TIMES,
    danger_at=st.none() | TIMES,
    misses=st.integers(0, 5),
    cards=st.integers(0, 9999),
    choices=st.lists(st.tuples(WORDS, WORDS), max_size=3).map(tuple),
    yes_no=st.none() | st.tuples(WORDS, WORDS),
    draft=st.none() | DRAFTS,
    case_id=MAYBE,
    code=MAYBE,
)


@given(SESSIONS)
def test_a_session_comes_back_as_it_was(session: Session) -> None:
    assert from_json(to_json(session)) == session


@given(DRAFTS)
def test_another_version_starts_anew_but_keeps_a_readable_draft(draft: CaseDraft) -> None:
    data = json.loads(to_json(Session(place=Place.IN_CASE, asked="x", draft=draft))) | {
        "version": 99,
        "new": 1,
    }
    assert from_json(json.dumps(data)) == Session(draft=draft)


@given(
    st.text(max_size=60)
    | st.sampled_from(["null", "[]", "{}", '{"version": 1}', '{"version": 1, "place": "x"}'])
)
def test_unreadable_text_starts_anew(text: str) -> None:
    assert isinstance(from_json(text), Session)


def test_a_broken_draft_is_left_out_without_an_error() -> None:
    assert from_json('{"version": 0, "draft": {"step": "no"}}') == Session()
