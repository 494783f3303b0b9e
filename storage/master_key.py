"""The master key file: text lines `v1 <key id> <base64>`, newest first, mode 600, outside the data folder.

It wraps every other key. Losing it loses every word; a copy of it beside the data protects nothing. Two
lines stand in it for a while after a rotation, so that what was wrapped before can still be opened.
"""

import base64
import binascii
import hmac
import os
import secrets
import stat
import threading
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import KeyMissing, SealBroken

_VERSION = b"\x01"
_NONCE_BYTES = 12
_ID_BYTES = 8


class _MasterKey(NamedTuple):
    id: str
    secret: bytes
    cipher: AESGCM


def _key_id(secret: bytes) -> str:
    """The id follows from the key, so that a line with a wrong id is noticed."""
    return hmac.digest(secret, b"safehouse master key id", "sha256")[:_ID_BYTES].hex()


def _master_key(secret: bytes) -> _MasterKey:
    return _MasterKey(_key_id(secret), secret, AESGCM(secret))


def fsync_folder(folder: Path) -> None:
    """Make a new or renamed name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_durably(path: Path, data: bytes) -> None:
    """Write a private file (mode 600) whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def _read(path: Path) -> tuple[_MasterKey, ...]:
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except FileNotFoundError:
        raise KeyMissing(
            f"密钥文件不在：{path}。数据已用它加密，请把备份的密钥文件放回原处（权限 600），不要新建。"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeyMissing(
            f"密钥文件读不出来：{path}（{type(error).__name__}）。请检查权限，或放回备份。"
        ) from None
    keys = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            version, key_id, text = line.split()
            key = _master_key(base64.b64decode(text, validate=True))
        except (ValueError, binascii.Error):
            version, key_id, key = "", "", None
        if version != "v1" or key is None or len(key.secret) != 32 or key.id != key_id:
            raise KeyMissing(f"{path}:{number}: 这一行不是密钥。请放回备份的密钥文件。")
        keys.append(key)
    if not keys:
        raise KeyMissing(f"密钥文件是空的：{path}。请放回备份的密钥文件。")
    return tuple(keys)


def _write(path: Path, keys: tuple[_MasterKey, ...]) -> None:
    lines = [f"v1 {key.id} {base64.b64encode(key.secret).decode('ascii')}\n" for key in keys]
    write_durably(path, "".join(lines).encode("ascii"))


def make_key_file(path: Path) -> None:
    """Make a new master key where there is none; never replaces one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists():
        raise KeyMissing(f"{path} 已经存在，不会覆盖。")
    _write(path, (_master_key(secrets.token_bytes(32)),))


def is_readable_by_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


class MasterKeys:
    """The keys of the file in memory. Used from several threads; follows a rotation by another process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._look()
        self._keys = _read(path)

    def _look(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None  # an unmounted key must not stop a running service
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _follow(self) -> tuple[_MasterKey, ...]:
        """The keys, read again if the file changed."""
        stamp = self._look()
        with self._lock:
            if stamp is not None and stamp != self._stamp:
                self._keys, self._stamp = _read(self._path), stamp
            return self._keys

    @property
    def current_id(self) -> str:
        """Id of the key that wraps new keys."""
        return self._follow()[0].id

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(key.id for key in self._follow())

    def wrap(self, secret: bytes, label: str) -> bytes:
        """Wrap a key; `label` binds it to its row."""
        key = self._follow()[0]
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + bytes.fromhex(key.id) + nonce + key.cipher.encrypt(nonce, secret, label.encode())

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """KeyMissing if it was wrapped by a key we do not have, SealBroken if it was changed."""
        wanted = wrapped[1 : 1 + _ID_BYTES].hex()
        nonce = wrapped[1 + _ID_BYTES : 1 + _ID_BYTES + _NONCE_BYTES]
        sealed = wrapped[1 + _ID_BYTES + _NONCE_BYTES :]
        key = self._find(wanted)
        if wrapped[:1] != _VERSION or len(nonce) != _NONCE_BYTES or key is None:
            raise KeyMissing(
                f"{label} 是用另一把密钥（{wanted}）加密的；{self._path} 里没有它。请放回那一份密钥文件。"
            )
        try:
            return key.cipher.decrypt(nonce, sealed, label.encode())
        except InvalidTag:
            raise SealBroken(f"wrapped key {label}") from None

    def _find(self, key_id: str) -> _MasterKey | None:
        for keys in (self._keys, self._follow()):
            for key in keys:
                if key.id == key_id:
                    return key
        return None

    def add_new(self) -> str:
        """Put a new key first and keep only the one before it; returns the new id."""
        fresh = _master_key(secrets.token_bytes(32))
        with self._lock:
            before = _read(self._path)
            _write(self._path, (fresh, before[0]))
            self._keys, self._stamp = (fresh, before[0]), self._look()
        return fresh.id

    def drop_old(self) -> tuple[str, ...]:
        """Forget every key but the newest; returns the ids that are gone."""
        with self._lock:
            keys = _read(self._path)
            _write(self._path, keys[:1])
            self._keys, self._stamp = keys[:1], self._look()
        return tuple(key.id for key in keys[1:])


def wrapped_by(wrapped: bytes) -> str:
    """Id of the master key that wrapped this."""
    return wrapped[1 : 1 + _ID_BYTES].hex()
