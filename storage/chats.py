"""When to look at a chat next: the outbox's timetable, one row a chat.

Claiming reads this table by lane and due time, so its cost does not grow with the queue. A row here may be
too early, never too late: the exact message is chosen when the chat is looked at.
"""

from bot.domain.reply import Lane
from storage.context import UnitContext
from storage.database import Row

LANES: tuple[Lane, ...] = (Lane.URGENT, Lane.REPLY, Lane.NOTICE, Lane.BROADCAST)
LANE_NUMBERS = {lane: number for number, lane in enumerate(LANES)}

# A quiet person gets only what answers her own words. A row that was tried before stays in front of the
# later ones of its lane; a row for a later hour does not hold them up.
_OF_CHAT = (
    "from outbox where channel = :channel and chat = :chat and state = 'queued'"
    " and ((answers = 1 and lane <= 1)"
    " or coalesce((select quiet from people where people.id = :chat), 0) = 0)"
)
_HEAD = (
    f"select seq, lane, not_before {_OF_CHAT} and (not_before <= :now or attempts > 0)"
    " order by lane, seq limit 1"
)
_START_HEAD = (
    f"update outbox set state = 'sending' where seq = (select seq from ({_HEAD}) as head)"  # noqa: S608
    " and not_before <= :now returning *"
)
_NEXT_SCHEDULED = f"select lane, not_before {_OF_CHAT} order by not_before, lane, seq limit 1"
_NOTHING_LEFT = (
    "update chats set lane = 3, due_at = null, sending = case when sending = :ended then 0 else sending end"
    " where channel = :channel and chat = :chat and not exists (select 1 from outbox"
    " where outbox.channel = :channel and outbox.chat = :chat and outbox.state = 'queued')"
)
# While the head waits for its next try, something more urgent may fall due before it.
_SOONER = f"select min(not_before) as due {_OF_CHAT} and lane < :lane"
_DUE = " union all ".join(
    f"select * from (select chat, lane from chats where channel = :channel and lane = {lane}"  # noqa: S608
    " and sending = 0 and due_at <= :now order by due_at limit :limit) as lane_" + str(lane)
    for lane in range(len(LANES))
)
_NEXT_DUE = "select min(due) as due from ({}) as earliest".format(  # noqa: S608
    " union all ".join(
        f"select min(due_at) as due from chats where channel = :channel and lane = {lane}"  # noqa: S608
        " and sending = 0 and due_at is not null"
        for lane in range(len(LANES))
    )
)


class Chats:
    """The timetable of one connection's transaction."""

    def __init__(self, context: UnitContext) -> None:
        self._db = context.db
        self._context = context

    def start_head(self, channel: str, chat: str, now: int) -> Row | None:
        """The message whose turn it is in this chat, marked as being sent; None if it still has to wait."""
        row = self._db.one(_START_HEAD, channel=channel, chat=chat, now=now)
        if row is not None:
            self._take(channel, chat, row["seq"])
        return row

    def hurry(self, channel: str, chat: str, lane: int, due_at: int) -> None:
        """A message was added: look at the chat no later than then."""
        self._db.run(
            "insert into chats (channel, chat, lane, due_at) values (:channel, :chat, :lane, :due)"
            " on conflict (channel, chat) do update set"
            " lane = case when chats.due_at is null or chats.lane > :lane then :lane else chats.lane end,"
            " due_at = case when chats.rest_until > :due then chats.rest_until"
            "   when chats.due_at is null or chats.due_at > :due then :due else chats.due_at end",
            channel=channel, chat=chat, lane=lane, due=due_at,
        )  # fmt: skip

    def refresh(self, channel: str, chat: str, now: int, ended: int = 0) -> None:
        """Work out anew when to look at the chat; `ended` is the message on its way that has ended."""
        values = {"channel": channel, "chat": chat}
        if self._db.run(_NOTHING_LEFT, ended=ended, **values):
            return
        row = self._db.one(_HEAD, now=now, **values) or self._db.one(_NEXT_SCHEDULED, **values)
        lane, due = (3, None) if row is None else (row["lane"], row["not_before"])
        if due is not None and due > now:
            sooner = self._db.one(_SOONER, lane=lane, **values)
            if sooner is not None and sooner["due"] is not None:
                due = min(due, sooner["due"])
        self._db.run(
            "update chats set lane = :lane,"
            " due_at = case when rest_until > :due then rest_until else :due end,"
            " sending = case when sending = :ended then 0 else sending end"
            " where channel = :channel and chat = :chat",
            lane=lane, due=due, ended=ended, **values,
        )  # fmt: skip

    def _take(self, channel: str, chat: str, seq: int) -> None:
        """A message of this chat is on its way; none other goes until it has ended."""
        self._db.run(
            "update chats set sending = :seq where channel = :channel and chat = :chat",
            seq=seq, channel=channel, chat=chat,
        )  # fmt: skip

    def rest(self, channel: str, chat: str, until: int) -> None:
        """Nothing to this chat before then."""
        self._db.run(
            "insert into chats (channel, chat, rest_until) values (:channel, :chat, :until)"
            " on conflict (channel, chat) do update set rest_until = :until,"
            " due_at = case when chats.due_at < :until then :until else chats.due_at end",
            channel=channel, chat=chat, until=until,
        )  # fmt: skip

    def due(self, channel: str, now: int, limit: int) -> list[str]:
        """Chats whose time has come: best lane first, then longest waiting."""
        rows = self._db.all(_DUE, channel=channel, now=now, limit=limit)
        return [row["chat"] for row in sorted(rows, key=lambda row: row["lane"])[:limit]]

    def next_due(self, channel: str) -> int | None:
        """The earliest time any chat of the channel is to be looked at."""
        row = self._db.one(_NEXT_DUE, channel=channel)
        assert row is not None
        due: int | None = row["due"]
        return due

    def free_all(self, channel: str) -> None:
        """At start: nothing is on its way any more."""
        now = self._context.now_micros()
        for row in self._db.all(
            "select chat, sending from chats where channel = :channel and sending <> 0", channel=channel
        ):
            self.refresh(channel, row["chat"], now, ended=row["sending"])

    def forget(self, person_id: str) -> None:
        self._db.run("delete from chats where chat = :chat", chat=person_id)
