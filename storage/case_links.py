"""Cases that belong together: group cases and doubles."""

from storage.context import UnitContext


class LinksTable:
    """Fulfils ports.CaseLinks."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
