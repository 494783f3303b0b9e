"""Cases handed over to partner agencies, and what came back."""

from storage.context import UnitContext


class PartnersTable:
    """Fulfils ports.PartnerBook."""

    def __init__(self, context: UnitContext) -> None:
        self._db, self._seal = context.db, context.seal
