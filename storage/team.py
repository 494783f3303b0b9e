"""What staff keep for their work on cases: tasks, conflicts of interest, saved views."""

from storage.context import UnitContext


class TeamTable:
    """Fulfils ports.TeamBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
