"""The laws that tests check on a file, one function each. A broken law raises Broken.

L1 exact: a round trip gives the same bytes, and what the peer accepts is accepted.
L2 two-way: each reads what the other wrote, with equal values.
L5 small diffs: what did not change keeps its bytes.
"""

from __future__ import annotations

import re

import yaml

from sopspy.errors import MacError, SopsError
from tests.grammar.table import minified, types_in
from tests.support import ours
from tests.support.generate import LEAF
from tests.support.peer import Peer, PeerError
from tests.support.values import events

_TOKEN = re.compile(rb"ENC\[AES256_GCM,data:[^\]\s]*,iv:[^\]\s]{44},tag:[^\]\s]*,type:\w+\]")
_ALIAS = re.compile(rb"\*\0?\w")
_ALWAYS_CHANGED = re.compile(rb'^\s*"?(mac|lastmodified)"?:|\s"(mac|lastmodified)": ')


class Broken(AssertionError):
    """A law does not hold. `law` names it."""

    def __init__(self, law: str, detail: str) -> None:
        super().__init__(f"{law}: {detail}")
        self.law = law


class CommentMissed(Broken):
    """The peer could not open a comment of ours: it shows the token and warns, values are not concerned."""


def has_alias(data: bytes) -> bool:
    """Whether a file may have an alias; one that stays is a single token, where sops writes a copy."""
    return bool(_ALIAS.search(data))


class Own:
    """What the peer itself makes of a file: `encrypted`, and `printed` when it decrypts that."""

    def __init__(self, data: bytes, format: str, peer: Peer, *options: str) -> None:
        self.data = data
        self.format = format
        self.peer = peer
        self.options = options
        self.encrypted = peer.encrypt(data, format, *options)
        self.printed = peer.decrypt(self.encrypted, format, "--ignore-mac")


def peers_own(data: bytes, format: str, peer: Peer, *options: str) -> Own | None:
    """The peer's own version of a file; None when it refuses the file, or cannot print it again."""
    try:
        return Own(data, format, peer, *options)
    except PeerError:
        return None


def exact(data: bytes, format: str, *, accepted: bool = True, **options: str) -> bytes | None:
    """L1. Gives our encrypted file; None when we refuse what the peer refuses, too."""
    try:
        encrypted = ours.encrypt(data, format, **options)
    except SopsError as err:
        if accepted:
            raise Broken("L1 accepts", f"{type(err).__name__}: {err}") from err
        return None
    back = ours.decrypt(encrypted, format)
    if back != data:
        raise Broken("L1 exact", _first_difference(data, back))
    return encrypted


def peer_reads_ours(own: Own, encrypted: bytes) -> None:
    """L2, first half: the peer reads our `encrypted` as it reads what itself makes of the same file."""
    format, peer = own.format, own.peer
    if not has_alias(own.data) and not _old_json(peer, format) and types_in(own.encrypted) != types_in(encrypted):
        raise Broken("L2 types", f"{types_in(own.encrypted)} became {types_in(encrypted)}")
    try:
        got = peer.decrypt(encrypted, format)
    except PeerError as err:
        raise Broken("L2 peer reads", str(err)) from err
    warned = peer.stderr.strip()
    _equal("L2 values", _values(own.printed, format), _values(got, format))
    if warned or _TOKEN.search(got):
        raise CommentMissed("L2 comments", warned[-300:])


def we_read_peers(own: Own) -> None:
    """L2, second half: we read what the peer wrote, and the text that we show holds the same values.

    Where sops' own output does not come back as it was (`-0`, line separators), ours may do the same.
    """
    format, peer = own.format, own.peer
    if _mac_is_broken(own.encrypted, format, peer):
        return
    try:
        want = minified(peer.decrypt_json(own.encrypted, format, "--ignore-mac"))
    except PeerError:
        want = ""  # infinite numbers have no JSON
    if want:
        _equal("L2 we read", want, minified(ours.to_json(own.encrypted, format)))
    shown = ours.decrypt(own.encrypted, format)
    if len(_TOKEN.findall(shown)) > len(_TOKEN.findall(own.printed)):
        raise Broken("L2 shown", "a token stayed that the peer opens")
    again = Own(shown, format, peer, *own.options).printed
    if _values(again, format) != _values(own.printed, format):
        theirs = Own(own.printed, format, peer, *own.options).printed
        _equal("L2 shown", _values(theirs, format), _values(again, format))


def _mac_is_broken(own: bytes, format: str, peer: Peer) -> bool:
    """Whether sops fails its own MAC and we say so, too: a float in clear that it spells as an integer."""
    try:
        ours.opened(own, format)
    except MacError as err:
        try:
            peer.decrypt(own, format)
        except PeerError as theirs:
            if theirs.code == err.exit_code:
                return True
        raise Broken("L2 we read", str(err)) from err
    return False


def _values(text: bytes, format: str) -> object:
    if format != "yaml":
        return text.decode()
    try:
        return events(text)
    except yaml.YAMLError:  # sops prints a few strings so that nobody can read them
        return [line for line in text.decode().split("\n") if not line.lstrip().startswith("#")]


def unchanged_is_kept(data: bytes, encrypted: bytes, format: str) -> None:
    """L5: sealing the same text again changes only `mac` and `lastmodified`."""
    again = ours.reseal(encrypted, data, format)
    for old, new in _changed_lines(encrypted, again):
        if not _ALWAYS_CHANGED.search(old) or not _ALWAYS_CHANGED.search(new):
            raise Broken("L5 unchanged", f"{old[:80]!r} became {new[:80]!r}")
    if ours.decrypt(again, format) != data:
        raise Broken("L5 exact", "the text is another one")


def one_change_is_one_line(data: bytes, encrypted: bytes, format: str) -> None:
    """L5: a new value of the generated file's marked leaf changes its line besides."""
    for old_text, new_text in (("before", "after"), ("\0b\0e\0f\0o\0r\0e", "\0a\0f\0t\0e\0r")):
        new = data.replace(old_text.encode(), new_text.encode())
        if new != data:
            break
    again = ours.reseal(encrypted, new, format)
    if ours.decrypt(again, format) != new:
        raise Broken("L5 exact", "the text is another one")
    for old, line in _changed_lines(encrypted, again):
        if not _ALWAYS_CHANGED.search(old) and LEAF.encode() not in old:
            raise Broken("L5 one line", f"{old[:80]!r} became {line[:80]!r}")


def _changed_lines(old: bytes, new: bytes) -> list[tuple[bytes, bytes]]:
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        raise Broken("L5 lines", f"{len(before)} became {len(after)}")
    return [(one, other) for one, other in zip(before, after, strict=True) if one != other]


def _cells(data: bytes) -> list[bytes]:
    """Lines, and inside long lines (flow style, minified) the parts that end with a token."""
    return re.sub(rb"(type:\w+\] ?[\"']?)", rb"\1\n", data).replace(b"\r", b"\n").split(b"\n")


def _old_json(peer: Peer, format: str) -> bool:
    """Before 3.12 sops read every JSON number as a float."""
    return format == "json" and tuple(map(int, peer.version().split("."))) < (3, 12)


def _equal(law: str, want: object, got: object) -> None:
    if want == got:
        return
    if isinstance(want, list) and isinstance(got, list):
        for one, other in zip(want, got, strict=False):
            if one != other:
                raise Broken(law, f"{str(one)[:200]} became {str(other)[:200]}")
        raise Broken(law, f"{len(want)} events became {len(got)}")
    raise Broken(law, _first_difference(str(want), str(got)))


def _first_difference(want: bytes | str, got: bytes | str) -> str:
    at = next((at for at, (one, other) in enumerate(zip(want, got, strict=False)) if one != other), None)
    at = min(len(want), len(got)) if at is None else at
    start = max(0, at - 30)
    return f"at {at}: {want[start : at + 40]!r} became {got[start : at + 40]!r}"
