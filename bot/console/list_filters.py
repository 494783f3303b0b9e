"""What the address of the case list asks for: tab, filters, page, words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from bot.domain.cases import CaseKind, CaseSource, CaseStatus
from bot.domain.civil_time import civil_day, start_of_day
from bot.domain.ports_cases import CaseFilter
from bot.domain.staff import Power, StaffMember
from bot.services.case_gate import sight

TABS = ("mine", "unclaimed", "due", "review", "tasks", "all")
DUE = ("late", "today", "week")
PER_PAGE = 50
LONGEST_WORDS = 100
_DUE_WITHIN = timedelta(hours=24)
_KEPT = ("tab", "q", "status", "kind", "district", "source", "urgent", "assignee", "due", "older")
_LONGEST = 60
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The list as somebody asked for it; "" where a filter is not set."""

    tab: str
    q: str = ""
    status: str = ""
    kind: str = ""
    district: str = ""
    source: str = ""
    urgent: str = ""
    assignee: str = ""  # "me", "nobody" or an id
    due: str = ""
    older: str = ""  # a search goes further back than a year
    page: int = 1
    start: int = 0  # a search goes on behind so many cases

    def filters(self) -> dict[str, str]:
        """What a saved view keeps: everything but the page."""
        values = {name: str(getattr(self, name)) for name in _KEPT}
        return {name: value for name, value in values.items() if value}

    def link(self, **changes: object) -> str:
        """The address of this list with some fields changed; the page begins anew unless it is given."""
        fields: dict[str, str] = self.filters() | {name: str(value) for name, value in changes.items()}
        return "/console/cases?" + urlencode({name: value for name, value in fields.items() if value})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is set."""
        return bool(set(self.filters()) - {"tab"})


def read_query(fields: Mapping[str, str], actor: StaffMember) -> ListQuery:
    """The list that an address asks for; what it does not know falls back to everything."""
    tabs = tabs_of(actor)
    default = "mine" if "mine" in tabs and not fields.get("q") else "all"
    tab, kind = fields.get("tab", default), fields.get("kind", "")
    status, source = fields.get("status", ""), fields.get("source", "")
    return ListQuery(
        tab=tab if tab in tabs else default,
        q=fields.get("q", "").strip()[:LONGEST_WORDS],
        status=status if status in ("open", *CaseStatus) else "",
        kind=kind if kind in tuple(CaseKind) else "",
        district=fields.get("district", "")[:_LONGEST],
        source=source if source in tuple(CaseSource) else "",
        urgent="yes" if fields.get("urgent") else "",
        assignee=fields.get("assignee", "")[:_LONGEST],
        due=fields.get("due", "") if fields.get("due") in DUE else "",
        older="yes" if fields.get("older") else "",
        page=max(1, _number(fields.get("page", ""), _MOST_PAGES)),
        start=_number(fields.get("start", ""), 1_000_000),
    )


def read_saved(written: str) -> dict[str, str]:
    """The filters in the query part of an address, for a saved view; unknown fields are left out."""
    pairs = dict(parse_qsl(written[:2000], max_num_fields=40))
    return {name: pairs[name][:LONGEST_WORDS] for name in _KEPT if pairs.get(name)}


def tabs_of(actor: StaffMember) -> tuple[str, ...]:
    """The tabs that make sense for this member."""
    hidden = set()
    if not actor.may(Power.OPEN_ASSIGNED):
        hidden |= {"mine", "tasks"}
    if not actor.may(Power.OPEN_UNCLAIMED):
        hidden.add("unclaimed")
    if not actor.may(Power.APPROVE):
        hidden.add("review")
    return tuple(tab for tab in TABS if tab not in hidden)


def as_filter(query: ListQuery, actor: StaffMember, now: datetime) -> CaseFilter:
    """The cards to show, only of cases that the actor may open: a list tells no more than a page."""
    tab = query.tab
    assignee = {"me": actor.id, "nobody": None}.get(query.assignee, query.assignee or None)
    return CaseFilter(
        seen_by=sight(actor),
        assignee=actor.id if tab == "mine" else assignee,
        unclaimed=tab == "unclaimed" or query.assignee == "nobody",
        open_only=tab in ("mine", "unclaimed", "due") or query.status == "open" or bool(query.due),
        asked_only=tab == "review",
        due_before=_due_before(query, now),
        statuses=(CaseStatus(query.status),) if query.status not in ("", "open") else (),
        kind=CaseKind(query.kind) if query.kind else None,
        district=query.district or None,
        source=query.source or None,
        urgent=bool(query.urgent),
        without_doubles=True,
        limit=PER_PAGE,
        offset=(query.page - 1) * PER_PAGE,
    )


def _due_before(query: ListQuery, now: datetime) -> datetime | None:
    """Late ones, those of today, or of the seven days from today (civil days, Asia/Shanghai)."""
    match query.due:
        case "late":
            return now
        case "today":
            return start_of_day(civil_day(now) + timedelta(days=1))
        case "week":
            return start_of_day(civil_day(now) + timedelta(days=7))
        case _:
            return now + _DUE_WITHIN if query.tab == "due" else None


def _number(written: str, most: int) -> int:
    return min(int(written), most) if written.isdecimal() and len(written) < 10 else 0
