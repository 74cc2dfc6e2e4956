"""Bech32, the spelling of age's recipients and identities.

Responsible for its checksum and its conversion to bytes. Source: BIP 173 without its limit of length, as age uses it.
"""

from __future__ import annotations

from .age import LETTERS as _LETTERS
from .age import checksum as _checksum
from .age import is_bech32


def decode(text: str, name: str) -> bytes:
    """The bytes of a lower-case text under `name`. Raises ValueError."""
    if text.rpartition("1")[0] != name or not is_bech32(text):
        raise ValueError("not bech32")
    return _regroup([_LETTERS.index(char) for char in text.rpartition("1")[2][:-6]], 5, 8)


def encode(name: str, data: bytes) -> str:
    """The lower-case text for `data` under `name`."""
    numbers = list(_regroup(list(data), 8, 5))
    check = _checksum(name, [*numbers, 0, 0, 0, 0, 0, 0]) ^ 1
    numbers += [check >> 5 * place & 31 for place in range(5, -1, -1)]
    return f"{name}1{''.join(_LETTERS[number] for number in numbers)}"


def _regroup(numbers: list[int], width: int, wanted: int) -> bytes:
    held, bits, made = 0, 0, bytearray()
    for number in numbers:
        held, bits = held << width | number, bits + width
        while bits >= wanted:
            bits -= wanted
            made.append(held >> bits & (1 << wanted) - 1)
        held &= (1 << bits) - 1
    if wanted < width and bits:
        made.append(held << wanted - bits & (1 << wanted) - 1)
    elif wanted > width and (bits >= width or held):
        raise ValueError("not bech32: the padding is wrong")
    return bytes(made)
