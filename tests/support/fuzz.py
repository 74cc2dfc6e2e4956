"""Random files through the laws, for development: `python -m tests.support.fuzz --seed 1 --count 200`.

Prints each seed that breaks a law; `--show SEED` writes that file to standard output.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from random import Random

from tests.support import generate, laws
from tests.support.peer import Peer, program


def make(seed: int, format: str) -> bytes:
    """The file of a seed."""
    random = Random(seed)
    return (generate.json_file(random) if format == "json" else generate.yaml(random)).data


def check(data: bytes, format: str, peer: Peer, *, reseal: bool = True) -> str:
    """`ok`, or `peer refuses`. Raises Broken."""
    own = laws.peers_own(data, format, peer)
    encrypted = laws.exact(data, format, accepted=own is not None)
    if encrypted is not None and reseal:
        laws.unchanged_is_kept(data, encrypted, format)
        laws.one_change_is_one_line(data, encrypted, format)
    if own is None:
        return "peer refuses"
    assert encrypted is not None
    laws.we_read_peers(own)
    laws.peer_reads_ours(own, encrypted)
    return "ok"


def main(arguments: list[str] | None = None) -> int:
    """Run, print a summary; 1 when a law was broken."""
    parser = argparse.ArgumentParser(prog="tests.support.fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--format", choices=("yaml", "json"), default="yaml")
    parser.add_argument("--peer", default=None)
    parser.add_argument("--show", type=int)
    parser.add_argument("--shrink", type=int, help="write a smaller file that fails like this seed's")
    parser.add_argument("--most", type=int, default=8, help="failures shown of each kind")
    parser.add_argument("--no-reseal", action="store_true")
    options = parser.parse_args(arguments)
    if options.show is not None:
        sys.stdout.buffer.write(make(options.show, options.format))
        return 0
    if options.shrink is not None:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.buffer.write(shrink(options, Peer(options.peer or program(), Path(folder))))
        return 0
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        peer = Peer(options.peer or program(), Path(folder))
        for seed in range(options.seed, options.seed + options.count):
            outcome, detail = _one(seed, options, peer)
            counts[outcome] += 1
            if detail and counts[outcome] <= options.most:
                print(f"seed {seed}: {detail}")
        version = peer.version()
    print(f"{options.format}, {version}: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    return int(any(name not in ("ok", "peer refuses", "L2 comments") for name in counts))


def shrink(options: argparse.Namespace, peer: Peer) -> bytes:
    """The file of a seed with every line left out that does not matter for how it fails."""
    lines = make(options.shrink, options.format).splitlines(keepends=True)
    law = _outcome(b"".join(lines), options, peer)[0]
    size = len(lines) // 2
    while size:
        at = 0
        while at < len(lines):
            fewer = lines[:at] + lines[at + size :]
            if _outcome(b"".join(fewer), options, peer)[0] == law:
                lines = fewer
            else:
                at += size
        size //= 2
    return b"".join(lines)


def _one(seed: int, options: argparse.Namespace, peer: Peer) -> tuple[str, str]:
    """The outcome of a seed."""
    return _outcome(make(seed, options.format), options, peer)


def _outcome(data: bytes, options: argparse.Namespace, peer: Peer) -> tuple[str, str]:
    """What came out, and the detail of a failure."""
    try:
        return check(data, options.format, peer, reseal=not options.no_reseal), ""
    except laws.Broken as err:
        return err.law, str(err)
    except Exception as err:  # a crash of the product is a finding like any other
        where = traceback.extract_tb(err.__traceback__)[-1]
        name = f"crash {type(err).__name__}"
        return name, f"{name}: {err} ({Path(where.filename).name}:{where.lineno})"


if __name__ == "__main__":
    sys.exit(main())
