"""What an event was about, in a few words: its closed facts as staff read them."""

from datetime import date

from bot.console.deps import ConsoleDeps
from bot.domain.cases import CaseEvent, EventKind
from bot.domain.civil_time import civil_day, plain_day
from bot.services.partner_directory import agencies


def about(event: CaseEvent, deps: ConsoleDeps) -> str:
    """“仲裁时效，2027年3月5日”, “银川市劳动保障监察机构，受理”; "" where the event's name says it all."""
    facts, wording = event.facts or {}, deps.wording
    parts: list[str] = []
    match event.kind:
        case EventKind.DEADLINE:
            known = deps.knowledge.deadlines.get(facts.get("rule", ""))
            parts = [known.label if known else facts.get("rule", ""), _day(facts)]
        case EventKind.HANDOVER:
            parts = [_agency(facts, deps), wording.partners.states.get(facts.get("state", ""), "")]
        case EventKind.PARTNER:
            parts = [_agency(facts, deps), wording.partners.steps.get(facts.get("state", ""), "")]
        case EventKind.SESSION:
            parts = [wording.partners.session_states.get(facts.get("state", ""), ""), _day(facts)]
        case EventKind.REVIEW:
            parts = [wording.team.review.get(facts.get("state", ""), "")]
        case EventKind.URGED:
            parts = [f"{facts['step']}%"] if facts.get("step", "").isdecimal() else []
        case EventKind.PAUSED:
            parts = [wording.labels.pause.get(facts.get("reason", ""), "")]
        case EventKind.CONFIRMED:
            parts = [wording.labels.confirmed.get(facts.get("answer", ""), "")]
        case EventKind.RATED:
            parts = ["★" * int(facts["stars"])] if facts.get("stars", "").isdecimal() else []
    return "，".join(part for part in parts if part)


def _agency(facts: dict[str, str], deps: ConsoleDeps) -> str:
    region = deps.knowledge.region
    known = agencies(region.directory, deps.wording.partners, civil_day(deps.clock.now()))
    return next((one.name for one in known if one.id == facts.get("agency")), "")


def _day(facts: dict[str, str]) -> str:
    return plain_day(date.fromisoformat(facts["day"])) if "day" in facts else ""
