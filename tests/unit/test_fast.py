"""Every short cut of `fast` and of the YAML parser beside its public way, each way forced."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path

import pytest
import re2  # noqa: F401 (the public way finds it)
from cryptography.hazmat.bindings import _rust
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sopspy import fast

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("lean", [True, False])
def test_aes_gcm_is_the_same_class_both_ways(lean: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", lean)
    assert fast.aesgcm() is AESGCM


def test_aes_gcm_where_the_private_path_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", True)
    monkeypatch.delattr(_rust.openssl, "aead")
    assert fast.aesgcm() is AESGCM


@pytest.mark.parametrize("lean", [True, False])
@pytest.mark.parametrize("size", [0, 1 << 21])
def test_sha512_gives_the_same(lean: bool, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", lean)
    assert fast.sha512(size)(b"text").hexdigest() == hashlib.sha512(b"text").hexdigest()


def test_sha512_where_the_interpreter_has_none_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", True)
    for name in ("_sha2", "_sha512"):
        monkeypatch.setitem(sys.modules, name, None)
    assert fast.sha512() is hashlib.sha512


def test_re2_where_its_extension_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "lean", True)
    monkeypatch.setitem(sys.modules, "re2._re2", object())
    assert fast.re2_finder(b"^a")(b"ab")
    assert not fast.re2_finder(b"^a")(b"ba")
    with pytest.raises(ValueError, match="missing"):
        fast.re2_finder(b"(a")


@pytest.mark.parametrize(("one", "other"), [(b"a", b"a"), (b"a", b"b"), (b"", b"a")])
def test_digests_are_compared_as_hmac_does(one: bytes, other: bytes) -> None:
    assert fast.same_digest(one, other) is hmac.compare_digest(one, other)


BROKEN = {
    "_operator": "import sys; sys.modules['_operator'] = type(sys)('_operator')",
    "yaml": "import sopspy.formats.libyaml as l; l._lean_parser = lambda: None",
}
"""What makes a short cut fail in a process of its own."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_short_cut_that_fails_changes_nothing(name: str) -> None:
    code = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import hmac, operator
{BROKEN[name]}
from sopspy import fast
fast.lean = True
from sopspy.formats import base, yaml
from sopspy.envelope import Cipher
print(fast.same_digest(b"a", b"a"), fast.aesgcm().__name__, len(yaml.scan("a: 1\\n").roots))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "AESGCM", "1"]
