"""Generated files, at least one for every row of the grammar, both ways with the live peer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.support import generate, laws

if TYPE_CHECKING:
    from tests.support.peer import Peer

TRIES = range(3)
"""The peer refuses a few of the files; then the next seed is taken."""


@pytest.mark.parametrize("row", generate.ROWS)
def test_yaml(row: str, peer: Peer) -> None:
    assert any(_both_ways(generate.yaml(Random(f"{row} {seed}"), row), row, "yaml", peer) for seed in TRIES)


@pytest.mark.parametrize("row", generate.ALL_JSON_ROWS)
def test_json(row: str, peer: Peer) -> None:
    assert _both_ways(generate.json_file(Random(f"{row} 0"), row), row, "json", peer)


def _both_ways(file: generate.File, row: str, format: str, peer: Peer) -> bool:
    """False when the peer refuses the file: then we may."""
    assert row in file.rows
    own = laws.peers_own(file.data, format, peer)
    encrypted = laws.exact(file.data, format, accepted=own is not None)
    if own is None:
        return False
    assert encrypted is not None
    laws.peer_reads_ours(own, encrypted)
    laws.we_read_peers(own)
    return True
