"""SQL with `:name` parameters: the little that tables ask of a connection."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(instant: datetime) -> int:
    """An aware instant as whole microseconds since 1970: exact, and the same in both databases."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """The aware UTC instant that `micros` made a number of."""
    return _EPOCH + timedelta(microseconds=value)


def micros_or_none(instant: datetime | None) -> int | None:
    """Like `micros`, and nothing for nothing."""
    return None if instant is None else micros(instant)


def instant_or_none(value: int | None) -> datetime | None:
    return None if value is None else instant(value)


class Row(Protocol):
    """One row; columns by name."""

    def __getitem__(self, column: str, /) -> Any: ...


class Database(Protocol):
    """One connection inside one transaction."""

    def one(self, sql: str, /, **values: Any) -> Row | None:
        """The first row, or None."""
        ...

    def all(self, sql: str, /, **values: Any) -> list[Row]: ...
    def run(self, sql: str, /, **values: Any) -> int:
        """Carry out a statement; how many rows it touched."""
        ...


class SqliteDatabase:
    """Fulfils Database over a sqlite3 connection; used only on that connection's thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        self._execute = connection.execute

    def one(self, sql: str, /, **values: Any) -> Row | None:
        found: Row | None = self._execute(sql, values).fetchone()
        return found

    def all(self, sql: str, /, **values: Any) -> list[Row]:
        return self._execute(sql, values).fetchall()

    def run(self, sql: str, /, **values: Any) -> int:
        return self._execute(sql, values).rowcount
