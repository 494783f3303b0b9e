"""The desk's acts and pages for handing over to partner agencies and joint sessions."""

from datetime import UTC, date, datetime

from starlette.responses import Response

from bot.console.case_acts import act, seen_version
from bot.console.case_pages import case_page
from bot.console.guard import Entry, Visit, refusal
from bot.console.panel_partners import rule_labels
from bot.domain.civil_time import SHANGHAI, civil_day
from bot.domain.errors import Refused
from bot.domain.handovers import Agency, Field, OralConsent, Purpose, SessionRole
from bot.domain.staff import Power
from bot.services import hand_over, joint_session, transfer_package
from bot.services.partner_directory import agencies

_ANCHOR = "#partners"


async def propose(visit: Visit) -> Response:
    """Ask her whether it may go there."""
    return await act(visit, "handover", "handover_proposed", lambda unit, case, now, desk: hand_over.propose(
        unit, visit.actor, case, _proposal(visit, now), now, desk, seen=seen_version(visit)),
        anchor=_ANCHOR)  # fmt: skip


async def oral(visit: Visit) -> Response:
    """Write down the consent that she gave by word of mouth."""
    how = next((one for one in OralConsent if one.value == visit.field("how")), None)
    refused = frozenset(one for one in Field if visit.field(f"keep-{one.value}"))
    return await act(visit, "oral", "handover_oral", lambda unit, case, now, desk: hand_over.record_oral(
        unit, visit.actor, case, visit.path("handover_id"), how, refused, now, desk),
        anchor=_ANCHOR)  # fmt: skip


async def cancel(visit: Visit) -> Response:
    """Take it back, or stop it."""
    return await act(visit, "handover_act", "handover_cancelled", lambda unit, case, now, desk: (
        hand_over.cancel(unit, visit.actor, case, visit.path("handover_id"), now, desk)),
        anchor=_ANCHOR)  # fmt: skip


async def urge(visit: Visit) -> Response:
    """The agency was reminded."""
    return await act(visit, "handover_act", "handover_urged", lambda unit, case, now, desk: hand_over.urge(
        unit, visit.actor, case, visit.path("handover_id"), now, desk), anchor=_ANCHOR)  # fmt: skip


async def link(visit: Visit) -> Response:
    """A new link and its code; the answer to this very post is the only place where they are shown."""
    deps, now = visit.deps, visit.deps.clock.now()
    case_id, hand_over_id, seen = visit.path("case_id"), visit.path("handover_id"), seen_version(visit)
    try:
        made = await deps.store.write(
            lambda unit: hand_over.make_link(
                unit, visit.actor, case_id, hand_over_id, now, deps.desk, seen=seen
            )
        )
    except Refused as refused:
        return await case_page(
            visit, 409 if refused.reason == "changed" else 422,
            error=refusal(deps, refused), form="handover_act", typed=visit.form,
        )  # fmt: skip
    address = f"{deps.public_url.rstrip('/')}/partner/{made.token}"
    return visit.show("partner_link.html", made=made, address=address, case_id=case_id)


async def package(visit: Visit) -> Response:
    """The transfer package, to carry or send to the agency."""
    deps, now = visit.deps, visit.deps.clock.now()
    case_id, hand_over_id = visit.path("case_id"), visit.path("handover_id")
    card, found, content = await deps.store.write(
        lambda unit: hand_over.package_content(unit, visit.actor, case_id, hand_over_id, now)
    )
    sender = transfer_package.Sender(deps.organisation, deps.wording.partners)
    made = await transfer_package.build(deps.store, found, card.number, content, sender, now)
    return Response(
        made.data,
        media_type="application/zip",
        headers={
            "content-disposition": f'attachment; filename="{made.name}"',
            "content-security-policy": "default-src 'none'; sandbox",
            "x-manifest-sha256": made.manifest,
        },
    )


async def plan(visit: Visit) -> Response:
    """Fix a joint session."""
    roles = {one.value: one for one in SessionRole}
    people = tuple(
        (one.name, roles.get(visit.field(f"role-{one.id}"), SessionRole.MEMBER))
        for one in _agencies(visit, visit.deps.clock.now())
        if visit.field(f"with-{one.id}")
    )
    wanted = joint_session.Plan(_moment(visit.field("at")), visit.field("place"), visit.field("text"), people)
    return await act(visit, "joint", "session_planned", lambda unit, case, now, desk: joint_session.plan(
        unit, visit.actor, case, wanted, now, desk), anchor=_ANCHOR)  # fmt: skip


async def hold(visit: Visit) -> Response:
    """Keep what came of a joint session."""
    agreement = {"yes": True, "no": False}.get(visit.field("agreement"))
    return await act(visit, "joint_held", "session_held", lambda unit, case, now, desk: joint_session.hold(
        unit, visit.actor, case, visit.path("session_id"), agreement, _day(visit.field("agreed_on")),
        visit.field("text"), now, desk), anchor=_ANCHOR)  # fmt: skip


async def call_off(visit: Visit) -> Response:
    """The joint session does not take place."""
    return await act(visit, "joint_held", "session_cancelled", lambda unit, case, now, desk: (
        joint_session.cancel(unit, visit.actor, case, visit.path("session_id"), now, desk)),
        anchor=_ANCHOR)  # fmt: skip


def _proposal(visit: Visit, now: datetime) -> hand_over.Proposal:
    agency = next((one for one in _agencies(visit, now) if one.id == visit.field("agency")), None)
    if agency is None:
        raise Refused("agency")
    purpose = next((one for one in Purpose if one.value == visit.field("purpose")), None)
    if purpose is None:
        raise Refused("purpose")
    days = visit.field("days").strip()
    chosen = frozenset(one for one in Field if visit.field(f"field-{one.value}"))
    return hand_over.Proposal(
        agency,
        purpose,
        chosen,
        int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0,
        rule_labels(visit.deps),
    )


def _agencies(visit: Visit, now: datetime) -> tuple[Agency, ...]:
    deps = visit.deps
    return agencies(deps.knowledge.region.directory, deps.wording.partners, civil_day(now))


def _moment(written: str) -> datetime | None:
    """A clock time in Asia/Shanghai as a form writes it, as an aware UTC instant."""
    try:
        return datetime.fromisoformat(written.strip()).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:
        return None


_NEEDS = frozenset({Power.HAND_OVER})
_HAND_OVERS = "/cases/{case_id}/handovers"
_ONE = f"{_HAND_OVERS}/{{handover_id}}"
_SESSIONS = "/cases/{case_id}/joint"
ENTRIES: tuple[Entry, ...] = (
    Entry("POST", _HAND_OVERS, _NEEDS, propose),
    Entry("POST", f"{_ONE}/oral", _NEEDS, oral),
    Entry("POST", f"{_ONE}/cancel", _NEEDS, cancel),
    Entry("POST", f"{_ONE}/urge", _NEEDS, urge),
    Entry("POST", f"{_ONE}/link", _NEEDS, link),
    Entry("GET", f"{_ONE}/package", _NEEDS, package),
    Entry("POST", _SESSIONS, _NEEDS, plan),
    Entry("POST", f"{_SESSIONS}/{{session_id}}/held", _NEEDS, hold),
    Entry("POST", f"{_SESSIONS}/{{session_id}}/cancel", _NEEDS, call_off),
)
