"""The data behind every button, written and read in this one place.

An action is short ASCII, words joined by colons, at most 64 bytes: `t:pregnancy-dismissal`. Whoever taps
may have forged it, so its shape is checked here, and whatever it names is looked up again by its reader.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

LONGEST = 64


class Do(StrEnum):
    """What a tap asks for."""

    MENU = "m"
    SITUATION = "s"  # number of a life situation
    TOPIC = "t"  # topic
    LAYER = "d"  # layer, topic, card
    HELPED = "h"  # ask | yes | unclear | other, topic, card
    NONE_OF_THESE = "n"
    LEAVE_TOPIC = "x"
    HELP = "help"
    OPEN_CASE = "o"  # verb, argument
    CASE = "c"  # verb, case, mark of the words that it carries
    CONTEST = "k"  # verb, arguments
    PRIVACY = "p"  # card | clear | cleared
    QUIET = "quiet"
    RESTART = "r"
    PLACES = "w"  # for | at, topic or office, card
    SIBLINGS = "b"  # group
    ASKING_FOR = "a"  # agreed, topic
    HAND_OVER = "v"  # verb, hand-over, number of a field
    AFTER = "f"  # verb, case, number of the closing, yuan
    LEARN = "l"  # verb, story | lesson | tip | page, numbers, card


_WORD = r"[a-z_]{1,16}"
_SLUG = r"[a-z0-9][a-z0-9_-]{0,47}"
_ID = r"[A-Za-z0-9_-]{1,40}"
_NUMBER = r"[0-9]{1,5}"
_SUM = r"[0-9]{1,8}"  # whole yuan
_SHAPES = {
    Do.MENU: r"",
    Do.SITUATION: rf":({_NUMBER})",
    Do.TOPIC: rf":({_SLUG})",
    Do.LAYER: rf":({_WORD}):({_SLUG}):({_NUMBER})",
    Do.HELPED: rf":({_WORD}):({_SLUG}):({_NUMBER})",
    Do.NONE_OF_THESE: r"",
    Do.LEAVE_TOPIC: r"",
    Do.HELP: r"",
    Do.OPEN_CASE: rf":({_WORD})(?::({_ID}))?",
    Do.CASE: rf":({_WORD})(?::({_ID}))?(?::({_NUMBER}))?",
    Do.CONTEST: rf":({_WORD})(?::({_ID}))?(?::({_NUMBER}))?(?::({_NUMBER}))?(?::({_NUMBER}))?",
    Do.PRIVACY: rf":({_WORD})",
    Do.QUIET: r"",
    Do.RESTART: r"",
    Do.PLACES: rf":({_WORD}):({_SLUG})(?::({_NUMBER}))?",
    Do.SIBLINGS: rf":({_SLUG})",
    Do.ASKING_FOR: rf":({_WORD})(?::({_SLUG}))?",
    Do.HAND_OVER: rf":({_WORD}):({_ID})(?::({_NUMBER}))?",
    Do.AFTER: rf":({_WORD}):({_ID})(?::({_NUMBER}))?(?::({_SUM}))?",
    Do.LEARN: rf":({_WORD})(?::({_SLUG}))?(?::({_NUMBER}))?(?::({_NUMBER}))?(?::({_NUMBER}))?",
}
_READERS = {do: re.compile(rf"{do.value}{shape}") for do, shape in _SHAPES.items()}


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap whose shape is sound; arguments that are left out are ""."""

    do: Do
    args: tuple[str, ...] = ()

    @property
    def verb(self) -> str:
        """The first argument."""
        return self.args[0] if self.args else ""

    def arg(self, place: int) -> str:
        """An argument by its place, "" where there is none."""
        return self.args[place] if place < len(self.args) else ""

    def number(self, place: int) -> int:
        """An argument that the shape says is a number; -1 where it is left out."""
        return int(self.arg(place)) if self.arg(place).isascii() and self.arg(place).isdigit() else -1


@lru_cache(maxsize=4096)  # the same few hundred buttons are written over and over
def act(do: Do, *args: str | int) -> str:
    """The data of a button; a fault of the program where it does not read back."""
    data = ":".join([do.value, *map(str, args)])
    if len(data) > LONGEST or read_tap(data) is None:
        raise ValueError(f"no such action: {do.name} with {len(args)} arguments")
    return data


def read_tap(data: str) -> Tap | None:
    """What a button's data asks for; None for anything forged, cut or from another time."""
    if len(data) > LONGEST:
        return None
    do = next((do for do in Do if do.value == data.partition(":")[0]), None)
    found = _READERS[do].fullmatch(data) if do else None
    return Tap(do, tuple(group or "" for group in found.groups())) if do and found else None


def write_to_case(case_id: str) -> str:
    """For messages about a case: a button by which she answers."""
    return act(Do.CASE, "say", case_id)


def see_case(case_id: str) -> str:
    """For messages about a case: a button that shows it."""
    return act(Do.CASE, "see", case_id)
