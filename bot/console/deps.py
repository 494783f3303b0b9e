"""What the desk needs, handed in by the app."""

from dataclasses import dataclass, field

from bot.console.presence import Presence
from bot.domain.clock import Clock
from bot.domain.ports import Store
from bot.domain.signals import Signals
from bot.services.case_work import Desk
from bot.services.content_library import Library
from bot.services.sign_in import Passwords, SignIn
from knowledge.loader import Knowledge
from knowledge.wording import Wording


@dataclass(frozen=True, slots=True)
class ConsoleDeps:
    """One object for all pages. `public_url` decides on Secure cookies and HSTS."""

    store: Store
    clock: Clock
    signals: Signals
    desk: Desk
    passwords: Passwords
    public_url: str
    organisation: str
    bot_name: str
    version: str
    library: Library
    presence: Presence = field(default_factory=Presence)
    demo: bool = False  # the store holds invented data: every page says so

    @property
    def knowledge(self) -> Knowledge:
        return self.library.knowledge

    @property
    def wording(self) -> Wording:
        return self.desk.wording

    @property
    def secure(self) -> bool:
        """Whether people reach the desk by https."""
        return self.public_url.startswith("https://")

    @property
    def signing_in(self) -> SignIn:
        return SignIn(self.store, self.clock, self.passwords)
