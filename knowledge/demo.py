"""The material of the demo city: invented stories, employers and staff, read from demo.yaml."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge.checks import as_fault
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.reading import read_yaml
from knowledge.wording_base import Text, Words

FILE = "demo.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DemoMember(_Part):
    name: Text
    role: Text


class DemoEmployer(_Part):
    """`also` are other ways in which people write it; `busy` how often cases are about it."""

    name: Annotated[Text, Field(pattern="^演示")]
    size: Text
    also: tuple[Annotated[Text, Field(pattern="^演示")], ...] = ()
    busy: int = Field(ge=1, le=9)


class DemoStory(_Part):
    topic: Text
    text: Text


class DemoCity(_Part):
    """Everything that the demo says; the keys of maps are kinds of case and outcomes."""

    staff: Annotated[tuple[DemoMember, ...], Field(min_length=1)]
    employers: Annotated[tuple[DemoEmployer, ...], Field(min_length=1)]
    since: Words
    evidence: Words
    wish: Words
    stories: dict[str, Annotated[tuple[DemoStory, ...], Field(min_length=1)]]
    added: Words
    replies: dict[str, Text]
    updates: Words
    questions: Words
    notes: Words
    closings: dict[str, Text]
    dismissed_letter: Text


def load_demo(folder: Path) -> DemoCity:
    """The material in `folder`; raises KnowledgeFaults with every fault, each with file, line and key."""
    faults: list[Fault] = []
    document = read_yaml(folder / FILE, f"{folder.name}/{FILE}", faults)
    if document is None:
        raise KnowledgeFaults(faults)
    try:
        return DemoCity.model_validate(document.data)
    except ValidationError as error:
        found = [as_fault(document, (), detail, DemoCity) for detail in error.errors()]
        raise KnowledgeFaults([*faults, *found]) from None
