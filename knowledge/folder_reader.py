"""Reads the files of a knowledge folder as models, gathers every fault, and hashes what it read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge import checks
from knowledge.checks import Read
from knowledge.faults import Fault
from knowledge.reading import Document, read_yaml, with_names

Model = TypeVar("Model", bound=BaseModel)


@dataclass(slots=True)
class FolderReader:
    """Reads files of one folder, gathers their faults and hashes what it read.

    `names` stand for {region} and the like in everything read after they were set.
    """

    folder: Path
    faults: list[Fault] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)
    _hashes: dict[str, bytes] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        return f"{self.folder.name}/{path.relative_to(self.folder).as_posix()}"

    def files(self, pattern: str) -> Iterator[Path]:
        yield from sorted(self.folder.glob(pattern))

    def version(self) -> str:
        """Content hash of everything read, 16 hex digits."""
        total = hashlib.sha256()
        for name in sorted(self._hashes):
            total.update(name.encode() + b"\0" + self._hashes[name])
        for name, value in sorted(self.names.items()):
            total.update(f"{name}\0{value}\0".encode())
        return total.hexdigest()[:16]

    def lines(self, path: Path) -> list[str]:
        try:
            raw = path.read_bytes()
            self._hashes[self.name(path)] = hashlib.sha256(raw).digest()
            return [with_names(line, self.names) for line in raw.decode("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as error:
            wrong = f"读不了（{type(error).__name__}）"
            self.faults.append(Fault(self.name(path), 1, "文件", wrong, "用 UTF-8 另存"))
            return []

    def document(self, path: Path) -> Document | None:
        document = read_yaml(path, self.name(path), self.faults, self.names)
        if document:
            self._hashes[self.name(path)] = document.digest
        return document

    def read(self, path: Path, model: type[Model], **given: str) -> Read[Model] | None:
        """One file as `model`; `given` are fields that the file's place says; the file may repeat them."""
        document = self.document(path)
        return self.checked(document, model, **given) if document else None

    def checked(self, document: Document, model: type[Model], **given: str) -> Read[Model] | None:
        """A document as `model`, or None with its faults gathered."""
        data = document.data
        if isinstance(data, dict):
            for key, place in given.items():
                if key in data and data[key] != place:
                    self.faults.append(document.fault((key,), f"与文件位置不符（{place}）", "删掉这一行"))
            data = data | given
        value = self._validated(document, data, model, ())
        return Read(value, document) if value else None

    def one(self, path: Path, model: type[Model]) -> Model | None:
        read = self.read(path, model)
        return read.value if read else None

    def each(self, pattern: str, model: type[Model]) -> list[tuple[Path, Read[Model]]]:
        """Every file that fits `pattern`, with its path."""
        reads = [(path, self.read(path, model)) for path in self.files(pattern)]
        return [(path, read) for path, read in reads if read]

    def named(self, pattern: str, model: type[Model]) -> list[Read[Model]]:
        """Every file that fits `pattern`; a file's name is the `id` of its content."""
        reads = [self.read(path, model, id=path.stem) for path in self.files(pattern)]
        return [read for read in reads if read]

    def rows(self, name: str, model: type[Model]) -> list[Model]:
        """A file that is a list of `model`."""
        document = self.document(self.folder / name)
        if document is None:
            return []
        if not isinstance(document.data, list):
            self.faults.append(document.fault((), "应当是一个列表", "每项以 - 开头"))
            return []
        rows = [self._validated(document, row, model, (at,)) for at, row in enumerate(document.data)]
        return [row for row in rows if row]

    def table(self, name: str, model: type[Model]) -> dict[str, Model]:
        """A file that maps names to `model`."""
        document = self.document(self.folder / name)
        if document is None:
            return {}
        if not isinstance(document.data, dict):
            self.faults.append(document.fault((), "应当是键和值", "每项写成 名字: {…}"))
            return {}
        rows = {key: self._validated(document, row, model, (key,)) for key, row in document.data.items()}
        return {key: row for key, row in rows.items() if row}

    def _validated(
        self, document: Document, data: Any, model: type[Model], at: tuple[str | int, ...]
    ) -> Model | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults += checks.as_faults(document, at, error, model)
            return None
