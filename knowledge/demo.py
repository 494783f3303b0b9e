"""The material of the demo city: invented stories, employers and staff, read from demo.yaml."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from knowledge.checks import as_fault
from knowledge.faults import Fault, KnowledgeFaults
from knowledge.models import OfficeKind
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


class DemoVoice(_Part):
    """How one kind of trouble is told and spoken of; `refer` is the kind of agency that it is passed on to.

    `follow` are words to her on how it goes on, in their order; `closing` takes the place of the usual one.
    """

    since: Words
    evidence: Words
    wish: Words
    added: Words
    follow: Words
    notes: Words
    refer: OfficeKind
    closing: Text | None = None


class DemoStory(_Part):
    """`own` names the voice where it is not that of the kind."""

    topic: Text
    text: Text
    reply: Text
    own: Text | None = None


class DemoCity(_Part):
    """Everything that the demo says; the keys of maps are kinds of case and outcomes."""

    staff: Annotated[tuple[DemoMember, ...], Field(min_length=1)]
    employers: Annotated[tuple[DemoEmployer, ...], Field(min_length=1)]
    voices: dict[str, DemoVoice]
    stories: dict[str, Annotated[tuple[DemoStory, ...], Field(min_length=1)]]
    closings: dict[str, Text]
    how_settled: Text
    opinion: Text
    dismissed_letter: Text

    @model_validator(mode="after")
    def _every_voice_is_there(self) -> Self:
        wanted = {story.own or kind for kind, stories in self.stories.items() for story in stories}
        if missing := wanted - self.voices.keys():
            raise ValueError("voices: " + ", ".join(sorted(missing)))
        return self

    def story(self, topic: str) -> DemoStory:
        """The story of a topic."""
        return next(one for stories in self.stories.values() for one in stories if one.topic == topic)

    def voice(self, kind: str, topic: str) -> DemoVoice:
        """How a story of this kind is spoken of."""
        return self.voices[self.story(topic).own or kind]


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
