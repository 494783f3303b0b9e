"""What must hold for playbooks: law that exists, names used once, texts short enough for a telephone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.checks import Read, Surroundings, check_citations, check_plain
from knowledge.faults import Fault
from knowledge.playbooks import Playbook

LONGEST_TITLE, LONGEST_WHY, LONGEST_ASK = 24, 90, 40


def check_playbooks(playbooks: Sequence[Read[Playbook]], around: Surroundings) -> Iterator[Fault]:
    """Every step with law that exists, names used once, texts short enough for a telephone."""
    for read in playbooks:
        book, document = read.value, read.document
        names = {"steps": [step.id for step in book.steps], "ask": [item.id for item in book.ask]}
        for key, ids in names.items():
            for at, name in enumerate(ids):
                if name in ids[:at]:
                    yield document.fault((key, at, "id"), f"{name} 写了两次", "换一个名字")
        for at, step in enumerate(book.steps):
            yield from check_citations(document, ("steps", at, "citations"), step.citations, around)
            texts = ((("steps", at, "title"), step.title, LONGEST_TITLE),
                     (("steps", at, "why"), step.why, LONGEST_WHY))  # fmt: skip
            yield from _check_texts(read, texts)
        yield from _check_texts(
            read, [(("ask", at, "text"), item.text, LONGEST_ASK) for at, item in enumerate(book.ask)]
        )


def _check_texts(
    read: Read[Playbook], texts: Sequence[tuple[tuple[str | int, ...], str, int]]
) -> Iterator[Fault]:
    for path, text, most in texts:
        if len(text) > most:
            yield read.document.fault(path, f"有 {len(text)} 字", f"不超过 {most} 字")
        yield from check_plain(read.document, [(path, text)])
