"""What her forms do: say, tap, continue by code, letter size, leave. Without script a post redirects back."""

import hashlib
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.channels.web_forms import BadPost, FormReader, Post, Upload
from bot.channels.web_pages import Pages, new_key, wants_fragment
from bot.channels.web_reading import Reading
from bot.channels.web_session import CHANNEL, Cookies, Visitor
from bot.channels.webchat import Web, Words, what_and_where
from bot.conversation.actions import Do, act
from bot.conversation.session import Place, from_json
from bot.domain.incoming import Address, FileKind, FileNote, KeptFile
from bot.domain.ports import Unit
from bot.domain.receipt_codes import read_code
from bot.domain.signals import talk_of

log = logging.getLogger("safehouse.web")

MAX_TEXT = 100_000
_ANSWER_S = 20.0
_KEYS_REMEMBERED = 20_000
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LONGEST_ACTION = 64
_CLEAR = '"cache", "cookies", "storage"'


@dataclass(frozen=True, slots=True)
class _Entered:
    """A post that is hers: its form, and who she is in the store."""

    visitor: Visitor
    post: Post
    person_id: str

    @property
    def key(self) -> str:
        """The client key; a new one where the form has none that can be used."""
        given = self.post.get("key")
        return given if _KEY.fullmatch(given) else new_key()


class _Refused(Exception):
    """A post that is not taken; what she wrote goes back to her with the reason."""

    def __init__(self, reason: str, status: int, text: str = "") -> None:
        super().__init__(reason)
        self.reason, self.status, self.text = reason, status, text


class Posts:
    """The endpoints that change something."""

    def __init__(self, web: Web, pages: Pages, cookies: Cookies, reading: Reading) -> None:
        self._web, self._pages, self._cookies, self._reading = web, pages, cookies, reading
        self._forms = FormReader()
        # Which body came under which key. Forgetting is harmless: the inbox key carries the body's digest.
        self._bodies: OrderedDict[str, str] = OrderedDict()

    async def say(self, request: Request) -> Response:
        """Her words and files."""
        try:
            entered = await self._enter(request)
            text = entered.post.get("text").replace("\x00", "")
            if len(text) > MAX_TEXT:
                raise _Refused("too_long", 413, text)
            digest = _digest(text, entered.post.files)
            key = entered.key
            self._refuse_other_body(entered, key, digest, text)
            files = await self._take(entered, f"{key}.{digest}")
            answered = await self._handle(entered, f"{key}.{digest}", Words(text, files=files))
            self._remember_body(entered, key, digest)
        except (_Refused, BadPost) as refused:
            return await self._refuse(request, refused)
        return await self._answer(request, entered, answered)

    async def tap(self, request: Request) -> Response:
        """A button of hers."""
        try:
            entered = await self._enter(request)
            action = entered.post.get("action")[:_LONGEST_ACTION]
            key = f"{entered.key}.{_digest(action, ())}"
            answered = await self._handle(entered, key, Words(action=action))
        except (_Refused, BadPost) as refused:
            return await self._refuse(request, refused)
        return await self._answer(request, entered, answered)

    async def case(self, request: Request) -> Response:
        """A receipt code and, if she set one, her phrase: said in the talk like anywhere else."""
        try:
            entered = await self._enter(request)
            code, phrase = entered.post.get("code").strip(), entered.post.get("phrase").strip()
            if not code or len(code) + len(phrase) > MAX_TEXT:
                raise _Refused("no_code", 422)
            if read_code(code) is None:
                raise _Refused("not_a_code", 422)
            key = f"{entered.key}.{_digest(code, ())}"
            if await self._place(entered.person_id) not in (Place.HOME, Place.CODE, Place.PHRASE):
                # In the middle of a form the code would become part of her story; what she wrote there waits.
                await self._handle(entered, f"{key}.enter", Words(action=act(Do.CASE, "enter")))
            # A phrase that begins with a digit would be read as part of the code: it is said afterwards.
            together = phrase[:1].isalpha()
            answered = await self._handle(entered, key, Words(f"{code} {phrase}" if together else code))
            if phrase and not together and await self._place(entered.person_id) == Place.PHRASE:
                answered = await self._handle(entered, f"{key}.phrase", Words(phrase))
        except (_Refused, BadPost) as refused:
            return await self._refuse(request, refused)
        return await self._answer(request, entered, answered)

    async def look(self, request: Request) -> Response:
        """Large letters, or ordinary ones; kept until the browser is closed."""
        response = RedirectResponse("/#now", 303)
        self._cookies.set_large(response, not self._cookies.is_large(request))
        return self._pages.dressed(response)

    async def leave(self, request: Request) -> Response:
        """Quick exit: her talk is deleted, her cookie means nobody any more, the browser is emptied.

        Needs no token: whoever could forge it would only bring her to safety.
        """
        if visitor := self._cookies.visitor(request):
            try:
                await self._end(visitor.address)
            except Exception as error:  # whatever is wrong here, she must get away from this page
                log.error("leaving: the talk was not deleted: %s", what_and_where(error))
        response: Response = Response(status_code=204) if wants_fragment(request) else _redirect("/away")
        self._cookies.leave(response)
        response.headers["Clear-Site-Data"] = _CLEAR
        return self._pages.dressed(response)

    async def _end(self, address: Address) -> None:
        def end(unit: Unit) -> str | None:
            person = unit.people.find(address)
            if person is None:
                return None
            unit.people.forget_talk(person.id)
            # The case keeps its holder, but no cookie leads to her: only code and phrase do.
            unit.people.move(person.id, Address(CHANNEL, f"left:{secrets.token_hex(16)}"))
            return person.id

        if person_id := await self._web.store.write(end):
            self._web.signals.notify([talk_of(person_id)])

    # ── the way of a post ────────────────────────────────────────────────────────────────────────────

    async def _enter(self, request: Request) -> _Entered:
        post = await self._forms.read(request)
        visitor = self._cookies.visitor(request)
        if visitor is None or not self._cookies.is_own_post(request, visitor, post.get("token")):
            raise _Refused("session", 403, post.get("text"))
        now, limit = self._web.clock.now(), self._web.messages_per_minute

        def enter(unit: Unit) -> tuple[str, bool]:
            person = unit.people.get_or_add(visitor.address, now)
            what = f"{CHANNEL}:{visitor.address.id}"
            return person.id, unit.limits.hit(what, now, window_s=60, at_most=limit)

        person_id, in_time = await self._web.store.write(enter)
        if not in_time:
            raise _Refused("too_fast", 429, post.get("text"))
        return _Entered(visitor, post, person_id)

    def _refuse_other_body(self, entered: _Entered, key: str, digest: str, text: str) -> None:
        """The same key with other words is a page that was gone back to: she is asked, nothing is guessed."""
        if self._bodies.get(f"{entered.person_id}:{key}", digest) != digest:
            raise _Refused("conflict", 409, text)

    def _remember_body(self, entered: _Entered, key: str, digest: str) -> None:
        self._bodies[f"{entered.person_id}:{key}"] = digest
        if len(self._bodies) > _KEYS_REMEMBERED:
            self._bodies.popitem(last=False)

    async def _take(self, entered: _Entered, key: str) -> tuple[KeptFile, ...]:
        """Seal her uploads. Their ids come from the key: a repeated post finds them already there."""
        kept = []
        for number, upload in enumerate(entered.post.files):
            note = FileNote(FileKind.DOCUMENT, "upload", upload.name, len(upload.data))
            file_id = entered.visitor.file_id(key, number)
            kept.append(
                await self._web.take_files.take(upload.data, note, entered.person_id, file_id=file_id)
            )
        return tuple(kept)

    async def _handle(self, entered: _Entered, key: str, words: Words) -> bool:
        address = entered.visitor.address
        await self._web.keep(f"{CHANNEL}:{address.id[:16]}:{key}", address, words)
        return await self._web.process(entered.person_id, _ANSWER_S)

    async def _place(self, person_id: str) -> Place:
        text = await self._web.store.read(lambda unit: unit.sessions.get(person_id))
        return from_json(text).place

    # ── answers ──────────────────────────────────────────────────────────────────────────────────────

    async def _answer(self, request: Request, entered: _Entered, answered: bool) -> Response:
        if not wants_fragment(request):
            return self._pages.dressed(_redirect("/#now" if answered else "/?kept=1#now"))
        lines = await self._reading.lines(entered.visitor)
        response = self._pages.talk(request, entered.visitor, lines)
        response.headers["X-Answered"] = "1" if answered else "0"
        return response

    async def _refuse(self, request: Request, refused: _Refused | BadPost) -> Response:
        if wants_fragment(request) or isinstance(refused, BadPost):
            return self._pages.problem(request, refused.reason, refused.status)
        visitor = self._cookies.visitor(request) or self._cookies.new_visitor()
        if refused.reason in ("no_code", "not_a_code"):
            return self._pages.case_form(request, visitor, refused.reason)
        lines = await self._reading.lines(visitor)
        return self._pages.chat(
            request, visitor, lines, more=False,
            kept_text=refused.text, problem=refused.reason, status=refused.status,
        )  # fmt: skip


def _redirect(to: str) -> Response:
    return RedirectResponse(to, 303)


def _digest(text: str, files: Sequence[Upload]) -> str:
    """Sixteen hex digits that stand for a body."""
    whole = hashlib.sha256(text.encode("utf-8", "replace"))
    for upload in files:
        whole.update(b"\x00" + hashlib.sha256(upload.data).digest())
    return whole.hexdigest()[:16]
