"""The desk's acts and pages for taking a case down, doubles, group cases."""

from starlette.responses import Response

from bot.console import intake_pages
from bot.console.case_acts import act
from bot.console.case_pages import case_page
from bot.console.guard import Entry, Visit, Who, back, refusal
from bot.domain.cases import EventKind
from bot.domain.errors import Refused
from bot.domain.staff import Power
from bot.services import doubles, group_cases, take_down_case
from bot.services.doubles import Checked


async def merge(visit: Visit) -> Response:
    """Join this case with another one; on to the one where the work goes on."""
    case_id, now, deps = visit.path("case_id"), visit.deps.clock.now(), visit.deps
    checked = next((one for one in Checked if one.value == visit.field("checked")), None)
    if checked is Checked.SAME_PLACE:  # only the store may say so
        checked = None
    try:
        card = await deps.store.write(
            lambda unit: doubles.merge(
                unit, visit.actor, case_id, visit.field("other"), checked, now, deps.desk
            )
        )
    except Refused as refused:
        return await _refused(visit, refused, "merge")
    return back(f"/cases/{card.id}", "merged")


async def unmerge(visit: Visit) -> Response:
    """Take it apart again."""
    return await act(visit, "unmerge", "unmerged", lambda unit, case, now, desk: doubles.unmerge(
        unit, visit.actor, case, now, desk))  # fmt: skip


async def start_group(visit: Visit) -> Response:
    """Make a group case; on to its page."""
    case_id, now, deps = visit.path("case_id"), visit.deps.clock.now(), visit.deps
    try:
        parent = await deps.store.write(
            lambda unit: group_cases.start(unit, visit.actor, case_id, visit.field("text"), now, deps.desk)
        )
    except Refused as refused:
        return await _refused(visit, refused, "group")
    return back(f"/cases/{parent.id}", "group_started")


async def join_group(visit: Visit) -> Response:
    """Put the case into a group."""
    return await act(visit, "join", "group_joined", lambda unit, case, now, desk: group_cases.join(
        unit, visit.actor, case, visit.field("parent"), now, desk))  # fmt: skip


async def leave_group(visit: Visit) -> Response:
    """Take the case out of its group."""
    return await act(visit, "leave", "group_left", lambda unit, case, now, desk: group_cases.leave(
        unit, visit.actor, case, now, desk))  # fmt: skip


async def group_drafts(visit: Visit) -> Response:
    """Write the same draft into every child."""
    kind = EventKind.ASK_MORE if visit.field("kind") == "ask_more" else EventKind.REPLY
    return await act(visit, "group_draft", "group_drafted", lambda unit, case, now, desk:
        group_cases.write_to_all(unit, visit.actor, case, visit.field("text"), now, desk, kind,
        advice=bool(visit.field("advice"))),
        anchor="#group")  # fmt: skip


async def group_send(visit: Visit) -> Response:
    """Send the drafts that were ticked, each in a unit of its own: one that is refused holds up none."""
    case_id, now, deps = visit.path("case_id"), visit.deps.clock.now(), visit.deps
    refused: list[Refused] = []
    wanted = visit.chosen("draft")
    for draft_id in wanted or ("",):
        try:
            await deps.store.write(
                lambda unit, one=draft_id: group_cases.send_to_one(  # type: ignore[misc]
                    unit, visit.actor, case_id, one, now, deps.desk
                )
            )
        except Refused as reason:
            refused.append(reason)
    if refused:
        words = deps.wording.intake.part_unsent
        why = "".join(dict.fromkeys(refusal(deps, one) for one in refused))
        return await case_page(
            visit, 422, error=words.format(count=len(refused), why=why), form="group_send", typed=visit.form
        )
    return back(f"/cases/{case_id}", "group_sent")


async def she_spoke(visit: Visit) -> Response:
    """She herself said that she wants it so."""
    return await act(visit, "spoke", "spoke", lambda unit, case, now, desk: take_down_case.she_spoke(
        unit, visit.actor, case, now, desk))  # fmt: skip


async def _refused(visit: Visit, refused: Refused, form: str) -> Response:
    status = 409 if refused.reason == "changed" else 422
    return await case_page(visit, status, error=refusal(visit.deps, refused), form=form, typed=visit.form)


_CASE = "/cases/{case_id}"
_INTAKE, _MOVE, _REPLY = frozenset({Power.INTAKE}), frozenset({Power.MOVE}), frozenset({Power.REPLY})
ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/cases/new", _INTAKE, intake_pages.show_form),
    Entry("POST", "/cases/new", _INTAKE, intake_pages.take_down),
    Entry("GET", "/address.svg", Who.SIGNED_IN, intake_pages.address_code),
    Entry("GET", f"{_CASE}/slip", _INTAKE, intake_pages.show_slip),
    Entry("POST", f"{_CASE}/merge", _MOVE, merge),
    Entry("POST", f"{_CASE}/unmerge", _MOVE, unmerge),
    Entry("POST", f"{_CASE}/group", _MOVE, start_group),
    Entry("POST", f"{_CASE}/group/join", _MOVE, join_group),
    Entry("POST", f"{_CASE}/group/leave", _MOVE, leave_group),
    Entry("POST", f"{_CASE}/group/drafts", _REPLY, group_drafts),
    Entry("POST", f"{_CASE}/group/send", _REPLY, group_send),
    Entry("POST", f"{_CASE}/spoke", _REPLY, she_spoke),
)
