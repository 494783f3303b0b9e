"""The table of states: who may bring a case where."""

import pytest

from bot.domain.cases import ENDED_STATUSES, MOVES, OPEN_STATUSES, CaseStatus, may_move, power_to_move
from bot.domain.staff import Power

S = CaseStatus


def test_every_state_is_open_or_ended_and_has_a_row():
    assert set(MOVES) == set(CaseStatus) == OPEN_STATUSES | ENDED_STATUSES
    assert not OPEN_STATUSES & ENDED_STATUSES


def test_from_every_state_a_case_can_come_to_its_end_and_be_taken_up_again():
    def reachable(start: CaseStatus) -> set[CaseStatus]:
        seen, ahead = {start}, [start]
        while ahead:
            fresh = MOVES[ahead.pop()] - seen
            seen |= fresh
            ahead += fresh
        return seen

    for status in CaseStatus:
        assert {S.ARCHIVED, S.ACCEPTED} <= reachable(status), status


@pytest.mark.parametrize(
    ("status", "to", "power"),
    [
        (S.NEW, S.MEDIATING, None),
        (S.NEW, S.CLOSED, Power.CLOSE),
        (S.ACCEPTED, S.MEDIATING, Power.MOVE),
        (S.MEDIATING, S.ARBITRATION, Power.MOVE),
        (S.MEDIATING, S.CLOSED, Power.CLOSE),
        (S.MEDIATING, S.WITHDRAWN, None),
        (S.CLOSED, S.FOLLOW_UP, Power.CLOSE),
        (S.CLOSED, S.ACCEPTED, Power.MOVE),
        (S.ARCHIVED, S.ACCEPTED, Power.ASSIGN),
        (S.ARCHIVED, S.CLOSED, None),
        (S.WITHDRAWN, S.ACCEPTED, Power.MOVE),
        (S.CLOSED, S.MEDIATING, None),
    ],
)
def test_who_may_move_what(status, to, power):
    assert power_to_move(status, to) is power


def test_nobody_at_the_desk_withdraws_for_her():
    for status in CaseStatus:
        assert power_to_move(status, S.WITHDRAWN) is None
        assert not may_move(status, status)
