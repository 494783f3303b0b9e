"""How soon a fresh process answers its first question over HTTP, and what memory it rests at."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import httpx
import yaml

from bench.measure import ROOT, Goal, Row, rounds_of
from knowledge.loader import DEFAULT_FOLDER, DEFAULT_REGION, Knowledge, load_knowledge

START = Goal(1.5, 0.8, "s")
MEMORY = Goal(150, 100, "MB")
LONGEST_S = 60
SETTLE_S = 2
QUESTION = "怀孕了公司要辞退我怎么办"
ANSWER = "pregnancy-dismissal"  # in the buttons under it
LIBRARIES = (
    "aiosqlite, yaml, pydantic, starlette.applications, uvicorn, jinja2, numpy, rapidfuzz, "
    "cryptography.hazmat.primitives.ciphers.aead"
)
_BARE = f"import {LIBRARIES}; print('ready', flush=True); import sys; sys.stdin.read()"


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until the first answer, and resident memory (MB) of the process at rest."""

    seconds: float
    memory_mb: float


def rows(rounds: int, folder: Path) -> list[Row]:
    """With today's topics, and with every topic of topics.tsv filled."""
    knowledge = load_knowledge(DEFAULT_FOLDER, DEFAULT_REGION)
    written = len(knowledge.entries)
    full = _fill(knowledge, folder / "full")
    found = _rows(rounds, folder / "today", ROOT, f"today's {written} topics")
    if written < len(knowledge.topics):
        found += _rows(
            rounds, folder / "filled", full, f"{len(knowledge.topics)} topics, the unwritten invented"
        )
    return found


def _rows(rounds: int, folder: Path, source: Path, size: str) -> list[Row]:
    folder.mkdir()
    _ours(folder, source, settle=False)  # makes key and database: that is done once, not at every start
    ours: list[Start] = []
    bare: list[Start] = []
    for _ in rounds_of(f"cold start, {size}", rounds):
        ours.append(_ours(folder, source, settle=True))
        bare.append(_bare())
    seconds, bare_seconds = median(one.seconds for one in ours), median(one.seconds for one in bare)
    memory, bare_memory = median(one.memory_mb for one in ours), median(one.memory_mb for one in bare)
    return [
        Row(
            f"cold start to first answer over HTTP, {size}",
            f"{seconds:.2f} s",
            f"importing the libraries alone {bare_seconds:.2f} s",
            seconds / bare_seconds,
            seconds,
            START,
        ),
        Row(
            f"memory after the first answer, idle, {size}",
            f"{memory:.0f} MB",
            f"importing the libraries alone {bare_memory:.0f} MB",
            memory / bare_memory,
            memory,
            MEMORY,
        ),
    ]


def _ours(folder: Path, source: Path, *, settle: bool) -> Start:
    with served(folder, source) as (process, url, began), httpx.Client(timeout=LONGEST_S) as client:
        page = ask(client, url, QUESTION).text
        seconds = perf_counter() - began
        if ANSWER not in page:
            raise AssertionError("the first question was not answered: try `python -m bot serve` by hand")
        if settle:
            sleep(SETTLE_S)
        return Start(seconds, _memory_mb(process.pid))


@contextmanager
def served(folder: Path, source: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """The product in a process of its own, listening: (process, its URL, when it was started)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAFEHOUSE")} | {
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder}/data/safehouse.db",
        "SAFEHOUSE__STORAGE__KEY_FILE": f"{folder}/master.key",
        "SAFEHOUSE__WEB__PORT": str(port),
        "SAFEHOUSE__WEB__PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    with (folder / "log").open("wb") as log:
        began = perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--config", str(ROOT / "config.yaml")],
            cwd=source, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        while not _listens(port):
            if process.poll() is not None or perf_counter() - began > LONGEST_S:
                raise RuntimeError(
                    f"it did not start: {(folder / 'log').read_text(encoding='utf-8')[-2000:]}"
                )
            sleep(0.002)
        yield process, f"http://127.0.0.1:{port}", began
    finally:
        process.terminate()
        process.wait(LONGEST_S)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class _Form(HTMLParser):
    """Hidden fields of the form that posts to /say."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.inside = str(found.get("action", "")).endswith("/say")
        elif self.inside and tag == "input" and found.get("type") == "hidden":
            self.fields[str(found.get("name"))] = found.get("value") or ""


def ask(client: httpx.Client, url: str, text: str) -> httpx.Response:
    """Say one thing as a browser without JavaScript would; returns the page with the answer."""
    form = _Form()
    form.feed(client.get(url).text)
    sent = {name: (None, value) for name, value in (form.fields | {"text": text}).items()}
    return client.post(f"{url}/say", files=sent, headers={"Origin": url}, follow_redirects=True)


def _bare() -> Start:
    began = perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        return Start(perf_counter() - began, _memory_mb(process.pid))


def _memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _fill(knowledge: Knowledge, folder: Path) -> Path:
    """A copy of the product in which every topic that nobody wrote yet is a reworded copy of another."""
    for package in ("bot", "knowledge", "storage"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    written = list(knowledge.entries.values())
    for at, topic in enumerate(
        topic for topic in knowledge.topics.values() if topic.id not in knowledge.entries
    ):
        model = written[at % len(written)]
        path = folder / "knowledge" / "faq" / model.category / f"{model.id}.yaml"
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        entry["title"], entry["next"] = topic.title[:20], []
        entry["ask"] = [f"{phrase}{topic.title}" for phrase in entry["ask"]]
        target = folder / "knowledge" / "faq" / topic.category / f"{topic.id}.yaml"
        target.parent.mkdir(exist_ok=True)
        target.write_text(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return folder
