"""The age vectors of C2SP: each file comes to what its head says, by the way that a file's `enc` goes."""

import hashlib
import zlib
from pathlib import Path

import pyrage
import pytest

from sopspy.keys.age import Service, first_secret
from sopspy.keys.age_file import unarmor
from sopspy.keys.age_locked import unlock
from sopspy.keys.base import NotForMe
from sopspy.keys.identities import unlocked_identities
from sopspy.metadata import MasterKey
from tests.support.env import VECTORS, identity

FILES = sorted((VECTORS / "cctv-age").iterdir())
SAID = {
    "armor failure": (
        "no armored age file",
        "not an armored age file",
        "decodeerror",
        "invalid armor",
        "malformed armor",
    ),
    "HMAC failure": ("header mac is invalid",),
    "header failure": (
        "header is invalid",
        "unknown age format",
        "failed to fill whole buffer",
        "malformed header",
        "malformed post-quantum stanza",
        "not an age file",
        "its work factor is above 22",
    ),
    "payload failure": ("truncated", "decryption error", "last chunk", "last stream chunk"),
}


class Vector:
    """One file."""

    def __init__(self, path: Path) -> None:
        head, _, self.data = path.read_bytes().partition(b"\n\n")
        lines = [line.partition(": ") for line in head.decode().split("\n")]
        self.expect, *_ = (value for key, _, value in lines if key == "expect")
        self.identities = [value for key, _, value in lines if key == "identity"]
        self.passphrases = [value for key, _, value in lines if key == "passphrase"]
        facts = {key: value for key, _, value in lines}
        self.armored = "armored" in facts
        self.hash = facts.get("payload", "")
        if "compressed" in facts:
            self.data = zlib.decompress(self.data)


def outcome(vector: Vector) -> bytes | None:
    """The payload, or None when nothing matches. Raises NotForMe or ValueError for a damaged file."""
    if vector.passphrases:
        return by_passphrase(vector)
    identities = vector.identities or [identity()]  # the empty files name none
    if not vector.armored:
        return first_secret(vector.data, unlocked_identities("\n".join(identities).encode()))
    entry = MasterKey("age", {"recipient": "x"}, vector.data.decode("utf-8", "surrogateescape"))
    try:
        return Service({"SOPS_AGE_KEY": " ".join(identities), "HOME": "/nonexistent"}).open(entry)
    except NotForMe as err:
        if err.reason.startswith("no matching identity"):
            return None
        raise


def by_passphrase(vector: Vector) -> bytes | None:
    data = unarmor(vector.data) if vector.armored else vector.data
    for passphrase in vector.passphrases:
        try:
            return unlock(data, passphrase)
        except ValueError as err:
            if str(err) != "incorrect passphrase":
                raise
    return None


def test_all_are_there() -> None:
    assert len(FILES) == 143


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_vector(path: Path) -> None:
    vector = Vector(path)
    if vector.expect in SAID:
        with pytest.raises((NotForMe, ValueError)) as caught:
            outcome(vector)
        assert any(text in str(caught.value) for text in SAID[vector.expect]), str(caught.value)
        return
    payload = outcome(vector)
    assert (payload is None) == (vector.expect == "no match")
    assert payload is None or hashlib.sha256(payload).hexdigest() == vector.hash


def test_what_the_library_alone_gets_wrong() -> None:
    """When this fails, the check of ours for it can go."""
    vector = Vector(VECTORS / "cctv-age" / "stanza_missing_body")
    keys = [pyrage.x25519.Identity.from_str(text) for text in vector.identities]
    assert pyrage.decrypt(vector.data, keys)
