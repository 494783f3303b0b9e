"""Cases: plain cards for lists and figures, sealed words behind the gate."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain import signals
from bot.domain.cases import (
    HER_TIMELINE,
    OPEN_STATUSES,
    Answers,
    CaseCard,
    CaseEvent,
    CaseKind,
    CaseStatus,
    Confirmed,
    Draft,
    EventKind,
    NameLevel,
    OpenedCase,
    Outcome,
    PauseReason,
    RecoveredEvidence,
    RecoveredKind,
)
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ports_cases import CaseFilter
from storage import employers
from storage.case_finding import found_by
from storage.case_links import LinksTable
from storage.case_words import CaseWords
from storage.context import UnitContext
from storage.database import Row, instant, instant_or_none, micros, micros_or_none
from storage.partners import PartnersTable
from storage.team import TeamTable

_SHANGHAI = timedelta(hours=8)
_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
_CARD_COLUMNS = (
    "id, number, kind, status, urgent, district, level, topic, source, opened_at, changed_at, promised_at,"
    " assignee, outcome, recovered_fen, people_helped, closed_at, version, employer_id, parent_id,"
    " merged_into, began_at, urged, paused_at, pause_reason, recovered_kind, recovered_evidence, confirmed,"
    " satisfaction, follow_up_at"
)
_NEW_VALUES = ", ".join(f":{name.strip()}" for name in _CARD_COLUMNS.split(","))
# Number and opening never change; the version grows by itself.
_FIXED = {"id", "number", "opened_at", "version"}
_SET_VALUES = ", ".join(
    f"{name.strip()} = :{name.strip()}" for name in _CARD_COLUMNS.split(",") if name.strip() not in _FIXED
)


def _card_values(card: CaseCard) -> dict[str, object]:
    return {
        "id": card.id, "number": card.number, "kind": card.kind, "status": card.status,
        "urgent": int(card.urgent), "district": card.district, "level": card.level, "topic": card.topic,
        "source": card.source, "opened_at": micros(card.opened_at), "changed_at": micros(card.changed_at),
        "promised_at": micros(card.promised_at), "assignee": card.assignee, "outcome": card.outcome,
        "recovered_fen": card.recovered_fen, "people_helped": card.people_helped,
        "closed_at": micros_or_none(card.closed_at), "version": card.version,
        "employer_id": card.employer_id, "parent_id": card.parent_id, "merged_into": card.merged_into,
        "began_at": micros_or_none(card.began_at), "urged": card.urged,
        "paused_at": micros_or_none(card.paused_at), "pause_reason": card.pause_reason,
        "recovered_kind": card.recovered_kind, "recovered_evidence": card.recovered_evidence,
        "confirmed": card.confirmed, "satisfaction": card.satisfaction,
        "follow_up_at": micros_or_none(card.follow_up_at),
    }  # fmt: skip


def _card(row: Row) -> CaseCard:
    return CaseCard(
        id=row["id"], number=row["number"], kind=CaseKind(row["kind"]), status=CaseStatus(row["status"]),
        urgent=bool(row["urgent"]), district=row["district"], level=NameLevel(row["level"]),
        topic=row["topic"], source=row["source"], opened_at=instant(row["opened_at"]),
        changed_at=instant(row["changed_at"]), promised_at=instant(row["promised_at"]),
        assignee=row["assignee"], outcome=None if row["outcome"] is None else Outcome(row["outcome"]),
        recovered_fen=row["recovered_fen"], people_helped=row["people_helped"],
        closed_at=instant_or_none(row["closed_at"]), version=row["version"],
        employer_id=row["employer_id"], parent_id=row["parent_id"], merged_into=row["merged_into"],
        began_at=instant_or_none(row["began_at"]), urged=row["urged"],
        paused_at=instant_or_none(row["paused_at"]),
        pause_reason=None if row["pause_reason"] is None else PauseReason(row["pause_reason"]),
        recovered_kind=None if row["recovered_kind"] is None else RecoveredKind(row["recovered_kind"]),
        recovered_evidence=(
            None if row["recovered_evidence"] is None else RecoveredEvidence(row["recovered_evidence"])
        ),
        confirmed=None if row["confirmed"] is None else Confirmed(row["confirmed"]),
        satisfaction=row["satisfaction"], follow_up_at=instant_or_none(row["follow_up_at"]),
    )  # fmt: skip


class CasesTable:
    """Fulfils ports.Cases."""

    def __init__(self, context: UnitContext, words: CaseWords) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context
        self.words = words

    # ── cards ───────────────────────────────────────────────────────────────────────────────────────

    def add(
        self, card: CaseCard, answers: Answers, person_id: str | None, code: str, phrase: str | None
    ) -> None:
        self._seal.make("case", card.id, card.opened_at)
        self._db.run(
            f"insert into cases ({_CARD_COLUMNS}, code_hash, phrase_hash, code, answers)"  # noqa: S608
            f" values ({_NEW_VALUES}, :code_hash, :phrase_hash, :code, :answers)",
            **_card_values(card), code_hash=self._code_hash(code),
            phrase_hash=None if phrase is None else self._phrase_hash(card.id, phrase),
            code=self.words.sealed_code(card.id, code),
            answers=self.words.sealed_answers(card.id, answers),
        )  # fmt: skip
        if person_id is not None:
            self.link(card.id, person_id, card.opened_at)

    def next_number(self, now: datetime) -> str:
        """Counts within the civil year of Asia/Shanghai; a number is never given twice."""
        year = (now + _SHANGHAI).year % 100
        row = self._db.one(
            "insert into counters (name, value) values (:name, 1)"
            " on conflict (name) do update set value = counters.value + 1 returning value",
            name=f"case:{year:02d}",
        )
        assert row is not None
        return f"A{year:02d}-{row['value']:04d}"

    def card(self, case_id: str) -> CaseCard | None:
        row = self._db.one(f"select {_CARD_COLUMNS} from cases where id = :id", id=case_id)  # noqa: S608
        return None if row is None else _card(row)

    def cards(self, wanted: CaseFilter) -> Sequence[CaseCard]:
        """Open ones first, urgent before others, then by promise; ended ones newest first."""
        where, order, values = found_by(wanted)
        rows = self._db.all(
            f"select {_CARD_COLUMNS} from cases where {where} order by {order}"  # noqa: S608 – no input in it
            " limit :limit offset :offset",
            **values, limit=wanted.limit, offset=wanted.offset,
        )  # fmt: skip
        return [_card(row) for row in rows]

    def count(self, wanted: CaseFilter, at_most: int) -> int:
        where, _, values = found_by(wanted)
        row = self._db.one(
            f"select count(*) as found from (select 1 from cases where {where} limit :most) t",  # noqa: S608
            **values, most=at_most,
        )  # fmt: skip
        assert row is not None
        found: int = row["found"]
        return found

    def districts(self) -> Sequence[str]:
        rows = self._db.all(
            "select distinct district from cases where district is not null order by district"
        )
        return [row["district"] for row in rows]

    def save_card(self, card: CaseCard) -> CaseCard:
        touched = self._db.run(
            f"update cases set {_SET_VALUES}, version = :version + 1"  # noqa: S608 – columns of our own
            " where id = :id and version = :version",
            **_card_values(card),
        )
        if not touched:
            if self.card(card.id) is None:
                raise NotFound(f"case {card.id}")
            raise NotAllowed("changed")
        self._changed(card.id)
        return replace(card, version=card.version + 1)

    def _changed(self, case_id: str) -> None:
        self._context.announced.update((signals.CASES, signals.case_of(case_id)))

    # ── who holds it ────────────────────────────────────────────────────────────────────────────────

    def ids_of(self, person_id: str) -> Sequence[str]:
        rows = self._db.all(
            "select h.case_id from holders h join cases c on c.id = h.case_id"
            " where h.person_id = :person order by c.opened_at desc, c.number desc",
            person=person_id,
        )
        return [row["case_id"] for row in rows]

    def people_of(self, case_id: str) -> Sequence[str]:
        rows = self._db.all(
            "select person_id from holders where case_id = :case order by place", case=case_id
        )
        return [row["person_id"] for row in rows]

    def link(self, case_id: str, person_id: str, now: datetime) -> None:
        self._db.run(
            "insert into holders (case_id, person_id, place, at) values (:case, :person,"
            " (select coalesce(max(place), 0) + 1 from holders where case_id = :case), :at)"
            " on conflict (case_id, person_id) do update set place = excluded.place",
            case=case_id, person=person_id, at=micros(now),
        )  # fmt: skip
        self._changed(case_id)

    # ── code and phrase ─────────────────────────────────────────────────────────────────────────────

    def _code_hash(self, code: str) -> bytes:
        return self._seal.system.hash("code-hmac", "code", code)

    def _phrase_hash(self, case_id: str, phrase: str) -> bytes:
        return self._seal.system.hash("code-hmac", "phrase", case_id, phrase)

    def find_by_code(self, code: str) -> str | None:
        row = self._db.one("select id from cases where code_hash = :hash", hash=self._code_hash(code))
        return None if row is None else row["id"]

    def check_phrase(self, case_id: str, phrase: str) -> bool | None:
        offered = self._phrase_hash(case_id, phrase)
        row = self._db.one("select phrase_hash from cases where id = :id", id=case_id)
        kept = None if row is None else row["phrase_hash"]
        fits = hmac.compare_digest(offered, kept or bytes(len(offered)))
        return None if kept is None else fits

    def set_phrase(self, case_id: str, phrase: str) -> None:
        self._require(case_id)
        self._db.run(
            "update cases set phrase_hash = :hash where id = :id",
            id=case_id, hash=self._phrase_hash(case_id, phrase),
        )  # fmt: skip

    # ── words ───────────────────────────────────────────────────────────────────────────────────────

    def _require(self, case_id: str) -> None:
        """NotFound unless the case is there with its words; an erased one takes no new ones."""
        row = self._db.one("select 1 from cases where id = :id and answers is not null", id=case_id)
        if row is None:
            raise NotFound(f"case {case_id}")

    def add_event(
        self,
        case_id: str,
        kind: EventKind,
        *,
        by: str,
        at: datetime,
        body: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> int:
        self._require(case_id)
        self._changed(case_id)
        return self.words.add_event(case_id, kind, by, at, body, facts)

    def outline(self, case_id: str, kinds: Iterable[EventKind]) -> Sequence[CaseEvent]:
        return self.words.events(case_id, kinds, bodies=False)

    def reveal(self, case_id: str, audit_seq: int) -> OpenedCase:
        target = self._context.audited.get(audit_seq)
        if target not in (case_id, f"case:{case_id}", "*"):
            raise NotAllowed(f"no audit line of this unit names case {case_id}")
        card = self.card(case_id)
        if card is None:
            raise NotFound(f"case {case_id}")
        answers, _ = self.words.answers_and_code(case_id)
        return OpenedCase(
            card,
            answers,
            tuple(self.words.events(case_id, bodies=True)),
            tuple(self.words.files(case_id)),
            tuple(self.words.drafts(case_id)),
        )

    def texts(self, case_ids: Sequence[str], audit_seq: int) -> Mapping[str, str]:
        if self._context.audited.get(audit_seq) != "*":
            raise NotAllowed("no audit line of this unit names all cases")
        return self.words.texts(case_ids)

    def her_view(self, case_id: str, person_id: str) -> tuple[Answers, Sequence[CaseEvent], str]:
        if person_id not in self.people_of(case_id):
            raise NotFound(f"case {case_id}")
        answers, code = self.words.answers_and_code(case_id)
        return answers, self.words.events(case_id, HER_TIMELINE, bodies=True), code

    def save_answers(self, case_id: str, answers: Answers) -> None:
        self._require(case_id)
        self._db.run(
            "update cases set answers = :answers where id = :id",
            id=case_id, answers=self.words.sealed_answers(case_id, answers),
        )  # fmt: skip
        self._changed(case_id)

    def keep_draft(self, draft: Draft) -> None:
        self._require(draft.case_id)
        self.words.keep_draft(draft)
        self._changed(draft.case_id)

    def drop_draft(self, draft_id: str) -> None:
        row = self._db.one("delete from drafts where id = :id returning case_id", id=draft_id)
        if row is not None:
            self._changed(row["case_id"])

    def add_file(self, case_id: str, file_id: str) -> None:
        self._require(case_id)
        self.words.bind_file(case_id, file_id)
        self._changed(case_id)

    # ── its topic in the staff group ────────────────────────────────────────────────────────────────

    def topic(self, case_id: str) -> str | None:
        row = self._db.one("select remote_topic from cases where id = :id", id=case_id)
        if row is None or row["remote_topic"] is None:
            return None
        return self._seal.open_text("case", case_id, f"cases:{case_id}:remote_topic", row["remote_topic"])

    def keep_topic(self, case_id: str, remote: str | None) -> None:
        sealed = hashed = None
        if remote is not None:
            self._require(case_id)
            sealed = self._seal.seal_text("case", case_id, f"cases:{case_id}:remote_topic", remote)
            hashed = self._topic_hash(remote)
        self._db.run(
            "update cases set remote_topic = :sealed, remote_topic_hash = :hashed where id = :id",
            id=case_id, sealed=sealed, hashed=hashed,
        )  # fmt: skip

    def case_of_topic(self, remote: str) -> str | None:
        row = self._db.one(
            "select id from cases where remote_topic_hash = :hashed", hashed=self._topic_hash(remote)
        )
        return None if row is None else row["id"]

    def _topic_hash(self, remote: str) -> bytes:
        return self._seal.system.hash("identity-hmac", "topic", remote)

    # ── the end, and figures ────────────────────────────────────────────────────────────────────────

    def erase(self, case_id: str) -> None:
        links = LinksTable(self._context)
        for double in links.doubles_of(case_id):
            self.erase(double)
        links.erase(case_id)
        self.words.erase(case_id)
        self._db.run("delete from outbox where case_id = :case", case=case_id)
        self._db.run("delete from holders where case_id = :case", case=case_id)
        self._db.run("delete from consents where case_id = :case", case=case_id)
        self._db.run("delete from deadlines where case_id = :case", case=case_id)
        self._db.run("delete from notices where case_id = :case", case=case_id)
        self._db.run("delete from promise_watch where case_id = :case", case=case_id)
        self._db.run("delete from clock_marks where owner = :case", case=case_id)
        employers.forget_case(self._db, case_id)
        TeamTable(self._context).erase_case(case_id)
        PartnersTable(self._context).erase(case_id)
        self._db.run(
            "update cases set district = null, topic = null, code_hash = null, phrase_hash = null,"
            " code = null, answers = null, remote_topic = null, remote_topic_hash = null,"
            " follow_up_at = null, version = version + 1 where id = :case",
            case=case_id,
        )
        self._context.erased = True
        self._changed(case_id)
