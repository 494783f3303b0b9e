"""Every refusal has words of its own, and words never show a placeholder."""

import re
from pathlib import Path

from bot.domain.errors import Refused
from bot.services import case_messages
from knowledge.wording import OF_CASES, Wording

ROOT = Path(__file__).resolve().parents[2] / "bot"
OURS = [file for folder in ("services", "console", "domain") for file in (ROOT / folder).glob("*.py")]
_OF_THE_TALK = ("file_", "too_many_files")  # files are refused before her eyes, in words of the talk
FACTS = {"limit": 1, "length": 2, "least": 3, "most": 4, "number": "A1", "into": "A2", "others": "A3"}


def _words(wording: Wording, part: str) -> list[str]:
    """Every key of `refused` or `done` in all sections."""
    return [key for section in ("desk", *OF_CASES) for key in getattr(getattr(wording, section), part)]


def test_every_reason_in_the_program_has_its_words(wording):
    reasons = {
        reason
        for file in OURS
        for reason in re.findall(r'Refused\(\s*"(\w+)"', file.read_text(encoding="utf-8"))
        if not reason.startswith(_OF_THE_TALK)
    }
    assert len(reasons) > 20
    assert reasons <= set(_words(wording, "refused"))


def test_every_done_in_the_program_has_its_words(wording):
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "console").glob("*.py")]
    done = {word for text in sources for word in re.findall(r'\bact\(\s*visit, "\w+", "(\w+)"', text)}
    done |= {word for text in sources for word in re.findall(r'back\("[^"]*", "(\w+)"\)', text)}
    assert done >= {"claimed", "sent", "closed", "unbound"}
    assert done <= set(_words(wording, "done"))


def test_no_key_stands_in_two_sections(wording):
    for part in ("refused", "done"):
        keys = _words(wording, part)
        assert len(keys) == len(set(keys))


def test_no_refusal_shows_a_placeholder_or_fails_on_an_unknown_reason(wording):
    for reason in _words(wording, "refused"):
        assert "{" not in case_messages.refusal(wording, Refused(reason, **FACTS))
    assert case_messages.refusal(wording, Refused("never heard of"))
