"""A file that ends too early, at every byte: never a value from it, never an exception that is not ours."""

from __future__ import annotations

import pytest

from sopspy.errors import EncryptError, SopsError
from tests.hostile.attack import PLAIN, SECRET, Stage
from tests.support import ours

PLAINS = {
    "yaml": PLAIN.encode(),
    "json": f'{{"a": "{SECRET}", "b": [1, {{"c": 2.50}}]}}\n'.encode(),
    "binary": SECRET.encode() + bytes(range(256)),
}


@pytest.mark.parametrize("format", PLAINS)
def test_every_byte(format: str) -> None:
    whole = ours.encrypt(PLAINS[format], format)
    for length in range(len(whole) - 1):  # only the last byte, a line break, says nothing
        with pytest.raises(SopsError) as caught:
            ours.decrypt(whole[:length], format)
        assert caught.value.exit_code in (1, 25, 51, 128), length
        assert SECRET not in f"{caught.value}{caught.value.hints}{caught.value.excerpt}{caught.value.details}"


def attempt(plain: bytes, format: str) -> bytes | int:
    """What a file is after encryption and decryption, or the exit code of a refusal."""
    try:
        return ours.decrypt(ours.encrypt(plain, format), format)
    except SopsError as err:
        return err.exit_code


@pytest.mark.parametrize("format", PLAINS)
def test_every_byte_of_the_plain_file(format: str) -> None:
    """What can be encrypted comes back exactly; what cannot is refused by us."""
    for length in range(len(PLAINS[format])):
        plain = PLAINS[format][:length]
        outcome = attempt(plain, format)
        assert outcome in (plain, 2, 92), length


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize(("format", "name"), [("yaml", "f.yaml"), ("json", "f.json"), ("binary", "f.bin")])
def test_program(stage: Stage, share: float, format: str, name: str) -> None:
    whole = ours.encrypt(PLAINS[format], format)
    stage.decrypt(whole[: int(len(whole) * share)], name).refused(1, name)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_program_on_plain_json(stage: Stage, share: float) -> None:
    plain = PLAINS["json"]
    stage.encrypt(plain[: int(len(plain) * share)], "f.json").refused(2, "f.json:1:")


def test_block_scalar_that_ends_with_a_blank() -> None:
    for header in ("|", "|-", ">", ">-"):
        for end in ("", "\n", " ", "\n ", "\n   ", "\n  x", "\n  x\n ", "\n\n "):
            plain = f"a: b\nkeep: {header}{end}".encode()
            assert ours.decrypt(ours.encrypt(plain)) == plain


@pytest.mark.parametrize("end", [" ", "   ", "  x\n "])
def test_kept_line_ends_before_a_last_blank_are_refused(end: str) -> None:
    with pytest.raises(EncryptError, match="nothing was written"):
        ours.encrypt(f"a: b\nkeep: |+\n{end}".encode())
