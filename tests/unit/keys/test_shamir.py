from __future__ import annotations

import os
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sopspy.keys.shamir import combine, split

# Three shares that sops 3.13.2 made with a threshold of two, and the data key behind them (of a throw-away file).
SHARES = [
    bytes.fromhex(text)
    for text in (
        "0c4eccdf64254813047b7e8b0f7b4611c895f49c27e94e1a854239ab357f963701",
        "d48243104008c487985dab04e01819c0204c278b8881b7f898b562a3eb0e48c102",
        "9cc6cf555c134902ecb611884c392c8f78f29f86ed50e0a69311a252a121029303",
    )
]
DATA_KEY = bytes.fromhex("440a409a783ec5967090c407a35a735e902b4c91423819448ee6f95a7f50dc65")


@pytest.mark.parametrize("shares", [*combinations(SHARES, 2), SHARES, SHARES[::-1]])
def test_shares_of_sops_give_its_data_key(shares: tuple[bytes, ...]) -> None:
    assert combine(list(shares)) == DATA_KEY


@given(st.binary(min_size=1, max_size=40), st.integers(2, 6), st.integers(0, 4), st.randoms(use_true_random=False))
def test_any_threshold_many_shares_give_the_secret(secret: bytes, threshold: int, more: int, random: object) -> None:
    shares = split(secret, threshold + more, threshold, os.urandom)
    assert [share[-1] for share in shares] == list(range(1, threshold + more + 1))
    for count in range(threshold, len(shares) + 1):
        chosen = random.sample(shares, count)  # type: ignore[attr-defined]
        assert combine(chosen) == secret


def test_too_few_shares_give_something_else() -> None:
    shares = split(DATA_KEY, 5, 4, os.urandom)
    assert combine(shares[:3]) != DATA_KEY


def test_every_byte_has_a_polynomial_of_its_own() -> None:
    share = split(bytes(32), 2, 2, os.urandom)[0]
    assert len(set(share[:-1])) > 8


def test_largest_number_of_parts() -> None:
    shares = split(b"secret", 255, 255, os.urandom)
    assert combine(shares) == b"secret"


@pytest.mark.parametrize(
    ("parts", "threshold", "reason"),
    [
        (3, 1, "threshold must be at least 2"),
        (3, 0, "threshold must be at least 2"),
        (2, 3, "parts cannot be less than threshold"),
        (256, 2, "parts cannot exceed 255"),
    ],
)
def test_impossible_numbers(parts: int, threshold: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        split(b"x", parts, threshold, os.urandom)


@pytest.mark.parametrize("shares", [[], [b"ab"], [b"ab", b"abc"], [b"a\x01", b"b\x01"], [b"\x01", b"\x02"]], ids=repr)
def test_shares_that_do_not_fit(shares: list[bytes]) -> None:
    with pytest.raises(ValueError, match="part"):
        combine(shares)
