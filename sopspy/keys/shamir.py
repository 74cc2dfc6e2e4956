"""Shamir's secret sharing as sops uses it: shares of a data key, one for each key group.

Every byte of the secret has its own random polynomial over GF(2^8) modulo x^8+x^4+x^3+x+1; a share is the values of all
polynomials at x, then x itself as its last byte; shares are numbered from 1 in the order of the groups.
Must not know of keys or files. Source: sops 3.13.2, checked with shares made by it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def split(secret: bytes, parts: int, threshold: int, random: Callable[[int], bytes]) -> list[bytes]:
    """`parts` shares, each one byte longer than `secret`, of which any `threshold` give it back.

    `random(n)` gives n random bytes. Raises ValueError for impossible numbers.
    """
    if threshold < 2:
        raise ValueError("threshold must be at least 2")
    if parts < threshold:
        raise ValueError("parts cannot be less than threshold")
    if parts > 255:
        raise ValueError("parts cannot exceed 255")
    polynomials = [bytes((byte,)) + random(threshold - 1) for byte in secret]
    return [bytes((*(_value(one, x) for one in polynomials), x)) for x in range(1, parts + 1)]


def combine(shares: list[bytes]) -> bytes:
    """The secret behind `shares`, all of which are used.

    Raises ValueError when they do not fit together. Too few shares give a wrong secret, not an error.
    """
    if len(shares) < 2:
        raise ValueError("less than two parts cannot be combined")
    length = len(shares[0])
    if length < 2 or any(len(share) != length for share in shares):
        raise ValueError("the parts differ in length")
    places = [share[-1] for share in shares]
    if len(set(places)) != len(places):
        raise ValueError("two parts have the same number")
    weights = [_weight(places, x) for x in places]
    secret = bytearray(length - 1)
    for share, weight in zip(shares, weights, strict=True):
        for index in range(length - 1):
            secret[index] ^= _multiply(share[index], weight)
    return bytes(secret)


def _value(polynomial: bytes, x: int) -> int:
    """Horner's rule; the constant term comes first."""
    result = 0
    for coefficient in reversed(polynomial):
        result = _multiply(result, x) ^ coefficient
    return result


def _weight(places: list[int], x: int) -> int:
    """What the share at `x` counts in the value at zero: Lagrange's basis polynomial."""
    above, below = 1, 1
    for other in places:
        if other != x:
            above = _multiply(above, other)
            below = _multiply(below, other ^ x)
    return _multiply(above, _inverse(below))


def _multiply(a: int, b: int) -> int:
    result = 0
    while b:
        if b & 1:
            result ^= a
        a <<= 1
        if a & 0x100:
            a ^= 0x11B
        b >>= 1
    return result


def _inverse(a: int) -> int:
    """a^254, for the group of non-zero elements has 255 of them."""
    result = 1
    for _ in range(254):
        result = _multiply(result, a)
    return result
