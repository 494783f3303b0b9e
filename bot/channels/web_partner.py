"""The pages of partner agencies: a link, a code, what she gave, and four things to answer. No account.

One session cookie per link, no script. Whoever has a wrong, dead, expired or unknown link sees what
somebody with a wrong code sees.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.web_forms import BadPost, FormReader, Post
from bot.conversation.hand_over_card import shown_lines
from bot.conversation.turn import Organisation
from bot.domain.civil_time import civil_day, local, plain_day
from bot.domain.clock import Clock
from bot.domain.errors import NotFound, Refused, StoreBusy, StoreFull
from bot.domain.handovers import DeclineReason, PartnerResult, PartnerStep
from bot.domain.ports import Store
from bot.services import partner_guest, transfer_package
from bot.services.case_messages import refusal
from bot.services.case_work import Desk
from bot.services.mark_copies import mark
from bot.services.partner_guest import LONGEST_WORDS, AnsweredBefore, GuestPage
from knowledge.wording_partners import PartnerWords

log = logging.getLogger("safehouse.partner")

_FOLDER = Path(__file__).with_name("web_partner_templates")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_ATTACHED = {"Content-Security-Policy": "default-src 'none'; sandbox"}
_LONGEST_TOKEN = 100
_PAGE = "/partner/{token}"


@dataclass(frozen=True, slots=True)
class PartnerHouse:
    """What the pages need. `public_url` decides on Secure cookies."""

    store: Store
    clock: Clock
    desk: Desk
    organisation: Organisation
    public_url: str

    @property
    def words(self) -> PartnerWords:
        return self.desk.wording.partners

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


Endpoint = Callable[[Request], Awaitable[Response]]


def routes(house: PartnerHouse) -> list[BaseRoute]:
    """Everything that partners open; none of it needs the web chat to be on."""
    pages = PartnerPages(house)
    return [
        Route("/partner/style.css", pages.style, methods=["GET"]),
        Route(_PAGE, pages.guarded(pages.show), methods=["GET"]),
        Route(_PAGE, pages.guarded(pages.enter), methods=["POST"]),
        Route(f"{_PAGE}/answer", pages.guarded(pages.answer), methods=["POST"]),
        Route(f"{_PAGE}/files/{{place:int}}", pages.guarded(pages.file), methods=["GET"]),
        Route(f"{_PAGE}/package", pages.guarded(pages.package), methods=["GET"]),
    ]


class PartnerPages:
    """The endpoints."""

    def __init__(self, house: PartnerHouse) -> None:
        self._house = house
        self._forms = FormReader()

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint that tells every fault in words."""

        async def run(request: Request) -> Response:
            try:
                return await endpoint(request)
            except (StoreBusy, StoreFull) as error:
                log.warning("partner page: %s", type(error).__name__)
                return self._problem("busy", 503)
            except BadPost as bad:
                return self._problem("form", bad.status)
            except NotFound:
                return self._problem("file", 404)
            except HTTPException:
                raise
            except Exception as error:  # the last place before the screen of a stranger
                log.error("partner page failed: %s", type(error).__name__)
                return self._problem("broken", 500)

        return run

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────

    async def style(self, request: Request) -> Response:
        """The stylesheet."""
        response = Response((_FOLDER / "partner.css").read_text(encoding="utf-8"), media_type="text/css")
        return _dressed(response, {"Cache-Control": "public, max-age=3600"})

    async def show(self, request: Request) -> Response:
        """The page in an open session; else the question for the code, for any link whatsoever."""
        page = await self._look(request)
        return self._page(request, page) if page else self._door(wrong=False)

    async def enter(self, request: Request) -> Response:
        """Try the code."""
        token, now = _token(request), self._house.clock.now()
        post = await self._forms.read(request)
        code, desk = post.get("code")[:100], self._house.desk
        secret = await self._house.store.write(lambda unit: partner_guest.enter(unit, token, code, now, desk))
        if secret is None:
            return self._door(wrong=True)
        response = RedirectResponse(request.url.path, status_code=303)
        response.set_cookie(
            self._cookie(token), secret, path="/", secure=self._house.secure, httponly=True, samesite="lax"
        )
        return _dressed(response)

    async def answer(self, request: Request) -> Response:
        """收到, 受理, 不受理, 结果 or a note. A second 受理 is told kindly and changes nothing."""
        token, secret, now = _token(request), self._secret(request), self._house.clock.now()
        post = await self._forms.read(request)
        if not _is_own(secret, post):
            return self._door(wrong=True)
        step = next((one for one in PartnerStep if one.value == post.get("step")), None)
        what, words, desk = post.get("what"), post.get("words"), self._house.desk
        try:
            done = await self._house.store.write(
                lambda unit: partner_guest.answer(unit, token, secret, step, what, words, now, desk)
            )
        except AnsweredBefore as before:
            return await self._again(request, 409, post, before=before)
        except Refused as refused:
            return await self._again(request, 422, post, error=refusal(desk.wording, refused))
        if done is None:
            return self._door(wrong=True)
        return _dressed(RedirectResponse(f"/partner/{token}?done={done.value}", status_code=303))

    async def file(self, request: Request) -> Response:
        """A copy of a file, marked, always as an attachment."""
        token, secret, now = _token(request), self._secret(request), self._house.clock.now()
        found = await self._house.store.write(
            lambda unit: partner_guest.take(unit, token, secret, "file", now)
        )
        if found is None:
            return self._door(wrong=True)
        hand_over, card, content = found
        place = int(request.path_params["place"])
        if not 1 <= place <= len(content.files):
            raise NotFound("file")
        row, data = await transfer_package.fetch(self._house.store, content.files[place - 1])
        text = transfer_package.mark_text(self._house.words, hand_over, card.number, now)
        marked = await asyncio.to_thread(mark, data, row.mime, text)
        name = transfer_package.file_name(card.number, place, row.mime)
        return _attached(marked, row.mime, name)

    async def package(self, request: Request) -> Response:
        """Everything at once, with a manifest."""
        token, secret, now = _token(request), self._secret(request), self._house.clock.now()
        found = await self._house.store.write(
            lambda unit: partner_guest.take(unit, token, secret, "package", now)
        )
        if found is None:
            return self._door(wrong=True)
        hand_over, card, content = found
        sender = transfer_package.Sender(self._house.organisation.name, self._house.words)
        made = await transfer_package.build(self._house.store, hand_over, card.number, content, sender, now)
        return _attached(made.data, "application/zip", made.name, {"X-Manifest-SHA256": made.manifest})

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    async def _look(self, request: Request) -> GuestPage | None:
        token, secret, now = _token(request), self._secret(request), self._house.clock.now()
        if not secret:
            return None
        return await self._house.store.write(lambda unit: partner_guest.look(unit, token, secret, now))

    async def _again(
        self,
        request: Request,
        status: int,
        post: Post,
        *,
        error: str = "",
        before: AnsweredBefore | None = None,
    ) -> Response:
        """The page again with what was typed."""
        page = await self._look(request)
        if page is None:
            return self._door(wrong=True)
        return self._page(request, page, status, error=error, before=before, typed=post.fields)

    def _page(
        self,
        request: Request,
        page: GuestPage,
        status: int = 200,
        *,
        error: str = "",
        before: AnsweredBefore | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        words, now = self._house.words, self._house.clock.now()
        done = request.query_params.get("done", "")
        return self._drawn(
            "page.html",
            status,
            page=page,
            said=words,
            lines=shown_lines(words, page.content),
            mark=transfer_package.mark_text(words, page.hand_over, page.number, now),
            until=plain_day(civil_day(page.hand_over.until)),
            form_token=_form_token(self._secret(request)),
            here=f"/partner/{_token(request)}",
            done=words.steps.get(done, ""),
            error=error,
            before=before.earlier if before else None,
            typed=dict(typed or {}),
            steps={one.step for one in page.answers},
            reasons=list(DeclineReason),
            results=list(PartnerResult),
            longest=LONGEST_WORDS,
        )

    def _door(self, *, wrong: bool) -> Response:
        """Asks for the code. The same for every link and every reason."""
        return self._drawn("door.html", 403 if wrong else 200, wrong=wrong)

    def _problem(self, reason: str, status: int) -> Response:
        return self._drawn("problem.html", status, reason=reason)

    def _drawn(self, template: str, status: int, **values: Any) -> Response:
        shown = _templates().get_template(template).render(house=self._house.organisation, **values)
        return _dressed(HTMLResponse(shown, status))

    def _cookie(self, token: str) -> str:
        """A name for each link, so that two cases can be open beside each other."""
        name = f"partner-{hashlib.sha256(token.encode()).hexdigest()[:12]}"
        return f"__Host-{name}" if self._house.secure else name

    def _secret(self, request: Request) -> str:
        return request.cookies.get(self._cookie(_token(request)), "")[:_LONGEST_TOKEN]


def _token(request: Request) -> str:
    return str(request.path_params["token"])[:_LONGEST_TOKEN]


def _form_token(secret: str) -> str:
    """What a form of this session must bring back; cannot be made without the cookie."""
    return hmac.new(secret.encode(), b"partner form", hashlib.sha256).hexdigest()


def _is_own(secret: str, post: Post) -> bool:
    return bool(secret) and hmac.compare_digest(_form_token(secret).encode(), post.get("token").encode())


def _attached(data: bytes, mime: str, name: str, more: Mapping[str, str] | None = None) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', **_ATTACHED, **(more or {})}
    return _dressed(Response(data, media_type=mime), headers)


def _dressed(response: Response, own: Mapping[str, str] | None = None) -> Response:
    """With the headers that every answer carries; `own` ones go before them."""
    for name, value in {**_HEADERS, **(own or {})}.items():
        response.headers[name] = value
    return response


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["clock"] = lambda at: f"{local(at):%Y-%m-%d %H:%M}"
    return made
