"""Every address of the desk with the power it needs: the one table, nothing is reachable without a row."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.console import (
    case_acts,
    case_list,
    case_pages,
    clock_acts,
    closing_acts,
    content_home,
    content_laws,
    content_topics,
    content_try,
    content_unanswered,
    deadline_acts,
    duty_pages,
    employer_pages,
    figure_pages,
    home,
    house_pages,
    intake_acts,
    login,
    partner_acts,
    staff_pages,
    team_acts,
)
from bot.console.deps import ConsoleDeps
from bot.console.guard import BASE, Entry, Visit, Who, guarded
from bot.console.headers import StrictHeaders
from bot.console.pages import error_page
from bot.domain.errors import NotFound
from bot.domain.staff import Power

_STATIC = Path(__file__).parent / "static"
_STATIC_FILES = {"console.css": "text/css", "console.js": "text/javascript"}


def _needs(*powers: Power) -> frozenset[Power]:
    """Any one of these."""
    return frozenset(powers)


async def static(visit: Visit) -> Response:
    """The stylesheet and the script."""
    name = visit.path("name")
    if name not in _STATIC_FILES:
        raise NotFound("static")
    headers = {"cache-control": "no-cache"}
    return FileResponse(_STATIC / name, media_type=_STATIC_FILES[name], headers=headers)


_OPEN = _needs(Power.OPEN_UNCLAIMED, Power.OPEN_ASSIGNED, Power.OPEN_ALL)
_CONTENT = _needs(Power.SEE_CONTENT)
_CASE = "/cases/{case_id}"
_MEMBER = "/staff/{staff_id}"
TABLE: tuple[Entry, ...] = (
    Entry("GET", "/static/{name}", Who.ANYONE, static),
    Entry("GET", "/login", Who.ANYONE, login.show_login),
    Entry("POST", "/login", Who.ANYONE, login.login),
    Entry("GET", "/setup/{token}", Who.ANYONE, login.show_setup),
    Entry("POST", "/setup/{token}", Who.ANYONE, login.setup),
    Entry("GET", "/setup/{token}/code.svg", Who.ANYONE, login.setup_code),
    Entry("POST", "/logout", Who.SIGNED_IN, login.logout),
    Entry("GET", "/", Who.SIGNED_IN, home.home),
    Entry("GET", "/chart.svg", _needs(Power.SEE_FIGURES), home.chart),
    Entry("GET", "/cases", _needs(Power.LIST_CASES), case_list.show_list),
    Entry("GET", "/cases-stream", _needs(Power.LIST_CASES), case_list.stream),
    *intake_acts.ENTRIES,
    Entry("GET", _CASE, _OPEN, case_pages.show_case),
    Entry("GET", f"{_CASE}/stream", _OPEN, case_pages.stream),
    Entry("GET", f"{_CASE}/files/{{file_id}}", _OPEN, case_pages.download),
    Entry("POST", f"{_CASE}/writing", _needs(Power.REPLY), case_pages.writing),
    Entry("POST", f"{_CASE}/claim", _needs(Power.CLAIM), case_acts.claim),
    Entry("POST", f"{_CASE}/assign", _needs(Power.ASSIGN), case_acts.assign),
    Entry("POST", f"{_CASE}/notes", _needs(Power.NOTE), case_acts.note),
    Entry("POST", f"{_CASE}/drafts", _needs(Power.REPLY), case_acts.draft),
    Entry("POST", f"{_CASE}/drafts/{{draft_id}}/send", _needs(Power.REPLY), case_acts.send),
    Entry("POST", f"{_CASE}/drafts/{{draft_id}}/drop", _needs(Power.REPLY), case_acts.drop),
    Entry("POST", f"{_CASE}/move", _needs(Power.MOVE), case_acts.move),
    *clock_acts.ENTRIES,
    *deadline_acts.ENTRIES,
    *team_acts.ENTRIES,
    *partner_acts.ENTRIES,
    *closing_acts.ENTRIES,
    *employer_pages.ENTRIES,
    *duty_pages.ENTRIES,
    *figure_pages.ENTRIES,
    Entry("GET", "/content", _CONTENT, content_home.overview),
    Entry("GET", "/content/topics", _CONTENT, content_topics.show_topics),
    Entry("GET", "/content/topics/{topic}", _CONTENT, content_topics.show_topic),
    Entry("GET", "/content/try", _CONTENT, content_try.show_form),
    Entry("POST", "/content/try", _CONTENT, content_try.ask),
    Entry("GET", "/content/unanswered", _CONTENT, content_unanswered.show_unanswered),
    Entry("POST", "/content/unanswered/done", _CONTENT, content_unanswered.mark_done),
    Entry("GET", "/content/laws", _CONTENT, content_laws.show_laws),
    Entry("GET", "/content/laws/{law}", _CONTENT, content_laws.show_law),
    Entry("GET", "/content/teaching", _CONTENT, content_laws.show_teaching),
    Entry("GET", "/content/teaching/{kind}/{item}", _CONTENT, content_laws.show_item),
    Entry("GET", "/contest", _needs(Power.SEE_CONTEST), house_pages.contest),
    Entry("GET", "/operations", _needs(Power.SEE_OPERATIONS), house_pages.operations),
    Entry("GET", "/audit", _needs(Power.SEE_AUDIT), house_pages.audit),
    Entry("GET", "/staff", _needs(Power.MANAGE_STAFF), staff_pages.show_staff),
    Entry("POST", "/staff", _needs(Power.MANAGE_STAFF), staff_pages.invite),
    Entry("POST", f"{_MEMBER}/roles", _needs(Power.MANAGE_STAFF), staff_pages.roles),
    Entry("POST", f"{_MEMBER}/disable", _needs(Power.MANAGE_STAFF), staff_pages.disable),
    Entry("POST", f"{_MEMBER}/enable", _needs(Power.MANAGE_STAFF), staff_pages.enable),
    Entry("POST", f"{_MEMBER}/reset", _needs(Power.MANAGE_STAFF), staff_pages.reset),
    Entry("POST", f"{_MEMBER}/employer", _needs(Power.MANAGE_STAFF), staff_pages.employer),
    Entry("GET", "/account", Who.SIGNED_IN, staff_pages.show_account),
    Entry("POST", "/account/telegram", Who.SIGNED_IN, staff_pages.telegram_code),
    Entry("POST", "/account/telegram/unbind", Who.SIGNED_IN, staff_pages.unbind_telegram),
    Entry("POST", "/account/password", Who.SIGNED_IN, staff_pages.change_password),
)


def console_app(deps: ConsoleDeps) -> Starlette:
    """The desk as an ASGI app; the house mounts it under /console."""

    async def not_there(request: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code) if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        return error_page(deps, status)

    async def broken(request: Request, error: Exception) -> Response:
        return error_page(deps, HTTPStatus.INTERNAL_SERVER_ERROR)

    return Starlette(
        routes=_routes_in_table(deps),
        middleware=[Middleware(StrictHeaders, secure=deps.secure)],
        exception_handlers={HTTPException: not_there, Exception: broken},
    )


def routes(deps: ConsoleDeps) -> list[BaseRoute]:
    """What the house adds to its routes."""
    return [Mount(BASE, app=console_app(deps))]


def _routes_in_table(deps: ConsoleDeps) -> list[BaseRoute]:
    """One route a path, so that a wrong method is told as such."""
    made: list[BaseRoute] = []
    for path in dict.fromkeys(entry.path for entry in TABLE):
        by_method = {entry.method: guarded(entry, deps) for entry in TABLE if entry.path == path}

        async def endpoint(request: Request, by_method: dict[str, Any] = by_method) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            response: Response = await by_method[method](request)
            return response

        made.append(Route(path, endpoint, methods=list(by_method)))
    return made
