"""Whoever edits the database behind our back is found out, column by column."""

import random
import sqlite3

import pytest

from bot.domain.cases import Draft, EventKind
from bot.domain.errors import SealBroken
from bot.domain.ports_cases import StoredFile
from bot.domain.ports_duty import Notice
from bot.domain.ports_staff import StaffSecrets
from bot.domain.ports_team import SavedView, Task
from bot.domain.reply import Button, Lane, Reply
from bot.domain.staff import Role, StaffMember
from storage.verify import SEALED, verify
from tests.storage.case_rows import employer_with_letter, handed_over

SEQ = {"inbox", "outbox", "events", "feedback"}  # tables whose rows go by number
KEYS = {
    "sessions": "person_id",
    "facts": "name",
    "partner_sessions": "secret",
    "employer_names": "mark",
    **dict.fromkeys(SEQ, "seq"),
}


@pytest.fixture
async def full(store, clock, anna, bela, says, opens_case):
    """Two of everything that is sealed, each with a marker of its own."""
    for number, address in ((1, anna), (2, bela)):
        mark = f"MARK{number}"
        person = await says(f"{mark}-words", answer=f"{mark}-answer", sender=address)
        outs = await store.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 5))
        out = next(out for out in outs if out.person_id == person)
        case_id = await opens_case(
            words=f"{mark}-story", sender=address, case_id=f"case{number}", number=f"A26-000{number}",
            phrase=f"{mark}-phrase",
        )  # fmt: skip
        file_key = await store.vault.put(f"file{number}", f"{mark}-bytes".encode())

        def fill(unit, number=number, mark=mark, person=person, out=out, case_id=case_id, key=file_key):
            now = clock.now()
            unit.outbox.sent(out.seq, f"{mark}-remote", now)
            unit.sessions.save(person, f'{{"draft":"{mark}-draft"}}', now)
            unit.cases.add_event(case_id, EventKind.NOTE, by="s", at=now, body=f"{mark}-note")
            unit.cases.keep_draft(Draft(f"draft{number}", case_id, "s", f"{mark}-reply", now))
            unit.cases.keep_topic(case_id, f"{mark}-topic")
            unit.team.keep_task(Task(f"task{number}", case_id, "s", now, words=f"{mark}-task"))
            unit.team.keep_view(SavedView(f"view{number}", "s", False, f"{mark}-view", {}), now)
            unit.files.keep(
                StoredFile(f"file{number}", "photo", 5, f"{mark}-sha", f"{mark}-name.jpg", "image/jpeg"),
                person,
                key,
                now,
            )
            unit.cases.add_file(case_id, f"file{number}")
            member = StaffMember(
                f"staff{number}", f"员工{number}", frozenset({Role.OFFICER}), True, now, False, f"{mark}-tg"
            )
            unit.staff.add(member)
            unit.duty.add_notice(
                Notice(f"notice{number}", f"staff{number}", f"{mark}-notice", now, case_id, False)
            )
            handed_over(unit, number, mark, case_id, now)
            employer_with_letter(unit, number, mark, now)
            unit.staff.save_secrets(f"staff{number}", StaffSecrets(f"{mark}-hash", f"{mark}-totp", 0))
            unit.staff.add_link(f"{mark}-link", None, frozenset(), now)
            unit.staff.start_session(f"{mark}-session", f"staff{number}", now)
            unit.feedback.add(f"{mark}-asked", "not_found", None, now)
            unit.facts.put(f"{mark}-fact", f"{mark}-value")
            unit.limits.hit(f"{mark}-limit", now, window_s=60, at_most=9)
            unit.outbox.add(
                None, [Reply(f"{mark}-bell", card=f"{mark}-card", rows=((Button("x", f"{mark}-act"),),))],
                lane=Lane.URGENT, now=now, case_id=case_id, channel="telegram",
            )  # fmt: skip
            unit.outbox.add(None, [Reply(f"{mark}-house")], lane=Lane.URGENT, now=now, channel="telegram")

        await store.write(fill)
    return store


async def test_a_whole_store_verifies(full):
    assert await verify(full) == []


async def test_every_sealed_column_is_filled_by_this_test(full):
    for column in SEALED:
        rows = await full.read(lambda unit, column=column: unit.context.db.all(column.rows))
        assert len(rows) >= 2, column.name


async def test_nothing_she_or_staff_wrote_is_on_the_disk_in_any_spelling(full, house):
    for name, data in house.files().items():
        for spelling in ("utf-8", "utf-16-le", "utf-16-be"):
            for mark in ("MARK1", "MARK2"):
                assert mark.encode(spelling) not in data, (name, spelling)
        assert b"MARK1".hex().encode() not in data
        assert b"70012345" not in data, name  # her address


@pytest.mark.parametrize("column", SEALED, ids=lambda column: column.name)
async def test_flipped_swapped_and_moved_values_are_found_and_named(full, column):
    table, _, field = column.name.partition(".")
    key = KEYS.get(table, "id")
    first, second = await full.read(lambda unit: unit.context.db.all(column.rows)[:2])
    chance = random.Random(column.name)

    async def put(row, value):
        await full.write(
            lambda unit: unit.context.db.run(
                f"update {table} set {field} = :value where {key} = :key", value=value, key=row[key]
            )
        )

    async def found():
        return {finding.kind for finding in await verify(full) if column.name in finding.where}

    for _ in range(5):
        flipped = bytearray(first[field])
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        await put(first, bytes(flipped))
        assert await found() == {"seal"}
    await put(first, second[field])  # a row swap
    await put(second, first[field])
    assert await found() == {"seal"}
    await put(first, first[field])
    await put(second, second[field])
    assert await verify(full) == []
    for other in SEALED:  # a column swap
        if other.name.startswith(table + ".") and other is not column:
            moved = (await full.read(lambda unit, other=other: unit.context.db.all(other.rows)))[0]
            await put(first, moved[other.name.partition(".")[2]])
            assert await found() == {"seal"}
    await put(first, first[field])
    assert await verify(full) == []


async def test_a_note_cannot_be_turned_into_a_reply_by_editing_the_database(full):
    for change in ("kind = 'reply'", "by = 'other'", "at = at + 1", "case_id = 'case2'"):
        await full.write(
            lambda unit, change=change: unit.context.db.run(
                f"update events set {change} where case_id = 'case1' and kind = 'note'"
            )
        )
        assert "seal" in {finding.kind for finding in await verify(full)}, change
        back = {
            "kind": "kind = 'note'",
            "by": "by = 's'",
            "at": "at = at - 1",
            "case_id": "case_id = 'case1'",
        }
        undo = back[change.split(" ")[0]]
        await full.write(
            lambda unit, undo=undo: unit.context.db.run(
                f"update events set {undo} where seq = (select min(seq) from events)"
            )
        )
        assert await verify(full) == []


async def test_a_swapped_or_edited_key_is_found(full):
    def swap(unit):
        rows = unit.context.db.all("select id, wrapped from keys where kind = 'case' order by id")
        unit.context.db.run(
            "update keys set wrapped = :w where id = :id", w=rows[1]["wrapped"], id=rows[0]["id"]
        )

    await full.write(swap)
    assert "seal" in {finding.kind for finding in await verify(full)}


async def test_a_damaged_case_is_refused_and_the_others_stay_open(full, house, clock):
    def reveal(case_id):
        return lambda unit: unit.cases.reveal(
            case_id, unit.audit.append("s", "case.open", case_id, clock.now())
        )

    await full.write(
        lambda unit: unit.context.db.run("update cases set answers = zeroblob(60) where id = 'case1'")
    )
    with pytest.raises(SealBroken):
        await full.write(reveal("case1"))
    assert (await full.write(reveal("case2"))).answers.happened == "MARK2-story"


async def test_damaged_messages_stop_nobody_else(full, clock, anna, bela):
    for address, key in ((anna, "telegram:x1"), (bela, "telegram:x2")):
        await full.write(lambda unit, a=address, k=key: unit.inbox.receive(k, a, b"raw", clock.now()))
        person = (await full.read(lambda unit, a=address: unit.people.find(a))).id
        await full.write(
            lambda unit, p=person: unit.outbox.add(p, [Reply("答")], lane=Lane.REPLY, now=clock.now())
        )
    broken = (await full.read(lambda unit: unit.people.find(anna))).id

    def damage(unit):
        for table in ("inbox", "outbox"):
            field = {"inbox": "raw", "outbox": "body"}[table]
            unit.context.db.run(
                f"update {table} set {field} = zeroblob(50)"
                " where person_id = :p and state in ('pending', 'queued')",
                p=broken,
            )

    await full.write(damage)
    assert [row.key for row in await full.read(lambda unit: unit.inbox.pending(9))] == ["telegram:x2"]
    outs = await full.write(lambda unit: unit.outbox.claim("telegram", clock.now(), 9))
    assert bela in [out.to for out in outs]
    assert anna not in [out.to for out in outs]
    assert (await full.read(lambda unit: unit.outbox.counts()))["dead"] == 1
    assert await full.read(lambda unit: unit.outbox.talk(broken, (0, 0, 0), 9)) != []


async def test_orphans_of_every_kind_are_found(full):
    async def kinds():
        return {finding.kind for finding in await verify(full)}

    path = full.vault.path("file1")
    data = path.read_bytes()
    path.unlink()
    assert await kinds() == {"file_missing"}
    path.write_bytes(data[:-1] + b"x")
    assert await kinds() == {"file_seal"}
    path.write_bytes(data)
    await full.vault.put("stray", b"x")
    assert await kinds() == {"file_stray"}
    await full.vault.remove("stray")
    await full.write(
        lambda unit: unit.context.db.run(
            "insert into keys select kind, 'nobody', owner, wrapped, wrapped_by, made_at from keys"
            " where kind = 'person' limit 1"
        )
    )
    assert await kinds() == {"key_stray", "seal"}
    await full.write(lambda unit: unit.context.db.run("delete from keys where id = 'nobody'"))
    await full.write(
        lambda unit: unit.context.db.run("delete from keys where kind = 'file' and id = 'file2'")
    )
    assert {"key_gone", "file_stray"} <= await kinds()


async def test_every_finding_has_words_for_operators(full):
    await full.write(lambda unit: unit.context.db.run("delete from keys where kind = 'file'"))
    findings = await verify(full)
    assert findings
    assert all("：" in finding.sentence() for finding in findings)


async def test_a_torn_database_file_is_found(house, clock, says, store):
    for number in range(60):
        await says(f"第{number}句" * 40)
    other = sqlite3.connect(house.path)
    other.execute("pragma wal_checkpoint(truncate)").fetchall()
    other.execute("pragma writable_schema = on")
    other.execute(
        "update sqlite_master set rootpage = (select rootpage from sqlite_master where name = 'consents_of')"
        " where name = 'inbox_talk'"
    )
    other.execute(f"pragma schema_version = {other.execute('pragma schema_version').fetchone()[0] + 1}")
    other.commit()
    other.close()
    assert "structure" in {finding.kind for finding in await verify(store)}
