"""Who may open what: the addresses of intake, written by hand apart from the program's own table."""

from tests.console.matrix.roles import ALL, HANDLE, LEADER, TAKE, Cell, Row

PAGES: dict[Row, Cell] = {
    ("GET", "/cases/new"): TAKE,
    ("POST", "/cases/new"): TAKE,
    ("GET", "/address.svg"): ALL,
}
# For cases: who may on her own, on an unclaimed one, on another's. The path is what follows /cases/{case_id}.
CASES: dict[Row, tuple[Cell, Cell, Cell]] = {
    ("GET", "/slip"): (TAKE, {LEADER}, {LEADER}),
    ("POST", "/merge"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/unmerge"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/group"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/group/join"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/group/leave"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/group/drafts"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/group/send"): (HANDLE, TAKE, {LEADER}),
    ("POST", "/spoke"): (HANDLE, TAKE, {LEADER}),
}
# What the forms must bring so that the act itself is reached.
FIELDS: dict[str, str] = {"other": "A26-9999", "parent": "A26-9999", "source": "hotline"}
