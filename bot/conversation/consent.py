"""The consents of a case: each with its own text, its own tap, and the version of the text she saw."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.conversation.session import CaseDraft, Step
from bot.conversation.turn import Context

TELEGRAM = "telegram"  # the channel whose servers are abroad


class ConsentKind(StrEnum):
    """PIPL articles 13, 29 (processing), 23 (handing over), 39 (carried abroad)."""

    PROCESSING = "processing"
    HANDING_OVER = "handing_over"
    CARRIED = "carried"


STEP_OF = {
    ConsentKind.PROCESSING: Step.PROCESSING,
    ConsentKind.HANDING_OVER: Step.HANDING_OVER,
    ConsentKind.CARRIED: Step.CARRIED,
}
KIND_OF = {step: kind for kind, step in STEP_OF.items()}


@dataclass(frozen=True, slots=True)
class ConsentText:
    """A text as she sees it, and its version: a hash of exactly these words."""

    kind: ConsentKind
    text: str

    @property
    def version(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def consent_text(context: Context, kind: ConsentKind) -> ConsentText:
    """The text of a consent with the house's names in it."""
    words = context.talk.open_case
    texts = {
        ConsentKind.PROCESSING: words.processing,
        ConsentKind.HANDING_OVER: words.handing_over,
        ConsentKind.CARRIED: words.carried,
    }
    return ConsentText(kind, context.put(texts[kind]))


def needed(channel: str) -> frozenset[ConsentKind]:
    """Which consents a case from this channel needs before a word of it is kept as a case."""
    carried = frozenset((ConsentKind.CARRIED,)) if channel == TELEGRAM else frozenset()
    return frozenset((ConsentKind.PROCESSING, ConsentKind.HANDING_OVER)) | carried


def given(draft: CaseDraft) -> frozenset[ConsentKind]:
    """Which consents the draft carries."""
    return frozenset(ConsentKind(kind) for kind, _, _ in draft.consents)
