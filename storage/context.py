"""What the tables of one unit share: connection, seal, clock, and what to remember until the commit."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.clock import Clock
from storage.database import Database, Row, micros
from storage.sealing import Sealer


@dataclass(slots=True)
class UnitContext:
    """Lives as long as its connection; `begin_unit` forgets what the unit before it did."""

    db: Database
    seal: Sealer
    clock: Clock
    writing: bool
    announced: set[str] = field(default_factory=set)
    audited: dict[int, str] = field(default_factory=dict)  # audit lines of this very unit: seq -> target
    answered: set[str] = field(default_factory=set)  # people whose inbox row this unit handled
    people: dict[str, Row] = field(default_factory=dict)  # rows read in this very unit; see Identities.row
    erased: bool = False  # something was erased: the write-ahead log must be emptied after the commit

    def begin_unit(self) -> None:
        self.announced = set()
        self.audited.clear()
        self.answered.clear()
        self.people.clear()
        self.erased = False

    def now(self) -> datetime:
        return self.clock.now()

    def now_micros(self) -> int:
        return micros(self.clock.now())
