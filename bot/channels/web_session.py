"""Who is at the other end of the web chat: a random cookie for this browser session, and nothing else."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from bot.domain.incoming import Address

CHANNEL = "webchat"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits
_LARGE = "large"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The secret of one browser session; `fresh` while the browser does not have it yet."""

    secret: str
    fresh: bool = False

    @property
    def address(self) -> Address:
        """Her address: only whoever holds the cookie can make it."""
        return Address(CHANNEL, hashlib.sha256(self.secret.encode()).hexdigest())

    @property
    def token(self) -> str:
        """What every form carries, so that no other site can post in her name."""
        return self._derived("form")

    def _derived(self, purpose: str) -> str:
        return hmac.new(self.secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def file_id(self, key: str, number: int) -> str:
        """The same upload under the same key is the same file; nobody else can foretell its id."""
        return self._derived(f"file:{key}:{number}")[:32]


class Cookies:
    """Names and attributes of the two cookies; both end with the browser session."""

    def __init__(self, public_url: str) -> None:
        self._secure = urlsplit(public_url).scheme == "https"
        self._hosts = frozenset((urlsplit(public_url).netloc,))
        prefix = "__Host-" if self._secure else ""
        self._session, self._look = f"{prefix}s", f"{prefix}look"

    def visitor(self, request: Request) -> Visitor | None:
        """Whoever holds a well-formed cookie."""
        value = request.cookies.get(self._session, "")
        return Visitor(value) if _VALUE.fullmatch(value) else None

    def new_visitor(self) -> Visitor:
        """Somebody new; keep her cookie with `welcome`."""
        return Visitor(secrets.token_urlsafe(32), fresh=True)

    def welcome(self, response: Response, visitor: Visitor) -> None:
        """Give a new browser its cookie."""
        if visitor.fresh:
            self._set(response, self._session, visitor.secret)

    def is_large(self, request: Request) -> bool:
        """Whether she reads large letters."""
        return request.cookies.get(self._look) == _LARGE

    def set_large(self, response: Response, large: bool) -> None:
        """Remember the letter size until the browser is closed."""
        if large:
            self._set(response, self._look, _LARGE)
        else:
            self._drop(response, self._look)

    def leave(self, response: Response) -> None:
        """Take everything back."""
        self._drop(response, self._session)
        self._drop(response, self._look)

    def is_own_post(self, request: Request, visitor: Visitor, token: str) -> bool:
        """Whether a post comes from a page of ours. The token decides; the headers must not contradict.

        With Referrer-Policy no-referrer browsers send `Origin: null` even for our own forms.
        """
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin", "null")
        hosts = self._hosts | {request.headers.get("host", "")}
        ours = origin == "null" or urlsplit(origin).netloc in hosts
        same = hmac.compare_digest(visitor.token.encode(), token.encode())
        return same and ours and site in ("same-origin", "none")

    def _set(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(name, value, path="/", httponly=True, secure=self._secure, samesite="lax")

    def _drop(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, secure=self._secure, samesite="lax")
