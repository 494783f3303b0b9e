"""How fast a channel may be written to."""

from hypothesis import given
from hypothesis import strategies as st

from bot.workers.pacing import Bucket, ChatBuckets, Pacing


def test_a_burst_goes_at_once_and_then_one_at_a_time() -> None:
    bucket = Bucket(per_s=1, burst=3, now=100)
    assert bucket.room(100) == 3
    bucket.take(3, 100)
    assert (bucket.room(100), bucket.wait_s(100)) == (0, 1)
    assert bucket.room(100.9) == 0
    assert bucket.room(101) == 1


def test_rest_refills_no_more_than_the_burst() -> None:
    bucket = Bucket(per_s=1, burst=3, now=0)
    assert bucket.room(1_000_000) == 3


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    bucket = Bucket(per_s=1, burst=3, now=100)
    bucket.take(3, 100)
    assert bucket.room(50) == 0


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60))
def test_over_any_time_no_more_goes_than_burst_plus_rate(pauses: list[float]) -> None:
    bucket, now, gone = Bucket(per_s=2, burst=3, now=0), 0.0, 0
    for pause in pauses:
        now += pause
        room = bucket.room(now)
        bucket.take(room, now)
        gone += room
    assert gone <= 3 + 2 * now + 1e-6


def test_a_chat_rests_after_its_burst_and_others_do_not() -> None:
    chats = ChatBuckets(Pacing(chat_per_s=1, chat_burst=3))
    assert [chats.take("a", 1, 0) for _ in range(4)] == [0, 0, 1, 2]
    assert chats.take("b", 1, 0) == 0


def test_the_staff_group_has_its_own_slower_measure() -> None:
    chats = ChatBuckets(Pacing(group_per_s=15 / 60, group_burst=3))
    rests = [chats.take(None, 1, 0) for _ in range(4)]
    assert rests[:2] == [0, 0]
    assert rests[2] > 3


@given(st.integers(1, 200))
def test_the_group_never_gets_more_than_18_in_a_minute(wanted: int) -> None:
    chats, now, times = ChatBuckets(Pacing()), 0.0, []
    for _ in range(wanted):
        times.append(now)
        now += chats.take(None, 1, now)
    assert all(sum(start <= time < start + 60 - 1e-6 for time in times) <= 18 for start in times)
