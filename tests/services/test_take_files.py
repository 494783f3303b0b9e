"""Files that people send: looked at, sealed, and redrawn without what would betray them."""

import asyncio
import io
import os
import signal
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from bot.domain.clock import RealClock
from bot.domain.errors import NotFound, Refused
from bot.domain.incoming import Address, FileKind, FileNote, KeptFile
from bot.domain.signals import Signals
from bot.services import take_files as module
from bot.services.sniff_files import JPEG, PDF, plain_name, sniff
from bot.services.take_files import FileLimits, TakeFiles, staff_copy
from storage.sqlite import SqliteStore, open_store

CANARY = "CANARY-7731"


@dataclass(slots=True)
class Desk:
    """A store, the service, and a person who sends."""

    store: SqliteStore
    taker: TakeFiles
    person: str
    folder: Path
    clock: "MovableClock"

    async def takes(self, data: bytes, name: str = "a", **more: str) -> KeptFile:
        note = FileNote(FileKind.DOCUMENT, "test", name, len(data))
        return await self.taker.take(data, note, self.person, **more)


class MovableClock(RealClock):
    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self):  # type: ignore[no-untyped-def]
        return super().now() + self.ahead


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    clock = MovableClock()
    url = f"sqlite:///{tmp_path / 'data' / 't.db'}"
    async with open_store(url, tmp_path / "keys" / "k", clock, Signals()) as store:
        address = Address("webchat", "someone")
        person = await store.write(lambda unit: unit.people.get_or_add(address, clock.now()).id)
        yield Desk(store, TakeFiles(store, clock), person, tmp_path, clock)


def _photo(format_: str = "JPEG", size: tuple[int, int] = (60, 40), **saved: object) -> bytes:
    """A picture that is red on its left half."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    image.save(out, format_, **saved)
    return out.getvalue()


def _betraying_photo(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[Base.Artist] = CANARY
    exif[Base.Make] = CANARY
    exif[Base.ImageDescription] = CANARY
    exif[Base.Orientation] = orientation
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (38.0, 28.0, 12.0)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (106.0, 16.0, 30.0)
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{CANARY}</x:xmpmeta>'.encode()
    return _photo(exif=exif, comment=CANARY.encode(), xmp=xmp)


async def _copy(desk: Desk, file_id: str) -> tuple[bytes, bool]:
    _, data, clean = await staff_copy(desk.store, file_id)
    return data, clean


# ── the copy betrays nothing ─────────────────────────────────────────────────────────────────────────


async def test_place_author_and_comments_are_gone_from_the_staff_copy(desk: Desk) -> None:
    original = _betraying_photo()
    assert CANARY.encode() in original and Image.open(io.BytesIO(original)).getexif().get_ifd(IFD.GPSInfo)
    kept = await desk.takes(original, "IMG.jpg")
    data, clean = await _copy(desk, kept.id)
    image = Image.open(io.BytesIO(data))
    assert clean and CANARY.encode() not in data
    assert not image.getexif() and "comment" not in image.info and "xmp" not in image.info
    assert image.size == (60, 40)


async def test_the_copy_is_turned_as_she_held_the_phone(desk: Desk) -> None:
    kept = await desk.takes(_betraying_photo(orientation=6))
    image = Image.open(io.BytesIO((await _copy(desk, kept.id))[0])).convert("RGB")
    assert image.size == (40, 60)
    red, green, _ = image.getpixel((20, 5))  # type: ignore[misc]
    assert red > 200 and green < 80, "the left half is on top now"


async def test_text_chunks_of_a_png_are_gone_and_its_pixels_are_the_same(desk: Desk) -> None:
    notes = PngInfo()
    notes.add_itxt("Author", CANARY)
    notes.add_text("Location", CANARY)
    original = _photo("PNG", pnginfo=notes)
    data, clean = await _copy(desk, (await desk.takes(original)).id)
    assert clean and data.startswith(b"\x89PNG") and CANARY.encode() not in data
    before, after = (Image.open(io.BytesIO(one)).convert("RGB") for one in (original, data))
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
async def test_every_kind_of_picture_can_be_redrawn(desk: Desk, mode: str) -> None:
    out = io.BytesIO()
    grey = Image.new("L", (30, 20), 120)
    picture = grey.convert("I").convert(mode) if mode == "I;16" else grey.convert(mode)
    picture.save(out, "JPEG" if mode == "CMYK" else "PNG")
    data, clean = await _copy(desk, (await desk.takes(out.getvalue())).id)
    assert clean and Image.open(io.BytesIO(data)).size == (30, 20)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "AVIF"])
async def test_other_formats_get_a_clean_copy_too(desk: Desk, format_: str) -> None:
    assert (await _copy(desk, (await desk.takes(_photo(format_))).id))[1]


async def test_what_is_glued_behind_a_picture_stays_out_of_the_copy(desk: Desk) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("evil.html", f"<script>{CANARY}</script>")
    kept = await desk.takes(_photo() + archive.getvalue() + f"<?php {CANARY}".encode())
    data, clean = await _copy(desk, kept.id)
    assert clean and CANARY.encode() not in data and b"PK\x03\x04" not in data


async def test_the_original_is_kept_as_she_sent_it(desk: Desk) -> None:
    original = _betraying_photo()
    kept = await desk.takes(original, "证据.jpg")
    found = await desk.store.read(lambda unit: unit.files.get(kept.id))
    assert found is not None
    row, key = found
    assert row.name == "证据.jpg" and await desk.store.vault.read(row.id, key) == original


async def test_a_document_is_handed_on_as_it_is_and_said_to_be_so(desk: Desk) -> None:
    original = b"%PDF-1.7\n/Author (" + CANARY.encode() + b")"
    data, clean = await _copy(desk, (await desk.takes(original)).id)
    assert data == original and not clean


async def test_a_file_that_is_not_there_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await staff_copy(desk.store, "nothing")


async def test_nothing_of_a_file_lies_in_clear_on_the_disk(desk: Desk) -> None:
    await desk.takes(b"%PDF-1.7 " + CANARY.encode() * 1000, f"{CANARY}.pdf")
    for path in desk.folder.rglob("*"):
        assert not path.is_file() or CANARY.encode() not in path.read_bytes(), path.name


# ── bombs, broken pictures, a killed child ───────────────────────────────────────────────────────────


def _png(width: int, height: int, body: bytes = b"") -> bytes:
    """A small file that says it is a picture of this size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "bomb",
    [
        _png(60_000, 60_000),
        _png(7_000, 7_000, b"\x00" * 60_000_000),
        _png(0, 0),
        _photo()[:200],
        b"\xff\xd8\xff" + os.urandom(5000),
        b"GIF89a" + b"\xff" * 500,
        b"RIFF\xff\xff\xff\xffWEBP" + b"VP8X" + b"\xff" * 200,
    ],
    ids=["huge", "big and cut", "nothing", "cut jpeg", "noise", "gif noise", "webp noise"],
)
async def test_a_bomb_or_a_broken_picture_costs_only_the_copy(desk: Desk, bomb: bytes) -> None:
    async with asyncio.timeout(30):
        kept = await desk.takes(bomb)
    data, clean = await _copy(desk, kept.id)
    assert kept.refused is None and data == bomb and not clean


async def test_a_large_photo_is_drawn_smaller(desk: Desk) -> None:
    kept = await desk.takes(_photo(size=(9000, 6000), quality=20))
    data, clean = await _copy(desk, kept.id)
    image = Image.open(io.BytesIO(data))
    assert clean and max(image.size) == 4096


async def test_killing_the_child_loses_only_the_copy(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    started = asyncio.create_subprocess_exec

    async def start_and_kill(*args: str, **kwargs: int) -> asyncio.subprocess.Process:
        child = await started(*args, **kwargs)
        child.send_signal(signal.SIGKILL)
        return child

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_and_kill)
    original = _photo()
    data, clean = await _copy(desk, (await desk.takes(original)).id)
    assert data == original and not clean


async def test_a_child_that_hangs_is_ended(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr(module, "_CHILD", sleeper)
    monkeypatch.setattr(module, "_COPY_S", 0.3)
    kept = await desk.takes(_photo())
    assert kept.refused is None and not (await _copy(desk, kept.id))[1]


# ── what is taken and what is not ────────────────────────────────────────────────────────────────────


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name in names:
            zipped.writestr(name, "x")
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100
TAKEN = {
    "jpg": _photo(),
    "png": _photo("PNG"),
    "gif": _photo("GIF"),
    "webp": _photo("WEBP"),
    "heic": b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50,
    "mp3": b"ID3\x03" + b"\x00" * 50,
    "m4a": b"\x00\x00\x00\x18ftypM4A " + b"\x00" * 50,
    "aac": b"\xff\xf1\x50\x80" + b"\x00" * 50,
    "ogg": b"OggS" + b"\x00" * 50,
    "amr": b"#!AMR\n" + b"\x00" * 50,
    "wav": b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * 50,
    "mp4": b"\x00\x00\x00\x18ftypisom" + b"\x00" * 50,
    "mov": b"\x00\x00\x00\x18ftypqt  " + b"\x00" * 50,
    "webm": b"\x1a\x45\xdf\xa3\x00\x42\x82webm" + b"\x00" * 50,
    "pdf": b"%PDF-1.4",
    "docx": _zip("[Content_Types].xml", "word/document.xml"),
    "xlsx": _zip("[Content_Types].xml", "xl/workbook.xml"),
    "doc": OLE + "WordDocument".encode("utf-16-le"),
    "xls": OLE + "Workbook".encode("utf-16-le"),
}
REFUSED = {
    "file_empty": [b""],
    "file_archive": [
        _zip("a.txt"),
        b"Rar!\x1a\x07\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"\x1f\x8b\x08",
        b"PK\x05\x06",
    ],
    "file_program": [b"MZ\x90\x00", b"\x7fELF\x02", b"#!/bin/sh\n"],
    "file_macro": [
        _zip("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        OLE + "WordDocument".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"),
    ],
    "file_kind": [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        "只是文字".encode(),
        OLE,
        _zip("[Content_Types].xml", "ppt/presentation.xml"),
        b"\xff\xfe\xff\xfe",
        b"RIFF\x00\x00\x00\x00AVI ",
        b"\x00",
    ],
}


@pytest.mark.parametrize("ending", TAKEN)
def test_a_type_is_told_by_its_bytes(ending: str) -> None:
    assert sniff(TAKEN[ending]).ending == ending


@pytest.mark.parametrize("reason", REFUSED)
async def test_what_is_not_taken_is_refused_by_its_reason(desk: Desk, reason: str) -> None:
    for data in REFUSED[reason]:
        assert (await desk.takes(data, "photo.jpg")).refused == reason


async def test_a_name_does_not_make_a_program_a_photo(desk: Desk) -> None:
    assert (await desk.takes(b"MZ" + b"\x00" * 100, "photo.jpg")).refused == "file_program"
    kept = await desk.takes(_photo(), "report.exe")
    assert kept.kind is FileKind.PHOTO and kept.name == "report.jpg"


@given(st.binary(max_size=400))
@example(b"\xff\xff")
def test_any_bytes_are_a_type_or_refused(data: bytes) -> None:
    try:
        assert sniff(data).ending
    except Refused as refused:
        assert refused.reason in REFUSED


async def test_more_than_20_mb_is_refused_and_just_20_is_not(desk: Desk) -> None:
    most = 20 * 1024 * 1024
    assert (await desk.takes(b"%PDF-" + b"\x00" * (most - 4))).refused == "file_too_big"
    assert (await desk.takes(b"%PDF-" + b"\x00" * (most - 5))).refused is None


async def test_ten_files_a_day_and_tomorrow_again(desk: Desk) -> None:
    for _ in range(10):
        assert (await desk.takes(b"%PDF-")).refused is None
    assert (await desk.takes(b"%PDF-")).refused == "too_many_files"
    desk.clock.ahead = timedelta(days=1)
    assert (await desk.takes(b"%PDF-")).refused is None


async def test_uploads_at_the_same_time_do_not_pass_the_limit_together(desk: Desk) -> None:
    desk.taker = TakeFiles(desk.store, desk.clock, FileLimits(per_day=3))
    kept = await asyncio.gather(*(desk.takes(b"%PDF-") for _ in range(8)))
    assert sorted(str(one.refused) for one in kept) == ["None"] * 3 + ["too_many_files"] * 5
    on_disk = [path for path in (desk.folder / "data" / "files").rglob("*") if path.is_file()]
    assert len(on_disk) == 3, "what was refused leaves nothing behind"


async def test_the_same_file_id_twice_is_kept_once(desk: Desk) -> None:
    twice = await asyncio.gather(*(desk.takes(_photo(), file_id="f" * 32) for _ in range(4)))
    assert {one.id for one in twice} == {"f" * 32} and all(one.refused is None for one in twice)
    today = await desk.store.read(lambda unit: unit.files.kept_today(desk.person, desk.clock.now()))
    assert today == 1
    assert (await _copy(desk, "f" * 32))[1]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\她\\证据.pdf", "证据.pdf"),
        ("", "document.pdf"),
        (".pdf", "document.pdf"),
        ("a\u202egpj.exe", "agpj.pdf"),
        ("x" * 500, "x" * 80 + ".pdf"),
        ('a<b>:"c|d?*.pdf', "a b c d.pdf"),
        ("\x00\r\n\t", "document.pdf"),
    ],
)
def test_a_file_name_is_only_something_to_show(name: str, shown: str) -> None:
    assert plain_name(name, PDF) == shown


@given(st.text(max_size=300))
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    shown = plain_name(name, JPEG)
    assert shown.endswith(".jpg") and not set(shown) & set('/\\\x00\r\n"<>|:') and len(shown) <= 84
