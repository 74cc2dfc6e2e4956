"""dotenv and INI files: the laws L1, L2 and L5 as properties, and with the live peer."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sopspy.errors import ParseError
from tests.support import lines, ours
from tests.support.peer import EXTENSIONS, PeerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.peer import Peer

MAKERS: dict[str, Callable[[Random], bytes]] = {"dotenv": lines.dotenv, "ini": lines.ini}


def facts(data: bytes, format: str) -> list[tuple[str, str | bytes]]:
    """Path and text of every value that is data of the file."""
    return [(leaf.aad, leaf.stored) for leaf in ours.opened(data, format).document.leaves if leaf.type != "comment"]


@pytest.mark.parametrize("format", MAKERS)
def test_a_file_comes_back_exactly_and_unchanged_values_keep_their_ciphertext(format: str) -> None:
    reached: set[bytes] = set()

    @settings(max_examples=400)
    @given(st.integers(0, 1 << 40))
    def check(seed: int) -> None:
        data = MAKERS[format](Random(seed))
        reached.update(row for row in lines.ROWS[format] if row in data)
        try:
            encrypted = ours.encrypt(data, format)
        except ParseError:
            return
        assert ours.decrypt(encrypted, format) == data
        again = ours.reseal(encrypted, data, format)
        changed = set(encrypted.splitlines()) ^ set(again.splitlines())
        assert all(b"mac" in line or b"lastmodified" in line for line in changed)

    check()
    assert reached == set(lines.ROWS[format])


@pytest.mark.parametrize("format", MAKERS)
@pytest.mark.parametrize("seed", range(15))
def test_both_ways(format: str, seed: int, peer: Peer) -> None:
    data = MAKERS[format](Random(f"{format} {seed}"))
    try:
        own = peer.encrypt(data, format)
        printed = peer.decrypt(own, format, "--output-type", "json")
    except PeerError:
        return
    encrypted = ours.encrypt(data, format)
    assert peer.decrypt(encrypted, format, "--output-type", "json") == printed
    assert facts(own, format) == facts(encrypted, format)


@pytest.mark.parametrize(
    ("format", "plain", "path"), [("dotenv", b"A=1\nB=2\n", "{}"), ("ini", b"[s]\nA=1\nB=2\n", '["s"]{}')]
)
@pytest.mark.parametrize("value", ["5", "1.50", "1e30", "true"])
def test_what_the_peer_set_with_a_type_keeps_its_token(
    format: str, plain: bytes, path: str, value: str, peer: Peer
) -> None:
    """A float is `5` under the MAC, and `5.0` in the file."""
    peer.encrypt(plain, format, "--in-place")
    name = f"file.{EXTENSIONS[format]}"
    peer.run("set", name, path.format('["A"]'), value)
    theirs = (peer.home / name).read_bytes()
    shown = ours.decrypt(theirs, format)
    assert shown == peer.decrypt(theirs, format)
    again = ours.reseal(theirs, shown.replace(b"2", b"3"), format)
    assert [line for line in again.splitlines() if line.startswith(b"A")] == [
        line for line in theirs.splitlines() if line.startswith(b"A")
    ]
    assert peer.decrypt(again, format) == shown.replace(b"2", b"3")
