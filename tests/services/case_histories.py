"""Random lives of cases for tests of figures, and the same figures worked out from raw rows alone."""

import random
import sqlite3
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.cases import (
    ENDED_STATUSES,
    Answers,
    CaseCard,
    CaseKind,
    CaseStatus,
    EventKind,
    NameLevel,
    Outcome,
)

DISTRICTS = ("兴庆区", "金凤区", "西夏区", None)
SOURCES = ("webchat", "telegram", "hotline", "visit")
SIZES = {"e1": "under_20", "e2": "500_up", "e3": "unknown"}
_BEGIN = datetime(2025, 12, 20, tzinfo=UTC)


class Life:
    """One case after the other, each with events in the order of time."""

    def __init__(self, unit, seed):
        self.unit, self.random, self.parents = unit, random.Random(seed), []

    def case(self, number):
        pick = self.random.choice
        at = _BEGIN + timedelta(minutes=self.random.randrange(500_000))
        promised = at + timedelta(hours=pick((1, 20, 60)))
        card = {
            "id": f"case{number}", "number": f"A26-{number:04d}", "kind": pick(list(CaseKind)),
            "status": CaseStatus.NEW, "urgent": pick((True, False)), "district": pick(DISTRICTS),
            "level": NameLevel.ANONYMOUS, "topic": None, "source": pick(SOURCES), "opened_at": at,
            "changed_at": at, "promised_at": promised, "assignee": pick((None, "s1", "s2")),
            "employer_id": pick((None, *SIZES)),
        }  # fmt: skip
        card["merged_into"] = "case0" if number and self.random.random() < 0.08 else None
        if self.parents and self.random.random() < 0.15:
            card["parent_id"] = pick(self.parents)
        elif self.random.random() < 0.06:
            self.parents.append(card["id"])
        events = [(EventKind.OPENED, at, {})]
        self._goes_on(card, events, promised)
        self.unit.cases.add(CaseCard(**card), Answers(happened="x"), None, f"code{number}", None)
        for kind, when, facts in events:
            self.unit.cases.add_event(card["id"], kind, by="s1", at=when, facts=facts or None)
        if card["status"] in ENDED_STATUSES and self.random.random() < 0.1:
            self.unit.cases.erase(card["id"])

    def _goes_on(self, card, events, promised):
        for _ in range(self.random.randrange(9)):
            at = events[-1][1] + timedelta(minutes=self.random.choice((0, 30, 3000, 60_000)))
            kind, facts = self._step(card, promised)
            if facts.get("to"):
                card["status"] = CaseStatus(facts["to"])
            if kind is EventKind.CLOSED:
                card |= {"outcome": Outcome(facts["outcome"]), "closed_at": at,
                         "recovered_fen": int(facts["recovered_fen"]),
                         "people_helped": int(facts["people_helped"])}  # fmt: skip
            if kind is EventKind.WITHDRAWN:
                card |= {"outcome": Outcome.WITHDRAWN, "closed_at": at}
            if kind is EventKind.REOPENED:
                card |= {"outcome": None, "closed_at": None, "recovered_fen": 0, "people_helped": 0}
            events.append((kind, at, facts))

    def _step(self, card, promised):
        status, pick = card["status"], self.random.choice
        if status in (CaseStatus.CLOSED, CaseStatus.WITHDRAWN):
            return pick((
                (EventKind.REOPENED, {"to": "accepted"}),
                (EventKind.CONFIRMED, {"answer": "yes", "confirmed_fen": str(self.random.randrange(10**6))}),
                (EventKind.RATED, {"stars": str(self.random.randint(1, 5))}),
            ))  # fmt: skip
        if status is CaseStatus.NEW and self.random.random() < 0.8:
            return EventKind.CLAIMED, {"to": "accepted", "promised": promised.isoformat()}
        closing = {
            "to": "closed", "outcome": pick(list(Outcome)).value,
            "recovered_fen": str(pick((0, 0, 840_000, self.random.randrange(10**7)))),
            "people_helped": str(pick((0, 1, 1, 12))), "confirmed_fen": str(pick((0, 840_000))),
        }  # fmt: skip
        return pick((
            (EventKind.STATUS, {"to": "mediating"}), (EventKind.REPLY, {}), (EventKind.NOTE, {}),
            (EventKind.CLOSED, closing), (EventKind.CLOSED, closing),
            (EventKind.WITHDRAWN, {"to": "withdrawn"}),
        ))  # fmt: skip


def rows(path: Path):
    """Cases and events as they lie in the file, read with nothing of ours."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    cases = {row["id"]: dict(row) for row in connection.execute("select * from cases")}
    events = defaultdict(list)
    for row in connection.execute("select * from events order by seq"):
        events[row["case_id"]].append(dict(row))
    sizes = dict(connection.execute("select id, size from employers").fetchall())
    connection.close()
    return cases, events, sizes


def worked_out(path: Path, since: datetime, until: datetime, now: datetime):
    """The figures of a period from raw rows: by the whole and by each breakdown, without our queries."""
    cases, events, sizes = rows(path)
    parents = {case["parent_id"] for case in cases.values()}
    low, high = round(since.timestamp() * 1e6), round(until.timestamp() * 1e6)
    found = defaultdict(lambda: defaultdict(int))

    def count(case, at, name, value=1, outcome=None):
        month = datetime.fromtimestamp(at / 1e6 + 8 * 3600, UTC).strftime("%Y-%m")
        size = sizes.get(case["employer_id"], "unknown")
        places = [("all", ""), ("kind", case["kind"]), ("district", case["district"] or ""),
                  ("source", case["source"]), ("month", month), ("officer", case["assignee"] or ""),
                  ("size", "" if size == "unknown" else size)]  # fmt: skip
        for place in [*places, *([("outcome", outcome)] if outcome else [])]:
            found[place][name] += value

    for case_id, case in cases.items():
        if case["merged_into"] or case_id in parents:
            continue
        mine = events[case_id]
        if low <= case["opened_at"] < high:
            count(case, case["opened_at"], "opened")
            _judge(found, case, mine, now)
        accepted = [event for event in mine if event["to_status"] == "accepted"][:1]
        if accepted and low <= accepted[0]["at"] < high:
            count(case, accepted[0]["at"], "accepted")
        ends = [event for event in mine if event["kind"] in ("closed", "reopened", "withdrawn")]
        last = [event for event in ends if event["at"] < high][-1:]
        if not last or last[0]["at"] < low or last[0]["kind"] == "reopened":
            continue
        if last[0]["kind"] == "withdrawn" or last[0]["outcome"] == "withdrawn":
            count(case, last[0]["at"], "withdrawn")
            continue
        at, outcome = last[0]["at"], last[0]["outcome"]
        before, after = mine[: mine.index(last[0])], mine[mine.index(last[0]) :]
        again = next((place for place, event in enumerate(after) if event["kind"] == "reopened"), None)
        after = after[:again]
        sums = {
            "closed": 1, "mediated": outcome == "mediated", "people": last[0]["people"],
            "after_mediation": outcome in ("mediated", "to_arbitration")
            or any(event["to_status"] == "mediating" for event in before),
            "recovered_fen": last[0]["recovered_fen"],
            "confirmed_fen": [e["confirmed_fen"] for e in after if e["confirmed_fen"] is not None][-1],
            "asked_back": any(event["kind"] in ("confirmed", "rated") for event in after),
            "stars": ([e["stars"] for e in after if e["stars"] is not None] or [0])[-1],
        }  # fmt: skip
        for name, value in sums.items():
            count(case, at, name, int(value), outcome)
    return found


def _judge(found, case, mine, now):
    answers = [
        e["at"]
        for e in mine
        if e["kind"] in ("reply", "ask_more", "closed")
        or (e["kind"] in ("call", "visit") and e["due_at"] is not None)
    ]
    promised = ([e["due_at"] for e in mine if e["due_at"] is not None] or [case["promised_at"]])[0]
    if answers:
        name = "in_time" if answers[0] <= promised else "late"
    elif promised < now.timestamp() * 1e6 and case["closed_at"] is None and case["status"] != "withdrawn":
        name = "late"
    else:
        name = "waiting"
    found["all", ""][name] += 1
