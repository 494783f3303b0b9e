"""What a typed text means before anybody reads it as words: a command, a number, a button's label."""

import unicodedata
from dataclasses import dataclass

from rapidfuzz import fuzz

from bot.conversation.session import Session
from knowledge.wording_talk import Commands

LONGEST_COMMAND = 12
_TYPO_FROM = 4  # shorter words are other words when one sign changes (取消, 取款)
_TYPO_LIKENESS = 75.0
LONGEST_LABEL = 100
LONGEST_TEXT = 100_000


def readable(text: str) -> str:
    """Her words without invisible and control characters (line ends stay), at most 100,000 of them."""
    kept = (char for char in text[:LONGEST_TEXT] if char in "\n\t" or unicodedata.category(char)[0] != "C")
    return "".join(kept).strip()


def plain(text: str) -> str:
    """For comparing short texts: one width, one case, no blanks, no closing punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] != "C")
    return kept.strip("。.!！~～、,，「」“”\"'") or kept


def has_words(text: str) -> bool:
    """Whether there is a letter, a sign or a digit in it, not only emoji and punctuation."""
    return any(char.isalnum() for char in text)


@dataclass(frozen=True, slots=True)
class CommandBook:
    """Which typed word is which command."""

    words: dict[str, str]

    @classmethod
    def of(cls, commands: Commands) -> "CommandBook":
        """The book of one wording; the first command that claims a word keeps it."""
        words: dict[str, str] = {}
        for name in type(commands).model_fields:
            for word in getattr(commands, name):
                words.setdefault(plain(word), name)
        return cls(words)

    def exactly(self, text: str) -> str | None:
        """The command that the whole text is."""
        return self.words.get(plain(text)) if len(text) <= 2 * LONGEST_COMMAND else None

    def nearly(self, text: str) -> str | None:
        """The command that the text misses by a typing error. Ask only where nothing else understood it."""
        typed = plain(text)
        if not _TYPO_FROM <= len(typed) <= LONGEST_COMMAND:
            return None
        near = [
            (fuzz.ratio(typed, word), name)
            for word, name in self.words.items()
            if len(word) >= _TYPO_FROM and abs(len(word) - len(typed)) <= 1
        ]
        likeness, name = max(near, default=(0.0, ""))
        return name if likeness >= _TYPO_LIKENESS else None


def chosen_action(text: str, session: Session, *, numbers: bool) -> str | None:
    """The action of the shown button that she typed: its label, or its number where `numbers` count."""
    if len(text) > LONGEST_LABEL:
        return None
    typed = plain(text)
    for label, action in session.choices:
        if typed == plain(label):
            return action
    if numbers and typed.isdecimal() and len(typed) <= 2 and 1 <= int(typed) <= len(session.choices):
        return session.choices[int(typed) - 1][1]
    return None
