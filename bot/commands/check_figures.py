"""`check --figures`: every figure that is stated, with its source; one without is a fault."""

from __future__ import annotations

import sys
from pathlib import Path

from knowledge.faults import KnowledgeFaults
from knowledge.figures import prove
from knowledge.loader import read_all


def print_proof(folder: Path, region: str) -> int:
    """Counts by source, and each figure that nothing proves on a line of its own; exit code 1 if any."""
    try:
        proof = prove(read_all(folder, region))
    except KnowledgeFaults as found:
        print(found, file=sys.stderr)
        return 1
    for fault in proof.faults:
        print(fault, file=sys.stderr)
    by_source = "，".join(f"{source} {count}" for source, count in proof.sources.most_common())
    print(f"数字：一共 {proof.total} 处，{len(proof.distinct)} 种。来源：{by_source}。")
    unproven = len(proof.faults) - proof.unverified
    print(f"出自 {len(proof.laws)} 条法条；没有依据的 {unproven}；{proof.unverified} 未核。")
    return 1 if proof.faults else 0
