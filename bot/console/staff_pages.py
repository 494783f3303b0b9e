"""Staff accounts: list, invite, roles, disable, reset; and one's own account."""

from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from bot.console.guard import Visit, back, refusal
from bot.console.login import drop_session
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.domain.staff import Role, StaffMember
from bot.services import accounts, employers


async def show_staff(visit: Visit) -> Response:
    """All accounts."""
    return await _page(visit)


async def invite(visit: Visit) -> Response:
    """A new account; its one-time link is shown once, here."""
    roles, name = _roles(visit), visit.field("name")
    return await _with_link(
        visit, lambda unit, now: (accounts.invite(unit, visit.actor, name, roles, now)[1], name)
    )


async def reset(visit: Visit) -> Response:
    """A new one-time link for somebody who lost password or telephone."""
    staff_id = visit.path("staff_id")

    def work(unit: Unit, now: datetime) -> tuple[str, str]:
        token = accounts.reset(unit, visit.actor, staff_id, now)
        member = unit.staff.get(staff_id)
        return token, member.name if member else ""

    return await _with_link(visit, work)


async def roles(visit: Visit) -> Response:
    """Other roles."""
    chosen = _roles(visit)
    return await _act(visit, "roles", lambda unit, now: accounts.set_roles(
        unit, visit.actor, visit.path("staff_id"), chosen, now))  # fmt: skip


async def disable(visit: Visit) -> Response:
    """Out at once."""
    return await _act(visit, "disabled", lambda unit, now: accounts.disable(
        unit, visit.actor, visit.path("staff_id"), now))  # fmt: skip


async def enable(visit: Visit) -> Response:
    """Back in."""
    return await _act(visit, "enabled", lambda unit, now: accounts.enable(
        unit, visit.actor, visit.path("staff_id"), now))  # fmt: skip


async def employer(visit: Visit) -> Response:
    """Where somebody works: cases about it are closed to them."""
    return await _act(visit, "staff_employer", lambda unit, now: employers.employ(
        unit, visit.actor, visit.path("staff_id"), visit.field("works_at"), now))  # fmt: skip


async def show_account(visit: Visit) -> Response:
    """One's own account."""
    return visit.show("account.html", code="", until=None)


async def telegram_code(visit: Visit) -> Response:
    """A code to send to the bot; shown once."""
    now, actor = visit.deps.clock.now(), visit.actor
    code, until = await visit.deps.store.write(lambda unit: accounts.telegram_code(unit, actor, now))
    return visit.show("account.html", code=code, until=until)


async def unbind_telegram(visit: Visit) -> Response:
    """The Telegram account no longer acts for her."""
    now, actor = visit.deps.clock.now(), visit.actor
    await visit.deps.store.write(lambda unit: accounts.unbind_telegram(unit, actor, now))
    return back("/account", "unbound")


async def change_password(visit: Visit) -> Response:
    """Another password; all sessions end, this one too."""
    try:
        await visit.deps.signing_in.change_password(
            visit.actor, visit.field("password"), visit.field("new"), visit.field("code")
        )
    except Refused as refused:
        status = 429 if refused.reason == "too_many" else 422
        return visit.show("account.html", status, code="", until=None, error=refusal(visit.deps, refused))
    return drop_session(visit.deps, back("/login", "password"))


async def _act(visit: Visit, done: str, work: Callable[[Unit, datetime], object]) -> Response:
    now = visit.deps.clock.now()
    try:
        await visit.deps.store.write(lambda unit: work(unit, now))
    except Refused as refused:
        return await _page(visit, 422, error=refusal(visit.deps, refused))
    return back("/staff", done)


async def _with_link(visit: Visit, work: Callable[[Unit, datetime], tuple[str, str]]) -> Response:
    now = visit.deps.clock.now()
    try:
        token, name = await visit.deps.store.write(lambda unit: work(unit, now))
    except Refused as refused:
        return await _page(visit, 422, error=refusal(visit.deps, refused))
    link = f"{visit.deps.public_url.rstrip('/')}/console/setup/{token}"
    return await _page(visit, link=link, invited=name)


async def _page(
    visit: Visit, status: int = 200, *, error: str = "", link: str = "", invited: str = ""
) -> Response:
    members, works_at = await visit.deps.store.read(_members)
    members.sort(key=lambda one: (not one.active, one.name))
    return visit.show(
        "staff.html",
        status,
        members=members,
        works_at=works_at,
        all_roles=list(Role),
        link=link,
        invited=invited,
        hours=int(accounts.LINK_LIVES.total_seconds() // 3600),
        error=error,
    )


def _members(unit: Unit) -> tuple[list[StaffMember], dict[str, str]]:
    """All accounts, and the names of the employers where some of them work."""
    members = list(unit.staff.all())
    known = {one.employer_id: unit.employers.get(one.employer_id) for one in members if one.employer_id}
    return members, {employer_id: firm.name for employer_id, firm in known.items() if firm}


def _roles(visit: Visit) -> frozenset[Role]:
    chosen = visit.chosen("role")
    return frozenset(role for role in Role if role.value in chosen)
