"""Cases that belong together: group cases, doubles, and who speaks for whom."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from bot.domain import signals
from bot.domain.errors import NotAllowed, NotFound
from bot.domain.ports_links import Alike, ForOther, GroupDraft, Merge, OralConsent, SpokenFor
from storage.context import UnitContext
from storage.database import Row, instant, micros

_TABLES = (
    "merge_holders", "case_merges", "case_groups", "asked_for_others", "oral_consents", "case_contacts",
    "group_drafts",
)  # fmt: skip
_ALIKE = """
select c.id, min(f.reason) as reason from cases c join (
  select o.case_id as id, 1 as reason from holders h join holders o on o.person_id = h.person_id
    where h.case_id = :case
  union all select o.case_id, 2 from case_contacts k join case_contacts o on o.hash = k.hash
    where k.case_id = :case
  union all select o.id, 3 from cases k join cases o on o.employer_id = k.employer_id
    and (o.kind = k.kind or o.topic = k.topic) where k.id = :case
) f on f.id = c.id
where c.id <> :case and c.opened_at >= :since and c.merged_into is null
  and not exists (select 1 from case_groups g where g.case_id = c.id)
group by c.id, c.opened_at order by c.opened_at desc, c.id
"""
_REASONS = {1: Alike.PERSON, 2: Alike.CONTACT, 3: Alike.EMPLOYER}


class LinksTable:
    """Fulfils ports.CaseLinks."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context

    # ── doubles ─────────────────────────────────────────────────────────────────────────────────────

    def alike(self, case_id: str, since: datetime) -> Sequence[tuple[str, Alike]]:
        rows = self._db.all(_ALIKE, case=case_id, since=micros(since))
        return [(row["id"], _REASONS[row["reason"]]) for row in rows]

    def keep_contact(self, case_id: str, contact: str) -> None:
        plain = "".join(
            char for char in unicodedata.normalize("NFKC", contact).casefold() if char.isalnum()
        ).removeprefix("86")
        if len(plain) < 5:  # "有", "同上": nothing that would tell two people apart
            return
        hashed = self._seal.system.hash("identity-hmac", "contact", plain)
        self._db.run(
            "insert into case_contacts (case_id, hash) values (:case, :hash)"
            " on conflict (case_id) do update set hash = :hash",
            case=case_id, hash=hashed,
        )  # fmt: skip

    def merge(self, merge: Merge) -> None:
        self._db.run(
            "insert into case_merges (case_id, into_id, at, by, before, after)"
            " values (:case, :into, :at, :by, :before, :after)",
            case=merge.case_id, into=merge.into_id, at=micros(merge.at), by=merge.by,
            before=json.dumps(dict(merge.before)), after=json.dumps(dict(merge.after)),
        )  # fmt: skip
        rows = self._db.all(
            "select person_id from holders where case_id = :case order by place desc", case=merge.case_id
        )
        for row in rows:
            self._hold_behind(merge, row["person_id"], merge.at)
        self._changed(merge.case_id, merge.into_id)

    def _hold_behind(self, merge: Merge, person_id: str, at: datetime) -> None:
        """Before the first place: who holds the older case itself stays where replies go."""
        touched = self._db.run(
            "insert into holders (case_id, person_id, place, at) values (:into, :person,"
            " (select coalesce(min(place), 0) - 1 from holders where case_id = :into), :at)"
            " on conflict (case_id, person_id) do nothing",
            into=merge.into_id, person=person_id, at=micros(at),
        )  # fmt: skip
        if touched:
            self._db.run(
                "insert into merge_holders (case_id, person_id) values (:case, :person)"
                " on conflict (case_id, person_id) do nothing",
                case=merge.case_id, person=person_id,
            )  # fmt: skip

    def unmerge(self, case_id: str) -> None:
        merge = self.merge_of(case_id)
        if merge is None:
            raise NotFound(f"merge of case {case_id}")
        rows = self._db.all("select person_id from merge_holders where case_id = :case", case=case_id)
        self._db.run("delete from merge_holders where case_id = :case", case=case_id)
        self._db.run("delete from case_merges where case_id = :case", case=case_id)
        for row in rows:
            self._hold_no_more(merge.into_id, row["person_id"])
        self._changed(case_id, merge.into_id)

    def _hold_no_more(self, into_id: str, person_id: str) -> None:
        """Through one double; where she holds another one of the same case, through that one from now on."""
        other = self._db.one(
            "select m.case_id from case_merges m join holders h on h.case_id = m.case_id"
            " where m.into_id = :into and h.person_id = :person order by m.at, m.case_id limit 1",
            into=into_id, person=person_id,
        )  # fmt: skip
        if other is None:
            self.let_go(into_id, person_id)
            return
        self._db.run(
            "insert into merge_holders (case_id, person_id) values (:case, :person)"
            " on conflict (case_id, person_id) do nothing",
            case=other["case_id"], person=person_id,
        )  # fmt: skip

    def merge_of(self, case_id: str) -> Merge | None:
        row = self._db.one("select * from case_merges where case_id = :case", case=case_id)
        return None if row is None else _merge(row)

    def merged_into(self, case_id: str) -> Sequence[Merge]:
        rows = self._db.all(
            "select * from case_merges where into_id = :case order by at, case_id", case=case_id
        )
        return [_merge(row) for row in rows]

    def hearers(self, case_id: str) -> Sequence[str]:
        own = self._db.one(
            "select person_id from holders h where case_id = :case and not exists"
            " (select 1 from merge_holders m join case_merges g on g.case_id = m.case_id"
            "  where g.into_id = h.case_id and m.person_id = h.person_id)"
            " order by place desc limit 1",
            case=case_id,
        )
        found = [] if own is None else [own["person_id"]]
        for merge in self.merged_into(case_id):
            last = self._db.one(
                "select person_id from holders where case_id = :case order by place desc limit 1",
                case=merge.case_id,
            )
            found += [] if last is None else [last["person_id"]]
        return list(dict.fromkeys(found))

    def follow(self, case_id: str, person_id: str, now: datetime) -> None:
        merge = self.merge_of(case_id)
        if merge is not None:
            self._hold_behind(merge, person_id, now)
            self._changed(merge.into_id)

    def proved(self, case_id: str, person_id: str) -> None:
        self._db.run(
            "delete from merge_holders where person_id = :person and case_id in"
            " (select case_id from case_merges where into_id = :case)",
            person=person_id, case=case_id,
        )  # fmt: skip

    def held_through(self, case_id: str, person_id: str) -> str | None:
        row = self._db.one(
            "select m.case_id from merge_holders m join case_merges g on g.case_id = m.case_id"
            " where g.into_id = :case and m.person_id = :person order by g.at limit 1",
            case=case_id, person=person_id,
        )  # fmt: skip
        return None if row is None else row["case_id"]

    # ── group cases ─────────────────────────────────────────────────────────────────────────────────

    def start_group(self, case_id: str, by: str, at: datetime) -> None:
        self._db.run(
            "insert into case_groups (case_id, at, by) values (:case, :at, :by)",
            case=case_id, at=micros(at), by=by,
        )  # fmt: skip

    def is_group(self, case_id: str) -> bool:
        return bool(self.groups((case_id,)))

    def groups(self, case_ids: Sequence[str]) -> frozenset[str]:
        names = {f"id{place}": one for place, one in enumerate(case_ids)}
        if not names:
            return frozenset()
        wanted = ", ".join(f":{name}" for name in names)
        rows = self._db.all(f"select case_id from case_groups where case_id in ({wanted})", **names)  # noqa: S608
        return frozenset(row["case_id"] for row in rows)

    def children(self, case_id: str) -> Sequence[str]:
        rows = self._db.all(
            "select id from cases where parent_id = :case order by opened_at, number", case=case_id
        )
        return [row["id"] for row in rows]

    def keep_group_draft(self, parent_id: str, draft: GroupDraft, at: datetime) -> None:
        self._db.run(
            "insert into group_drafts (draft_id, parent_id, case_id, at)"
            " values (:draft, :parent, :case, :at)",
            draft=draft.draft_id, parent=parent_id, case=draft.case_id, at=micros(at),
        )  # fmt: skip
        self._changed(parent_id)

    def group_drafts(self, parent_id: str) -> Sequence[GroupDraft]:
        rows = self._db.all(
            "select g.draft_id, g.case_id from group_drafts g join drafts d on d.id = g.draft_id"
            " join cases c on c.id = g.case_id and c.parent_id = g.parent_id"
            " where g.parent_id = :parent order by g.at, g.draft_id",
            parent=parent_id,
        )
        return [GroupDraft(row["draft_id"], row["case_id"]) for row in rows]

    # ── who speaks for whom ─────────────────────────────────────────────────────────────────────────

    def keep_for_other(self, of: ForOther) -> None:
        self._db.run(
            "insert into asked_for_others (case_id, person_id, state, at, by)"
            " values (:case, :person, :state, :at, :by)"
            " on conflict (case_id) do update set state = :state, at = :at, by = :by",
            case=of.case_id, person=of.person_id, state=of.state, at=micros(of.at), by=of.by,
        )  # fmt: skip
        self._changed(of.case_id)

    def for_other(self, case_id: str) -> ForOther | None:
        row = self._db.one("select * from asked_for_others where case_id = :case", case=case_id)
        if row is None:
            return None
        return ForOther(case_id, row["person_id"], SpokenFor(row["state"]), instant(row["at"]), row["by"])

    def taken_from(self, person_id: str) -> bool:
        row = self._db.one(
            "select 1 from asked_for_others where person_id = :person and state = :state limit 1",
            person=person_id, state=SpokenFor.TAKEN_OVER,
        )  # fmt: skip
        return row is not None

    def let_go(self, case_id: str, person_id: str) -> None:
        self._db.run(
            "delete from holders where case_id = :case and person_id = :person",
            case=case_id, person=person_id,
        )  # fmt: skip
        # What still waits for her tells of a case that is hers no more: perhaps it never was.
        self._db.run(
            "delete from outbox where case_id = :case and person_id = :person and state = 'queued'",
            case=case_id, person=person_id,
        )  # fmt: skip
        self._changed(case_id)

    def add_oral_consent(self, case_id: str, consent: OralConsent) -> None:
        self._db.run(
            "insert into oral_consents (case_id, kind, text_version, by, at)"
            " values (:case, :kind, :version, :by, :at)",
            case=case_id, kind=consent.kind, version=consent.version, by=consent.by, at=micros(consent.at),
        )  # fmt: skip

    def oral_consents(self, case_id: str) -> Sequence[OralConsent]:
        rows = self._db.all("select * from oral_consents where case_id = :case order by kind", case=case_id)
        return [OralConsent(row["kind"], row["text_version"], row["by"], instant(row["at"])) for row in rows]

    def receipt_code(self, case_id: str, audit_seq: int) -> str:
        if self._context.audited.get(audit_seq) != case_id:
            raise NotAllowed(f"no audit line of this unit names case {case_id}")
        row = self._db.one("select code from cases where id = :case", case=case_id)
        if row is None or row["code"] is None:
            raise NotFound(f"case {case_id}")
        return self._seal.open_text("case", case_id, f"cases:{case_id}:code", row["code"])

    # ── the end ─────────────────────────────────────────────────────────────────────────────────────

    def doubles_of(self, case_id: str) -> Sequence[str]:
        """Doubles live and end with the case that they were joined with."""
        return [merge.case_id for merge in self.merged_into(case_id)]

    def erase(self, case_id: str) -> None:
        """Everything here that tells something of a case."""
        for table in _TABLES:
            self._db.run(f"delete from {table} where case_id = :case", case=case_id)  # noqa: S608
        self._db.run("delete from case_merges where into_id = :case", case=case_id)
        self._db.run("delete from group_drafts where parent_id = :case", case=case_id)

    def forget_person(self, person_id: str) -> None:
        """She is erased: where a case outlives her, nothing here names her."""
        self._db.run("delete from merge_holders where person_id = :person", person=person_id)
        self._db.run(
            "update asked_for_others set person_id = null where person_id = :person", person=person_id
        )

    def _changed(self, *case_ids: str) -> None:
        self._context.announced.update((signals.CASES, *map(signals.case_of, case_ids)))


def _merge(row: Row) -> Merge:
    return Merge(
        row["case_id"], row["into_id"], instant(row["at"]), row["by"],
        json.loads(row["before"]), json.loads(row["after"]),
    )  # fmt: skip
