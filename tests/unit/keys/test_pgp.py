"""The OpenPGP key service with the real gpg: golden files, every way to name a key, what it says when it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sopspy.errors import DataKeyError, SopsError
from sopspy.keys.age import Service as AgeService
from sopspy.keys.base import NotForMe
from sopspy.keys.pgp import Service
from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey, Options
from sopspy.operations.decrypt import decrypt
from sopspy.operations.encrypt import encrypt
from sopspy.rules import Plan
from tests.support import env, ours
from tests.support.gnupg import Home
from tests.support.peer import Peer, program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with Home() as made:
        yield made


@pytest.fixture(scope="module")
def stranger() -> Iterator[Home]:
    """Has the public keys only."""
    with Home(secret=False) as made:
        yield made


def key(name: str, enc: str = "") -> MasterKey:
    return MasterKey("pgp", {"fp": name, "created_at": ours.NOW}, enc)


def wrapped(home: Home, name: str) -> MasterKey:
    return key(name, Service(home.environ()).wrap(key(name), SECRET))


@pytest.mark.parametrize("case", ["yaml-pgp", "yaml-pgp-two", "yaml-age-and-pgp"])
def test_files_of_sops_open(home: Home, case: str) -> None:
    encrypted = (env.VECTORS / case / "encrypted.yaml").read_bytes()
    opened = decrypt(encrypted, "yaml", KeyRing(home.environ()))
    assert opened.data.split() == (env.VECTORS / case / "decrypted.yaml").read_bytes().split()


def test_sops_reads_ours_and_we_read_what_it_writes(home: Home, tmp_path: Path) -> None:
    peer = Peer(program(), tmp_path)
    peer.environ = {**peer.environ, "GNUPGHOME": home.path, "SOPS_AGE_KEY": ""}
    plan = Plan([[key(home.fingerprints[0]), key(home.subkeys[1] + "!")]], 0, Options())
    (tmp_path / "ours.yaml").write_bytes(encrypt(b"a: 1.50\n", "yaml", plan, KeyRing(home.environ()), ours.NOW))
    assert peer.run("decrypt", "ours.yaml") == b"a: 1.5\n"
    (tmp_path / "plain.yaml").write_bytes(b"a: x\n")
    theirs = peer.run("encrypt", "--pgp", home.fingerprints[1], "plain.yaml")
    assert decrypt(theirs, "yaml", KeyRing(home.environ())).data == b"a: x\n"


def test_a_key_is_named_by_fingerprint_subkey_or_long_id(home: Home) -> None:
    first, subkey = home.fingerprints[0], home.subkeys[0]
    for name in (first, first.lower(), subkey, f"{subkey}!", first[-16:], f"0x{first}"):
        assert Service(home.environ()).open(wrapped(home, name)) == SECRET
    assert not wrapped(home, first).enc.endswith("\n")


def test_only_a_whole_fingerprint_proves_that_the_key_is_ours(home: Home, stranger: Home) -> None:
    service = Service(home.environ())
    first = home.fingerprints[0]
    assert service.holds(key(first))
    assert service.likely(key(first[-16:]))
    assert not service.holds(key(first[-16:]))
    assert not service.holds(key("A" * 40))
    assert not Service(stranger.environ()).holds(key(first))


@pytest.mark.parametrize("name", ["--output=/etc/passwd", "-o", "me@example.com", "", "A1 B2", "!", "../x"])
def test_what_is_no_fingerprint_never_reaches_gpg(name: str) -> None:
    with pytest.raises(SopsError, match="not an OpenPGP fingerprint"):
        Service({"SOPS_GPG_EXEC": "/nonexistent"}).wrap(key(name), SECRET)


def test_without_the_secret_key_gpg_says_so(home: Home, stranger: Home) -> None:
    made = wrapped(home, home.fingerprints[0])
    with pytest.raises(NotForMe) as caught:
        Service(stranger.environ()).open(made)
    assert caught.value.reason == "gpg: decryption failed: No secret key"


def test_an_unknown_recipient_is_an_error_with_a_command(home: Home) -> None:
    with pytest.raises(SopsError) as caught:
        Service(home.environ()).wrap(key("A" * 40), SECRET)
    assert "No public key" in caught.value.message
    assert caught.value.hints == (f"see whether the key is there: gpg --list-keys {'A' * 40}",)


def test_a_damaged_message_does_not_open(home: Home) -> None:
    for enc in ("garbage", wrapped(home, home.fingerprints[0]).enc[:-200]):
        with pytest.raises(NotForMe):
            Service(home.environ()).open(key(home.fingerprints[0], enc))


def test_a_missing_program_is_named(home: Home) -> None:
    encrypted = (env.VECTORS / "yaml-pgp" / "encrypted.yaml").read_bytes()
    with pytest.raises(DataKeyError) as caught:
        decrypt(encrypted, "yaml", KeyRing(home.environ(SOPS_GPG_EXEC="/nonexistent/gpg")))
    assert "/nonexistent/gpg cannot be started" in "".join(caught.value.details)


def test_a_program_that_returns_nothing_is_no_success(home: Home) -> None:
    with pytest.raises(NotForMe, match="returned nothing"):
        Service(home.environ(SOPS_GPG_EXEC="true")).open(key(home.fingerprints[0], "x"))


def test_a_key_that_needs_nobody_is_tried_before_one_that_asks(home: Home, tmp_path: Path) -> None:
    """gpg comes first in the order and would ask; the age identity opens without anybody."""
    locked = tmp_path / "gpg"
    locked.write_text('#!/bin/sh\necho "$@" >> "$0.log"\ncase "$*" in *--batch*) exit 2;; esac\nexec gpg "$@"\n')
    locked.chmod(0o755)
    group = [wrapped(home, home.fingerprints[0]), MasterKey("age", {"recipient": env.recipient()})]
    group[1].enc = AgeService({}).wrap(group[1], SECRET)
    environ = home.environ(SOPS_GPG_EXEC=str(locked), SOPS_AGE_KEY=env.identity())
    assert KeyRing(environ, ("pgp", "age")).open([group], 0) == SECRET
    assert (tmp_path / "gpg.log").read_text() == "--batch --pinentry-mode cancel -d\n"
    del environ["SOPS_AGE_KEY"]
    assert KeyRing(environ, ("pgp", "age")).open([group], 0) == SECRET
    assert (tmp_path / "gpg.log").read_text().endswith("-d\n-d\n")


def test_gpg_is_called_as_sops_calls_it_for_a_file_with_one_key(home: Home, tmp_path: Path) -> None:
    spy = tmp_path / "gpg"
    spy.write_text('#!/bin/sh\necho "$@" >> "$0.log"\nexec gpg "$@"\n')
    spy.chmod(0o755)
    made = wrapped(home, home.fingerprints[0])
    assert KeyRing(home.environ(SOPS_GPG_EXEC=str(spy))).open([[made]], 0) == SECRET
    assert (tmp_path / "gpg.log").read_text() == "-d\n"
