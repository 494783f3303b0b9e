"""`demo`: fills an empty house with an invented, clearly labelled city, for trying and for screenshots."""

import argparse
import asyncio
import random
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.commands.common import KNOWLEDGE_FOLDER, add_config, fail, padded, read_settings
from bot.commands.progress import progress
from bot.config import Settings
from bot.domain.clock import RealClock
from bot.domain.errors import SafeHouseError
from bot.services.demo_plan import FEWEST, ORDINARY

if TYPE_CHECKING:
    from bot.domain.ports import Store
    from bot.services.demo_plan import Plan

_NOT_EMPTY = (
    "数据库里已经有内容。演示数据只写进空的数据库，不和真实数据混在一起。\n"
    "请另用一个文件夹，例如：SAFEHOUSE__STORAGE__URL=sqlite:///demo/safehouse.db"
    " SAFEHOUSE__STORAGE__KEY_FILE=demo-key/master.key python -m bot demo"
)
_INVENTED = "这些数据全部是编的，界面上处处写着“演示数据”，不能改成真用；要真用请换一个空的数据库。"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument("--cases", type=int, default=ORDINARY, help=f"案件数，默认 {ORDINARY}，至少 {FEWEST}")
    parser.add_argument("--seed", type=int, default=1, help="随机数种子：同一个数，同一座城市")


def run(arguments: argparse.Namespace) -> int:
    """Fill, then print the figures of the quarter and the one-time links of the demo's staff."""
    from knowledge.faults import KnowledgeFaults

    settings = read_settings(arguments)
    if settings is None:
        return 1
    if arguments.cases < FEWEST:
        return fail(f"--cases 至少 {FEWEST}：少了凑不出一个季度的样子。")
    try:
        return asyncio.run(_fill(settings, arguments.cases, arguments.seed))
    except KnowledgeFaults as faults:
        for fault in faults.faults:
            print(fault, file=sys.stderr)
        return 1
    except SafeHouseError as error:
        return fail(_NOT_EMPTY if type(error).__name__ == "NotEmpty" else str(error))


async def _fill(settings: Settings, cases: int, seed: int) -> int:
    from bot.app import open_house
    from bot.services.demo_city import Player, login_links
    from bot.services.demo_plan import make_plan
    from bot.services.demo_stage import DemoClock, Stage
    from bot.services.worker_cases import WorkersDesk
    from knowledge.demo import load_demo

    now = RealClock().now()
    city = load_demo(KNOWLEDGE_FOLDER)
    clock = DemoClock(now)
    async with open_house(settings, clock=clock) as house:
        for work in house.workers:
            work.close()
        plan = make_plan(city, tuple(house.content.knowledge.region.districts), now, seed, cases)
        workers_desk = WorkersDesk(house.desk.bell, house.desk.promises)
        stage = Stage(
            clock, house.desk, workers_desk, house.content.knowledge, city, random.Random(seed)
        )  # fmt: skip
        await Player(house.store, plan, stage).play(now, progress("演示城市"))
        links = await house.store.write(lambda unit: login_links(unit, now))
        base = settings.web.public_url.rstrip("/")
        print(f"{len(stage.cases)} 件案件，{now - timedelta(days=365):%Y-%m} 到 {now:%Y-%m}。{_INVENTED}")
        print(await _quarter(house.store, plan))
        print("工作人员（48 小时内有效的一次性链接）：")
        for name, roles, token in links:
            print(f"  {padded(name, 18)}{padded(roles, 10)}{base}/console/setup/{token}")
        print("启动：python -m bot serve")
    return 0


async def _quarter(store: "Store", plan: "Plan") -> str:
    """The published quarter, as the figures of the product have it."""
    from bot.domain.civil_time import start_of_day
    from bot.services.figures import period_figures

    begins, ends = start_of_day(plan.since), start_of_day(plan.until)
    found = await store.read(lambda unit: period_figures(unit, begins, ends))
    figures = (
        f"受理 {found.accepted} 件，调解成功 {found.mediated} 件，帮助 {found.people} 人，"
        f"挽回 {found.recovered_fen // 100:,} 元"
    )
    return f"{plan.since} 到 {plan.until - timedelta(days=1)}：{figures}"
