"""What the commands share: where config.yaml and the knowledge lie, and how faults are told."""

import argparse
import sys
from pathlib import Path

from bot.config import Settings, load_settings
from bot.domain.errors import ConfigFaults

KNOWLEDGE_FOLDER = Path(__file__).resolve().parents[2] / "knowledge"


def add_config(parser: argparse.ArgumentParser) -> None:
    """The one option that every command with a store has."""
    parser.add_argument("--config", type=Path, default=Path("config.yaml"), help="设置文件，默认 config.yaml")


def read_settings(arguments: argparse.Namespace) -> Settings | None:
    """Settings, or None after every fault was printed on its own line."""
    try:
        return load_settings(arguments.config)
    except ConfigFaults as faults:
        for line in faults.faults:
            print(line, file=sys.stderr)
        return None


def fail(sentence: str) -> int:
    """Say what is wrong and what to do; exit code 1."""
    print(sentence, file=sys.stderr)
    return 1


def padded(text: str, width: int) -> str:
    """Text with spaces to `width` columns; Chinese characters take two on a terminal."""
    taken = sum(2 if ord(char) > 0x2E7F else 1 for char in text)
    return text + " " * max(1, width - taken)
