"""Signing in at the desk: limits before any hashing, one answer for every kind of wrong."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Protocol

from bot.domain.clock import Clock
from bot.domain.errors import Refused
from bot.domain.ports import Store, Unit
from bot.domain.ports_staff import StaffSecrets
from bot.domain.staff import StaffMember
from bot.services import accounts
from bot.services.one_time_codes import step_of_code

IDLE_S = 30 * 60
AT_MOST_S = 12 * 3600
_NAME_TRIES, _NAME_WINDOW_S = 5, 60
_ADDRESS_TRIES, _ADDRESS_WINDOW_S = 10, 3600


class Passwords(Protocol):
    """Slow hashing, off the loop and few at once."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, kept: str | None, password: str) -> bool:
        """Takes as long where nothing is kept, so that names cannot be told apart by time."""
        ...


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signing in and setting up, for any edge that shows the forms."""

    store: Store
    clock: Clock
    passwords: Passwords

    async def sign_in(self, name: str, password: str, code: str, address: str, old: str | None) -> str:
        """A new session token. Refused("too_many") without hashing; Refused("wrong_login") otherwise.

        Only what fails counts against the address: a whole office comes in through one.

        `old` is a session token that the browser brought along; it ends.
        """
        now = self.clock.now()
        await self._try(name, address, now)
        member, kept = await self.store.read(lambda unit: _account(unit, name))
        fits = await self.passwords.matches(kept.password_hash if kept else None, password)

        def start(unit: Unit) -> str | None:
            token = _start(unit, member if fits else None, code, old, self.clock.now())
            if token is not None:
                _succeeded(unit, address, now)
            return token

        token = await self.store.write(start)
        if token is None:
            raise Refused("wrong_login")
        return token

    async def set_up(self, token: str, name: str, password: str, code: str, address: str) -> StaffMember:
        """Finish an account by its one-time link."""
        now = self.clock.now()
        await self._try(f"setup:{token}", address, now)
        await self.store.write(lambda unit: accounts.check_setup(unit, token, name, password, code, now))
        hashed = await self.passwords.hash(password)

        def finish(unit: Unit) -> StaffMember:
            member = accounts.finish_setup(unit, token, name, hashed, code, self.clock.now())
            _succeeded(unit, address, now)
            return member

        return await self.store.write(finish)

    async def change_password(self, member: StaffMember, password: str, new: str, code: str) -> None:
        """Another password; every session of hers ends."""
        now = self.clock.now()
        accounts.check_password(new)
        await self._try(member.name, member.id, now)
        kept = await self.store.read(lambda unit: unit.staff.secrets(member.id))
        if not await self.passwords.matches(kept.password_hash, password):
            raise Refused("wrong_login")
        hashed = await self.passwords.hash(new)
        await self.store.write(lambda unit: _change(unit, member, hashed, code, self.clock.now()))

    async def _try(self, name: str, address: str, now: datetime) -> None:
        """Count a try before anything is hashed; Refused("too_many") says how many minutes to wait."""
        wait_s = await self.store.write(lambda unit: _count(unit, name, address, now))
        if wait_s:
            raise Refused("too_many", least=ceil(wait_s / 60))


def _count(unit: Unit, name: str, address: str, now: datetime) -> int:
    """Seconds to wait; 0 where the try may go on. It counts as failed until `_succeeded` takes it back."""
    by_name, by_address = f"sign-in:name:{name[:64].casefold()}", _address_key(address)
    waits = (
        unit.limits.free_in(by_name, now, window_s=_NAME_WINDOW_S, at_most=_NAME_TRIES),
        unit.limits.free_in(by_address, now, window_s=_ADDRESS_WINDOW_S, at_most=_ADDRESS_TRIES),
    )
    if not any(waits):
        unit.limits.hit(by_name, now, window_s=_NAME_WINDOW_S, at_most=_NAME_TRIES)
        unit.limits.hit(by_address, now, window_s=_ADDRESS_WINDOW_S, at_most=_ADDRESS_TRIES)
    return max(waits)


def _succeeded(unit: Unit, address: str, now: datetime) -> None:
    unit.limits.take_back(_address_key(address), now, window_s=_ADDRESS_WINDOW_S)


def _address_key(address: str) -> str:
    return f"sign-in:address:{address}"


def _account(unit: Unit, name: str) -> tuple[StaffMember | None, StaffSecrets | None]:
    try:
        member = unit.staff.by_name(accounts.cleaned_name(name))
    except Refused:
        return None, None
    if member is None or not member.active:
        return None, None
    return member, unit.staff.secrets(member.id)


def _start(unit: Unit, member: StaffMember | None, code: str, old: str | None, now: datetime) -> str | None:
    """Check the second factor in the same unit that keeps its step: one code cannot open two sessions."""
    fresh = unit.staff.get(member.id) if member else None
    kept = unit.staff.secrets(fresh.id) if fresh and fresh.active else None
    step = (
        step_of_code(kept.totp_secret, code, now, kept.last_totp_step) if kept and kept.totp_secret else None
    )
    if fresh is None or kept is None or step is None:
        unit.audit.append("nobody", "sign_in_failed", fresh.id if fresh else "unknown", now)
        return None
    unit.audit.append(fresh.id, "sign_in", fresh.id, now)
    unit.staff.save_secrets(fresh.id, replace(kept, last_totp_step=step))
    if old:
        unit.staff.end_sessions(fresh.id, old)
    token = secrets.token_urlsafe(32)
    unit.staff.start_session(token, fresh.id, now)
    return token


def _change(unit: Unit, member: StaffMember, hashed: str, code: str, now: datetime) -> None:
    kept = unit.staff.secrets(member.id)
    step = step_of_code(kept.totp_secret or "", code, now, kept.last_totp_step)
    if step is None:
        raise Refused("wrong_login")
    unit.audit.append(member.id, "password_changed", member.id, now)
    unit.staff.save_secrets(member.id, replace(kept, password_hash=hashed, last_totp_step=step))
    unit.staff.end_sessions(member.id)
