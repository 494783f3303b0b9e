"""Names of roles for the matrix."""

from bot.domain.staff import Role

Row = tuple[str, str]
Cell = set[Role]
ALL = set(Role)
OFFICER, LAWYER, LEADER, CURATOR, CAMPAIGN, ADMIN, AUDITOR = (
    Role.OFFICER, Role.LAWYER, Role.LEADER, Role.CURATOR, Role.CAMPAIGN, Role.ADMIN, Role.AUDITOR,
)  # fmt: skip
HANDLE = {OFFICER, LAWYER, LEADER}
TAKE = {OFFICER, LEADER}
READ = {*HANDLE, CURATOR, CAMPAIGN, ADMIN}
