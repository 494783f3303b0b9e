"""The agencies that a case can be handed to: the directory's offices, else one of each kind by name."""

from collections.abc import Sequence
from datetime import date

from bot.domain.handovers import Agency, Field, Purpose
from knowledge.models import Office, OfficeKind
from knowledge.wording_partners import PartnerWords


def agencies(directory: Sequence[Office], words: PartnerWords, today: date) -> tuple[Agency, ...]:
    """In the order of the wording. Hours are told only while somebody has checked them."""
    found: list[Agency] = []
    for kind in words.agencies:
        offices = [office for office in directory if office.kind is kind]
        found += [_of_office(office, words, today) for office in offices] or [_of_kind(kind, words)]
    return tuple(found)


def _of_office(office: Office, words: PartnerWords, today: date) -> Agency:
    usual = words.agencies[office.kind]
    hours = office.hours if office.hours and office.may_be_visited(today) else ""
    return Agency(
        office.id,
        office.kind.value,
        office.name,
        office.competence or usual.does,
        tuple(Field(one) for one in usual.needs),
        tuple(Purpose(one) for one in usual.purposes),
        hours,
    )


def _of_kind(kind: OfficeKind, words: PartnerWords) -> Agency:
    usual = words.agencies[kind]
    return Agency(
        kind.value,
        kind.value,
        usual.name,
        usual.does,
        tuple(Field(one) for one in usual.needs),
        tuple(Purpose(one) for one in usual.purposes),
    )
