"""What a case page shows about second pair of eyes, conflict, tasks, playbook, calls and visits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.console.deps import ConsoleDeps
from bot.domain.cases import CaseEvent, Draft, EventKind, OpenedCase
from bot.domain.civil_time import civil_day, local
from bot.domain.ports import Unit
from bot.domain.ports_team import ContactWith, ReviewAsk, Task
from bot.domain.staff import Power, StaffMember
from bot.services import snippets
from bot.services.case_gate import may_see, sees
from bot.services.drafts import reviewers, waits_for_review
from bot.services.playbooks import Step, steps_of
from knowledge.models import Entry
from knowledge.playbooks import Playbook
from knowledge.wording_team import TeamWords

_CONTACTS = frozenset({EventKind.CALL, EventKind.VISIT})


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone call or a visit as it was logged."""

    by: str
    kind: EventKind
    whom: str
    at: datetime
    minutes: int
    words: str


@dataclass(frozen=True, slots=True)
class TeamPanel:
    """What the templates need; `find` looks for canned answers."""

    only_asked: bool  # the case is open to this member for a second look alone
    asks: tuple[ReviewAsk, ...]
    reviewers: tuple[StaffMember, ...]
    conflicts: tuple[str, ...]
    tasks: tuple[Task, ...]  # those in own words
    takers: tuple[StaffMember, ...]
    book: Playbook | None
    steps: tuple[Step, ...]
    today: date
    clock: str  # now, as a field for day and time takes it
    wording: TeamWords
    whom: tuple[ContactWith, ...]
    contacts: tuple[Contact, ...]
    find: Callable[[str], list[Entry]]
    short: Callable[[Entry], str]  # the short answer of one, with its amounts filled in
    me: StaffMember

    @property
    def begun(self) -> bool:
        """Whether every step that is still to do is among the tasks, with its day."""
        return all(
            step.is_done or (step.task is not None and step.task.due is not None) for step in self.steps
        )

    @property
    def done(self) -> int:
        """How many steps are ticked."""
        return sum(step.is_done for step in self.steps)

    def waits(self, draft: Draft) -> bool:
        """Whether these words may not go out yet."""
        return waits_for_review(draft)

    def may_review(self, draft: Draft) -> bool:
        """Whether this member is the second pair of eyes for it."""
        return self.me.may(Power.APPROVE) and draft.author != self.me.id

    def may_change(self, draft: Draft) -> bool:
        """Who is only asked changes nothing but her own."""
        return not self.only_asked or draft.author == self.me.id

    def asked(self, draft_id: str | None) -> tuple[str | None, ...]:
        """Who is asked about a draft (None: to write one); an id of None stands for anybody who may."""
        return tuple(ask.staff_id for ask in self.asks if ask.draft_id == draft_id)


def panel(unit: Unit, actor: StaffMember, opened: OpenedCase, now: datetime, deps: ConsoleDeps) -> object:
    """The values for _case_team.html and _case_team_acts.html, there under `panels.team`."""
    card, team = opened.card, unit.team
    if opened.events:
        team.saw(actor.id, card.id, opened.events[-1].seq)
    tasks, book = team.tasks_of(card.id), _books(deps).get(card.kind.value)
    members = unit.staff.all()
    return TeamPanel(
        only_asked=not may_see(actor, card),
        asks=tuple(team.asks(card.id)),
        reviewers=tuple(one for one in reviewers(unit, card) if one.id != actor.id),
        conflicts=tuple(team.conflicts(card.id)),
        tasks=tuple(task for task in tasks if task.step is None),
        takers=tuple(one for one in members if one.may(Power.NOTE) and sees(unit, one, card)),
        book=book,
        steps=tuple(steps_of(book, tasks)) if book else (),
        today=civil_day(now),
        clock=f"{local(now):%Y-%m-%dT%H:%M}",
        wording=deps.wording.team,
        whom=tuple(ContactWith),
        contacts=tuple(_contact(event) for event in opened.events if event.kind in _CONTACTS),
        find=lambda words: snippets.find(deps.library, words),
        short=lambda entry: snippets.short_of(deps.library, entry, now),
        me=actor,
    )


def _contact(event: CaseEvent) -> Contact:
    facts = event.facts or {}
    at = datetime.fromisoformat(facts["when"]) if "when" in facts else event.at
    return Contact(
        event.by, event.kind, facts.get("with", ""), at, int(facts.get("minutes", "0")), event.body
    )


def _books(deps: ConsoleDeps) -> Mapping[str, Playbook]:
    return deps.knowledge.playbooks
