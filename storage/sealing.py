"""Sealing: a key of its own for each person, case and file; AES-256-GCM bound to its place.

A sealed value is version byte, random 96-bit nonce, ciphertext; its associated data is "table:row:column",
so a value moved to another row or column does not open. Names and addresses are looked up by keyed hash.
"""

import hmac
import json
import os
import secrets
import threading
from collections import OrderedDict
from datetime import datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import KeyMissing, SealBroken
from storage.database import Database, micros
from storage.master_key import MasterKeys, wrapped_by

KeyKind = Literal["system", "person", "case", "file"]
HmacName = Literal["identity-hmac", "code-hmac", "contest-hmac", "limits-hmac", "audit-hmac"]

FACTS = "facts"  # the system key that seals what belongs to the house
_HMAC_NAMES: tuple[HmacName, ...] = (
    "identity-hmac", "code-hmac", "contest-hmac", "limits-hmac", "audit-hmac",
)  # fmt: skip
SYSTEM_KEYS: tuple[str, ...] = (*_HMAC_NAMES, FACTS)

_VERSION = b"\x01"
_NONCE_BYTES = 12
_CACHED_KEYS = 4096
_HASH_BYTES = 16


def seal_with(cipher: AESGCM, place: str, data: bytes) -> bytes:
    """Seal bytes for one place."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, data, place.encode())


def open_with(cipher: AESGCM, place: str, sealed: bytes) -> bytes:
    """The bytes that were sealed for this place; SealBroken for anything else."""
    if sealed[:1] != _VERSION or len(sealed) < 1 + _NONCE_BYTES + 16:
        raise SealBroken(place)
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :], place.encode())
    except InvalidTag:
        raise SealBroken(place) from None


def text_bytes(text: str) -> bytes:
    """Text as bytes; half surrogate pairs, which people's phones do send, survive."""
    return text.encode("utf-8", "surrogatepass")


def bytes_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


class KeyCache:
    """The keys used last, unwrapped, for all connections. Erasing drops a key for good."""

    def __init__(self, at_most: int = _CACHED_KEYS) -> None:
        self._at_most = at_most
        self._ciphers: OrderedDict[tuple[str, str], AESGCM] = OrderedDict()
        self._lock = threading.Lock()
        self.generation = 0

    def get(self, kind: str, key_id: str) -> AESGCM | None:
        with self._lock:
            cipher = self._ciphers.get((kind, key_id))
            if cipher is not None:
                self._ciphers.move_to_end((kind, key_id))
            return cipher

    def put(self, kind: str, key_id: str, cipher: AESGCM, generation: int) -> None:
        """Keep a key, unless one was erased since `generation`: a reader may still see the old rows."""
        with self._lock:
            if generation != self.generation:
                return
            self._ciphers[kind, key_id] = cipher
            if len(self._ciphers) > self._at_most:
                self._ciphers.popitem(last=False)

    def drop(self, kind: str, key_id: str) -> None:
        with self._lock:
            self.generation += 1
            self._ciphers.pop((kind, key_id), None)

    def __len__(self) -> int:
        return len(self._ciphers)


class SystemKeys:
    """Keys of the house: keyed hashes, and the seal of small facts."""

    def __init__(self, secrets_by_name: dict[str, bytes]) -> None:
        self._secrets = secrets_by_name
        self.facts = AESGCM(secrets_by_name[FACTS])

    def hash(self, name: HmacName, what: str, *parts: str) -> bytes:
        """Keyed hash of some parts; `what` keeps the uses apart."""
        message = "\0".join((what, *parts))
        return hmac.digest(self._secrets[name], text_bytes(message), "sha256")[:_HASH_BYTES]

    def mac(self, name: HmacName, message: bytes) -> bytes:
        return hmac.digest(self._secrets[name], message, "sha256")


def make_system_keys(db: Database, master: MasterKeys, now: datetime) -> bool:
    """Make the keys of the house where there is no key at all yet; whether it did."""
    if db.one("select 1 from keys limit 1") is not None:
        return False
    for name in SYSTEM_KEYS:
        _insert_key(db, master, "system", name, secrets.token_bytes(32), None, now)
    return True


def load_system_keys(db: Database, master: MasterKeys) -> SystemKeys:
    """The keys of the house. KeyMissing if one of them, or the master key that wrapped it, is not there."""
    found = {
        row["id"]: row["wrapped"] for row in db.all("select id, wrapped from keys where kind = 'system'")
    }
    lost = [name for name in SYSTEM_KEYS if name not in found]
    if lost:
        raise KeyMissing(f"密钥表缺少：{', '.join(lost)}。请从备份恢复。")
    return SystemKeys({name: master.unwrap(found[name], _label("system", name)) for name in SYSTEM_KEYS})


def _label(kind: str, key_id: str) -> str:
    return f"keys:{kind}/{key_id}:wrapped"


def file_key_label(file_id: str) -> str:
    """What the wrapped key of a file is bound to; the vault makes it, the row keeps it."""
    return _label("file", file_id)


def _insert_key(
    db: Database, master: MasterKeys, kind: str, key_id: str, secret: bytes, owner: str | None, now: datetime
) -> None:
    wrapped = master.wrap(secret, _label(kind, key_id))
    db.run(
        "insert into keys (kind, id, owner, wrapped, wrapped_by, made_at)"
        " values (:kind, :id, :owner, :wrapped, :wrapped_by, :made_at)",
        kind=kind, id=key_id, owner=owner, wrapped=wrapped, wrapped_by=wrapped_by(wrapped),
        made_at=micros(now),
    )  # fmt: skip


class Sealer:
    """Seals and opens values inside one connection's transactions."""

    def __init__(self, db: Database, master: MasterKeys, system: SystemKeys, cache: KeyCache) -> None:
        self._db, self._master, self._cache = db, master, cache
        self.system = system
        self._generation = cache.generation
        self._destroyed: list[tuple[KeyKind, str]] = []

    def begin(self) -> None:
        """A new transaction begins: what it reads is at least as new as the cache is now."""
        self._generation = self._cache.generation

    def committed(self) -> None:
        """Erased keys leave the cache a second time: a reader may have fetched one before the commit."""
        for kind, key_id in self._destroyed:
            self._cache.drop(kind, key_id)
        self._destroyed.clear()

    def make(self, kind: KeyKind, key_id: str, now: datetime, owner: str | None = None) -> None:
        """A new key for a person or a case."""
        secret = secrets.token_bytes(32)
        _insert_key(self._db, self._master, kind, key_id, secret, owner, now)
        self._cache.put(kind, key_id, AESGCM(secret), self._cache.generation)

    def adopt(self, key_id: str, wrapped: bytes, now: datetime, owner: str | None = None) -> None:
        """Keep the wrapped key of a file that the vault made, under the newest master key."""
        secret = self._master.unwrap(wrapped, file_key_label(key_id))
        _insert_key(self._db, self._master, "file", key_id, secret, owner, now)

    def wrapped(self, kind: KeyKind, key_id: str) -> bytes | None:
        row = self._db.one("select wrapped from keys where kind = :kind and id = :id", kind=kind, id=key_id)
        return None if row is None else row["wrapped"]

    def note_erased(self, kind: str, key_id: str, now: datetime) -> None:
        """So that restoring an older backup does not bring it back."""
        self._db.run(
            "insert into erased (kind, id, at) values (:kind, :id, :at)"
            " on conflict (kind, id) do update set at = :at",
            kind=kind, id=key_id, at=micros(now),
        )  # fmt: skip

    def destroy(self, kind: KeyKind, key_id: str, now: datetime) -> None:
        """Without its key, what it sealed is noise, here and in every copy without the key table."""
        self.note_erased(kind, key_id, now)
        self._db.run("delete from keys where kind = :kind and id = :id", kind=kind, id=key_id)
        self._cache.drop(kind, key_id)
        self._generation = self._cache.generation
        self._destroyed.append((kind, key_id))

    def _cipher(self, kind: KeyKind, key_id: str) -> AESGCM:
        cipher = self._cache.get(kind, key_id)
        if cipher is not None:
            return cipher
        wrapped = self.wrapped(kind, key_id)
        if wrapped is None:
            raise SealBroken(f"the key of {kind} {key_id} is gone")
        cipher = AESGCM(self._master.unwrap(wrapped, _label(kind, key_id)))
        self._cache.put(kind, key_id, cipher, self._generation)
        return cipher

    def check_key(self, kind: KeyKind, key_id: str) -> None:
        """KeyMissing or SealBroken unless the kept key itself can be unwrapped."""
        wrapped = self.wrapped(kind, key_id)
        if wrapped is not None:
            self._master.unwrap(wrapped, _label(kind, key_id))

    def seal(self, kind: KeyKind, key_id: str, place: str, data: bytes) -> bytes:
        """Seal bytes with the key of a person, case or file."""
        return seal_with(self._cipher(kind, key_id), place, data)

    def open(self, kind: KeyKind, key_id: str, place: str, sealed: bytes) -> bytes:
        return open_with(self._cipher(kind, key_id), place, sealed)

    def seal_text(self, kind: KeyKind, key_id: str, place: str, text: str) -> bytes:
        return self.seal(kind, key_id, place, text_bytes(text))

    def open_text(self, kind: KeyKind, key_id: str, place: str, sealed: bytes) -> str:
        return bytes_text(self.open(kind, key_id, place, sealed))

    def seal_json(self, kind: KeyKind, key_id: str, place: str, value: Any) -> bytes:
        return self.seal_text(kind, key_id, place, packed(value))

    def open_json(self, kind: KeyKind, key_id: str, place: str, sealed: bytes) -> Any:
        return json.loads(self.open_text(kind, key_id, place, sealed))

    def seal_fact(self, place: str, text: str) -> bytes:
        """Seal something of the house."""
        return seal_with(self.system.facts, place, text_bytes(text))

    def open_fact(self, place: str, sealed: bytes) -> str:
        return bytes_text(open_with(self.system.facts, place, sealed))


def packed(value: Any) -> str:
    """JSON without spaces, keys in order: the same value gives the same text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def rewrap_all(db: Database, master: MasterKeys) -> int:
    """Wrap every key anew with the newest master key; returns how many. Contents are not touched."""
    rows = db.all(
        "select kind, id, wrapped from keys where wrapped_by <> :current", current=master.current_id
    )
    for row in rows:
        label = _label(row["kind"], row["id"])
        wrapped = master.wrap(master.unwrap(row["wrapped"], label), label)
        db.run(
            "update keys set wrapped = :wrapped, wrapped_by = :by where kind = :kind and id = :id",
            wrapped=wrapped, by=wrapped_by(wrapped), kind=row["kind"], id=row["id"],
        )  # fmt: skip
    return len(rows)
