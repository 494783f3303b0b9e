"""Figures over cases: counts and sums, no words.

The statements that FiguresTable reads with. What counts is an event (`events.kind`, `to_status`, `at`) and
the numbers it carries in columns of its own; they are there after a case was erased, too.
"""

from bot.domain.cases import OPEN_STATUSES

# A double counts as the case it was merged into, a group case as its children.
COUNTS = "c.merged_into is null and not exists (select 1 from cases child where child.parent_id = c.id)"
CASE = "c.id, c.number, c.kind, c.district, c.source, c.assignee, c.employer_id, c.urgent"
_ENDS = "('closed', 'reopened', 'withdrawn')"
_ANSWERS = "('reply', 'ask_more', 'closed')"

ACCEPTED = (
    f"select {CASE}, e.at from events e join cases c on c.id = e.case_id"  # noqa: S608 – constants
    " where e.to_status = 'accepted' and e.at >= :since and e.at < :until"
    " and not exists (select 1 from events f where f.case_id = e.case_id and f.seq < e.seq"
    f" and f.to_status = 'accepted') and {COUNTS} order by e.at, e.seq"
)


def _last_end(kind: str) -> str:
    """Ends of one kind that nothing in the same period undid or repeated."""
    return (
        f"e.kind = '{kind}' and e.at >= :since and e.at < :until"  # noqa: S608 – constants
        " and not exists (select 1 from events l where l.case_id = e.case_id and l.seq > e.seq"
        f" and l.kind in {_ENDS} and l.at < :until)"
    )


def _until_reopened(column: str) -> str:
    """The last value of a column from this closing on, as long as the case was not opened again."""
    return (
        f"(select a.{column} from events a where a.case_id = e.case_id and a.seq >= e.seq"  # noqa: S608
        f" and a.{column} is not null and not exists (select 1 from events r where r.case_id = e.case_id"
        " and r.seq > e.seq and r.seq < a.seq and r.kind = 'reopened') order by a.seq desc limit 1)"
    )


# Closings of before events carried their numbers take them from the card.
_OUTCOME = "coalesce(e.outcome, c.outcome, 'advised')"
_CLOSING = (
    f"{_OUTCOME} as outcome, coalesce(e.people, c.people_helped) as people,"
    " coalesce(e.recovered_fen, c.recovered_fen) as recovered_fen,"
    f" coalesce({_until_reopened('confirmed_fen')}, 0) as confirmed_fen"
)
CLOSINGS = (
    f"select {CASE}, e.at, {_CLOSING}, {_until_reopened('stars')} as stars,"  # noqa: S608 – constants
    f" case when {_OUTCOME} in ('mediated', 'to_arbitration') or exists (select 1 from events m"
    " where m.case_id = e.case_id and m.seq < e.seq and m.to_status = 'mediating') then 1 else 0 end"
    " as after_mediation, case when exists (select 1 from events b where b.case_id = e.case_id"
    " and b.seq > e.seq and b.kind in ('confirmed', 'rated') and not exists (select 1 from events r"
    " where r.case_id = e.case_id and r.seq > e.seq and r.seq < b.seq and r.kind = 'reopened'))"
    f" then 1 else 0 end as asked_back from events e join cases c on c.id = e.case_id"
    f" where {_last_end('closed')} and {_OUTCOME} <> 'withdrawn' and {COUNTS} order by e.at, e.seq"
)
WITHDRAWN = (
    f"select {CASE}, e.at from events e join cases c on c.id = e.case_id"  # noqa: S608 – constants
    f" where ({_last_end('withdrawn')} or {_last_end('closed')} and {_OUTCOME} = 'withdrawn') and {COUNTS}"
    " order by e.at, e.seq"
)
# Acts that put a promise off keep what it was; the first one that was kept is the first promise.
FIRST_ANSWERS = (
    f"select {CASE}, c.opened_at as at, coalesce((select p.due_at from events p"  # noqa: S608 – constants
    " where p.case_id = c.id and p.due_at is not null order by p.seq limit 1), c.promised_at) as promised,"
    f" (select a.at from events a where a.case_id = c.id and (a.kind in {_ANSWERS}"
    " or a.kind in ('call', 'visit') and a.due_at is not null) order by a.seq limit 1)"
    " as answered, case when c.closed_at is not null or c.status = 'withdrawn' then 1 else 0 end as ended"
    f" from cases c where c.opened_at >= :since and c.opened_at < :until and {COUNTS} order by c.opened_at"
)
_OPEN = ", ".join(f"'{status}'" for status in sorted(OPEN_STATUSES))
WORKLOAD = (
    "select coalesce(sum(case when assignee is null then 1 else 0 end), 0) as unclaimed,"  # noqa: S608
    " coalesce(sum(case when promised_at >= :now and promised_at < :tomorrow then 1 else 0 end), 0)"
    " as due_today, coalesce(sum(case when promised_at < :now and paused_at is null then 1 else 0 end), 0)"
    " as overdue, coalesce(sum(urgent), 0) as urgent"
    f" from cases where status in ({_OPEN}) and merged_into is null"
)
_CLOSED_NOW = "c.closed_at is not null and c.status <> 'withdrawn'"
LINES = (
    f"select {CASE}, c.opened_at as at, c.status, c.opened_at, c.closed_at, c.outcome,"  # noqa: S608
    " c.people_helped as people, c.recovered_fen, (select min(f.at) from events f where f.case_id = c.id"
    " and f.to_status = 'accepted') as accepted_at, coalesce((select a.confirmed_fen from events a"
    f" where {_CLOSED_NOW} and a.case_id = c.id and a.confirmed_fen is not null and not exists"
    " (select 1 from events r where r.case_id = c.id and r.seq > a.seq and r.kind = 'reopened')"
    " order by a.seq desc limit 1), 0) as confirmed_fen from cases c where c.opened_at >= :since"
    f" and c.opened_at < :until and c.number > :after and {COUNTS} order by c.number limit :limit"
)
