"""Who is writing in which case right now: kept in memory only, a lost heartbeat is harmless."""

_LIVES_S = 25.0


class Presence:
    """Heartbeats by (case, member); seconds are monotonic."""

    def __init__(self) -> None:
        self._writing: dict[str, dict[str, float]] = {}

    def beat(self, case_id: str, staff_id: str, now_s: float) -> bool:
        """She is writing; True where the others did not know yet."""
        self._forget_old(now_s)
        members = self._writing.setdefault(case_id, {})
        new = staff_id not in members
        members[staff_id] = now_s + _LIVES_S
        return new

    def stop(self, case_id: str, staff_id: str) -> None:
        """She has sent, saved or left."""
        members = self._writing.get(case_id, {})
        members.pop(staff_id, None)
        if not members:
            self._writing.pop(case_id, None)

    def others(self, case_id: str, staff_id: str, now_s: float) -> tuple[str, ...]:
        """Ids of the other members who are writing, in a fixed order."""
        members = self._writing.get(case_id, {})
        return tuple(sorted(one for one, until in members.items() if one != staff_id and until > now_s))

    def _forget_old(self, now_s: float) -> None:
        for case_id, members in list(self._writing.items()):
            alive = {one: until for one, until in members.items() if until > now_s}
            if alive:
                self._writing[case_id] = alive
            else:
                del self._writing[case_id]
