"""One unit of work: every table over one connection's transaction."""

from storage.audit import AuditTable
from storage.case_links import LinksTable
from storage.case_words import CaseWords
from storage.cases import CasesTable
from storage.chats import Chats
from storage.contest import ContestTable
from storage.context import UnitContext
from storage.deadlines import DeadlinesTable
from storage.duty import DutyTable
from storage.employers import EmployersTable
from storage.figures import FiguresTable
from storage.files import FilesTable
from storage.house import FactsTable, FeedbackTable, LimitsTable
from storage.identities import Identities
from storage.inbox import InboxTable
from storage.outbox import OutboxTable
from storage.partners import PartnersTable
from storage.people import PeopleTable
from storage.retention import RetentionTable
from storage.sessions import SessionsTable
from storage.staff import StaffTable
from storage.subscriptions import SubscriptionsTable
from storage.team import TeamTable


class SqlUnit:
    """Fulfils ports.Unit. Made once a connection; the context remembers what belongs to one unit only."""

    def __init__(self, context: UnitContext) -> None:
        self.context = context
        chats, identities = Chats(context), Identities(context)
        self._files = FilesTable(context)
        self._cases = CasesTable(context, CaseWords(context, self._files))
        self._contest = ContestTable(context)
        self._people = PeopleTable(context, identities, chats, self._cases, self._files, self._contest)
        self._inbox = InboxTable(context, identities)
        self._sessions = SessionsTable(context)
        self._outbox = OutboxTable(context, chats, identities)
        self._staff = StaffTable(context)
        self._audit = AuditTable(context)
        self._limits = LimitsTable(context)
        self._feedback = FeedbackTable(context)
        self._facts = FactsTable(context)
        self._subscriptions = SubscriptionsTable(context)
        self._duty = DutyTable(context)
        self._deadlines = DeadlinesTable(context)
        self._links = LinksTable(context)
        self._team = TeamTable(context)
        self._partners = PartnersTable(context)
        self._employers = EmployersTable(context)
        self._figures = FiguresTable(context)
        self._retention = RetentionTable(context, self._people, self._subscriptions)

    @property
    def people(self) -> PeopleTable:
        return self._people

    @property
    def inbox(self) -> InboxTable:
        return self._inbox

    @property
    def sessions(self) -> SessionsTable:
        return self._sessions

    @property
    def outbox(self) -> OutboxTable:
        return self._outbox

    @property
    def cases(self) -> CasesTable:
        return self._cases

    @property
    def files(self) -> FilesTable:
        return self._files

    @property
    def contest(self) -> ContestTable:
        return self._contest

    @property
    def staff(self) -> StaffTable:
        return self._staff

    @property
    def audit(self) -> AuditTable:
        return self._audit

    @property
    def limits(self) -> LimitsTable:
        return self._limits

    @property
    def feedback(self) -> FeedbackTable:
        return self._feedback

    @property
    def facts(self) -> FactsTable:
        return self._facts

    @property
    def retention(self) -> RetentionTable:
        return self._retention

    @property
    def subscriptions(self) -> SubscriptionsTable:
        return self._subscriptions

    @property
    def duty(self) -> DutyTable:
        return self._duty

    @property
    def deadlines(self) -> DeadlinesTable:
        return self._deadlines

    @property
    def links(self) -> LinksTable:
        return self._links

    @property
    def team(self) -> TeamTable:
        return self._team

    @property
    def partners(self) -> PartnersTable:
        return self._partners

    @property
    def employers(self) -> EmployersTable:
        return self._employers

    @property
    def figures(self) -> FiguresTable:
        return self._figures

    def announce(self, name: str) -> None:
        self.context.announced.add(name)
