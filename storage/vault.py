"""The vault: sealed files on disk, each under a key of its own, apart from the database."""

import asyncio
import contextlib
import hashlib
import re
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import NotFound
from storage.master_key import MasterKeys, fsync_folder, write_durably
from storage.sealing import file_key_label, open_with, seal_with

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Vault:
    """Fulfils ports.FileVault in <data>/files/<2 hex>/<id>. Files are at most some 20 MB: one piece each."""

    def __init__(self, folder: Path, master: MasterKeys) -> None:
        self._folder, self._master = folder, master

    async def put(self, file_id: str, data: bytes) -> bytes:
        return await asyncio.to_thread(self._put, file_id, data)

    async def read(self, file_id: str, sealed_key: bytes) -> bytes:
        return await asyncio.to_thread(self._read, file_id, sealed_key)

    async def remove(self, file_id: str) -> None:
        await asyncio.to_thread(self._remove, file_id)

    def path(self, file_id: str) -> Path:
        """Where the bytes of a file lie. Ids are ours, never names that somebody sent."""
        if not _ID.fullmatch(file_id):
            raise NotFound("file id")
        return self._folder / hashlib.sha256(file_id.encode("ascii")).hexdigest()[:2] / file_id

    def ids(self) -> set[str]:
        """Every file on disk."""
        return set(self.ids_in(self._folder))

    @staticmethod
    def ids_in(folder: Path) -> dict[str, Path]:
        """The sealed files below a folder, by id."""
        return {
            path.name: path
            for place in sorted(folder.glob("??"))
            for path in sorted(place.iterdir())
            if _ID.fullmatch(path.name)
        }

    def _put(self, file_id: str, data: bytes) -> bytes:
        path, secret = self.path(file_id), secrets.token_bytes(32)
        if not path.parent.is_dir():
            self._folder.mkdir(mode=0o700, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            fsync_folder(self._folder)
        write_durably(path, seal_with(AESGCM(secret), _place(file_id), data))
        return self._master.wrap(secret, file_key_label(file_id))

    def _read(self, file_id: str, sealed_key: bytes) -> bytes:
        try:
            sealed = self.path(file_id).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"file {file_id}") from None
        secret = self._master.unwrap(sealed_key, file_key_label(file_id))
        return open_with(AESGCM(secret), _place(file_id), sealed)

    def check(self, file_id: str, sealed_key: bytes) -> None:
        """SealBroken or KeyMissing unless the file opens. Blocks: call it in a thread."""
        self._read(file_id, sealed_key)

    def _remove(self, file_id: str) -> None:
        path = self.path(file_id)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
            fsync_folder(path.parent)


def _place(file_id: str) -> str:
    return f"files:{file_id}:bytes"
