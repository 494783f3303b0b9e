"""Cases handed over to partner agencies, and what came back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.handovers import Content, GuestSession, HandOver, JointSession, PartnerAnswer


class PartnerBook(Protocol):
    """Cases handed over to partner agencies, and what came back. Tokens and codes: keyed hashes only."""

    def propose(self, hand_over: HandOver, content: Content) -> None: ...
    def get(self, hand_over_id: str) -> HandOver | None: ...
    def of_case(self, case_id: str) -> Sequence[HandOver]:
        """Oldest first."""
        ...

    def save(self, hand_over: HandOver) -> None:
        """Keep changed fields; where it is no longer running, link and open pages are dead at once."""
        ...

    def keep_content(self, hand_over: HandOver, content: Content) -> None:
        """What is left of it after she refused fields, or nothing."""
        ...

    def content(self, hand_over_id: str, audit_seq: int) -> Content:
        """Unseal it. Only with an audit line of this very unit that names the case, else NotAllowed."""
        ...

    def her_content(self, hand_over_id: str, person_id: str) -> Content:
        """For a holder of the case; NotFound for anybody else."""
        ...

    def due(self, now: datetime, limit: int = 100) -> Sequence[HandOver]:
        """Running ones whose `look_at` has come."""
        ...

    def silent(self) -> Sequence[str]:
        """Open cases that an agency was chased about and has not said yet what becomes of them."""
        ...

    # ── the guest ──

    def set_link(self, hand_over_id: str, token: str, code: str) -> None:
        """A new link: an earlier one and its open pages are dead."""
        ...

    def drop_link(self, hand_over_id: str) -> None: ...
    def by_link(self, token: str) -> HandOver | None: ...
    def fits(self, hand_over_id: str, code: str) -> bool:
        """Constant time; also for a hand-over that is not there."""
        ...

    def start_session(self, secret: str, hand_over: HandOver, next_code: str, now: datetime) -> None:
        """A page is open; from now on only `next_code` opens another."""
        ...

    def session(self, secret: str, hand_over_id: str) -> GuestSession | None: ...
    def keep_answer(self, answer: PartnerAnswer) -> None: ...
    def answers(self, hand_over_id: str) -> Sequence[PartnerAnswer]:
        """Oldest first, with their words."""
        ...

    # ── joint sessions ──

    def keep_joint(self, session: JointSession) -> None: ...
    def joint(self, session_id: str) -> JointSession | None: ...
    def joints_of(self, case_id: str) -> Sequence[JointSession]:
        """By time."""
        ...
