"""`campaign`: checks the contest files."""

import argparse
import sys

from bot.commands.common import KNOWLEDGE_FOLDER, add_config, read_settings
from knowledge.faults import KnowledgeFaults


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_config(parser)
    acts = parser.add_subparsers(dest="act", metavar="动作", required=True)
    acts.add_parser("check", help="检查题目、答案、依据和日期")


def run(arguments: argparse.Namespace) -> int:
    """Say what each campaign has; every fault on its own line, exit code 1."""
    from knowledge.loader import load_knowledge

    settings = read_settings(arguments)
    if settings is None:
        return 1
    try:
        known = load_knowledge(KNOWLEDGE_FOLDER, settings.organisation.region)
    except KnowledgeFaults as found:
        for fault in found.faults:
            print(fault, file=sys.stderr)
        return 1
    for name, one in known.campaigns.items():
        print(
            f"{name}：{one.title}，{one.opens_on} 至 {one.closes_on}，{len(one.questions)} 道题，"
            f"每次 {one.questions_per_try} 题，每天 {one.tries_per_day} 次。"
        )
    return 0
