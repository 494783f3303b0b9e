"""Rows that a case leaves in the tables beside it, with marked words."""

from dataclasses import replace
from datetime import date, timedelta

from bot.domain.case_deadlines import CaseDeadline, DaySure
from bot.domain.handovers import (
    Content,
    Field,
    HandOver,
    HandOverState,
    JointSession,
    PartnerAnswer,
    PartnerStep,
    Purpose,
    SessionState,
)
from bot.domain.ports_employers import Employer, EmployerSize, Letter, LetterState
from bot.domain.ports_links import ForOther, GroupDraft, Merge, OralConsent, SpokenFor
from bot.domain.ports_team import ReviewAsk
from bot.domain.reply import Lane, Reply
from bot.domain.silence import Watch


def handed_over(unit, number, mark, case_id, now):
    """A case that an agency looks at, has answered to and will sit down about."""
    one = HandOver(
        f"hand{number}", case_id, "court", f"{mark}-agency", Purpose.LAWSUIT, HandOverState.AGREED, "s", now,
        now + timedelta(days=30), (Field.HAPPENED,),
    )  # fmt: skip
    unit.partners.propose(one, Content({Field.HAPPENED: f"{mark}-told"}))
    unit.partners.set_link(one.id, f"{mark}-link", f"{mark}-code")
    unit.partners.start_session(f"{mark}-secret", one, f"{mark}-next", now)
    unit.partners.keep_answer(
        PartnerAnswer(f"said{number}", one.id, case_id, PartnerStep.ACCEPTED, now, "", f"{mark}-said")
    )
    unit.partners.keep_joint(
        JointSession(f"joint{number}", case_id, SessionState.PLANNED, now, "s", now, (), f"{mark}-place")
    )


def employer_with_letter(unit, number, mark, now):
    """An employer of many cases and why nobody wrote to it."""
    firm = Employer(f"firm{number}", f"{mark}-firm", EmployerSize.UNKNOWN, None, False, now)
    unit.employers.add(firm, f"{mark}-key", "system")
    letter = Letter(f"letter{number}", f"firm{number}", "kind:wages", LetterState.PROPOSED, now)
    unit.employers.add_letter(letter)
    unit.employers.save_letter(
        replace(letter, state=LetterState.DISMISSED, decided_by="s", decided_at=now, reason=f"{mark}-reason")
    )


def beside_a_case(unit, number, mark, case_id, double_id, now):
    """A row in every table beside a case that no other helper fills; `double_id` becomes its double."""
    person, day = unit.cases.people_of(case_id)[0], date(2026, 11, 20)
    unit.deadlines.keep(
        CaseDeadline(f"deadline{number}", case_id, "arbitration", day, day, DaySure.FIXED, "s", now)
    )
    unit.duty.keep_watch(Watch(case_id, now, now, False, 0, now))
    unit.duty.mark(case_id, "unclaimed", now)
    unit.links.start_group(case_id, "s", now)
    unit.links.keep_group_draft(case_id, GroupDraft(f"{case_id}-draft", case_id), now)
    unit.links.keep_for_other(ForOther(case_id, person, SpokenFor.STATED, now, "worker"))
    unit.links.add_oral_consent(case_id, OralConsent("processing", "v1", "s", now))
    unit.links.keep_contact(case_id, f"1380013800{number}")
    unit.links.merge(Merge(double_id, case_id, now, "s", {"promised": "a"}, {"promised": "b"}))
    unit.team.ask(ReviewAsk(case_id, f"{case_id}-draft", "s", "s", now))
    unit.team.saw("s", case_id, 1)
    unit.team.keep_conflict(case_id, "s2", None, now)
    unit.employers.attach(case_id, f"firm{number}", unit.employers.mark_of(f"{mark}-key"))
    unit.people.add_consent(person, f"hand_over:hand{number}", "v1", now, case_id)
    unit.outbox.add(
        None, [Reply(f"{mark}-bell")], lane=Lane.URGENT, now=now, case_id=case_id, channel="telegram"
    )
