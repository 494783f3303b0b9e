"""Signing in and out, and setting up an account by its one-time link."""

import io

from starlette.responses import RedirectResponse, Response

from bot.console.deps import ConsoleDeps
from bot.console.guard import BASE, Visit, form_cookie, refusal, session_cookie, set_cookie
from bot.domain.errors import Refused
from bot.domain.ports import Unit
from bot.services import accounts
from bot.services.one_time_codes import address_of


async def show_login(visit: Visit) -> Response:
    """The sign-in form."""
    return visit.show("login.html", name="", onward=_onward(visit.request.query_params.get("next", "")))


async def login(visit: Visit) -> Response:
    """Check name, password and code; the session gets an id that the browser never had before."""
    onward = _onward(visit.field("next"))
    old = visit.request.cookies.get(session_cookie(visit.deps))
    try:
        token = await visit.deps.signing_in.sign_in(
            visit.field("name"), visit.field("password"), visit.field("code"), visit.address, old
        )
    except Refused as refused:
        return visit.show(
            "login.html",
            429 if refused.reason == "too_many" else 403,
            name=visit.field("name")[: accounts.LONGEST_NAME],
            onward=onward,
            error=refusal(visit.deps, refused),
        )
    response = RedirectResponse(f"{BASE}{onward}", status_code=303)
    set_cookie(visit.deps, response, session_cookie(visit.deps), token)
    response.delete_cookie(form_cookie(visit.deps), path="/", secure=visit.deps.secure, httponly=True)
    return response


async def logout(visit: Visit) -> Response:
    """End this session."""
    now = visit.deps.clock.now()
    actor = visit.actor

    def end(unit: Unit) -> None:
        unit.audit.append(actor.id, "sign_out", actor.id, now)
        unit.staff.end_sessions(actor.id, visit.token)

    await visit.deps.store.write(end)
    return drop_session(visit.deps, RedirectResponse(f"{BASE}/login", status_code=303))


def drop_session(deps: ConsoleDeps, response: Response) -> Response:
    """The browser forgets the session and what it has cached."""
    response.delete_cookie(session_cookie(deps), path="/", secure=deps.secure, httponly=True)
    response.headers["clear-site-data"] = '"cache"'
    return response


async def show_setup(visit: Visit) -> Response:
    """Name, password and second factor; the link is not used up by looking."""
    return await _setup_page(visit)


async def setup(visit: Visit) -> Response:
    """Finish the account and go on to the sign-in form."""
    token = visit.path("token")
    try:
        await visit.deps.signing_in.set_up(
            token, visit.field("name"), visit.field("password"), visit.field("code"), visit.address
        )
    except Refused as refused:
        return await _setup_page(visit, refused)
    return RedirectResponse(f"{BASE}/login?done=set_up", status_code=303)


async def setup_code(visit: Visit) -> Response:
    """The second factor's secret as a QR code: an image of its own, so that the page needs no inline data."""
    import segno  # lazily: needed once an account

    offer = await _offer(visit)
    address = address_of(offer.totp_secret, offer.name or visit.deps.organisation, visit.deps.bot_name)
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=4, dark="#111", light="#fff")
    return Response(out.getvalue(), media_type="image/svg+xml")


async def _setup_page(visit: Visit, refused: Refused | None = None) -> Response:
    offer = await _offer(visit)
    status = 200 if refused is None else 429 if refused.reason == "too_many" else 422
    return visit.show(
        "setup.html",
        status,
        offer=offer,
        token=visit.path("token"),
        name=visit.field("name"),
        groups=[offer.totp_secret[at : at + 4] for at in range(0, len(offer.totp_secret), 4)],
        roles=sorted(offer.roles),
        shortest=accounts.SHORTEST_PASSWORD,
        error=refusal(visit.deps, refused) if refused else "",
    )


async def _offer(visit: Visit) -> accounts.SetupOffer:
    now = visit.deps.clock.now()
    token = visit.path("token")
    return await visit.deps.store.write(lambda unit: accounts.open_setup(unit, token, now))


def _onward(wanted: str) -> str:
    """Only to a case of ours: an address from outside leads nowhere else."""
    here = wanted.removeprefix(BASE)
    plain = here.startswith("/cases/") and here.replace("/", "").replace("-", "").replace("_", "").isalnum()
    return here if plain and here.isascii() and "//" not in here else "/"
