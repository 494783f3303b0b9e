"""`python -m bot serve` as a process of its own: started, stopped, killed, and what it printed."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def clean_environment(folder: Path, **own: str) -> dict[str, str]:
    """The environment without settings of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAFEHOUSE")}
    port = free_port()
    return kept | {
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SAFEHOUSE__STORAGE__URL": f"sqlite:///{folder / 'data' / 'safehouse.db'}",
        "SAFEHOUSE__STORAGE__KEY_FILE": str(folder / "keys" / "master.key"),
        "SAFEHOUSE__WEB__PORT": str(port),
        "SAFEHOUSE__LIMITS__MESSAGES_PER_MINUTE": "1000",
        **own,
    }


def warmed(folder: Path) -> None:
    """What the index learns at a first start, put beside the data: learning it again costs ten seconds."""
    from tests.telegram_app import CACHE, real_content

    real_content()
    (folder / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(CACHE, folder / "data" / "cache", dirs_exist_ok=True)


@dataclass(slots=True)
class Served:
    """One process. stdout and stderr go to files in `folder`/logs, a pair for each start."""

    folder: Path
    environment: dict[str, str]
    program: tuple[str, ...] = ("-m", "bot", "serve", "--config", str(ROOT / "config.yaml"))
    starts: int = 0
    child: asyncio.subprocess.Process | None = None
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def of(cls, folder: Path, *arguments: str, **environment: str) -> Served:
        served = cls(folder, clean_environment(folder, **environment))
        served.program += arguments
        return served

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environment['SAFEHOUSE__WEB__PORT']}"

    async def start(self, **changed: str) -> Served:
        logs = self.folder / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        self.began = time.monotonic()
        with (logs / f"{self.starts}.out").open("wb") as out, (logs / f"{self.starts}.err").open("wb") as err:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable, *self.program, cwd=self.folder, stdin=asyncio.subprocess.DEVNULL,
                stdout=out, stderr=err, env=self.environment | changed,
            )  # fmt: skip
        return self

    async def up(self, timeout_s: float = 30.0) -> Served:
        """It answers on its port."""
        async with asyncio.timeout(timeout_s), httpx.AsyncClient(trust_env=False) as client:
            while True:
                self.alive()
                try:
                    if (await client.get(f"{self.url}/healthz")).is_success:
                        return self
                except httpx.TransportError:
                    await asyncio.sleep(0.02)

    def alive(self) -> None:
        assert self.child is not None
        assert self.child.returncode is None, self.err

    async def ends(self, within_s: float) -> int:
        """Its exit code, when it ends by itself in time."""
        assert self.child is not None
        async with asyncio.timeout(within_s):
            return await self.child.wait()

    async def stop(self, within_s: float = 10.0) -> int:
        assert self.child is not None
        if self.child.returncode is None:
            self.child.send_signal(signal.SIGTERM)
        return await self.ends(within_s)

    async def kill(self) -> None:
        assert self.child is not None
        if self.child.returncode is None:
            self.child.kill()
        await self.child.wait()

    @property
    def out(self) -> str:
        return (self.folder / "logs" / f"{self.starts}.out").read_text("utf-8")

    @property
    def err(self) -> str:
        return (self.folder / "logs" / f"{self.starts}.err").read_text("utf-8")

    def link(self) -> str:
        """The one-time address of the first administrator."""
        found = re.search(r"http://\S+/console/setup/\S+", self.out)
        assert found is not None, self.out
        return found[0]


async def run_command(
    environment: Mapping[str, str], *arguments: str, cwd: Path = ROOT
) -> tuple[int, str, str]:
    """`python -m bot …` to its end: exit code, stdout, stderr."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=cwd, env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await child.communicate()
    assert child.returncode is not None
    return child.returncode, out.decode(), err.decode()
