"""Draws the pages: templates, headers, the welcome of an empty page, words for what went wrong."""

import hashlib
import secrets
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from bot.channels.web_session import Cookies, Visitor
from bot.channels.web_talk import Shown, arrange, dialled, write_order
from bot.channels.webchat import Web
from bot.conversation.actions import Do, act
from bot.domain.civil_time import local
from bot.domain.ports_talk import TalkLine
from bot.domain.reply import Button, Reply

_HERE = Path(__file__).parent
STATIC = _HERE / "web_static"
TEMPLATES = _HERE / "web_templates"
_POLICY = (
    "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), interest-cohort=()",
    "Cache-Control": "no-store",
}
_STRICT_TRANSPORT = "max-age=31536000"
_LONG_WORDS = 600


def wants_fragment(request: Request) -> bool:
    """Whether our own script asks (it says so in a header), not a browser going to a page."""
    return request.headers.get("x-chat") == "1"


class Pages:
    """The look of the web chat."""

    def __init__(self, web: Web, cookies: Cookies) -> None:
        self._web = web
        self._cookies = cookies
        self._https = web.public_url.startswith("https://")
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["dialled"] = dialled
        self._templates.globals |= {
            "house": web.organisation,
            "labels": web.wording.talk.buttons,
            "bar": self._bar(),
            "asset": asset,
            "handbook": web.wording.handbook.link if web.knowledge else "",
            "long_words": _LONG_WORDS,
        }

    # ── pages ────────────────────────────────────────────────────────────────────────────────────────

    def chat(
        self,
        request: Request,
        visitor: Visitor,
        lines: list[TalkLine],
        *,
        more: bool,
        kept_text: str = "",
        problem: str = "",
        status: int = 200,
    ) -> Response:
        """The whole page. `kept_text` is what she wrote and could not be taken, with the `problem`."""
        facts = self._talk_facts(visitor, lines) | {
            "more": more,
            "kept_text": kept_text,
            "problem": problem,
            "last": write_order(lines[-1].order) if lines else "",
        }
        return self._page(request, visitor, "chat.html", facts, status)

    def talk(self, request: Request, visitor: Visitor, lines: list[TalkLine]) -> Response:
        """Only the bubbles, for the script; X-Last is the place of the last line."""
        html = self._draw("talk.html", request, self._talk_facts(visitor, lines))
        last = write_order(lines[-1].order) if lines else ""
        return self.dressed(HTMLResponse(html, headers={"X-Last": last}))

    def case_form(self, request: Request, visitor: Visitor, problem: str = "") -> Response:
        """Where a receipt code is typed."""
        facts = {"visitor": visitor, "key": new_key(), "problem": problem}
        return self._page(request, visitor, "case.html", facts)

    def away(self, request: Request) -> Response:
        """A page that has nothing to do with us."""
        return self.dressed(HTMLResponse(self._templates.get_template("away.html").render()))

    def problem(self, request: Request, reason: str, status: int) -> Response:
        """Words for a person; plain text where our script will show them."""
        if wants_fragment(request):
            words = self._templates.get_template("problem_line.html").render(reason=reason)
            return self.dressed(PlainTextResponse(words.strip(), status))
        return self.dressed(HTMLResponse(self._draw("problem.html", request, {"reason": reason}), status))

    def dressed(self, response: Response) -> Response:
        """With the headers that every answer carries."""
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if self._https:
            response.headers.setdefault("Strict-Transport-Security", _STRICT_TRANSPORT)
        return response

    # ── parts ────────────────────────────────────────────────────────────────────────────────────────

    def _page(
        self, request: Request, visitor: Visitor, template: str, facts: Mapping[str, Any], status: int = 200
    ) -> Response:
        response = HTMLResponse(self._draw(template, request, facts), status)
        self._cookies.welcome(response, visitor)
        return self.dressed(response)

    def _draw(self, template: str, request: Request, facts: Mapping[str, Any]) -> str:
        return self._templates.get_template(template).render(large=self._cookies.is_large(request), **facts)

    def _talk_facts(self, visitor: Visitor, lines: list[TalkLine]) -> dict[str, Any]:
        shown = arrange(lines, self._web.wording.talk.shown.tap)
        return {
            "visitor": visitor,
            "bubbles": shown,
            "times": {bubble.name: _clock_words(bubble) for bubble in shown},
            "welcome": None if shown else self._welcome(),
            "key": new_key,
        }

    def _welcome(self) -> Reply:
        """What stands on an empty page: the menu's first words and the situations."""
        talk, house = self._web.wording.talk, self._web.organisation
        buttons = [
            Button(situation.label, act(Do.SITUATION, at))
            for at, situation in enumerate(talk.home.situations)
        ]
        rows = [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
        contest = (Button(talk.buttons.contest, act(Do.CONTEST, "home")),) if self._web.contest else ()
        rows.append((*contest, Button(talk.buttons.learn, act(Do.LEARN, "learn"))))
        rows.append((Button(talk.buttons.open_case, act(Do.OPEN_CASE, "start")),))
        text = talk.home.welcome.format(bot=house.bot_name, union=house.name, hotline=house.hotline)
        return Reply(text, tuple(rows))

    def _bar(self) -> tuple[Button, ...]:
        """What is always at hand under the talk."""
        labels = self._web.wording.talk.buttons
        return (
            Button(labels.menu, act(Do.MENU)),
            Button(labels.my_cases, act(Do.CASE, "list")),
            Button(labels.help, act(Do.HELP)),
            Button(labels.privacy, act(Do.PRIVACY, "card")),
        )


def new_key() -> str:
    """A client key for one form; posting it twice is the same as once."""
    return secrets.token_urlsafe(12)


def _clock_words(bubble: Shown) -> str:
    at = local(bubble.at)
    return f"{at.month}-{at.day} {at:%H:%M}"


@lru_cache
def asset(name: str) -> str:
    """Address of a static file that changes with its content, so that it may be cached."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
