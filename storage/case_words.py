"""What a case holds beside its card: answers, events, drafts, files – all sealed with the case's own key."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from bot.domain.cases import Answers, CaseEvent, CaseFile, Draft, EventKind, ReviewState
from bot.domain.errors import NotFound, SealBroken
from storage.context import UnitContext
from storage.database import Row, instant, micros
from storage.files import FilesTable
from storage.sealing import packed

_SEARCHED = ("happened", "employer", "evidence", "wish", "name", "district")


class CaseWords:
    """Reads and writes sealed case contents. Who may read them is decided by CasesTable, not here."""

    def __init__(self, context: UnitContext, files: FilesTable) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context
        self._files = files

    # ── answers, code ───────────────────────────────────────────────────────────────────────────────

    def sealed_answers(self, case_id: str, answers: Answers) -> bytes:
        return self._seal.seal_json("case", case_id, f"cases:{case_id}:answers", asdict(answers))

    def sealed_code(self, case_id: str, code: str) -> bytes:
        return self._seal.seal_text("case", case_id, f"cases:{case_id}:code", code)

    def answers_and_code(self, case_id: str) -> tuple[Answers, str]:
        row = self._db.one("select answers, code from cases where id = :id", id=case_id)
        if row is None or row["answers"] is None:
            raise NotFound(f"case {case_id}")
        answers = self._seal.open_json("case", case_id, f"cases:{case_id}:answers", row["answers"])
        return Answers(**answers), self._seal.open_text("case", case_id, f"cases:{case_id}:code", row["code"])

    # ── events ──────────────────────────────────────────────────────────────────────────────────────

    def add_event(
        self, case_id: str, kind: EventKind, by: str, at: datetime, body: str, facts: Mapping[str, str] | None
    ) -> int:
        mark, moment = secrets.token_hex(6), micros(at)
        place = _event_place(case_id, mark, kind, moment, by)
        row = self._db.one(
            "insert into events (case_id, mark, kind, by, at, to_status, due_at, outcome, recovered_fen,"
            " people, confirmed_fen, stars, facts, body) values (:case, :mark, :kind, :by, :at, :to_status,"
            " :due_at, :outcome, :recovered_fen, :people, :confirmed_fen, :stars, :facts, :body)"
            " returning seq",
            case=case_id, mark=mark, kind=kind, by=by, at=moment, **_numbers(facts or {}),
            facts=None if facts is None else packed(dict(facts)),
            body=self._seal.seal_text("case", case_id, place, body) if body else None,
        )  # fmt: skip
        assert row is not None
        seq: int = row["seq"]
        return seq

    def events(
        self, case_id: str, kinds: Iterable[EventKind] | None = None, *, bodies: bool
    ) -> list[CaseEvent]:
        wanted = None if kinds is None else set(kinds)
        rows = self._db.all("select * from events where case_id = :case order by seq", case=case_id)
        return [self.event(row, bodies=bodies) for row in rows if wanted is None or row["kind"] in wanted]

    def event(self, row: Row, *, bodies: bool) -> CaseEvent:
        case_id: str = row["case_id"]
        body = ""
        if bodies and row["body"] is not None:
            place = _event_place(case_id, row["mark"], row["kind"], row["at"], row["by"])
            body = self._seal.open_text("case", case_id, place, row["body"])
        facts = None if row["facts"] is None else json.loads(row["facts"])
        return CaseEvent(
            row["seq"], case_id, EventKind(row["kind"]), instant(row["at"]), row["by"], body, facts
        )

    def texts(self, case_ids: Sequence[str]) -> dict[str, str]:
        """What a search looks through in some cases, in two readings for all of them together."""
        names = {f"id{place}": case_id for place, case_id in enumerate(case_ids)}
        found: dict[str, list[str]] = {case_id: [] for case_id in case_ids}
        among = ", ".join(f":{name}" for name in names) or "null"
        for row in self._db.all(
            f"select id, answers from cases where id in ({among}) and answers is not null",  # noqa: S608
            **names,
        ):
            place = f"cases:{row['id']}:answers"
            answers = self._seal.open_json("case", row["id"], place, row["answers"])
            found[row["id"]] += [answers[name] for name in _SEARCHED if answers.get(name)]
        for row in self._db.all(
            f"select case_id, mark, kind, at, by, body from events where case_id in ({among})"  # noqa: S608
            " and body is not null order by seq",
            **names,
        ):
            place = _event_place(row["case_id"], row["mark"], row["kind"], row["at"], row["by"])
            found[row["case_id"]].append(self._seal.open_text("case", row["case_id"], place, row["body"]))
        return {case_id: "\n".join(parts) for case_id, parts in found.items()}

    # ── drafts ──────────────────────────────────────────────────────────────────────────────────────

    def keep_draft(self, draft: Draft) -> None:
        place = _draft_place(draft.id, draft.author, draft.kind)
        touched = self._db.run(
            "insert into drafts (id, case_id, author, kind, at, body, review, reviewer, review_note)"
            " values (:id, :case, :author, :kind, :at, :body, :review, :reviewer, :note)"
            " on conflict (id) do update set author = :author, kind = :kind, at = :at, body = :body,"
            " review = :review, reviewer = :reviewer, review_note = :note where drafts.case_id = :case",
            id=draft.id, case=draft.case_id, author=draft.author, kind=draft.kind, at=micros(draft.at),
            body=self._seal.seal_text("case", draft.case_id, place, draft.body),
            review=draft.review, reviewer=draft.reviewer,
            note=(
                self._seal.seal_text("case", draft.case_id, f"{place}:note", draft.review_note)
                if draft.review_note
                else None
            ),
        )  # fmt: skip
        if not touched:
            raise NotFound(f"draft {draft.id} of case {draft.case_id}")

    def drafts(self, case_id: str) -> list[Draft]:
        rows = self._db.all("select * from drafts where case_id = :case order by at, id", case=case_id)
        return [self.draft(row) for row in rows]

    def draft(self, row: Row) -> Draft:
        place = _draft_place(row["id"], row["author"], row["kind"])
        body = self._seal.open_text("case", row["case_id"], place, row["body"])
        note = row["review_note"]
        return Draft(
            row["id"], row["case_id"], row["author"], body, instant(row["at"]), EventKind(row["kind"]),
            ReviewState(row["review"]), row["reviewer"],
            "" if note is None else self._seal.open_text("case", row["case_id"], f"{place}:note", note),
        )  # fmt: skip

    # ── files ───────────────────────────────────────────────────────────────────────────────────────

    def files(self, case_id: str) -> list[CaseFile]:
        """The originals; `clean` where a copy without location and author is there."""
        rows = self._db.all(
            "select * from files where case_id = :case and clean_of is null order by at, id", case=case_id
        )
        return [self._file(row, case_id) for row in rows]

    def _file(self, row: Row, case_id: str) -> CaseFile:
        try:
            name, sha256 = (stored := self._files.stored(row)).name, stored.sha256
        except SealBroken:  # the other files of the case stay open to staff
            name, sha256 = "", ""
        clean = self._files.clean_copy(row["id"]) is not None
        return CaseFile(row["id"], case_id, row["kind"], row["size"], sha256, instant(row["at"]), name, clean)

    def bind_file(self, case_id: str, file_id: str) -> None:
        """The file and its clean copy belong to the case from now on."""
        touched = self._db.run(
            "update files set case_id = :case where (id = :id or clean_of = :id) and about is not null"
            " and (case_id is null or case_id = :case)",
            case=case_id, id=file_id,
        )  # fmt: skip
        if not touched:
            raise NotFound(f"file {file_id}")

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────

    def erase(self, case_id: str) -> None:
        """Destroy the key and what it sealed. Kinds and times of events stay: they carry the figures."""
        self._db.run("update events set body = null, facts = null where case_id = :case", case=case_id)
        self._db.run("delete from drafts where case_id = :case", case=case_id)
        self._files.erase_of_case(case_id)
        self._seal.destroy("case", case_id, self._context.now())


def _numbers(facts: Mapping[str, str]) -> dict[str, object]:
    """The facts that figures are made of, in columns of their own: they outlive the words."""
    promised = facts.get("promised")
    return {
        "to_status": facts.get("to"),
        "due_at": None if promised is None else micros(datetime.fromisoformat(promised)),
        "outcome": facts.get("outcome"),
        "recovered_fen": _whole(facts, "recovered_fen"),
        "people": _whole(facts, "people_helped"),
        "confirmed_fen": _whole(facts, "confirmed_fen"),
        "stars": _whole(facts, "stars"),
    }


def _whole(facts: Mapping[str, str], name: str) -> int | None:
    return int(facts[name]) if name in facts else None


def _event_place(case_id: str, mark: str, kind: str, at: int, by: str) -> str:
    """Binds the words to who said them, when and as what: a note cannot be turned into a reply."""
    return f"events:{case_id}/{mark}/{kind}/{at}/{by}:body"


def _draft_place(draft_id: str, author: str, kind: str) -> str:
    return f"drafts:{draft_id}/{author}/{kind}:body"
