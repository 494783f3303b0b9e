"""Cases handed over to partner agencies, and what came back."""

import hmac
from collections.abc import Sequence
from datetime import date, datetime

from bot.domain import signals
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.handovers import (
    RUNNING,
    Content,
    Field,
    GuestSession,
    HandOver,
    HandOverState,
    JointSession,
    OralConsent,
    PartnerAnswer,
    PartnerStep,
    Purpose,
    SessionRole,
    SessionState,
)
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none

_TIMES = ("until", "decided_at", "ended_at", "sent_at", "look_at", "first_seen_at", "last_seen_at")
_CHANGING = ("state", *_TIMES, "chased", "letters", "views", "about")
_FIXED = ("id", "case_id", "agency", "purpose", "proposed_by", "proposed_at")
_SET = ", ".join(f"{name} = :{name}" for name in _CHANGING)
_ALL = (*_FIXED, *_CHANGING, "content")


class PartnersTable:
    """Fulfils ports.PartnerBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    # ── hand-overs ──────────────────────────────────────────────────────────────────────────────────

    def propose(self, hand_over: HandOver, content: Content) -> None:
        self._db.run(
            f"insert into hand_overs ({', '.join(_ALL)})"  # noqa: S608 – columns of our own
            f" values ({', '.join(f':{name}' for name in _ALL)})",
            **self._values(hand_over), content=self._sealed_content(hand_over, content),
        )  # fmt: skip

    def get(self, hand_over_id: str) -> HandOver | None:
        row = self._db.one("select * from hand_overs where id = :id", id=hand_over_id)
        return None if row is None else self.opened(row)

    def of_case(self, case_id: str) -> Sequence[HandOver]:
        rows = self._db.all(
            "select * from hand_overs where case_id = :case order by proposed_at, id", case=case_id
        )
        return [self.opened(row) for row in rows]

    def save(self, hand_over: HandOver) -> None:
        values = self._values(hand_over)
        touched = self._db.run(
            f"update hand_overs set {_SET} where id = :id",  # noqa: S608 – columns of our own
            id=hand_over.id, **{name: values[name] for name in _CHANGING},
        )  # fmt: skip
        if not touched:
            raise NotFound(f"hand-over {hand_over.id}")
        if hand_over.state not in RUNNING:
            self.drop_link(hand_over.id)

    def keep_content(self, hand_over: HandOver, content: Content) -> None:
        self._db.run(
            "update hand_overs set content = :content where id = :id",
            id=hand_over.id,
            content=self._sealed_content(hand_over, content) if content.fields else None,
        )

    def content(self, hand_over_id: str, audit_seq: int) -> Content:
        row = self._row(hand_over_id)
        if self._context.audited.get(audit_seq) not in (row["case_id"], f"case:{row['case_id']}", "*"):
            raise NotAllowed(f"no audit line of this unit names the case of hand-over {hand_over_id}")
        return self.opened_content(row)

    def her_content(self, hand_over_id: str, person_id: str) -> Content:
        row = self._row(hand_over_id)
        held = self._db.one(
            "select 1 from holders where case_id = :case and person_id = :person",
            case=row["case_id"], person=person_id,
        )  # fmt: skip
        if held is None:
            raise NotFound(f"hand-over {hand_over_id}")
        return self.opened_content(row)

    def due(self, now: datetime, limit: int = 100) -> Sequence[HandOver]:
        rows = self._db.all(
            "select * from hand_overs where look_at is not null and look_at <= :now"
            " order by look_at limit :limit",
            now=micros(now), limit=limit,
        )  # fmt: skip
        return [self.opened(row) for row in rows]

    def silent(self) -> Sequence[str]:
        rows = self._db.all(
            "select c.id from cases c where c.closed_at is null and c.merged_into is null and exists"
            " (select 1 from hand_overs h where h.case_id = c.id and h.state = 'agreed' and h.chased > 0"
            " and not exists (select 1 from partner_answers a where a.hand_over_id = h.id"
            " and a.step in ('accepted', 'declined', 'result'))) order by c.number"
        )
        return [row["id"] for row in rows]

    def _row(self, hand_over_id: str) -> Row:
        row = self._db.one("select * from hand_overs where id = :id", id=hand_over_id)
        if row is None:
            raise NotFound(f"hand-over {hand_over_id}")
        return row

    def _values(self, one: HandOver) -> dict[str, object]:
        about = {
            "name": one.agency_name, "offered": list(one.offered), "refused": sorted(one.refused),
            "version": one.version, "oral": one.oral, "oral_by": one.oral_by,
        }  # fmt: skip
        return {
            "id": one.id, "case_id": one.case_id, "agency": one.agency, "purpose": one.purpose,
            "state": one.state, "proposed_by": one.proposed_by, "proposed_at": micros(one.proposed_at),
            "chased": one.chased, "letters": one.letters, "views": one.views,
            "about": self._seal.seal_json("case", one.case_id, f"hand_overs:{one.id}:about", about),
            **{name: micros_or_none(getattr(one, name)) for name in _TIMES},
        }  # fmt: skip

    def opened(self, row: Row) -> HandOver:
        """A row as what the core knows of it."""
        about = self._seal.open_json("case", row["case_id"], f"hand_overs:{row['id']}:about", row["about"])
        return HandOver(
            id=row["id"], case_id=row["case_id"], agency=row["agency"], agency_name=about["name"],
            purpose=Purpose(row["purpose"]), state=HandOverState(row["state"]),
            proposed_by=row["proposed_by"], proposed_at=instant(row["proposed_at"]),
            until=instant(row["until"]), offered=tuple(Field(one) for one in about["offered"]),
            refused=frozenset(Field(one) for one in about["refused"]), version=about["version"],
            oral=OralConsent(about["oral"]) if about["oral"] else None, oral_by=about["oral_by"],
            decided_at=instant_or_none(row["decided_at"]), ended_at=instant_or_none(row["ended_at"]),
            sent_at=instant_or_none(row["sent_at"]), has_link=row["link_hash"] is not None,
            look_at=instant_or_none(row["look_at"]), chased=row["chased"], letters=row["letters"],
            views=row["views"], first_seen_at=instant_or_none(row["first_seen_at"]),
            last_seen_at=instant_or_none(row["last_seen_at"]),
        )  # fmt: skip

    def _sealed_content(self, one: HandOver, content: Content) -> bytes:
        value = {"words": dict(content.words), "files": list(content.files)}
        return self._seal.seal_json("case", one.case_id, f"hand_overs:{one.id}:content", value)

    def opened_content(self, row: Row) -> Content:
        """What goes; empty once nothing goes."""
        if row["content"] is None:
            return Content()
        place = f"hand_overs:{row['id']}:content"
        value = self._seal.open_json("case", row["case_id"], place, row["content"])
        return Content({Field(one): text for one, text in value["words"].items()}, tuple(value["files"]))

    # ── the guest ───────────────────────────────────────────────────────────────────────────────────

    def set_link(self, hand_over_id: str, token: str, code: str) -> None:
        self.drop_link(hand_over_id)
        self._db.run(
            "update hand_overs set link_hash = :link, code_hash = :code where id = :id",
            id=hand_over_id, link=self._link(token), code=self._code(hand_over_id, code),
        )  # fmt: skip

    def drop_link(self, hand_over_id: str) -> None:
        self._db.run(
            "update hand_overs set link_hash = null, code_hash = null where id = :id", id=hand_over_id
        )
        self._db.run("delete from partner_sessions where hand_over_id = :id", id=hand_over_id)

    def by_link(self, token: str) -> HandOver | None:
        row = self._db.one("select * from hand_overs where link_hash = :link", link=self._link(token))
        return None if row is None else self.opened(row)

    def fits(self, hand_over_id: str, code: str) -> bool:
        offered = self._code(hand_over_id, code)
        row = self._db.one("select code_hash from hand_overs where id = :id", id=hand_over_id)
        kept = None if row is None else row["code_hash"]
        return hmac.compare_digest(offered, kept or bytes(len(offered))) and kept is not None

    def start_session(self, secret: str, hand_over: HandOver, next_code: str, now: datetime) -> None:
        hashed = self._secret(secret)
        self._db.run(
            "insert into partner_sessions (secret, hand_over_id, case_id, started_at, next_code)"
            " values (:secret, :id, :case, :now, :next_code)",
            secret=hashed, id=hand_over.id, case=hand_over.case_id, now=micros(now),
            next_code=self._seal.seal_text("case", hand_over.case_id, _session_place(hashed), next_code),
        )  # fmt: skip
        self._db.run(
            "update hand_overs set code_hash = :code where id = :id",
            id=hand_over.id, code=self._code(hand_over.id, next_code),
        )  # fmt: skip

    def session(self, secret: str, hand_over_id: str) -> GuestSession | None:
        row = self._db.one(
            "select * from partner_sessions where secret = :secret and hand_over_id = :id",
            secret=self._secret(secret), id=hand_over_id,
        )  # fmt: skip
        return None if row is None else self.opened_session(row)

    def opened_session(self, row: Row) -> GuestSession:
        code = self._seal.open_text("case", row["case_id"], _session_place(row["secret"]), row["next_code"])
        return GuestSession(row["hand_over_id"], instant(row["started_at"]), code)

    def _link(self, token: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "partner-link", token)

    def _secret(self, secret: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "partner-session", secret)

    def _code(self, hand_over_id: str, code: str) -> bytes:
        return self._seal.system.hash("code-hmac", "partner", hand_over_id, code)

    def keep_answer(self, answer: PartnerAnswer) -> None:
        words = None
        if answer.words:
            words = self._seal.seal_text("case", answer.case_id, _answer_place(answer.id), answer.words)
        self._db.run(
            "insert into partner_answers (id, hand_over_id, case_id, step, what, at, place, words)"
            " values (:id, :hand_over, :case, :step, :what, :at,"
            " (select count(*) from partner_answers where hand_over_id = :hand_over), :words)",
            id=answer.id, hand_over=answer.hand_over_id, case=answer.case_id, step=answer.step,
            what=answer.what, at=micros(answer.at), words=words,
        )  # fmt: skip

    def answers(self, hand_over_id: str) -> Sequence[PartnerAnswer]:
        rows = self._db.all(
            "select * from partner_answers where hand_over_id = :id order by place", id=hand_over_id
        )
        return [self.opened_answer(row) for row in rows]

    def opened_answer(self, row: Row) -> PartnerAnswer:
        words = row["words"]
        return PartnerAnswer(
            row["id"], row["hand_over_id"], row["case_id"], PartnerStep(row["step"]), instant(row["at"]),
            row["what"],
            "" if words is None else self._seal.open_text(
                "case", row["case_id"], _answer_place(row["id"]), words),
        )  # fmt: skip

    # ── joint sessions ──────────────────────────────────────────────────────────────────────────────

    def keep_joint(self, session: JointSession) -> None:
        about = {
            "participants": [[name, role] for name, role in session.participants],
            "place": session.place, "agenda": session.agenda, "words": session.words,
        }  # fmt: skip
        place = _joint_place(session.id)
        self._db.run(
            "insert into joint_sessions (id, case_id, state, at, planned_by, planned_at, she_comes,"
            " agreement, agreed_on, confirm_by, about) values (:id, :case, :state, :at, :planned_by,"
            " :planned_at, :she_comes, :agreement, :agreed_on, :confirm_by, :about)"
            " on conflict (id) do update set state = :state, at = :at, she_comes = :she_comes,"
            " agreement = :agreement, agreed_on = :agreed_on, confirm_by = :confirm_by, about = :about",
            id=session.id, case=session.case_id, state=session.state, at=micros(session.at),
            planned_by=session.planned_by, planned_at=micros(session.planned_at),
            she_comes=_bit(session.she_comes), agreement=_bit(session.agreement),
            agreed_on=_day(session.agreed_on), confirm_by=_day(session.confirm_by),
            about=self._seal.seal_json("case", session.case_id, place, about),
        )  # fmt: skip

    def joint(self, session_id: str) -> JointSession | None:
        row = self._db.one("select * from joint_sessions where id = :id", id=session_id)
        return None if row is None else self.opened_joint(row)

    def joints_of(self, case_id: str) -> Sequence[JointSession]:
        rows = self._db.all(
            "select * from joint_sessions where case_id = :case order by at, id", case=case_id
        )
        return [self.opened_joint(row) for row in rows]

    def opened_joint(self, row: Row) -> JointSession:
        about = self._seal.open_json("case", row["case_id"], _joint_place(row["id"]), row["about"])
        return JointSession(
            row["id"], row["case_id"], SessionState(row["state"]), instant(row["at"]), row["planned_by"],
            instant(row["planned_at"]),
            tuple((name, SessionRole(role)) for name, role in about["participants"]),
            about["place"], about["agenda"], _truth(row["agreement"]), _civil(row["agreed_on"]),
            _civil(row["confirm_by"]), _truth(row["she_comes"]), about["words"],
        )  # fmt: skip

    def end_with(self, person_id: str) -> None:
        """She is erased: what she agreed to goes no further, also where somebody else holds the case too."""
        hers = self._db.all(
            "select h.id, h.case_id from hand_overs h join consents c on c.case_id = h.case_id"
            " and c.kind = 'hand_over:' || h.id where c.person_id = :person and h.state = :agreed",
            person=person_id, agreed=HandOverState.AGREED,
        )  # fmt: skip
        for row in hers:
            self.drop_link(row["id"])
            self._db.run(
                "update hand_overs set state = :state, ended_at = :now, look_at = null, content = null"
                " where id = :id",
                id=row["id"], state=HandOverState.REVOKED, now=self._context.now_micros(),
            )  # fmt: skip
            self._context.announced.update((signals.CASES, signals.case_of(row["case_id"])))

    def erase(self, case_id: str) -> None:
        """Everything of a case; its key is destroyed by whoever erases the case."""
        for table in ("partner_sessions", "partner_answers", "hand_overs", "joint_sessions"):
            self._db.run(f"delete from {table} where case_id = :case", case=case_id)  # noqa: S608


def _bit(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _truth(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _civil(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _session_place(secret: bytes) -> str:
    return f"partner_sessions:{secret.hex()}:next_code"


def _answer_place(answer_id: str) -> str:
    return f"partner_answers:{answer_id}:words"


def _joint_place(session_id: str) -> str:
    return f"joint_sessions:{session_id}:about"
