"""Staff at the desk and a partner's officer behind a link, who write marked words wherever words can go."""

import re
from datetime import date, datetime, timedelta

import httpx

from bot.domain.cases import Draft, ReviewState
from bot.domain.civil_time import local
from bot.domain.clock import RealClock
from bot.domain.handovers import Field, JointSession, SessionState
from bot.domain.ports import Unit
from bot.domain.ports_employers import Letter, LetterState
from bot.domain.staff import Role, StaffMember
from bot.services import patterns
from bot.services.notify_staff import notify
from tests.markers import Markers
from tests.telegram_app import TelegramApp

CONTACT = "13522334455"


class Desk:
    """The administrator at the desk, over HTTP."""

    def __init__(self, url: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url, timeout=30, headers={"origin": url}, follow_redirects=True, trust_env=False
        )
        self.page = ""

    async def opens(self, path: str) -> str:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        self.page = answer.text
        return self.page

    async def sends(self, path: str, expect: int = 200, **fields: str) -> str:
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', self.page)
        assert token is not None, self.page
        answer = await self.http.post(path, data=fields | {"csrf": token[1]})
        assert answer.status_code == expect, (path, answer.status_code, answer.text)
        self.page = answer.text
        return self.page

    def found(self, pattern: str) -> str:
        """What the first group of `pattern` is on the page."""
        match = re.search(pattern, self.page)
        assert match is not None, (pattern, self.page)
        return match[1]


async def works_as_a_team(desk: Desk, markers: Markers, case: str) -> None:
    """Tasks, telephone notes, a pause, a saved view, names of an employer, a joint session."""
    await desk.sends(f"{case}/tasks", text=markers["task"])
    called = _on_a_form(RealClock().now() - timedelta(minutes=2))
    await desk.sends(
        f"{case}/contacts", contact="call", whom="her", when=called, minutes="5", text=markers["call note"]
    )
    await desk.sends(f"{case}/pause", reason="partner", text=markers["pause words"])
    await desk.sends(f"{case}/resume", text=markers["resume words"])
    await desk.sends(f"{case}/canned", canned=markers["canned search"])
    for what in ("employer name", "employer renamed"):
        await desk.sends(f"{case}/employer", employer_name=markers[what])
    tomorrow = _on_a_form(RealClock().now() + timedelta(days=1))
    agency = desk.found(r'name="with-([\w-]+)"')
    await desk.sends(
        f"{case}/joint", at=tomorrow, place=markers["joint place"], text=markers["joint agenda"],
        **{f"with-{agency}": "1", f"role-{agency}": "host"},
    )  # fmt: skip
    await desk.sends("/console/views", name=markers["view name"], filters=f"q={markers['view words']}")


async def takes_down_a_call(desk: Desk, markers: Markers) -> str:
    """Somebody calls 12351 and agrees by word of mouth; returns the address of the case."""
    await desk.opens("/console/cases/new")
    fields = ("text", "since", "employer", "evidence", "wish", "name")
    told = {name: markers[f"call {name}"] for name in fields}
    contact = markers.plant("call contact", CONTACT)
    await desk.sends(
        "/console/cases/new", once=desk.found(r'name="once" value="(\w+)"'), source="hotline", agreed="yes",
        keep_name="yes", level="named", mine="yes", kind="wages", contact=contact,
        **told,
    )  # fmt: skip
    return desk.found(r'(/console/cases/\w{8,})"')


async def hands_over(desk: Desk, markers: Markers, case: str) -> None:
    """Everything but her name goes to an agency, whose officer opens it, downloads it and answers."""
    await desk.opens(case)
    fields = {f"field-{field}": "1" for field in Field}
    agency = desk.found(r'<select name="agency".*?<option value="([\w-]+)"')
    await desk.sends(f"{case}/handovers", agency=agency, purpose="inspection", days="30", **fields)
    one = desk.found(rf"({case}/handovers/\w+)/oral")
    await desk.sends(f"{one}/oral", how="by_phone", **{"keep-name": "1"})
    assert (await desk.http.get(f"{one}/package")).status_code == 200
    await desk.sends(f"{one}/link")
    token, code = desk.found(r"/partner/([\w-]+)</code>"), desk.found(r'id="code">([\d ]+)<')
    markers.plant("partner link", token)
    async with httpx.AsyncClient(
        base_url=desk.http.base_url, timeout=30, follow_redirects=True, trust_env=False
    ) as guest:
        page = f"/partner/{token}"
        assert (await guest.post(page, data={"code": markers["wrong partner code"]})).status_code == 403
        shown = (await guest.post(page, data={"code": code})).text
        assert markers["call text"] in shown and markers["call name"] not in shown
        (cookie,) = guest.cookies.values()
        markers.plant("partner cookie", cookie)
        form = re.search(r'name="token" value="(\w+)"', shown)
        assert form is not None
        markers.plant("partner form token", form[1])
        for step, what in (("note", ""), ("accepted", ""), ("result", "settled")):
            said = {"token": form[1], "step": step, "what": what, "words": markers[f"partner {step}"]}
            answer = await guest.post(f"{page}/answer", data=said)
            assert answer.status_code == 200, answer.text
        assert (await guest.get(f"{page}/package")).status_code == 200
    assert markers["partner result"] in await desk.opens(case)


async def keeps_what_takes_others(app: TelegramApp, markers: Markers, case_id: str) -> None:
    """What needs a second person or another day: a review note, a session that was held, a notice, and a
    letter that a leader does not send."""
    now = RealClock().now()
    leader = StaffMember("leader-of-markers", "王主任", frozenset({Role.LEADER}), True, now)

    def keep(unit: Unit) -> None:
        admin = unit.staff.by_name("赵管理")
        card = unit.cases.card(case_id)
        assert admin is not None and card.employer_id is not None
        unit.staff.add(leader)
        body, note = markers["returned draft"], markers["review note"]
        unit.cases.keep_draft(
            Draft("draft-of-markers", case_id, admin.id, body, now, review=ReviewState.RETURNED,
                  reviewer=leader.id, review_note=note)
        )  # fmt: skip
        unit.partners.keep_joint(
            JointSession(
                "session-of-markers", case_id, SessionState.HELD, now, admin.id, now, (),
                markers["held place"], "", True, date(2026, 11, 22), date(2026, 12, 22), True,
                markers["held words"],
            )
        )  # fmt: skip
        notify(unit, [admin.id], markers["notice"], now, case_id=case_id)
        unit.employers.add_letter(
            Letter("letter-of-markers", card.employer_id, "kind:wages", LetterState.PROPOSED, now)
        )
        patterns.dismiss(unit, leader, "letter-of-markers", markers["letter reason"], now)

    await app.write(keep)


async def reads_it_all(app: TelegramApp, markers: Markers, case_id: str) -> None:
    """It came in and can be read: a search for what was never kept would find nothing either."""

    def read(unit: Unit) -> list[str]:
        admin = unit.staff.by_name("赵管理")
        assert admin is not None
        (letter,) = unit.employers.letters()
        held = {one.words for one in unit.partners.joints_of(case_id)}
        tasks = {one.words for one in unit.team.tasks_of(case_id)}
        views = {one.name for one in unit.team.views(admin.id)}
        notices = {one.text for one in unit.duty.notices(admin.id, 100)}
        names = {name.written for firm in unit.employers.all() for name in unit.employers.names(firm.id)}
        return sorted(held | tasks | views | notices | names | {letter.reason})

    kept = await app.read(read)
    for what in (
        "held words",
        "task",
        "view name",
        "notice",
        "employer name",
        "call employer",
        "letter reason",
    ):
        assert markers[what] in kept, what


def _on_a_form(moment: datetime) -> str:
    """Clock time in Asia/Shanghai as a form writes it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}"
