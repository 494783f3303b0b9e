"""Staff accounts: who may come in, by which one-time link, with which roles.

Functions take a unit of work; a Refused carries a key of `desk.refused` in wording.yaml.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.errors import NotFound, Refused
from bot.domain.ports import Unit
from bot.domain.ports_staff import StaffSecrets
from bot.domain.staff import SYSTEM, Power, Role, StaffMember
from bot.services.case_gate import on_duty, require
from bot.services.one_time_codes import new_secret, step_of_code

LINK_LIVES = timedelta(hours=48)
TELEGRAM_CODE_LIVES = timedelta(minutes=10)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
LONGEST_NAME = 20
# The first one sets the house up and can also work on cases; who reads all cases is invited by name.
FIRST_ROLES = frozenset({Role.ADMIN, Role.OFFICER})


@dataclass(frozen=True, slots=True)
class SetupOffer:
    """What a one-time link offers: an account to finish (`name` is None: she names herself)."""

    name: str | None
    roles: frozenset[Role]
    totp_secret: str


def first_admin_link(unit: Unit, now: datetime) -> str | None:
    """A token for /console/setup/<token>, while there is no account at all; otherwise None."""
    if unit.staff.all():
        return None
    token = secrets.token_urlsafe(32)
    unit.staff.add_link(token, None, FIRST_ROLES, now + LINK_LIVES)
    unit.audit.append("system", "first_admin_link", "staff", now)
    return token


def invite(
    unit: Unit, actor: StaffMember, name: str, roles: frozenset[Role], now: datetime
) -> tuple[StaffMember, str]:
    """A new account and the token of its one-time link. `actor` SYSTEM is the command line."""
    by = _manager(unit, actor)
    if not roles:
        raise Refused("no_role")
    member = StaffMember(secrets.token_hex(8), _free_name(unit, name), roles, True, now)
    unit.audit.append(by, "invite", member.id, now, {"roles": _in_order(roles)})
    unit.staff.add(member)
    return member, _new_link(unit, member, now)


def reset(unit: Unit, actor: StaffMember, staff_id: str, now: datetime) -> str:
    """Password and second factor are void, sessions end; returns the token of a new one-time link."""
    by = _manager(unit, actor)
    member = _member(unit, staff_id)
    unit.audit.append(by, "reset", member.id, now)
    unit.staff.save_secrets(member.id, StaffSecrets(None, None, 0))
    unit.staff.save(replace(member, has_totp=False))
    unit.staff.end_sessions(member.id)
    unit.announce(account_of(member.id))
    return _new_link(unit, member, now)


def disable(unit: Unit, actor: StaffMember, staff_id: str, now: datetime) -> None:
    """Out at once: sessions end, the Telegram account is no longer hers."""
    by = _manager(unit, actor)
    member = _member(unit, staff_id)
    _keep_an_admin(unit, member, frozenset())
    unit.audit.append(by, "disable", member.id, now)
    unit.staff.save(replace(member, active=False, telegram_id=None))  # which shuts her sessions
    unit.announce(account_of(member.id))


def enable(unit: Unit, actor: StaffMember, staff_id: str, now: datetime) -> None:
    """Back again, with the roles that the account had."""
    by = _manager(unit, actor)
    member = _member(unit, staff_id)
    unit.audit.append(by, "enable", member.id, now)
    unit.staff.save(replace(member, active=True))


def set_roles(unit: Unit, actor: StaffMember, staff_id: str, roles: frozenset[Role], now: datetime) -> None:
    """Give other roles. Nobody changes her own: a second person has to."""
    by = _manager(unit, actor)
    member = _member(unit, staff_id)
    if member.id == actor.id:
        raise Refused("not_yourself")
    if not roles:
        raise Refused("no_role")
    _keep_an_admin(unit, member, roles)
    facts = {"from": _in_order(member.roles), "to": _in_order(roles)}
    unit.audit.append(by, "roles", member.id, now, facts)
    unit.staff.save(replace(member, roles=roles))
    unit.announce(account_of(member.id))


def open_setup(unit: Unit, token: str, now: datetime) -> SetupOffer:
    """What the link offers; the second factor's secret stays the same each time the page is opened."""
    member, roles = _offered(unit, token, now)
    fact = _setup_fact(token)
    secret = unit.facts.get(fact)
    if not secret:
        secret = new_secret()
        unit.facts.put(fact, secret)
    return SetupOffer(member.name if member else None, roles, secret)


def check_setup(unit: Unit, token: str, name: str, password: str, code: str, now: datetime) -> None:
    """Refuse what would not do, before any hashing."""
    offer = open_setup(unit, token, now)
    if offer.name is None:
        _free_name(unit, name)
    check_password(password)
    if step_of_code(offer.totp_secret, code, now, 0) is None:
        raise Refused("wrong_code")


def finish_setup(
    unit: Unit, token: str, name: str, password_hash: str, code: str, now: datetime
) -> StaffMember:
    """Make the account usable; the link is used up, and the code that confirmed it too."""
    offer = open_setup(unit, token, now)
    step = step_of_code(offer.totp_secret, code, now, 0)
    if step is None:
        raise Refused("wrong_code")
    known, roles = _offered(unit, token, now)
    if known is None:
        member = StaffMember(secrets.token_hex(8), _free_name(unit, name), roles, True, now, has_totp=True)
        unit.staff.add(member)
    else:
        member = replace(known, has_totp=True)
        unit.staff.save(member)
        unit.facts.put(_newest_link(member.id), "")
    unit.audit.append(member.id, "setup", member.id, now)
    unit.staff.save_secrets(member.id, StaffSecrets(password_hash, offer.totp_secret, step))
    unit.staff.use_link(token)
    unit.facts.put(_setup_fact(token), "")
    return member


def check_password(password: str) -> None:
    """Long enough is all that is asked."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refused("password_short", least=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise Refused("password_long", most=LONGEST_PASSWORD)


def telegram_code(unit: Unit, actor: StaffMember, now: datetime) -> tuple[str, datetime]:
    """A code that she sends to the bot as /link CODE, and until when it holds."""
    member = on_duty(unit, actor)
    code = f"{secrets.randbelow(10**10):010d}"
    until = now + TELEGRAM_CODE_LIVES
    unit.audit.append(member.id, "telegram_code", member.id, now)
    unit.facts.put(f"telegram-link:{code}", f"{member.id}|{until.isoformat()}")
    return code, until


def unbind_telegram(unit: Unit, actor: StaffMember, now: datetime) -> None:
    """The Telegram account may no longer act for her."""
    member = on_duty(unit, actor)
    unit.audit.append(member.id, "telegram_unbound", member.id, now)
    unit.staff.save(replace(member, telegram_id=None))


def account_of(staff_id: str) -> str:
    """Signal name: what this member may do has changed."""
    return f"staff:{staff_id}"


def cleaned_name(name: str) -> str:
    """A name as it is shown in lists; Refused where it is empty, long, or holds invisible characters."""
    plain = unicodedata.normalize("NFKC", name).strip()
    if not plain:
        raise Refused("name_empty")
    if len(plain) > LONGEST_NAME or any(unicodedata.category(sign)[0] == "C" for sign in plain):
        raise Refused("name_wrong", most=LONGEST_NAME)
    return plain


def _free_name(unit: Unit, name: str) -> str:
    plain = cleaned_name(name)
    if unit.staff.by_name(plain) is not None:
        raise Refused("name_taken")
    return plain


def _manager(unit: Unit, actor: StaffMember) -> str:
    """Id of who manages staff here; SYSTEM is somebody at the machine itself."""
    if actor is SYSTEM:
        return SYSTEM.id
    member = on_duty(unit, actor)
    require(member, Power.MANAGE_STAFF)
    return member.id


def _member(unit: Unit, staff_id: str) -> StaffMember:
    member = unit.staff.get(staff_id)
    if member is None:
        raise NotFound("staff")
    return member


def _keep_an_admin(unit: Unit, member: StaffMember, roles: frozenset[Role]) -> None:
    if Role.ADMIN not in member.roles or Role.ADMIN in roles:
        return
    others = (one for one in unit.staff.all() if one.id != member.id)
    if not any(one.active and one.has_totp and Role.ADMIN in one.roles for one in others):
        raise Refused("last_admin")


def _new_link(unit: Unit, member: StaffMember, now: datetime) -> str:
    """A one-time link for an account; the links that were given before are void."""
    token = secrets.token_urlsafe(32)
    unit.staff.add_link(token, member.id, member.roles, now + LINK_LIVES)
    unit.facts.put(_newest_link(member.id), _setup_fact(token))
    return token


def _offered(unit: Unit, token: str, now: datetime) -> tuple[StaffMember | None, frozenset[Role]]:
    """The account and roles behind a link that still holds; None for the first administrator."""
    found = unit.staff.link(token, now)
    if found is None:
        raise NotFound("link")
    staff_id, roles = found
    if staff_id is None:
        if unit.staff.all():
            raise NotFound("link")  # the house has its first administrator already
        return None, roles
    member = unit.staff.get(staff_id)
    if member is None or not member.active or unit.facts.get(_newest_link(staff_id)) != _setup_fact(token):
        raise NotFound("link")
    return member, member.roles


def _newest_link(staff_id: str) -> str:
    return f"setup-link:{staff_id}"


def _setup_fact(token: str) -> str:
    """Names of facts lie in the clear, tokens must not."""
    return f"setup:{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def _in_order(roles: frozenset[Role]) -> str:
    return ",".join(sorted(role.value for role in roles))
