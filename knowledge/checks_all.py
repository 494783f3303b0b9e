"""What `check` looks for beyond what must hold for the house to open: faults to mend, notes to think about.

The house opens in spite of all this, because a slip of the pen must not close it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from knowledge.checks_amounts import AmountRules
from knowledge.checks_language import long_sentences, named_places, read_jargon, unexplained
from knowledge.checks_phrasings import same_words, strays
from knowledge.checks_reviews import dead_ends, incomplete_reviews, missing_answers, overdue_reviews
from knowledge.checks_texts import everything_said
from knowledge.faults import Fault
from knowledge.loader import Written
from knowledge.models import Region
from knowledge.traps import check_traps


class NoteKind(StrEnum):
    """What a note is about, in the order in which they are shown."""

    OVERDUE = "overdue"
    DEAD_END = "dead_end"
    ALIKE = "alike"
    STRAY = "stray"
    SENTENCE = "sentence"
    JARGON = "jargon"


@dataclass(frozen=True, slots=True)
class Findings:
    """`faults` make a check fail; `notes` are by kind, the worst first."""

    faults: Sequence[Fault]
    notes: Mapping[NoteKind, Sequence[Fault]] = field(default_factory=dict)


def look_over(
    written: Written, regions: Sequence[Region], today: date, *, phrasings: bool = False
) -> Findings:
    """Everything to find in `written`; `regions` are all that there are, `today` is a day in Asia/Shanghai.

    `phrasings` also leaves each phrasing out of its topic to see where it would lead, which takes seconds.
    Raises KnowledgeFaults when jargon.yaml or local_numbers.yaml cannot be read.
    """
    knowledge = written.knowledge
    texts = list(everything_said(written))
    twice, alike = same_words(written.entries, knowledge.synonyms)
    faults = [
        *twice,
        *AmountRules.read(knowledge.folder, knowledge.region).faults(texts),
        *named_places(knowledge.folder, regions),
        *incomplete_reviews(written),
        *missing_answers(written),
        *check_traps(written),
    ]
    longest = sorted(long_sentences(texts), key=lambda found: -found[0])
    notes = {
        NoteKind.OVERDUE: list(overdue_reviews(written, today)),
        NoteKind.DEAD_END: list(dead_ends(written)),
        NoteKind.ALIKE: alike,
        NoteKind.STRAY: strays(written.entries, knowledge.synonyms) if phrasings else [],
        NoteKind.SENTENCE: [fault for _, fault in longest],
        NoteKind.JARGON: list(unexplained(texts, read_jargon(knowledge.folder))),
    }
    return Findings(sorted(set(faults)), {kind: found for kind, found in notes.items() if found})
