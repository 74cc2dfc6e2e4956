"""Writes into the grammar tables what a real `sops` makes of each case: `python -m tests.grammar.record PROGRAM`.

The texts, the rows and the field `ours` are written by hand; the facts come from running the peer. Those of
the reference version stand in the case itself, those of another version only where they differ.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.grammar.table import REFERENCE, Case, Facts, facts_of, load, save
from tests.support.peer import Peer


def record(peer: Peer, cases: list[Case], format: str) -> None:
    """Put the facts of `peer` into `cases`. The reference version must come first."""
    for case in cases:
        facts = facts_of(peer, case.data, format)
        if peer.version() == REFERENCE:
            case.facts = facts
            case.others.clear()
        else:
            other = differences(case.facts, facts)
            case.others.pop(peer.version(), None)
            if other:
                case.others[peer.version()] = other


def differences(reference: Facts, facts: Facts) -> Facts:
    """The fields of `facts` that are not as in `reference`; a field that is missing there is None."""
    names = {**reference, **facts}
    return {name: facts.get(name) for name in names if facts.get(name) != reference.get(name)}


def main(arguments: list[str]) -> None:
    """Record every table with each program named."""
    for program in arguments:
        with tempfile.TemporaryDirectory() as folder:
            peer = Peer(program, Path(folder))
            for format in ("yaml", "json"):
                cases = load(format)
                record(peer, cases, format)
                save(format, cases)
                print(f"{peer.version()} {format}: {len(cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
