"""Staff: roles and what each may do."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum


class Role(StrEnum):
    OFFICER = "officer"  # 女职工干部
    LAWYER = "lawyer"  # 律师
    LEADER = "leader"  # 负责人
    CURATOR = "curator"  # 内容编辑
    CAMPAIGN = "campaign"  # 活动管理
    ADMIN = "admin"  # 管理员
    AUDITOR = "auditor"  # 审计


class Power(StrEnum):
    """What a role may do; the matrix below is the only place that says so."""

    LIST_CASES = "list_cases"
    OPEN_UNCLAIMED = "open_unclaimed"
    OPEN_ASSIGNED = "open_assigned"
    OPEN_ALL = "open_all"
    CLAIM = "claim"
    ASSIGN = "assign"
    REPLY = "reply"
    NOTE = "note"
    MOVE = "move"
    CLOSE = "close"
    INTAKE = "intake"  # take down a case for a caller or visitor
    APPROVE = "approve"  # second pair of eyes on legal advice
    HAND_OVER = "hand_over"  # propose a case to a partner agency
    PLAN_DUTY = "plan_duty"  # roster, substitutes, handing over all cases of somebody
    SEE_EMPLOYERS = "see_employers"  # the employers across cases, and what repeats there
    EXPORT = "export"  # take figures out of the house; bulk takes a second person
    SEE_AUDIT = "see_audit"
    SEE_FIGURES = "see_figures"
    SEE_CONTENT = "see_content"
    SEE_CONTEST = "see_contest"
    MANAGE_STAFF = "manage_staff"
    SEE_OPERATIONS = "see_operations"


_OFFICER = {
    Power.LIST_CASES, Power.OPEN_UNCLAIMED, Power.OPEN_ASSIGNED, Power.CLAIM, Power.REPLY, Power.NOTE,
    Power.MOVE, Power.CLOSE, Power.INTAKE, Power.HAND_OVER, Power.SEE_FIGURES, Power.SEE_CONTENT,
}  # fmt: skip
POWERS: dict[Role, frozenset[Power]] = {
    Role.OFFICER: frozenset(_OFFICER),
    Role.LAWYER: frozenset(
        {
            Power.LIST_CASES, Power.OPEN_ASSIGNED, Power.REPLY, Power.NOTE, Power.MOVE, Power.APPROVE,
            Power.SEE_CONTENT,
        }
    ),
    Role.LEADER: frozenset(
        _OFFICER
        | {
            Power.OPEN_ALL, Power.ASSIGN, Power.APPROVE, Power.PLAN_DUTY, Power.SEE_EMPLOYERS, Power.EXPORT,
            Power.SEE_AUDIT, Power.SEE_CONTEST,
        }
    ),
    Role.CURATOR: frozenset({Power.SEE_CONTENT, Power.SEE_CONTEST}),
    Role.CAMPAIGN: frozenset({Power.SEE_CONTEST, Power.SEE_CONTENT}),
    Role.ADMIN: frozenset({Power.MANAGE_STAFF, Power.SEE_OPERATIONS, Power.SEE_FIGURES, Power.SEE_CONTENT}),
    Role.AUDITOR: frozenset({Power.SEE_AUDIT, Power.SEE_FIGURES, Power.EXPORT, Power.SEE_OPERATIONS}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account. `telegram_id` binds a Telegram account for the staff group (numeric, sealed at rest)."""

    id: str
    name: str
    roles: frozenset[Role]
    active: bool
    created_at: datetime
    has_totp: bool = False
    telegram_id: str | None = None
    employer_id: str | None = None  # where the member works: cases against it are closed to them

    def may(self, power: Power) -> bool:
        """Whether any of the roles gives this power; a disabled account has none."""
        return self.active and any(power in POWERS[role] for role in self.roles)


def handles_cases(member: StaffMember) -> bool:
    """Whether cases can be in this member's hands, also those that a stopped account still holds."""
    powers = {power for role in member.roles for power in POWERS[role]}
    return {Power.REPLY, Power.OPEN_ASSIGNED} <= powers


SYSTEM = StaffMember("system", "system", frozenset(), True, datetime.min.replace(tzinfo=UTC))
