"""Files as they are in real life: exact round trip, and both ways with the live peer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import env, laws, ours

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.peer import Peer

FILES = sorted(path for path in env.CORPUS.iterdir() if path.suffix in (".yaml", ".yml", ".json"))
KUBERNETES = "^(data|stringData|password|token)$"


def format_of(path: Path) -> str:
    return "json" if path.suffix == ".json" else "yaml"


def name(path: Path) -> str:
    return path.name


def test_the_corpus_is_large() -> None:
    assert len(FILES) >= 90


@pytest.mark.parametrize("path", FILES, ids=name)
def test_round_trip_is_exact_and_each_reads_what_the_other_wrote(path: Path, peer: Peer) -> None:
    data, format = path.read_bytes(), format_of(path)
    own = laws.Own(data, format, peer)
    encrypted = laws.exact(data, format)
    assert encrypted is not None
    laws.peer_reads_ours(own, encrypted)
    laws.we_read_peers(own)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_with_a_regex_most_of_the_file_stays_readable(path: Path, peer: Peer) -> None:
    data, format = path.read_bytes(), format_of(path)
    encrypted = laws.exact(data, format, encrypted_regex=KUBERNETES)
    assert encrypted is not None
    laws.peer_reads_ours(laws.Own(data, format, peer, "--encrypted-regex", KUBERNETES), encrypted)


@pytest.mark.parametrize("path", FILES, ids=name)
def test_sealing_again_changes_nothing_but_the_mac(path: Path) -> None:
    data, format = path.read_bytes(), format_of(path)
    laws.unchanged_is_kept(data, ours.encrypt(data, format), format)
