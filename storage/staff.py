"""Staff accounts: names and roles plain, secrets and Telegram ids sealed, tokens only as keyed hashes."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ports_staff import StaffSecrets
from bot.domain.staff import Role, StaffMember
from storage.context import UnitContext
from storage.database import Row, instant, micros

_TOUCH_EVERY = timedelta(seconds=20)  # a page with ten pictures is not ten writes


def _packed_roles(roles: frozenset[Role]) -> str:
    return json.dumps(sorted(roles))


def _roles(text: str) -> frozenset[Role]:
    return frozenset(Role(role) for role in json.loads(text))


class StaffTable:
    """Fulfils ports.StaffAccounts."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    # ── accounts ────────────────────────────────────────────────────────────────────────────────────

    def add(self, member: StaffMember) -> None:
        """NotAllowed where the name or the Telegram account is taken."""
        self._refuse_taken(member)
        self._db.run(
            "insert into staff (id, name, roles, active, created_at, telegram_hash, telegram, employer_id)"
            " values (:id, :name, :roles, :active, :created_at, :telegram_hash, :telegram, :employer_id)",
            **self._values(member),
        )

    def _refuse_taken(self, member: StaffMember) -> None:
        for other in (
            self.by_name(member.name),
            None if member.telegram_id is None else self.by_telegram(member.telegram_id),
        ):
            if other is not None and other.id != member.id:
                raise NotAllowed(f"taken by staff {other.id}")

    def _values(self, member: StaffMember) -> dict[str, object]:
        telegram = member.telegram_id
        sealed = None if telegram is None else self._seal.seal_fact(_place(member.id, "telegram"), telegram)
        return {
            "id": member.id, "name": member.name, "roles": _packed_roles(member.roles),
            "active": int(member.active), "created_at": micros(member.created_at),
            "telegram_hash": None if telegram is None else self._telegram_hash(telegram),
            "telegram": sealed, "employer_id": member.employer_id,
        }  # fmt: skip

    def _telegram_hash(self, telegram_id: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "staff-telegram", telegram_id)

    def _member(self, row: Row | None) -> StaffMember | None:
        if row is None:
            return None
        telegram = row["telegram"]
        return StaffMember(
            row["id"], row["name"], _roles(row["roles"]), bool(row["active"]), instant(row["created_at"]),
            row["totp"] is not None,
            None if telegram is None else self._seal.open_fact(_place(row["id"], "telegram"), telegram),
            row["employer_id"],
        )  # fmt: skip

    def get(self, staff_id: str) -> StaffMember | None:
        return self._member(self._db.one("select * from staff where id = :id", id=staff_id))

    def by_name(self, name: str) -> StaffMember | None:
        return self._member(self._db.one("select * from staff where name = :name", name=name))

    def by_telegram(self, telegram_id: str) -> StaffMember | None:
        hashed = self._telegram_hash(telegram_id)
        return self._member(self._db.one("select * from staff where telegram_hash = :hashed", hashed=hashed))

    def all(self) -> Sequence[StaffMember]:
        rows = self._db.all("select * from staff order by created_at, name")
        return [member for row in rows if (member := self._member(row)) is not None]

    def save(self, member: StaffMember) -> None:
        """Switching an account off shuts its sessions at once, and none of them opens again with it.

        Their rows stay until then (or until retention takes them), so that the page can say why.
        """
        self._refuse_taken(member)
        before = self.get(member.id)
        touched = self._db.run(
            "update staff set name = :name, roles = :roles, active = :active, created_at = :created_at,"
            " telegram_hash = :telegram_hash, telegram = :telegram, employer_id = :employer_id"
            " where id = :id",
            **self._values(member),
        )
        if not touched:
            raise NotFound(f"staff {member.id}")
        if before is not None and member.active and not before.active:
            self.end_sessions(member.id)

    # ── secrets ─────────────────────────────────────────────────────────────────────────────────────

    def secrets(self, staff_id: str) -> StaffSecrets:
        row = self._db.one("select password, totp, last_totp_step from staff where id = :id", id=staff_id)
        if row is None:
            raise NotFound(f"staff {staff_id}")
        password, totp = (
            None if row[column] is None else self._seal.open_fact(_place(staff_id, column), row[column])
            for column in ("password", "totp")
        )
        return StaffSecrets(password, totp, row["last_totp_step"])

    def save_secrets(self, staff_id: str, secrets: StaffSecrets) -> None:
        sealed = {
            column: None if value is None else self._seal.seal_fact(_place(staff_id, column), value)
            for column, value in (("password", secrets.password_hash), ("totp", secrets.totp_secret))
        }
        touched = self._db.run(
            "update staff set password = :password, totp = :totp, last_totp_step = :step where id = :id",
            id=staff_id, step=secrets.last_totp_step, **sealed,
        )  # fmt: skip
        if not touched:
            raise NotFound(f"staff {staff_id}")

    # ── one-time links ──────────────────────────────────────────────────────────────────────────────

    def _token(self, what: str, token: str) -> bytes:
        return self._seal.system.hash("identity-hmac", what, token)

    def add_link(self, token: str, staff_id: str | None, roles: frozenset[Role], until: datetime) -> None:
        self._db.run("delete from staff_links where until < :now", now=self._context.now_micros())
        self._db.run(
            "insert into staff_links (token, staff_id, roles, until) values (:token, :staff, :roles, :until)",
            token=self._token("link", token), staff=staff_id, roles=_packed_roles(roles), until=micros(until),
        )  # fmt: skip

    def link(self, token: str, now: datetime) -> tuple[str | None, frozenset[Role]] | None:
        row = self._db.one(
            "select staff_id, roles from staff_links where token = :token and until > :now",
            token=self._token("link", token), now=micros(now),
        )  # fmt: skip
        return None if row is None else (row["staff_id"], _roles(row["roles"]))

    def use_link(self, token: str) -> None:
        self._db.run("delete from staff_links where token = :token", token=self._token("link", token))

    # ── sessions ────────────────────────────────────────────────────────────────────────────────────

    def start_session(self, token: str, staff_id: str, now: datetime) -> None:
        self._db.run(
            "insert into staff_sessions (token, staff_id, started_at, seen_at)"
            " values (:token, :staff, :now, :now)",
            token=self._token("session", token), staff=staff_id, now=micros(now),
        )  # fmt: skip

    def session(self, token: str, now: datetime, idle_s: int, at_most_s: int) -> StaffMember | None:
        """A reading unit cannot touch the session: use it where no activity should count."""
        hashed = self._token("session", token)
        row = self._db.one(
            "select staff_id, started_at, seen_at from staff_sessions where token = :token", token=hashed
        )
        if row is None:
            return None
        idle = now - instant(row["seen_at"])
        if idle.total_seconds() > idle_s or (now - instant(row["started_at"])).total_seconds() > at_most_s:
            if self._context.writing:
                self._db.run("delete from staff_sessions where token = :token", token=hashed)
            return None
        if self._context.writing and idle >= _TOUCH_EVERY:
            self._db.run(
                "update staff_sessions set seen_at = :now where token = :token", now=micros(now), token=hashed
            )
        member = self.get(row["staff_id"])
        return member if member is not None and member.active else None

    def is_shut(self, token: str) -> bool:
        row = self._db.one(
            "select staff_id from staff_sessions where token = :token", token=self._token("session", token)
        )
        member = None if row is None else self.get(row["staff_id"])
        return member is not None and not member.active

    def end_sessions(self, staff_id: str, token: str | None = None) -> None:
        if token is None:
            self._db.run("delete from staff_sessions where staff_id = :staff", staff=staff_id)
        else:
            self._db.run(
                "delete from staff_sessions where staff_id = :staff and token = :token",
                staff=staff_id, token=self._token("session", token),
            )  # fmt: skip


def _place(staff_id: str, column: str) -> str:
    return f"staff:{staff_id}:{column}"
