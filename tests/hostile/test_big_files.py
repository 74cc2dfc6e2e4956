"""Size alone is no attack: 50 MB, 200,000 values and very long keys simply work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import ours

if TYPE_CHECKING:
    from tests.hostile.attack import Stage

MEGABYTES = 50


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("f.bin", bytes(range(256)) * (MEGABYTES << 12)),
        ("f.yaml", b"a: |\n" + (b"    " + b"x" * 99 + b"\n") * (MEGABYTES * 10_000)),
        ("f.json", b'{"a": "' + b"x" * (MEGABYTES * 1_000_000) + b'"}\n'),
    ],
    ids=["binary", "yaml", "json"],
)
def test_fifty_megabytes(stage: Stage, name: str, plain: bytes) -> None:
    stage.encrypt(plain, name).worked()
    assert stage.run("decrypt", name).worked() == plain


@pytest.mark.parametrize("format", ["yaml", "json"])
def test_two_hundred_thousand_values(format: str) -> None:
    if format == "yaml":
        plain = "".join(f"k{number}: v{number}\n" for number in range(200_000)).encode()
    else:
        plain = ("{" + ",".join(f'"k{number}":"v{number}"' for number in range(200_000)) + "}").encode()
    sealed = ours.encrypt(plain, format)
    assert sealed.count(b"ENC[") == 200_001
    assert ours.decrypt(sealed, format) == plain


def test_long_keys(stage: Stage) -> None:
    plain = f"'{'k' * 1000}': v\n? {'q' * 5000}\n: w\n{'é' * 300}: x\n"
    stage.encrypt(plain).worked()
    assert stage.run("decrypt", "f.yaml").worked().decode() == plain


def test_message_about_a_long_key_stays_readable(stage: Stage) -> None:
    sealed = ours.encrypt(f"'{'k' * 1000}': v\n".encode()).decode()
    message = stage.decrypt(sealed.replace("data:", "data:A", 1)).refused(25, "f.yaml:1:1005: ")
    assert max(map(len, message.splitlines())) < 1300


def test_message_about_a_long_line_stays_readable(stage: Stage) -> None:
    plain = "{" + ", ".join(f'"k{number}": "v"' for number in range(1000)) + "}"
    sealed = ours.encrypt(plain.encode(), "json").decode()
    at = sealed.rindex('"k999"')
    bad = sealed[:at] + sealed[at:].replace("data:", "data:A", 1)
    message = stage.decrypt(bad, "f.json").refused(25, "f.json:1:", "(k999)")
    assert max(map(len, message.splitlines())) < 200


def test_many_documents() -> None:
    plain = "---\n".join(f"k: v{number}\n" for number in range(500)).encode()
    assert ours.decrypt(ours.encrypt(plain)) == plain


def test_many_comments_that_do_not_open() -> None:
    sealed = ours.encrypt(("a:\n" + "".join(f"    - # c{number}\n        x: 1\n" for number in range(500))).encode())
    found = ours.opened(sealed.replace(b"#ENC[AES256_GCM,data:", b"#ENC[AES256_GCM,data:AAAA"))
    assert len(found.warnings) == 500
    assert found.data.count(b"#ENC[") == 500
