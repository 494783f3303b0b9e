"""What all parts of the wording share. `says("x")` names what a text may hold in braces, besides HOUSE."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

HOUSE = frozenset(
    ("bot", "union", "hotline", "draft_days", "talk_days", "case_days")
)  # known in every text of the talk
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Words = Annotated[tuple[Text, ...], Field(min_length=1)]


def says(*holes: str) -> Any:
    """A text with these placeholders."""
    return Field(json_schema_extra={"holes": list(holes)})


class Section(BaseModel):
    """Base of every part of the wording: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
