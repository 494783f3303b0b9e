"""Who may open what: the addresses of team, written by hand apart from the program's own table."""

from tests.console.matrix.roles import HANDLE, LAWYER, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {
    ("POST", "/views"): HANDLE,
    ("POST", "/views/drop"): HANDLE,
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
_ALL: tuple[Cell, Cell, Cell] = (HANDLE, TAKE, {LEADER})
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("POST", "/drafts/{draft_id}/review"): _ALL,
    ("POST", "/drafts/{draft_id}/approve"): ({LAWYER, LEADER}, {LEADER}, {LEADER}),
    ("POST", "/drafts/{draft_id}/return"): ({LAWYER, LEADER}, {LEADER}, {LEADER}),
    ("POST", "/opinion"): _ALL,
    ("POST", "/conflict"): _ALL,
    ("POST", "/conflict/lift"): ({LEADER}, {LEADER}, {LEADER}),
    ("POST", "/tasks"): _ALL,
    ("POST", "/tasks/tick"): _ALL,
    ("POST", "/tasks/drop"): _ALL,
    ("POST", "/playbook"): _ALL,
    ("POST", "/playbook/tick"): _ALL,
    ("POST", "/checklist"): _ALL,
    ("POST", "/contacts"): _ALL,
    ("POST", "/canned"): _ALL,
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"whom": "her", "when": "2026-11-20T10:00", "minutes": "5"}
