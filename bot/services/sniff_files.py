"""What a file really is, told by its first bytes; its name and what the browser claims count for nothing.

Nothing is unpacked or decoded here: containers are told apart by names that stand in them in clear.
"""

import re
import unicodedata
from dataclasses import dataclass

from bot.domain.errors import Refused
from bot.domain.incoming import FileKind


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is taken. `image` names the decoder for a clean copy, None where none can be made."""

    kind: FileKind
    mime: str
    ending: str
    image: str | None = None


JPEG = FileType(FileKind.PHOTO, "image/jpeg", "jpg", "JPEG")
PNG = FileType(FileKind.PHOTO, "image/png", "png", "PNG")
GIF = FileType(FileKind.PHOTO, "image/gif", "gif", "GIF")
WEBP = FileType(FileKind.PHOTO, "image/webp", "webp", "WEBP")
HEIC = FileType(FileKind.PHOTO, "image/heic", "heic")
AVIF = FileType(FileKind.PHOTO, "image/avif", "avif", "AVIF")
MP3 = FileType(FileKind.VOICE, "audio/mpeg", "mp3")
AAC = FileType(FileKind.VOICE, "audio/aac", "aac")
M4A = FileType(FileKind.VOICE, "audio/mp4", "m4a")
AMR = FileType(FileKind.VOICE, "audio/amr", "amr")
OGG = FileType(FileKind.VOICE, "audio/ogg", "ogg")
WAV = FileType(FileKind.VOICE, "audio/wav", "wav")
MP4 = FileType(FileKind.VIDEO, "video/mp4", "mp4")
MOV = FileType(FileKind.VIDEO, "video/quicktime", "mov")
WEBM = FileType(FileKind.VIDEO, "video/webm", "webm")
PDF = FileType(FileKind.DOCUMENT, "application/pdf", "pdf")
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = FileType(FileKind.DOCUMENT, _OFFICE + "wordprocessingml.document", "docx")
XLSX = FileType(FileKind.DOCUMENT, _OFFICE + "spreadsheetml.sheet", "xlsx")
DOC = FileType(FileKind.DOCUMENT, "application/msword", "doc")
XLS = FileType(FileKind.DOCUMENT, "application/vnd.ms-excel", "xls")

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"ID3", MP3),
    (b"#!AMR", AMR),
    (b"OggS", OGG),
    (b"%PDF-", PDF),
)
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"PK\x05\x06")
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!/", b"\xca\xfe\xba\xbe", b"dex\n")
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"))
_M4A_BRANDS = frozenset((b"M4A ", b"M4B ", b"M4P "))


def sniff(data: bytes) -> FileType:
    """The type of a file. Refused with file_empty, file_archive, file_program, file_macro or file_kind."""
    if not data:
        raise Refused("file_empty")
    for beginning, file_type in _BEGINNINGS:
        if data.startswith(beginning):
            return file_type
    if data[:4] == b"RIFF":
        return _riff(data)
    if data[4:8] == b"ftyp":
        return _iso_media(data[8:12])
    if data.startswith(b"PK\x03\x04"):
        return _zipped_office(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _old_office(data)
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return WEBM
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return _mpeg_audio(data)
    if data.startswith(_ARCHIVES):
        raise Refused("file_archive")
    if data.startswith(_PROGRAMS):
        raise Refused("file_program")
    raise Refused("file_kind")


def _riff(data: bytes) -> FileType:
    match data[8:12]:
        case b"WEBP":
            return WEBP
        case b"WAVE":
            return WAV
    raise Refused("file_kind")


def _iso_media(brand: bytes) -> FileType:
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in _M4A_BRANDS:
        return M4A
    match brand:
        case b"avif":
            return AVIF
        case b"qt  ":
            return MOV
    return MP4


def _zipped_office(data: bytes) -> FileType:
    """Member names stand in clear in a zip; reading them inflates nothing."""
    if b"[Content_Types].xml" not in data:
        raise Refused("file_archive")
    if b"vbaProject.bin" in data:
        raise Refused("file_macro")
    if b"word/document.xml" in data:
        return DOCX
    if b"xl/workbook.xml" in data:
        return XLSX
    raise Refused("file_kind")


def _old_office(data: bytes) -> FileType:
    """Stream names of the old format are UTF-16."""
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        raise Refused("file_macro")
    if "WordDocument".encode("utf-16-le") in data:
        return DOC
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return XLS
    raise Refused("file_kind")


def _mpeg_audio(data: bytes) -> FileType:
    """Layer bits: 0 is AAC in its own frames, the others are MPEG audio with a bitrate that exists."""
    if data[1] & 0x06 == 0:
        return AAC
    if data[2] >> 4 not in (0x0, 0xF):
        return MP3
    raise Refused("file_kind")


_MARKS = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_LONGEST_NAME = 80


def plain_name(name: str, file_type: FileType) -> str:
    """Her file name as something to show: no folders, no invisible or direction marks, its true ending."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(char for char in last if unicodedata.category(char) not in _MARKS)
    stem = re.sub(r'[<>:"|?*\s]+', " ", kept.rpartition(".")[0] if "." in kept else kept).strip(" .")
    return f"{stem[:_LONGEST_NAME] or file_type.kind.value}.{file_type.ending}"
