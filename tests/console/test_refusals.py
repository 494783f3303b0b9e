"""Every refusal has words of its own, and words never show a placeholder."""

import re
from pathlib import Path

from bot.domain.errors import Refused
from bot.services import case_messages

ROOT = Path(__file__).resolve().parents[2] / "bot"
OURS = [
    ROOT / "services" / name for name in ("case_gate.py", "case_work.py", "accounts.py", "sign_in.py")
] + [ROOT / "domain" / "money.py", ROOT / "console" / "case_acts.py"]
FACTS = {"limit": 1, "length": 2, "least": 3, "most": 4}


def test_every_reason_in_the_program_has_its_words(wording):
    reasons = {
        reason
        for file in OURS
        for reason in re.findall(r'Refused\("(\w+)"', file.read_text(encoding="utf-8"))
    }
    assert len(reasons) > 20
    assert reasons <= set(wording.desk.refused)


def test_every_done_in_the_program_has_its_words(wording):
    sources = [file.read_text(encoding="utf-8") for file in (ROOT / "console").glob("*.py")]
    done = {word for text in sources for word in re.findall(r'_act\(\s*visit, "\w+", "(\w+)"', text)}
    done |= {word for text in sources for word in re.findall(r'back\("[^"]*", "(\w+)"\)', text)}
    assert done >= {"claimed", "sent", "closed", "unbound"}
    assert done <= set(wording.desk.done)


def test_no_refusal_shows_a_placeholder_or_fails_on_an_unknown_reason(wording):
    for reason in wording.desk.refused:
        assert "{" not in case_messages.refusal(wording, Refused(reason, **FACTS))
    assert case_messages.refusal(wording, Refused("never heard of"))
