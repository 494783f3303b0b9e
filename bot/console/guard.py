"""What stands before every page: session, power, origin, form token; what stands on every answer: headers."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.console.deps import ConsoleDeps
from bot.console.pages import error_page, render
from bot.domain.errors import MoveNotAllowed, NotAllowed, NotFound, Refused, StoreBusy, StoreFull
from bot.domain.ports import Unit
from bot.domain.staff import Power, StaffMember
from bot.services import case_messages
from bot.services.sign_in import AT_MOST_S, IDLE_S

log = logging.getLogger("safehouse.console")

BASE = "/console"
_LARGEST_FORM = 1_000_000
_MOST_FIELDS = 100
_LONGEST_TOKEN = 100


class Who(StrEnum):
    """Access that is not a power."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"


Access = Who | frozenset[Power]  # any one of the powers


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at one page, after the guard. `csrf` goes into every form of the answer."""

    request: Request
    deps: ConsoleDeps
    member: StaffMember | None
    token: str
    csrf: str
    form: Mapping[str, str]
    many: tuple[tuple[str, str], ...] = ()
    waiting: int = 0  # notices that the member has not read

    @property
    def actor(self) -> StaffMember:
        """Who is signed in; pages for anyone must not ask."""
        if self.member is None:
            raise NotFound("session")
        return self.member

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def field(self, name: str) -> str:
        """A field of the form, "" where it is missing."""
        return self.form.get(name, "")

    def chosen(self, name: str) -> tuple[str, ...]:
        """All values of a field that may come several times."""
        return tuple(value for key, value in self.many if key == name)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page for this visit."""
        done = self.deps.wording.done(self.request.query_params.get("done", ""))
        values = {"done": done, "error": "", "waiting": self.waiting, **values}
        return render(self.deps, template, member=self.member, status=status, csrf=self.csrf, **values)

    @property
    def address(self) -> str:
        """Where the request comes from, as the server sees it."""
        return self.request.client.host if self.request.client else "unknown"


Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the route table: nothing is reachable without one."""

    method: str
    path: str
    access: Access
    handler: Handler


def guarded(entry: Entry, deps: ConsoleDeps) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of an entry."""

    async def endpoint(request: Request) -> Response:
        try:
            return await _enter(entry, deps, request)
        except (StoreBusy, StoreFull):
            log.warning("store takes nothing now", extra={"path": entry.path})
            return error_page(deps, HTTPStatus.SERVICE_UNAVAILABLE)

    return endpoint


async def _enter(entry: Entry, deps: ConsoleDeps, request: Request) -> Response:
    cookie = session_cookie(deps) if entry.access is not Who.ANYONE else form_cookie(deps)
    token = request.cookies.get(cookie, "")
    pairs: tuple[tuple[str, str], ...] = ()
    if entry.method == "POST":
        read = await _read_form(request)
        if read is None:
            return error_page(deps, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        pairs = read
    fields = dict(pairs)
    member, waiting = None, 0
    if entry.access is not Who.ANYONE:
        member, waiting = await _who(deps, token)
        if member is None:
            return await _sign_in_first(deps, request, token, fields)
    elif not token:
        token = secrets.token_urlsafe(32)
    csrf = form_token(token)
    if entry.method == "POST" and not (_same_origin(deps, request) and _same(fields.get("csrf", ""), csrf)):
        return error_page(deps, HTTPStatus.FORBIDDEN, typed=fields.get("text", ""))
    visit = Visit(request, deps, member, token, csrf, fields, pairs, waiting)
    response = await _answer(entry, visit)
    if entry.access is Who.ANYONE and request.cookies.get(cookie) != token:
        set_cookie(deps, response, cookie, token)
    return response


async def _answer(entry: Entry, visit: Visit) -> Response:
    typed = visit.field("text")
    try:
        if isinstance(entry.access, frozenset) and not any(visit.actor.may(one) for one in entry.access):
            raise NotAllowed(entry.path)
        return await entry.handler(visit)
    except (NotFound, NotAllowed):
        return error_page(visit.deps, HTTPStatus.NOT_FOUND, visit.member, typed=typed)
    except MoveNotAllowed:
        return error_page(visit.deps, HTTPStatus.CONFLICT, visit.member, typed=typed)
    except Refused as refused:
        status = (
            HTTPStatus.TOO_MANY_REQUESTS if refused.reason == "too_many" else HTTPStatus.UNPROCESSABLE_ENTITY
        )
        said = refusal(visit.deps, refused)
        return error_page(visit.deps, status, visit.member, said=said, typed=typed)


def refusal(deps: ConsoleDeps, refused: Refused) -> str:
    """The words for a refusal."""
    return case_messages.refusal(deps.wording, refused)


def back(path: str, done: str = "") -> Response:
    """See other: a page after an act. `done` is a key of a `done` in the wording."""
    return RedirectResponse(f"{BASE}{path}" + (f"?done={quote(done)}" if done else ""), status_code=303)


# ── cookies and tokens ───────────────────────────────────────────────────────────────────────────────


def session_cookie(deps: ConsoleDeps) -> str:
    """Name of the session's cookie; __Host- forbids other hosts and paths to set it."""
    return "__Host-desk" if deps.secure else "desk"


def form_cookie(deps: ConsoleDeps) -> str:
    """Name of the cookie that protects the forms before a session exists."""
    return "__Host-desk-form" if deps.secure else "desk-form"


def set_cookie(deps: ConsoleDeps, response: Response, name: str, value: str) -> None:
    """For this browser session only. Lax: the bell's link must find her signed in."""
    response.set_cookie(name, value, path="/", secure=deps.secure, httponly=True, samesite="lax")


def form_token(cookie: str) -> str:
    """What a form of this session must bring back; cannot be made without the cookie."""
    return hmac.new(cookie.encode(), b"desk form", hashlib.sha256).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


async def _who(deps: ConsoleDeps, token: str) -> tuple[StaffMember | None, int]:
    """Who holds the session, and how many notices wait for her."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None, 0
    now = deps.clock.now()

    def read(unit: Unit) -> tuple[StaffMember | None, int]:
        member = unit.staff.session(token, now, IDLE_S, AT_MOST_S)
        if member is None or not member.active:
            return None, 0
        return member, unit.duty.waiting(member.id)

    return await deps.store.write(read)


async def still_there(deps: ConsoleDeps, token: str) -> StaffMember | None:
    """Like the guard, for a stream that stays open: a reading unit does not count as activity."""
    now = deps.clock.now()
    member = await deps.store.read(lambda unit: unit.staff.session(token, now, IDLE_S, AT_MOST_S))
    return member if member is not None and member.active else None


async def _sign_in_first(
    deps: ConsoleDeps, request: Request, token: str, fields: Mapping[str, str]
) -> Response:
    """To the sign-in page; what somebody typed into a session that ended meanwhile is shown again.

    Whose account was switched off is told so: signing in again would not help.
    """
    known = 0 < len(token) <= _LONGEST_TOKEN
    stopped = known and await deps.store.read(lambda unit: unit.staff.is_shut(token))
    if request.method == "POST" or stopped:
        typed = fields.get("text", "")
        return error_page(deps, HTTPStatus.UNAUTHORIZED, typed=typed, stopped=stopped)
    here = request.url.path
    onward = f"?next={quote(here)}" if here.startswith(f"{BASE}/cases/") else ""
    return RedirectResponse(f"{BASE}/login{onward}", status_code=303)


# ── what comes in ────────────────────────────────────────────────────────────────────────────────────


def _same_origin(deps: ConsoleDeps, request: Request) -> bool:
    """Browsers say where a form was sent from; another site's is refused even with a right token."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = urlsplit(deps.public_url).netloc
    return urlsplit(origin).netloc in {ours, request.headers.get("host", ours)}


async def _read_form(request: Request) -> tuple[tuple[str, str], ...] | None:
    """The fields of an urlencoded form; None where it is too large. Other bodies have no fields."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return None
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ()
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return ()
    return tuple((key, value.replace("\x00", "")) for key, value in pairs)
