"""The package that goes to a partner agency: a sheet to print, the same as data, files, and their hashes.

A zip of `<number>.docx`, `case.json`, `files/…` and `manifest.json` (size and SHA-256 of each). Only fields
that she gives are in it. Made twice from the same at the same moment it is the same to the byte.
"""

import asyncio
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.conversation.hand_over_card import shown_lines
from bot.domain.civil_time import civil_day, local, plain_day
from bot.domain.errors import NotFound
from bot.domain.handovers import Content, Field, HandOver
from bot.domain.ports import Store
from bot.domain.ports_cases import StoredFile
from bot.services.mark_copies import mark
from knowledge.wording_partners import PartnerWords

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package. `manifest` is the SHA-256 of its manifest.json, in hex."""

    name: str
    data: bytes
    manifest: str


@dataclass(frozen=True, slots=True)
class Sender:
    """The house as it stands on the sheet."""

    organisation: str
    words: PartnerWords


async def build(
    store: Store, hand_over: HandOver, number: str, content: Content, sender: Sender, now: datetime
) -> Package:
    """Fetch and mark the files, write the sheet; slow work runs off the loop. The gate has let it pass."""
    copies = [await fetch(store, file_id) for file_id in content.files]
    return await asyncio.to_thread(_pack, hand_over, number, content, copies, sender, now)


async def fetch(store: Store, file_id: str) -> tuple[StoredFile, bytes]:
    """One copy without place and author; NotFound for an original, whoever asks for it."""
    found = await store.read(lambda unit: unit.files.get(file_id))
    if found is None or found[0].clean_of is None or found[0].mime not in _ENDINGS:
        raise NotFound("file")
    row, key = found
    return row, await store.vault.read(row.id, key)


def mark_text(words: PartnerWords, hand_over: HandOver, number: str, now: datetime) -> str:
    """Whose copy this is: on every page and every picture."""
    return words.package.mark.format(
        agency=hand_over.agency_name, number=number, at=f"{local(now):%Y-%m-%d %H:%M}"
    )


def file_name(number: str, place: int, mime: str) -> str:
    """A name of our own: hers may tell who she is."""
    return f"{number}-{place:02d}.{_ENDINGS[mime]}"


def _pack(
    hand_over: HandOver,
    number: str,
    content: Content,
    copies: list[tuple[StoredFile, bytes]],
    sender: Sender,
    now: datetime,
) -> Package:
    text = mark_text(sender.words, hand_over, number, now)
    files = {
        f"files/{file_name(number, place, row.mime)}": mark(data, row.mime, text)
        for place, (row, data) in enumerate(copies, 1)
    }
    parts = {
        f"{number}.docx": _sheet(hand_over, number, content, list(files), sender, now),
        "case.json": _data(hand_over, number, content, sender, now),
        **files,
    }
    manifest = {
        "number": number,
        "agency": hand_over.agency_name,
        "made": now.astimezone(UTC).isoformat(),
        "until": hand_over.until.astimezone(UTC).isoformat(),
        "consent": hand_over.version,
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in parts.items()
        ],
    }
    written = _json(manifest)
    data = _zipped({**parts, "manifest.json": written}, now)
    return Package(f"{number}.zip", data, hashlib.sha256(written).hexdigest())


def _data(hand_over: HandOver, number: str, content: Content, sender: Sender, now: datetime) -> bytes:
    fields = {one.value: content.words[one] for one in content.fields if one is not Field.FILES}
    return _json(
        {
            "format": 1,
            "number": number,
            "from": sender.organisation,
            "to": hand_over.agency_name,
            "purpose": hand_over.purpose.value,
            "until": hand_over.until.astimezone(UTC).isoformat(),
            "made": now.astimezone(UTC).isoformat(),
            "fields": fields,
            "files": len(content.files),
        }
    )


def _sheet(
    hand_over: HandOver, number: str, content: Content, files: list[str], sender: Sender, now: datetime
) -> bytes:
    from docx import Document  # lazily: a third of a second, and an extra
    from docx.oxml.ns import qn

    words, package = sender.words, sender.words.package
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name = "SimSun"
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    text = mark_text(words, hand_over, number, now)
    section = document.sections[0]
    section.header.paragraphs[0].text = text
    section.footer.paragraphs[0].text = text
    document.add_heading(package.title, 0)
    facts = {
        "number": number,
        "agency": hand_over.agency_name,
        "purpose": words.purposes[hand_over.purpose],
        "sender": sender.organisation,
        "made": f"{local(now):%Y-%m-%d %H:%M}",
        "until": plain_day(civil_day(hand_over.until)),
    }
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for name, value in facts.items():
        cells = table.add_row().cells
        cells[0].text, cells[1].text = package.facts[name], value
    document.add_paragraph(package.note.format(agency=hand_over.agency_name))
    consent = package.consent["oral" if hand_over.oral else "own"]
    agreed = local(hand_over.decided_at or now)
    document.add_paragraph(consent.format(at=f"{agreed:%Y-%m-%d %H:%M}"))
    for label, value in shown_lines(words, content):
        document.add_heading(label, 2)
        document.add_paragraph(_writable(value))
    if files:
        document.add_heading(package.files, 2)
        for place, name in enumerate(files, 1):
            document.add_paragraph(package.file.format(number=place, name=name.rpartition("/")[2]))
    about = document.core_properties
    about.author = about.last_modified_by = sender.organisation
    about.title, about.comments = f"{package.title} {number}", ""
    about.created = about.modified = now.astimezone(UTC).replace(tzinfo=None)
    made = io.BytesIO()
    document.save(made)
    return _settled(made.getvalue(), now)


def _writable(text: str) -> str:
    """Without the control characters that a Word file cannot hold."""
    return "".join(char for char in text if char in "\n\t" or (char >= " " and char not in "\ufffe\uffff"))


def _settled(archive: bytes, now: datetime) -> bytes:
    """The same document with the times of our own moment instead of the machine's."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return _zipped({name: opened.read(name) for name in opened.namelist()}, now)


def _zipped(parts: Mapping[str, bytes], now: datetime) -> bytes:
    made = io.BytesIO()
    at = local(now)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            about = zipfile.ZipInfo(name, (at.year, at.month, at.day, at.hour, at.minute, at.second))
            about.compress_type, about.create_system = zipfile.ZIP_DEFLATED, 3
            about.external_attr = 0o600 << 16
            archive.writestr(about, data)
    return made.getvalue()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()
