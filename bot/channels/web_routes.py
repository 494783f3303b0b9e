"""The addresses of the web chat, and the last answer to anything that goes wrong behind them."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.channels.web_handbook import Handbook
from bot.channels.web_pages import HEADERS, STATIC, Pages
from bot.channels.web_posts import Posts
from bot.channels.web_reading import Reading
from bot.channels.web_session import Cookies
from bot.channels.webchat import Web, what_and_where
from bot.domain.errors import StoreBusy, StoreFull

log = logging.getLogger("safehouse.web")

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(web: Web) -> list[BaseRoute]:
    """Everything the web chat answers; mount it at the root."""
    cookies = Cookies(web.public_url)
    pages = Pages(web, cookies)
    reading = Reading(web, pages, cookies)
    posts = Posts(web, pages, cookies, reading)
    gets: dict[str, Endpoint] = {
        "/": reading.page,
        "/talk": reading.talk,
        "/stream": reading.stream,
        "/case": reading.case,
        "/away": reading.away,
        "/healthz": reading.healthz,
    }
    if web.knowledge is not None:
        handbook = Handbook(web, pages, web.knowledge)
        gets |= {"/handbook": handbook.contents, "/handbook/{category}": handbook.chapter}
    acts: dict[str, Endpoint] = {
        "/say": posts.say,
        "/tap": posts.tap,
        "/case": posts.case,
        "/look": posts.look,
        "/leave": posts.leave,
    }
    return [
        *(Route(path, _guarded(pages, endpoint), methods=["GET"]) for path, endpoint in gets.items()),
        *(Route(path, _guarded(pages, endpoint), methods=["POST"]) for path, endpoint in acts.items()),
        *(Route(path, _leads_to(pages, "/"), methods=["GET"]) for path in ("/say", "/tap", "/look")),
        Route("/leave", _leads_to(pages, "/away"), methods=["GET"]),
        Route("/favicon.ico", _nothing(pages), methods=["GET"]),
        Mount("/static", _Static(directory=STATIC), name="static"),
    ]


def problem_pages(web: Web) -> Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]:
    """Exception handlers for the whole app: what nobody answers is answered in words."""
    pages = Pages(web, Cookies(web.public_url))

    async def unanswered(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        reason = {404: "not_found", 405: "not_found"}.get(status, "failure")
        return pages.problem(request, reason, status)

    return {404: unanswered, 405: unanswered, 500: unanswered}


def _guarded(pages: Pages, endpoint: Endpoint) -> Endpoint:
    """An endpoint that never shows a fault as code; what she sent and we kept stays kept."""

    async def guarded(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (StoreFull, StoreBusy) as error:
            log.error("%s %s: %s", request.method, request.url.path, type(error).__name__)
            return pages.problem(request, "store", 503)
        except HTTPException:
            raise
        except Exception as error:  # the last place before her screen
            log.error("%s %s failed: %s", request.method, request.url.path, what_and_where(error))
            return pages.problem(request, "failure", 500)

    return guarded


def _leads_to(pages: Pages, page: str) -> Endpoint:
    """The address of a form, opened as a page: nothing is done, it leads on."""

    async def lead(request: Request) -> Response:
        return pages.dressed(Response(status_code=303, headers={"Location": page}))

    return lead


def _nothing(pages: Pages) -> Endpoint:
    """Browsers ask for an icon even from the page that has nothing of ours."""

    async def nothing(request: Request) -> Response:
        return pages.dressed(Response(status_code=204))

    return nothing


class _Static(StaticFiles):
    """Our stylesheet, script and icon; their addresses change with their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response
