"""A person's transcript: what she did and what we said, in the order in which it belongs together."""

import json
import logging
from collections.abc import Sequence

from bot.domain.errors import SealBroken
from bot.domain.ports_talk import TalkLine
from storage.context import UnitContext
from storage.database import Row, instant
from storage.inbox import place_of
from storage.packing import unpack_reply

_log = logging.getLogger(__name__)
_START = (0, 0, 0)

_HERS_LAST = """
select seq, key, shown, files, at from inbox
where person_id = :person and state = 'done' order by seq desc limit :limit"""
_HERS_AFTER = """
select seq, key, shown, files, at from inbox
where person_id = :person and state = 'done' and seq > :line order by seq limit :limit"""
_OURS_LAST = """
select seq, number, body, state, after_seq, at from outbox
where person_id = :person and deletion = 0 order by after_seq desc, seq desc limit :limit"""
_OURS_AFTER = """
select seq, number, body, state, after_seq, at from outbox
where person_id = :person and deletion = 0 and (after_seq, seq) > (:line, :seq)
order by after_seq, seq limit :limit"""


def talk(context: UnitContext, person_id: str, after: tuple[int, int, int], limit: int) -> Sequence[TalkLine]:
    """Lines behind a place, oldest first; with `after` at the start, the last `limit` ones.

    Our messages stand behind the last thing she had sent when they were queued.
    """
    db = context.db
    if after == _START:
        hers = db.all(_HERS_LAST, person=person_id, limit=limit)
        ours = db.all(_OURS_LAST, person=person_id, limit=limit)
    else:
        line, side, seq = after
        hers = db.all(_HERS_AFTER, person=person_id, line=line, limit=limit)
        ours = db.all(_OURS_AFTER, person=person_id, line=line, seq=seq if side else 0, limit=limit)
    rows = [((row["seq"], 0, row["seq"]), row) for row in hers]
    rows += [((row["after_seq"], 1, row["seq"]), row) for row in ours]
    rows.sort(key=lambda pair: pair[0])
    rows = rows[-limit:] if after == _START else rows[:limit]
    lines = (_line(context, person_id, order, row) for order, row in rows)
    return [line for line in lines if line is not None]


def _line(context: UnitContext, person_id: str, order: tuple[int, int, int], row: Row) -> TalkLine | None:
    read = _her_line if order[1] == 0 else _our_line
    try:
        return read(context, person_id, order, row)
    except SealBroken:  # the rest of her transcript is still hers to read; `verify` names the row
        _log.error("transcript row %d of side %d does not open", row["seq"], order[1])
        return None


def _her_line(context: UnitContext, person_id: str, order: tuple[int, int, int], row: Row) -> TalkLine:
    shown = context.seal.open_text("person", person_id, place_of(row["key"], "shown"), row["shown"])
    files = tuple(json.loads(row["files"])) if row["files"] else ()
    return TalkLine(order, instant(row["at"]), shown, None, files)


def _our_line(context: UnitContext, person_id: str, order: tuple[int, int, int], row: Row) -> TalkLine:
    text = context.seal.open_text("person", person_id, f"outbox:{row['number']}:body", row["body"])
    return TalkLine(order, instant(row["at"]), None, unpack_reply(text), (), row["state"] == "sent")
