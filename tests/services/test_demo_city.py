"""The demo city: the published quarter comes out exactly, whatever the seed and the day."""

import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.cases import CaseSource, EventKind, Outcome
from bot.domain.civil_time import civil_day, start_of_day
from bot.domain.ports_cases import CaseFilter
from bot.domain.promises import Promises
from bot.domain.signals import Signals
from bot.domain.staff import Role
from bot.services.bell import Bell
from bot.services.case_work import Desk
from bot.services.demo_city import NotEmpty, Player, login_links
from bot.services.demo_mark import is_demo
from bot.services.demo_plan import FEWEST, Act, Plan, last_quarter, make_plan
from bot.services.demo_stage import DemoClock, Stage
from bot.services.erase_old_data import KeptFor, erase_old_data
from bot.services.figures import period_figures
from bot.services.worker_cases import WorkersDesk
from knowledge.demo import load_demo
from knowledge.models import Knowledge
from knowledge.wording import load_wording
from storage.sqlite import database_path, open_store
from storage.verify import verify
from tests.console.small_knowledge import small_knowledge

FOLDER = Path(__file__).resolve().parents[2] / "knowledge"
CITY = load_demo(FOLDER)
DISTRICTS = ("兴庆区", "金凤区", "西夏区", "永宁县", "贺兰县", "灵武市")
WEEKS = timedelta(days=27)
PUBLISHED = (50, 42, 100, 80_000_000)


def planned(plan: Plan) -> tuple[int, int, int, int]:
    """The figures of the quarter as the plan has them; telephone cases are accepted as they are opened."""
    begins, ends = start_of_day(plan.since), start_of_day(plan.until)

    def within(life, *acts):
        return any(step.act in acts and begins <= step.at < ends for step in life.steps)

    closed = [life for life in plan.lives if within(life, Act.CLOSE)]
    accepted = [life for life in plan.lives if within(life, Act.CLAIM, Act.PAUSE)]
    return (
        len(accepted), sum(life.outcome is Outcome.MEDIATED for life in closed),
        sum(life.people for life in closed), sum(life.fen for life in closed),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "today", [date(2026, 11, 22), date(2027, 1, 2), date(2028, 2, 29), date(2026, 10, 1)]
)
def test_every_plan_gives_the_published_quarter(seed, today):
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    plan = make_plan(CITY, DISTRICTS, now, seed, 320)
    assert planned(plan) == PUBLISHED
    assert len(plan.lives) == 320
    for life in plan.lives:
        moments = [step.at for step in life.steps]
        assert moments == sorted(moments)
        assert all(life.fen >= 0 for life in plan.lives)


def test_the_same_seed_is_the_same_city_and_another_seed_another():
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert make_plan(CITY, DISTRICTS, now, 7, 150) == make_plan(CITY, DISTRICTS, now, 7, 150)
    assert make_plan(CITY, DISTRICTS, now, 7, 150) != make_plan(CITY, DISTRICTS, now, 8, 150)


@pytest.mark.parametrize(
    ("today", "quarter"),
    [
        (date(2026, 11, 22), (date(2026, 7, 1), date(2026, 10, 1))),
        (date(2027, 1, 1), (date(2026, 10, 1), date(2027, 1, 1))),
        (date(2026, 3, 31), (date(2025, 10, 1), date(2026, 1, 1))),
    ],
)
def test_the_quarter_is_the_last_one_that_is_over(today, quarter):
    assert last_quarter(today) == quarter


def test_everything_the_demo_says_is_labelled_and_known():
    knowledge: Knowledge = small_knowledge()
    assert knowledge.entries
    assert all(one.name.endswith("（演示）") for one in CITY.staff)
    assert all(name.startswith("演示") for firm in CITY.employers for name in (firm.name, *firm.also))
    topics = (FOLDER / "topics.tsv").read_text(encoding="utf-8")
    told = {story.topic for stories in CITY.stories.values() for story in stories}
    assert [topic for topic in told if f"\t{topic}\t" not in topics] == []


async def test_the_played_city_gives_the_published_figures_by_the_services_and_by_the_bare_rows(tmp_path):
    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    wording, clock = load_wording(FOLDER), DemoClock(now)
    desk = Desk(wording, Bell(wording, None, "http://127.0.0.1:8080"), Promises())
    plan = make_plan(CITY, DISTRICTS, now, 3, FEWEST)
    url = f"sqlite:///{tmp_path / 'data' / 'demo.db'}"
    async with open_store(url, tmp_path / "keys" / "master.key", clock, Signals()) as store:
        workers_desk = WorkersDesk(desk.bell, desk.promises)
        stage = Stage(clock, desk, workers_desk, small_knowledge(), CITY, random.Random(3))
        player = Player(store, plan, stage)
        shown = []
        await player.play(now, lambda done, total: shown.append((done, total)))
        begins, ends = start_of_day(plan.since), start_of_day(plan.until)
        found = await store.read(lambda unit: period_figures(unit, begins, ends))
        assert (found.accepted, found.mediated, found.people, found.recovered_fen) == PUBLISHED
        assert recomputed(database_path(url), begins, ends) == PUBLISHED
        assert shown[-1][0] == shown[-1][1]
        assert await store.read(is_demo)
        counts = await store.read(lambda unit: unit.outbox.counts())
        assert counts.get("queued", 0) == 0  # nothing would ever be sent
        assert len(await store.write(lambda unit: login_links(unit, now))) == len(CITY.staff)
        assert await verify(store) == []
        cards = await store.read(lambda unit: unit.cases.cards(CaseFilter(limit=1000)))
        assert len(cards) == FEWEST
        erased = await erase_old_data(store, KeptFor(*[timedelta(days=1)] * 3), now + timedelta(days=400))
        assert erased.cases == 0
        told = await store.write(lambda unit: {one.id: what_she_read(unit, one) for one in cards})
        assert all(len(set(texts)) == len(texts) <= 5 for texts in told.values())
        home = [one for one in cards if one.topic == "domestic-violence"]
        assert home and all("110" in told[one.id][0] and "12338" in told[one.id][0] for one in home)
        assert sum(one.urgent for one in cards) <= len(home) + 4
        assert not any(one.source == CaseSource.WECHAT for one in cards)
        days = await store.read(lambda unit: unit.duty.roster(civil_day(now), civil_day(now) + WEEKS))
        assert len(days) == WEEKS.days + 1 and all(days.values())
        busy = await store.read(lambda unit: unit.duty.open_counts())
        officers = [one.id for one in stage.staff if Role.OFFICER in one.roles]
        assert sum(bool(busy.get(one)) for one in officers) >= 2
        with pytest.raises(NotEmpty):
            await player.play(now, lambda done, total: None)


def what_she_read(unit, card) -> list[str]:
    """What staff wrote to her in a case, in its order."""
    seq = unit.audit.append("test", "open_case", card.id, card.opened_at)
    events = unit.cases.reveal(card.id, seq).events
    return [one.body for one in events if one.kind in (EventKind.REPLY, EventKind.ASK_MORE)]


def recomputed(path: Path, begins: datetime, ends: datetime) -> tuple[int, int, int, int]:
    """The four figures from the bare rows, apart from the program: first acceptances and last closings."""
    low, high = (int(at.timestamp() * 1_000_000) for at in (begins, ends))
    rows = sqlite3.connect(path).execute("select * from events order by case_id, seq")
    names = [column[0] for column in rows.description]
    accepted: dict[str, int] = {}
    closed: dict[str, tuple[str, int, int]] = {}
    for values in rows:
        row = dict(zip(names, values, strict=True))
        if row["to_status"] == "accepted":
            accepted.setdefault(row["case_id"], row["at"])
        if row["kind"] == "closed" and low <= row["at"] < high:
            closed[row["case_id"]] = (row["outcome"], row["people"], row["recovered_fen"])
    return (
        sum(low <= at < high for at in accepted.values()),
        sum(outcome == "mediated" for outcome, _, _ in closed.values()),
        sum(people for _, people, _ in closed.values()),
        sum(fen for _, _, fen in closed.values()),
    )
