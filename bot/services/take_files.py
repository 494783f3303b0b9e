"""Takes a file that somebody sent: looks what it is, seals it, and makes a copy that betrays nothing."""

import asyncio
import hashlib
import logging
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

from bot.domain.clock import Clock
from bot.domain.errors import NotFound, Refused
from bot.domain.incoming import FileNote, KeptFile
from bot.domain.ports import Store, Unit
from bot.domain.ports_cases import StoredFile
from bot.services.sniff_files import JPEG, PNG, FileType, plain_name, sniff

log = logging.getLogger("safehouse.files")

_CHILD = Path(__file__).with_name("clean_image.py")
_COPY_S = 40.0
_COPIES_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much is taken: bytes a file, files a person and day (Asia/Shanghai)."""

    max_bytes: int = 20 * 1024 * 1024
    per_day: int = 10


@dataclass(frozen=True, slots=True)
class _Sealed:
    row: StoredFile
    key: bytes


class TakeFiles:
    """One for the whole process: it bounds how many pictures are redrawn at once."""

    def __init__(self, store: Store, clock: Clock, limits: FileLimits | None = None) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits or FileLimits()
        self._copies = asyncio.Semaphore(_COPIES_AT_ONCE)
        self._taking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(
        self, data: bytes, note: FileNote, person_id: str, *, file_id: str | None = None
    ) -> KeptFile:
        """Keep the original and, of a picture, a copy without place and author.

        Never raises for what she sent: `refused` names the reason (file_empty, file_too_big,
        file_archive, file_program, file_macro, file_kind, too_many_files). With `file_id`, a file that
        was kept under it before is the answer: twice is the same as once. StoreFull goes through.
        """
        name = file_id or secrets.token_hex(16)
        async with self._taking.setdefault(name, asyncio.Lock()):
            if kept := await self._store.read(lambda unit: unit.files.get(name)):
                return _as_kept(kept[0], note)
            try:
                file_type = self._check(data)
                await self._store.read(lambda unit: self._check_day(unit, person_id))
                return await self._keep(data, file_type, note, person_id, name)
            except Refused as refused:
                return KeptFile("", note.kind, len(data), refused=refused.reason)

    async def __call__(self, data: bytes, note: FileNote, person_id: str) -> KeptFile:
        """The same, as the workers call it."""
        return await self.take(data, note, person_id)

    def _check(self, data: bytes) -> FileType:
        if len(data) > self._limits.max_bytes:
            raise Refused("file_too_big")
        return sniff(data)

    def _check_day(self, unit: Unit, person_id: str) -> None:
        if unit.files.kept_today(person_id, self._clock.now()) >= self._limits.per_day:
            raise Refused("too_many_files")

    async def _keep(
        self, data: bytes, file_type: FileType, note: FileNote, person_id: str, file_id: str
    ) -> KeptFile:
        sealed: list[_Sealed] = []

        def keep(unit: Unit) -> StoredFile:
            # Two uploads at once both passed the first look; here the day is counted for good.
            self._check_day(unit, person_id)
            for one in sealed:
                unit.files.keep(one.row, person_id, one.key, self._clock.now())
            return sealed[0].row

        try:
            name = plain_name(note.name, file_type)
            sealed.append(await self._seal(data, file_type, name, file_id))
            if copy := await self._clean_copy(data, file_type, sealed[0].row):
                sealed.append(copy)
            return _as_kept(await self._store.write(keep), note)
        except Exception:  # not when cancelled: the unit may still be kept, and needs its bytes
            for one in sealed:
                await self._store.vault.remove(one.row.id)
            raise

    async def _seal(
        self, data: bytes, file_type: FileType, name: str, file_id: str, clean_of: str | None = None
    ) -> _Sealed:
        digest = await asyncio.to_thread(lambda: hashlib.sha256(data).hexdigest())
        key = await self._store.vault.put(file_id, data)
        row = StoredFile(
            file_id, file_type.kind.value, len(data), digest, name, file_type.mime, clean_of=clean_of
        )
        return _Sealed(row, key)

    async def _clean_copy(self, data: bytes, file_type: FileType, of: StoredFile) -> _Sealed | None:
        """A redrawn copy; None where there can be none: the original is kept all the same."""
        if file_type.image is None:
            return None
        async with self._copies:
            copy = await _redraw(data, file_type.image)
        if copy is None:
            log.warning("file %s: no clean copy", of.id)
            return None
        drawn = PNG if copy.startswith(b"\x89PNG") else JPEG
        name = f"{of.name.rpartition('.')[0]}.{drawn.ending}"
        return await self._seal(copy, drawn, name, secrets.token_hex(16), clean_of=of.id)


def _as_kept(row: StoredFile, note: FileNote) -> KeptFile:
    return KeptFile(row.id, type(note.kind)(row.kind), row.size, row.name)


async def _redraw(data: bytes, decoder: str) -> bytes | None:
    """Run the child on one picture; None where it fails, is killed, or takes too long."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(_CHILD), decoder,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(_COPY_S):
            out, _ = await child.communicate(data)
    except TimeoutError:
        return None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return out if child.returncode == 0 and out else None


async def staff_copy(store: Store, file_id: str) -> tuple[StoredFile, bytes, bool]:
    """What the desk hands out: the clean copy where there is one (True), else the original (False).

    The gate must have opened the case before; NotFound where there is no such file.
    """

    def find(unit: Unit) -> tuple[StoredFile, bytes, bool]:
        clean_id = unit.files.clean_copy(file_id)
        found = unit.files.get(clean_id or file_id)
        if found is None:
            raise NotFound("file")
        return found[0], found[1], clean_id is not None

    row, key, clean = await store.read(find)
    return row, await store.vault.read(row.id, key), clean
