"""Who writes: the keyed hash of an address leads to an opaque person id; the address itself is sealed."""

import secrets
from datetime import datetime

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.incoming import Address
from storage.context import UnitContext
from storage.database import Row, micros


class Identities:
    """Finds and makes people by address."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    def row(self, person_id: str) -> Row | None:
        """Her row, read once a unit: nobody else changes it meanwhile, and who changes it calls `changed`."""
        row = self._context.people.get(person_id)
        if row is None:
            row = self._db.one(
                "select id, channel, quiet, blocked, first_seen, address from people where id = :id",
                id=person_id,
            )
            if row is not None:
                self._context.people[person_id] = row
        return row

    def changed(self, person_id: str) -> None:
        """Her row is another now: it is read again."""
        self._context.people.pop(person_id, None)

    def _hash(self, address: Address) -> bytes:
        return self._seal.system.hash("identity-hmac", "address", address.channel, address.id)

    def find(self, address: Address) -> str | None:
        row = self._db.one("select id from people where identity = :identity", identity=self._hash(address))
        return None if row is None else row["id"]

    def get_or_add(self, address: Address, now: datetime) -> str:
        """Her id; a new person gets a key of her own."""
        hashed = self._hash(address)
        row = self._db.one("select id from people where identity = :identity", identity=hashed)
        if row is not None:
            known: str = row["id"]
            return known
        person_id = secrets.token_hex(8)
        self._seal.make("person", person_id, now)
        self._db.run(
            "insert into people (id, channel, identity, address, first_seen)"
            " values (:id, :channel, :identity, :address, :now)",
            id=person_id, channel=address.channel, identity=hashed, now=micros(now),
            address=self._seal.seal_text("person", person_id, f"people:{person_id}:address", address.id),
        )  # fmt: skip
        return person_id

    def address(self, person_id: str) -> Address:
        row = self.row(person_id)
        if row is None:
            raise NotFound(f"person {person_id}")
        place = f"people:{person_id}:address"
        return Address(row["channel"], self._seal.open_text("person", person_id, place, row["address"]))

    def move(self, person_id: str, address: Address) -> None:
        """Another address for the same person; refused where it belongs to somebody else."""
        holder = self.find(address)
        if holder not in (None, person_id):
            raise NotAllowed(f"the new address of {person_id} belongs to {holder}")
        touched = self._db.run(
            "update people set channel = :channel, identity = :identity, address = :address where id = :id",
            id=person_id, channel=address.channel, identity=self._hash(address),
            address=self._seal.seal_text("person", person_id, f"people:{person_id}:address", address.id),
        )  # fmt: skip
        self.changed(person_id)
        if not touched:
            raise NotFound(f"person {person_id}")
