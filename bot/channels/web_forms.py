"""Reads what a form posts: counted while it comes in, kept in memory (nothing of hers goes to /tmp)."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

MAX_BODY = 25 * 1024 * 1024
_DRAINED = 100 * 1024 * 1024  # a browser reads the answer only after it has sent its body
_TIME_S = 180.0
_MAX_FIELD = 2 * 1024 * 1024
_MAX_FIELDS, _MAX_FILES = 20, 10
_SMALL = 512 * 1024
_BIG_AT_ONCE = 4
_BIG_WAIT_S = 45.0


class BadPost(Exception):
    """A body that cannot be taken; `reason` names the words she reads (too_big, broken, uploads_busy)."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason, self.status = reason, status


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Post:
    """The fields of a form (the last one wins) and its files in order; empty file inputs are left out."""

    fields: dict[str, str]
    files: tuple[Upload, ...]

    def get(self, name: str) -> str:
        return self.fields.get(name, "")


class _InMemory(MultiPartParser):
    spool_max_size = MAX_BODY + 1


class FormReader:
    """One for the process: it bounds how many big bodies are held in memory at once."""

    def __init__(self) -> None:
        self._big = asyncio.Semaphore(_BIG_AT_ONCE)

    async def read(self, request: Request) -> Post:
        """The whole form. Raises BadPost."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) <= _SMALL:
            return await self._timed(request)
        try:
            await asyncio.wait_for(self._big.acquire(), _BIG_WAIT_S)
        except TimeoutError:
            raise BadPost("uploads_busy", 503) from None
        try:
            return await self._timed(request)
        finally:
            self._big.release()

    async def _timed(self, request: Request) -> Post:
        try:
            async with asyncio.timeout(_TIME_S):
                return await _parse(request)
        except TimeoutError:
            raise BadPost("broken", 408) from None
        except (MultiPartException, ClientDisconnect, UnicodeError, ValueError):
            raise BadPost("broken", 400) from None


async def _parse(request: Request) -> Post:
    body = _counted(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    parser: MultiPartParser | FormParser
    match kind:
        case "multipart/form-data":
            parser = _InMemory(
                request.headers, body, max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD
            )
        case "application/x-www-form-urlencoded":
            parser = FormParser(request.headers, body, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD)
        case _:
            raise BadPost("broken", 415)
    return await _as_post(await parser.parse())


async def _as_post(form: FormData) -> Post:
    fields: dict[str, str] = {}
    files: list[Upload] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            data = await value.read()
            await value.close()
            if data or value.filename:
                files.append(Upload(value.filename or "", data))
        else:
            # Lone surrogates cannot be stored or sent; they come only from broken or hostile clients.
            fields[name] = value.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    return Post(fields, tuple(files))


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    """The body's chunks; beyond the limit the rest is read and thrown away, then the post is refused."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_BODY:
            yield chunk
        elif size > _DRAINED:
            break
    if size > MAX_BODY:
        raise BadPost("too_big", 413)
