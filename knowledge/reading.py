"""Reads one YAML file strictly and remembers where every value stands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from knowledge.faults import Fault

MAX_BYTES = 4_000_000
MAX_DEPTH = 24
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CLOSED = re.compile(r"""[\[{][^\[\]{}"'#&*\n]*[\]}]""")  # a collection without another inside
_CLOSED_PASSES = 2
_TRUE_FALSE = frozenset(("true", "false"))


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the nodes behind it so that a fault can name its line."""

    file: str
    data: Any
    root: yaml.Node | None
    digest: bytes = b""

    def line(self, path: Sequence[str | int]) -> int:
        """Line (from 1) of the value at `path`; of the nearest value above it when the path leads nowhere."""
        node, line = self.root, 1
        for step in path:
            match node:
                case yaml.MappingNode():
                    pairs = [pair for pair in node.value if pair[0].value == str(step)]
                    if not pairs:
                        break
                    line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
                case yaml.SequenceNode() if isinstance(step, int) and step < len(node.value):
                    node = node.value[step]
                    line = node.start_mark.line + 1
                case _:
                    break
        return line

    def fault(self, path: Sequence[str | int], wrong: str, write: str) -> Fault:
        """A fault at `path`, its key written as steps[2] or review.status."""
        return Fault(self.file, self.line(path), key_in_words(path), wrong, write)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """`text` with each {name} put in; all other braces stay."""
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def key_in_words(path: Sequence[str | int]) -> str:
    """("steps", 2) → "steps[3]": items are counted from 1, as people do."""
    words = ""
    for step in path:
        words += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if words else step
    return words or "文件"


def read_yaml(
    path: Path, file: str, faults: list[Fault], names: Mapping[str, str] = MappingProxyType({})
) -> Document | None:
    """The document in `path`, or None with the reasons added to `faults`; `file` is the name shown.

    `names` stand for {region} and the like in every text.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _RefusedError(1, "文件", f"大于 {MAX_BYTES // 1_000_000} MB", "把文件拆小")
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
        _refuse_deep_nesting(text)
        root = yaml.compose(text, Loader=_LOADER)
        if root is None:
            raise _RefusedError(1, "文件", "是空的", "按同类文件补上内容")
        return Document(file, _Builder(faults, file, names).build(root), root, hashlib.sha256(raw).digest())
    except OSError as error:
        faults.append(Fault(file, 1, "文件", f"读不到（{error.strerror}）", "检查文件名和权限"))
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        faults.append(Fault(file, line, "文件", "不是 UTF-8 编码", "用 UTF-8 另存"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.append(Fault(file, mark.line + 1 if mark else 1, "YAML", f"写法有错（{error.problem}）",
                            "检查缩进、冒号后的空格和引号"))  # fmt: skip
    except yaml.YAMLError:
        faults.append(Fault(file, 1, "YAML", "含有不能用的字符", "删掉看不见的控制字符"))
    except _RefusedError as refused:
        faults.append(Fault(file, refused.line, refused.key, refused.wrong, refused.write))
    return None


class _RefusedError(Exception):
    def __init__(self, line: int, key: str, wrong: str, write: str) -> None:
        super().__init__(wrong)
        self.line, self.key, self.wrong, self.write = line, key, wrong, write


def _refuse_deep_nesting(text: str) -> None:
    """Composing recurses, so depth is bounded first; counted exactly only when a rough count is high."""
    indent = max((len(run.group()) for run in re.finditer(r"(?m)^[ \t-]+", text)), default=0)
    rest = text
    for _ in range(_CLOSED_PASSES):  # {law: …, article: …} on one line is one level, however often it stands
        rest = _CLOSED.sub("", rest)
    if indent + rest.count("[") + rest.count("{") + _CLOSED_PASSES < MAX_DEPTH:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise _RefusedError(line, "YAML", f"嵌套超过 {MAX_DEPTH} 层", "减少层次")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Nodes → plain data. Keys are always text (YAML would read `on:` as a boolean), repeats are refused."""

    def __init__(self, faults: list[Fault], file: str, names: Mapping[str, str]) -> None:
        self._faults = faults
        self._file = file
        self._names = names
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node) -> Any:
        self._refuse_alias(node)
        match node:
            case yaml.SequenceNode():
                return [self.build(item) for item in node.value]
            case yaml.MappingNode():
                return self._mapping(node)
            case _:
                return self._scalar(node)

    def _refuse_alias(self, node: yaml.Node) -> None:
        """An alias can blow a small file up without bound, and makes two places change together."""
        if id(node) in self._seen:
            raise _RefusedError(node.start_mark.line + 1, "YAML", "用了锚点和别名（& *）", "把内容写全")
        self._seen.add(id(node))

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise _RefusedError(line, "YAML", "键不是文字", "键写成一个词")
            if key in data:
                self._faults.append(Fault(self._file, line, key, "同一个键写了两次", "合并成一个"))
            data[key] = self.build(value_node)
        return data

    def _scalar(self, node: yaml.Node) -> Any:
        tag, value = node.tag, node.value
        if tag == "tag:yaml.org,2002:str":
            return with_names(value, self._names) if "{" in value else value
        if tag == "tag:yaml.org,2002:bool":
            return value.lower() == "true" if value.lower() in _TRUE_FALSE else value
        if tag == "tag:yaml.org,2002:int" and (":" in value or (len(value) > 1 and value[0] == "0")):
            return value  # 0951 is a telephone prefix and 1:30 a time, not octal and base 60
        if tag.startswith("tag:yaml.org,2002:"):
            try:
                return self._scalars.construct_object(node, deep=True)
            except (ValueError, yaml.YAMLError):
                return value
        raise _RefusedError(node.start_mark.line + 1, "YAML", f"用了标签 {tag}", "删掉标签")
