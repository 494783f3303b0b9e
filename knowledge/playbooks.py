"""Playbooks: what to do in a case of a kind, step by step, and what to ask her for; one YAML file a kind."""

from __future__ import annotations

from pydantic import Field

from knowledge.base import Citation, Frozen, Name, Text

FILES = "playbooks/*.yaml"
LONGEST_DUE = 60  # working days


class PlaybookStep(Frozen):
    """One step. `due_days` are working days after the playbook was begun."""

    id: Name
    title: Text
    why: Text
    citations: tuple[Citation, ...] = Field(min_length=1)
    due_days: int = Field(ge=0, le=LONGEST_DUE)


class AskedItem(Frozen):
    """Something that she may have and that helps her; she reads `text`."""

    id: Name
    text: Text


class Playbook(Frozen):
    """The steps of one kind of case; `id` is the kind."""

    id: Name
    steps: tuple[PlaybookStep, ...] = Field(min_length=3)
    ask: tuple[AskedItem, ...] = Field(min_length=3)

    def step(self, step_id: str) -> PlaybookStep | None:
        """The step of this name."""
        return next((step for step in self.steps if step.id == step_id), None)
