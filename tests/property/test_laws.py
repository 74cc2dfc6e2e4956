"""The laws L1, L2 and L5 as properties: for every row of the grammar, files that have it.

A refusal of a file that the live peer accepts breaks L1, so there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.property.strategies import json_files, yaml_files
from tests.support import generate, laws, ours

if TYPE_CHECKING:
    from tests.support.generate import File
    from tests.support.peer import Peer

FEW = settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])


@pytest.mark.parametrize("row", generate.ROWS)
def test_yaml_file_comes_back_exactly_and_keeps_what_did_not_change(row: str, peer: Peer) -> None:
    """L1 and L5; whether the peer accepts a file is asked only when we refuse it."""
    reached: set[str] = set()

    @FEW
    @given(yaml_files(row))
    def check(file: File) -> None:
        reached.update(file.rows)
        _exact_and_small(file.data, "yaml", peer)

    check()
    assert row in reached


@pytest.mark.parametrize("row", generate.ALL_JSON_ROWS)
def test_json_file_comes_back_exactly_and_keeps_what_did_not_change(row: str, peer: Peer) -> None:
    reached: set[str] = set()

    @FEW
    @given(json_files(row))
    def check(file: File) -> None:
        reached.update(file.rows)
        _exact_and_small(file.data, "json", peer)

    check()
    assert row in reached


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=yaml_files())
def test_yaml_both_ways(file: File, peer: Peer) -> None:
    """L2."""
    own = laws.peers_own(file.data, "yaml", peer)
    if own is not None:
        laws.peer_reads_ours(own, ours.encrypt(file.data))
        laws.we_read_peers(own)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(file=json_files())
def test_json_both_ways(file: File, peer: Peer) -> None:
    """L2."""
    own = laws.Own(file.data, "json", peer)
    laws.peer_reads_ours(own, ours.encrypt(file.data, "json"))
    laws.we_read_peers(own)


@settings(max_examples=200)
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_encrypted_exactly_or_refused(text: str) -> None:
    """L1 for texts that are hardly ever YAML."""
    laws.exact(text.encode(), "yaml", accepted=False)
    laws.exact(text.encode(), "json", accepted=False)


@settings(max_examples=200)
@given(st.text(st.sampled_from("ab:-#[]{},&*!|>'\"% \t\n?~1._")))
def test_any_text_of_indicators_is_encrypted_exactly_or_refused(text: str) -> None:
    laws.exact(f"a: {text}\n".encode(), "yaml", accepted=False)
    laws.exact(text.encode(), "yaml", accepted=False)


def _exact_and_small(data: bytes, format: str, peer: Peer) -> None:
    encrypted = laws.exact(data, format, accepted=False)
    if encrypted is None:
        assert laws.peers_own(data, format, peer) is None, "we refuse what the peer accepts"
        return
    laws.unchanged_is_kept(data, encrypted, format)
    laws.one_change_is_one_line(data, encrypted, format)
