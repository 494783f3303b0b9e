"""People: opaque ids, sealed addresses, what each one wishes, and being forgotten."""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from bot.domain import signals
from bot.domain.errors import SealBroken
from bot.domain.incoming import Address
from bot.domain.ports_talk import Person
from storage.case_links import LinksTable
from storage.cases import CasesTable
from storage.chats import Chats
from storage.contest import ContestTable
from storage.context import UnitContext
from storage.database import instant, micros
from storage.files import FilesTable
from storage.identities import Identities
from storage.partners import PartnersTable


class PeopleTable:
    """Fulfils ports.People."""

    def __init__(
        self,
        context: UnitContext,
        identities: Identities,
        chats: Chats,
        cases: CasesTable,
        files: FilesTable,
        contest: ContestTable,
    ) -> None:
        self._db, self._seal, self._context = context.db, context.seal, context
        self._identities, self._chats = identities, chats
        self._cases, self._files, self._contest = cases, files, contest

    def get_or_add(self, address: Address, now: datetime) -> Person:
        person = self.get(self._identities.get_or_add(address, now))
        assert person is not None
        return person

    def get(self, person_id: str) -> Person | None:
        row = self._identities.row(person_id)
        if row is None:
            return None
        return Person(
            row["id"], row["channel"], bool(row["quiet"]), bool(row["blocked"]), instant(row["first_seen"])
        )

    def find(self, address: Address) -> Person | None:
        person_id = self._identities.find(address)
        return None if person_id is None else self.get(person_id)

    def address(self, person_id: str) -> Address:
        return self._identities.address(person_id)

    def move(self, person_id: str, address: Address) -> None:
        self._identities.move(person_id, address)

    # ── what she wishes ─────────────────────────────────────────────────────────────────────────────

    def set_quiet(self, person_id: str, quiet: bool) -> None:
        self._db.run("update people set quiet = :quiet where id = :id", quiet=int(quiet), id=person_id)
        self._identities.changed(person_id)
        self._look_again(person_id)

    def set_blocked(self, person_id: str, blocked: bool) -> None:
        self._db.run(
            "update people set blocked = :blocked where id = :id", blocked=int(blocked), id=person_id
        )
        self._identities.changed(person_id)
        if blocked:
            self._db.run(
                "update outbox set state = 'dead', why = 'blocked'"
                " where person_id = :id and state = 'queued'",
                id=person_id,
            )
        self._look_again(person_id)

    def _look_again(self, person_id: str) -> None:
        person = self.get(person_id)
        if person is not None:
            self._chats.refresh(person.channel, person_id, self._context.now_micros())
            self._context.announced.add(signals.outbox_of(person.channel))

    def add_consent(
        self, person_id: str, kind: str, text_version: str, at: datetime, case_id: str | None
    ) -> None:
        self._db.run(
            "insert into consents (person_id, kind, text_version, at, case_id)"
            " values (:person, :kind, :version, :at, :case)",
            person=person_id, kind=kind, version=text_version, at=micros(at), case=case_id,
        )  # fmt: skip

    def consents(self, person_id: str) -> Sequence[tuple[str, str, datetime]]:
        rows = self._db.all(
            "select kind, text_version, at from consents where person_id = :person order by seq",
            person=person_id,
        )
        return [(row["kind"], row["text_version"], instant(row["at"])) for row in rows]

    # ── being forgotten ─────────────────────────────────────────────────────────────────────────────

    def forget_talk(self, person_id: str, *, with_tips: bool = True) -> Sequence[str]:
        """Weekly tips (lane 3) are no words of hers: they stay where she is only silent but wants them."""
        remotes = self._remote_ids(person_id)
        self._db.run(
            "delete from outbox where person_id = :person and (lane < 3 or :with_tips = 1)"
            " and (state in ('sent', 'dead') or (state = 'queued' and case_id is null and deletion = 0))",
            person=person_id, with_tips=int(with_tips),
        )  # fmt: skip
        if with_tips:
            self._db.run("delete from subscriptions where person_id = :person", person=person_id)
        self._forget_inbox(person_id, pending=False)
        self._db.run("delete from sessions where person_id = :person", person=person_id)
        self._context.erased = True
        self._look_again(person_id)
        self._context.announced.add(signals.talk_of(person_id))
        return remotes

    def _remote_ids(self, person_id: str) -> list[str]:
        remotes = []
        for row in self._db.all(
            "select number, remote from outbox where person_id = :person and state = 'sent'"
            " and remote is not null order by seq",
            person=person_id,
        ):
            place = f"outbox:{row['number']}:remote"
            with contextlib.suppress(SealBroken):  # a damaged row must not keep her from being forgotten
                remotes.append(self._seal.open_text("person", person_id, place, row["remote"]))
        return remotes

    def _forget_inbox(self, person_id: str, *, pending: bool) -> None:
        """Empty the rows; the hash of the key stays, so that the same update cannot come in again."""
        self._db.run(
            "update inbox set state = 'gone', person_id = null, raw = null, shown = null, files = null"
            " where person_id = :person and (:pending = 1 or state <> 'pending')",
            person=person_id, pending=int(pending),
        )  # fmt: skip

    def erase(self, person_id: str) -> None:
        """Also erases the cases that she alone holds, and her contest entries."""
        if self.get(person_id) is None:
            return
        for case_id in self._cases.ids_of(person_id):
            if tuple(self._cases.people_of(case_id)) == (person_id,):
                self._cases.erase(case_id)
        self._forget_contest(person_id)
        self.remove(person_id)

    def _forget_contest(self, person_id: str) -> None:
        try:
            player = self._contest.player(self.address(person_id))
        except SealBroken:  # an old backup without her key: her player hash is on the list of the erased
            return
        self._contest.forget(player)
        self._seal.note_erased("player", player, self._context.now())

    def remove(self, person_id: str) -> None:
        """Delete her rows and her key. Contest entries, which nothing links to her, stay."""
        self._files.erase_unbound(person_id)
        self._db.run("update files set person_id = null where person_id = :person", person=person_id)
        self._forget_inbox(person_id, pending=True)
        PartnersTable(self._context).end_with(person_id)
        LinksTable(self._context).forget_person(person_id)
        for statement in (
            "delete from outbox where person_id = :person",
            "delete from sessions where person_id = :person",
            "delete from consents where person_id = :person",
            "delete from holders where person_id = :person",
            "delete from subscriptions where person_id = :person",
            "update keys set owner = null where owner = :person",  # of cases and files that outlive her
            "delete from people where id = :person",
        ):
            self._db.run(statement, person=person_id)
        self._identities.changed(person_id)
        self._chats.forget(person_id)
        self._seal.destroy("person", person_id, self._context.now())
        self._context.erased = True
        self._context.announced.add(signals.talk_of(person_id))
