"""Argon2id off the loop, two at once at most: each takes 64 MiB."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MEMORY_KIB, ROUNDS, LANES, AT_ONCE = 64 * 1024, 3, 4, 2


class Argon2Passwords:
    """Fulfils `bot.services.sign_in.Passwords`; tests hand in cheaper parameters."""

    def __init__(self, memory_kib: int = MEMORY_KIB, rounds: int = ROUNDS) -> None:
        self._hasher = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=LANES)
        self._places = asyncio.Semaphore(AT_ONCE)
        self.hashed = 0  # how often the slow work was done: limits must come before it

    async def hash(self, password: str) -> str:
        async with self._places:
            self.hashed += 1
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        async with self._places:
            self.hashed += 1
            return await asyncio.to_thread(self._matches, kept, password)

    def _matches(self, kept: str | None, password: str) -> bool:
        nobody = _nobodys_hash(self._hasher)  # also where it is not needed: the first time takes longer
        try:
            return self._hasher.verify(kept or nobody, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys_hash(hasher: PasswordHasher) -> str:
    """Something to compare with where there is no account, so that both take the same time."""
    return hasher.hash("nobody has this password")
