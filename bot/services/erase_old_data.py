"""Forgets what has outlived its time: drafts, talk, closed cases, files nobody took up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ports import Store, Unit
from bot.services.demo_mark import invented_until

_AT_ONCE = 100  # people or cases in one unit: her message waits behind it no longer than that takes
_TRACES_LIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How long things are kept; what the privacy card says comes from the same setting."""

    unfinished_draft: timedelta
    talk: timedelta
    closed_case: timedelta


@dataclass(frozen=True, slots=True)
class Erased:
    """What one sweep forgot, as counts."""

    sessions: int
    people: int
    cases: int
    files: int


async def erase_old_data(store: Store, kept_for: KeptFor, now: datetime) -> Erased:
    """Forget everything whose time is over at `now` (aware UTC); it may stop anywhere and go on later."""
    sessions = await store.write(lambda unit: unit.retention.drop_sessions(now - kept_for.unfinished_draft))
    people = await _forget_people(store, now - kept_for.talk)
    cases = await _erase_cases(store, now - kept_for.closed_case, now)
    files = await _drop_files(store, now - kept_for.unfinished_draft)
    await store.write(lambda unit: unit.retention.drop_traces(now - max(_TRACES_LIVE, kept_for.talk)))
    return Erased(sessions, people, cases, files)


async def _forget_people(store: Store, before: datetime) -> int:
    done = 0
    while found := await store.read(lambda unit: unit.retention.silent_people(before, _AT_ONCE)):

        def forget(unit: Unit, people: tuple[str, ...] = tuple(found)) -> None:
            for person_id in people:
                unit.retention.forget_person(person_id)

        await store.write(forget)
        done += len(found)
    return done


async def _erase_cases(store: Store, before: datetime, now: datetime) -> int:
    done = 0
    # What the demo made up is nobody's, and a demo without its year shows nothing. What somebody typed into
    # it later is erased like any other; a store with real cases can never become a demo.
    invented = await store.read(invented_until)
    while found := await store.read(lambda unit: unit.retention.closed_cases(before, _AT_ONCE, invented)):

        def erase(unit: Unit, cases: tuple[str, ...] = tuple(found)) -> None:
            for case_id in cases:
                unit.audit.append("system", "erase_old_case", case_id, now)
                unit.cases.erase(case_id)

        await store.write(erase)
        done += len(found)
    return done


async def _drop_files(store: Store, before: datetime) -> int:
    found = await store.read(lambda unit: tuple(unit.files.orphans(before)))
    for file_id in found:
        # The row goes last: bytes without a row would never be found again.
        await store.vault.remove(file_id)
        await store.write(lambda unit, one=file_id: unit.files.drop(one))  # type: ignore[misc]
    return len(found)
