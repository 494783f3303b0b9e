"""The audit chain: each line carries a keyed hash of itself and of the line before it.

An edited, removed, added or swapped line breaks the chain; `audit_head` holds its length under another
keyed hash, so lines cut off the end are missed as well. Putting back the whole file is found by comparing
with an anchor kept outside (`head`).
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.errors import SealBroken
from bot.domain.ports_staff import AuditLine
from storage.context import UnitContext
from storage.database import Database, Row, instant, micros
from storage.sealing import SystemKeys, packed

_START = b"\0" * 32
_BATCH = 2000


def start_chain(db: Database, system: SystemKeys) -> None:
    """Once, when a store is made: a chain of no lines. Later on a missing head means that it was removed."""
    _put_head(db, system, 0, _START)


def _put_head(db: Database, system: SystemKeys, seq: int, last: bytes) -> None:
    db.run(
        "insert into audit_head (id, seq, last, mac) values (1, :seq, :last, :mac)"
        " on conflict (id) do update set seq = :seq, last = :last, mac = :mac",
        seq=seq, last=last, mac=_head_mac(system, seq, last),
    )  # fmt: skip


def _head_mac(system: SystemKeys, seq: int, last: bytes) -> bytes:
    return system.mac("audit-hmac", b"head\0" + str(seq).encode("ascii") + b"\0" + last)


class AuditTable:
    """Fulfils ports.Audit."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    def append(
        self, actor: str, act: str, target: str, now: datetime, facts: Mapping[str, str] | None = None
    ) -> int:
        head = self._db.one("select seq, last from audit_head where id = 1")
        if head is None:
            raise SealBroken("audit_head is gone: nothing may be done that nobody could prove")
        seq: int = head["seq"] + 1
        before: bytes = head["last"]
        at, text = micros(now), packed(dict(facts or {}))
        mac = self._mac(before, seq, at, actor, act, target, text)
        self._db.run(
            "insert into audit (seq, at, actor, act, target, facts, mac)"
            " values (:seq, :at, :actor, :act, :target, :facts, :mac)",
            seq=seq, at=at, actor=actor, act=act, target=target, facts=text, mac=mac,
        )  # fmt: skip
        _put_head(self._db, self._seal.system, seq, mac)
        self._context.audited[seq] = target
        return seq

    def _mac(self, before: bytes, seq: int, at: int, actor: str, act: str, target: str, facts: str) -> bytes:
        line = json.dumps([seq, at, actor, act, target, facts], ensure_ascii=True, separators=(",", ":"))
        return self._seal.system.mac("audit-hmac", b"line\0" + before + line.encode("ascii"))

    def lines(self, target: str | None = None, limit: int = 200) -> Sequence[AuditLine]:
        where = "" if target is None else "where target = :target "
        rows = self._db.all(
            f"select * from audit {where}order by seq desc limit :limit",  # noqa: S608 – no input in it
            limit=limit, **({} if target is None else {"target": target}),
        )  # fmt: skip
        return [_line(row) for row in rows]

    def head(self) -> tuple[int, str]:
        """Length of the chain and its last hash: the anchor to keep elsewhere."""
        row = self._db.one("select seq, last from audit_head where id = 1")
        return (0, "") if row is None else (row["seq"], row["last"].hex())

    def first_broken(self) -> int | None:
        before, expected = _START, 1
        while rows := self._db.all(
            "select * from audit where seq >= :seq order by seq limit :limit", seq=expected, limit=_BATCH
        ):
            for row in rows:
                if row["seq"] != expected:
                    return expected
                mac = self._mac(
                    before, expected, row["at"], row["actor"], row["act"], row["target"], row["facts"]
                )
                if not hmac.compare_digest(mac, row["mac"]):
                    return expected
                before, expected = mac, expected + 1
        return self._broken_end(before, expected - 1)

    def _broken_end(self, last: bytes, length: int) -> int | None:
        """Lines with a sequence number below 1 are nobody's; the head must fit the last line."""
        stray = self._db.one("select min(seq) as seq from audit")
        if stray is not None and stray["seq"] is not None and stray["seq"] < 1:
            return int(stray["seq"])
        head = self._db.one("select seq, last, mac from audit_head where id = 1")
        if head is None:
            return max(length, 1)
        fits = hmac.compare_digest(head["mac"], _head_mac(self._seal.system, head["seq"], head["last"]))
        if fits and head["seq"] == length and hmac.compare_digest(head["last"], last):
            return None
        return length + 1


def _line(row: Row) -> AuditLine:
    return AuditLine(
        row["seq"], instant(row["at"]), row["actor"], row["act"], row["target"], json.loads(row["facts"])
    )
