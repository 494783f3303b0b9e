"""A house of the conversation's tests with a desk and staff."""

import secrets
from typing import Any

import pytest

from bot.domain.promises import Promises
from bot.domain.staff import SYSTEM, Role, StaffMember
from bot.services import accounts
from bot.services.bell import Bell
from bot.services.case_work import Desk


@pytest.fixture
def desk(house: Any) -> Desk:
    return Desk(house.wording, Bell(house.wording, None, "https://example.test"), Promises())


async def hires(house: Any, *roles: Role) -> StaffMember:
    """A member of staff with a name of their own."""
    now, name = house.clock.now(), secrets.token_hex(4)
    member, _ = await house.write(lambda unit: accounts.invite(unit, SYSTEM, name, frozenset(roles), now))
    return member
