"""The options that choose what is encrypted: the same leaves as the peer, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import laws, ours

if TYPE_CHECKING:
    from tests.support.peer import Peer

YAML = b"""\
# about all
kind: Secret
metadata:
  name: x   # shown
  note_unencrypted: [a, {b: 1.50}]
data:
  # inside
  password: "s3cret"
  list: [1, two, {three_secret: 3}]
  deep:
    api_key: |
      line
    plain_secret: yes
empty: ""
nothing:
"""
JSON = b"""\
{
  "kind": "Secret",
  "metadata": {"name": "x", "note_unencrypted": ["a", {"b": 1.50}]},
  "data": {"password": "s3cret", "list": [1, "two", {"three_secret": 3}]},
  "empty": "", "nothing": null
}
"""
CHOICES = [
    {},
    {"encrypted_regex": "^(data|stringData)$"},
    {"encrypted_regex": "key|pass"},
    {"unencrypted_regex": "^(kind|metadata)$"},
    {"unencrypted_regex": "(?i)KIND"},
    {"encrypted_suffix": "_secret"},
    {"unencrypted_suffix": "_secret"},
    {"encrypted_regex": "nothing at all"},
]


@pytest.mark.parametrize(
    "choice", CHOICES, ids=lambda choice: " ".join(f"{k}={v}" for k, v in choice.items()) or "default"
)
@pytest.mark.parametrize(("data", "format"), [(YAML, "yaml"), (JSON, "json")], ids=["yaml", "json"])
def test_the_same_leaves_are_encrypted(choice: dict[str, str], data: bytes, format: str, peer: Peer) -> None:
    flags = [part for name, value in choice.items() for part in (f"--{name.replace('_', '-')}", value)]
    encrypted = laws.exact(data, format, **choice)
    assert encrypted is not None
    own = laws.Own(data, format, peer, *flags)
    laws.peer_reads_ours(own, encrypted)
    laws.we_read_peers(own)


@pytest.mark.parametrize(("format", "data"), [("yaml", YAML), ("json", JSON)], ids=["yaml", "json"])
def test_the_peer_changes_a_value_of_ours_and_we_read_it(format: str, data: bytes, peer: Peer) -> None:
    name = f"changed.{format}"
    (peer.home / name).write_bytes(ours.encrypt(data, format))
    peer.run("set", name, '["data"]["password"]', '"changed by the peer"')
    back = ours.to_json((peer.home / name).read_bytes(), format)
    assert '"password": "changed by the peer"' in back


@pytest.mark.parametrize(("format", "data"), [("yaml", YAML), ("json", JSON)], ids=["yaml", "json"])
def test_the_peer_rotates_a_file_of_ours_and_we_read_it(format: str, data: bytes, peer: Peer) -> None:
    name = f"rotated.{format}"
    encrypted = ours.encrypt(data, format)
    (peer.home / name).write_bytes(encrypted)
    peer.run("rotate", "--in-place", name)
    rotated = (peer.home / name).read_bytes()
    assert ours.to_json(rotated, format) == ours.to_json(encrypted, format)
