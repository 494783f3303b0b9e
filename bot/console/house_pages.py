"""Pages to read: operations, contest, audit."""

from typing import Any

from starlette.responses import Response

from bot.console.guard import Visit
from bot.domain.campaigns import FEWEST_SHOWN, current_campaign
from bot.domain.civil_time import civil_day
from bot.domain.ports import Unit

_DEAD, _LINES = 50, 200
_TELEGRAM_ALARM = "alarm:telegram"  # "<what> <time>", empty when it is over; kept by the channel


async def operations(visit: Visit) -> Response:
    """Queues and dead letters: numbers and states, nothing that anybody wrote."""

    def read(unit: Unit) -> dict[str, Any]:
        return {
            "inbox": dict(unit.inbox.counts()),
            "outbox": dict(unit.outbox.counts()),
            "alarm": (unit.facts.get(_TELEGRAM_ALARM) or "").partition(" ")[0],
            "dead": [
                (one.number, one.channel, one.lane.value, one.attempts, one.case_id is not None)
                for one in unit.outbox.dead_letters(_DEAD)
            ],
        }

    found = await visit.deps.store.read(read)
    return visit.show(
        "operations.html", version=visit.deps.version, entries=len(visit.deps.knowledge.entries), **found
    )


async def contest(visit: Visit) -> Response:
    """Totals and districts of the current contest; small districts are not shown."""
    campaign = current_campaign(dict(visit.deps.knowledge.campaigns), civil_day(visit.deps.clock.now()))
    totals: dict[str, int] = {}
    standings: list[Any] = []
    if campaign is not None:
        name = campaign.id

        def read(unit: Unit) -> tuple[dict[str, int], list[Any]]:
            return dict(unit.contest.totals(name)), list(unit.contest.standings(name))

        totals, standings = await visit.deps.store.read(read)
    shown = [line for line in standings if line.people >= FEWEST_SHOWN]
    return visit.show(
        "contest.html", campaign=campaign, totals=totals, standings=shown,
        hidden=len(standings) - len(shown), fewest=FEWEST_SHOWN,
    )  # fmt: skip


async def audit(visit: Visit) -> Response:
    """The newest lines of the audit chain; reading them is a line too."""
    now, actor = visit.deps.clock.now(), visit.actor

    def read(unit: Unit) -> tuple[list[Any], int | None, dict[str, str]]:
        unit.audit.append(actor.id, "read_audit", "audit", now)
        names = {one.id: one.name for one in unit.staff.all()}
        return list(unit.audit.lines(None, _LINES)), unit.audit.first_broken(), names

    lines, broken, names = await visit.deps.store.write(read)
    return visit.show("audit.html", lines=lines, broken=broken, names=names)
