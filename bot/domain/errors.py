"""What can go wrong and is told to people: every message names the thing and what to do."""


class SafeHouseError(Exception):
    """Base of every expected failure of the product."""


class ConfigFaults(SafeHouseError):
    """config.yaml or the environment is wrong; carries one printable line a fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class KeyMissing(SafeHouseError):
    """The master key is not there, or is not the one the data was sealed with."""


class StoreBusy(SafeHouseError):
    """Another process holds the store."""


class StoreTooNew(SafeHouseError):
    """The database was written by a newer version of the product."""


class StoreFull(SafeHouseError):
    """The disk under the store takes no more; what was asked is not kept."""


class SealBroken(SafeHouseError):
    """A sealed value was changed, moved to another place, or its key is gone."""


class NotFound(SafeHouseError):
    """No such thing, or not for this actor: both look exactly the same."""


class NotAllowed(SafeHouseError):
    """The actor may see this but not do that to it."""


class MoveNotAllowed(SafeHouseError):
    """The case cannot go from its state to the wanted one."""

    def __init__(self, case_id: str, status: str, to: str) -> None:
        super().__init__(f"case {case_id}: {status} -> {to}")
        self.case_id, self.status, self.to = case_id, status, to


class Refused(SafeHouseError):
    """Input that cannot be taken; the message is a wording key, never the input."""

    def __init__(self, reason: str, **facts: str | int) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts
