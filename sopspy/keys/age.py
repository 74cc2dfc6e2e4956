"""The age key service: every kind of recipient that age knows.

Responsible for wrapping a data key as one armored age file per recipient, and for opening such files with the
identities at hand. What the entry says about its recipient only decides which identity is tried first. Must not read
sources of identities itself. Source: sops 3.13.2; the age format (C2SP).
"""

from __future__ import annotations

from _thread import allocate_lock

from ..errors import SopsError
from .base import NeedsPerson, NotForMe
from .identities import Identity, Source, absent, command_source, ssh_command_source, standing_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..metadata import MasterKey

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_TERMS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_X25519_LENGTH = 62
_STANZA_LINE = 64
_LINE = "\n"
_NO_MATCH = "No matching keys found"


class Service:
    """Opens and wraps with age. Every source of identities is read once; the command once per recipient."""

    __slots__ = ("_by_recipient", "_commands", "_environ", "_lock", "_sources")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._sources: list[Source] | None = None
        self._by_recipient: dict[str, Identity] = {}
        self._commands: dict[str, list[Source]] = {}
        self._lock = allocate_lock()  # files side by side share what was read, and each question

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """An armored age file with `secret`. Raises SopsError for a recipient that cannot be used."""
        import pyrage

        recipient = key.fields["recipient"]
        kind = recipient_kind(recipient)
        if kind == "post-quantum":
            from .age_hybrid import wrap

            return wrap(recipient, secret)
        if kind == "plugin":
            from .age_plugin import wrap

            return wrap(recipient, secret)
        try:
            parsed = (pyrage.ssh if kind == "SSH" else pyrage.x25519).Recipient.from_str(recipient)
        except pyrage.RecipientError:
            raise _malformed(recipient) from None
        armored: bytes = pyrage.encrypt(secret, [parsed], armored=True)
        return armored.decode("ascii")

    def open(self, key: MasterKey) -> bytes:
        """The secret in the age file of `key`. Raises NotForMe with what was looked at."""
        return self._open(key, ask=True)

    def open_quietly(self, key: MasterKey) -> bytes:
        """The same without a passphrase. Raises NeedsPerson when an identity at hand has one."""
        return self._open(key, ask=False)

    def _open(self, key: MasterKey, *, ask: bool) -> bytes:
        data = _unarmored(key.enc)
        recipient = key.fields["recipient"]
        sources = list(self._standing())
        own = self._by_recipient.get(_plain(recipient))
        known = [one for source in sources for one in source.identities]
        secret = _plain_secret(data, sorted(known, key=lambda one: one is not own))
        notes: list[str] = []
        if secret is None:
            secret = _asked_secret(data, known, 0, notes)
        if secret is None:
            # A command may ask for a password or a network, so it comes late; what asks the user comes last.
            commands = self._command(recipient)
            sources += commands
            added = [one for source in commands for one in source.identities]
            secret = _plain_secret(data, added)
            if secret is None:
                secret = _asked_secret(data, added, 0, notes)
            if secret is None and ask:
                secret = _asked_secret(data, [*known, *added], 1, notes)
            elif secret is None and any(one.opener is not None and one.opener.rank > 0 for one in (*known, *added)):
                raise NeedsPerson("an identity with a passphrase was not asked for")
        if secret is None:
            raise NotForMe(self._reason(sources, notes))
        return secret

    def likely(self, key: MasterKey) -> bool:
        """Whether an identity of this recipient is at hand."""
        self._standing()
        return _plain(key.fields["recipient"]) in self._by_recipient

    def holds(self, key: MasterKey) -> bool:
        """Whether we have the identity of this recipient, as it is spelt. May run commands, or ask.

        That an entry opens is no proof: its recipient may be another one than the text says. What a plugin holds
        cannot be known.
        """
        if self.likely(key):
            return True
        recipient = _plain(key.fields["recipient"])
        sources = [*self._standing(), *self._command(key.fields["recipient"])]
        identities = [one for source in sources for one in source.identities]
        return any(recipient in _recipients(one) for one in identities)

    def _standing(self) -> list[Source]:
        with self._lock:
            if self._sources is None:
                sources = standing_sources(self._environ)
                self._by_recipient = {
                    one.recipient: one for source in sources for one in source.identities if one.recipient
                }
                self._sources = sources
            return self._sources

    def _command(self, recipient: str) -> list[Source]:
        with self._lock:
            if recipient not in self._commands:
                found = (ssh_command_source(self._environ, recipient), command_source(self._environ, recipient))
                self._commands[recipient] = [source for source in found if source is not None]
            return self._commands[recipient]

    def _reason(self, sources: list[Source], notes: list[str]) -> str:
        found = any(source.identities for source in sources)
        looked = ", ".join(
            [*map(str, sources), *([] if found else (f"{name}: not set" for name in absent(self._environ)))]
        )
        told = "".join(f"; {note}" for note in dict.fromkeys(notes))
        return f"{'no matching identity' if found else 'no identity found'} (looked in {looked}){told}"


def recipient_kind(text: str) -> str:
    """`X25519`, `post-quantum`, `plugin` or `SSH`. Raises SopsError for a text that is no recipient."""
    if text.startswith("ssh-"):
        if len(text.split()) < 2 or "\n" in text:
            raise _malformed(text)
        return "SSH"
    if not text.startswith("age1"):
        raise SopsError(f'unknown recipient type: "{_shown(text)}"')
    if not is_bech32(text):
        raise _malformed(text)
    if text.startswith("age1pq1"):
        return "post-quantum"
    if text.count("1") > 1:
        return "plugin"
    if len(text) != _X25519_LENGTH:
        raise _malformed(text)
    return "X25519"


def _malformed(text: str) -> SopsError:
    hint = "it is copied incompletely or mistyped"
    if any(char.isspace() for char in text):
        hint = "separate recipients with commas"
    return SopsError(f'malformed age recipient: "{_shown(text)}"', hint=hint)


def is_bech32(text: str) -> bool:
    """Whether a lower-case text has a name, data and the right checksum. Source: BIP 173, any length."""
    name, _, data = text.rpartition("1")
    numbers = [LETTERS.find(char) for char in data]
    if len(data) < 6 or min(numbers) < 0 or not name.isascii() or not name.isprintable() or name != name.lower():
        return False
    return checksum(name, numbers) == 1


def checksum(name: str, numbers: list[int]) -> int:
    """What the last six characters of bech32 protect; 1 when they are right."""
    check = 1
    for number in (*(ord(char) >> 5 for char in name), 0, *(ord(char) & 31 for char in name), *numbers):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for place, term in enumerate(_BECH32_TERMS):
            check ^= term if top >> place & 1 else 0
    return check


def _shown(text: str) -> str:
    """A text that should have been a recipient: never an identity that was pasted in its place."""
    return "AGE-SECRET-KEY-..." if "SECRET" in text.upper() else text


def _plain(recipient: str) -> str:
    """An SSH recipient without its comment; another one as it is."""
    return " ".join(recipient.split()[:2]) if recipient.startswith("ssh-") else recipient


def _recipients(identity: Identity) -> list[str]:
    """The recipients of an identity; a locked file is unlocked for them."""
    if identity.opener is None or not hasattr(identity.opener, "identities"):
        return [identity.recipient]
    try:
        return [one.recipient for one in identity.opener.identities()]
    except ValueError:
        return []


def first_secret(data: bytes, identities: list[Identity]) -> bytes | None:
    """The secret in an age file, or None when no identity fits. Raises ValueError for a file that is damaged."""
    notes: list[str] = []
    try:
        secret = _plain_secret(data, identities)
    except NotForMe as err:
        raise ValueError(err.reason) from err
    for rank in (0, 1):
        if secret is None:
            secret = _asked_secret(data, identities, rank, notes)
    if secret is None and notes:
        raise ValueError("; ".join(notes))
    return secret


def _unarmored(enc: str) -> bytes:
    """The text of an age file without what sops tolerates around it. Raises NotForMe for a text that is none."""
    data = enc.strip().encode("utf-8", "surrogateescape")
    if not data.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----"):
        raise NotForMe("enc is no armored age file")
    return data


def _plain_secret(data: bytes, identities: list[Identity]) -> bytes | None:
    """What the age library opens by itself, asking nobody."""
    keys = [one.key for one in identities if one.key is not None]
    if not keys:
        return None
    import pyrage

    try:
        secret: bytes = pyrage.decrypt(data, keys)
    except pyrage.DecryptError as err:
        if str(err) == _NO_MATCH:
            return None
        raise NotForMe(f"enc is damaged: {str(err).lower().partition(_LINE)[0].rstrip('.')}") from None
    if _lenient(data):
        raise NotForMe("enc is damaged: header is invalid")
    return secret


def _lenient(data: bytes) -> bool:
    """Whether the header has a stanza without its last, short line, which the library accepts and age refuses."""
    if data.startswith(b"-"):
        from binascii import a2b_base64

        data = a2b_base64(b"".join(data.split()[4:-4]))
    before = b""
    for line in data[: data.find(b"\n--- ") + 5].split(b"\n"):
        if line.startswith((b"--", b"->")) and (before.startswith(b"-> ") or len(before) == _STANZA_LINE):
            return True
        before = line
    return False


def _asked_secret(data: bytes, identities: list[Identity], rank: int, notes: list[str]) -> bytes | None:
    """What the other identities open: those that ask nobody with `rank` 0, those that may ask otherwise."""
    openers = sorted((one.opener for one in identities if one.opener is not None), key=lambda one: int(one.rank))
    if not openers:
        return None
    from .age_file import DamagedError, unarmor

    try:
        raw = unarmor(data) if data.startswith(b"-") else data
    except ValueError as err:
        raise NotForMe(f"enc is damaged: {err}") from None
    for opener in openers:
        if (opener.rank > 0) != (rank > 0):
            continue
        try:
            secret: bytes | None = opener.open(raw)
        except DamagedError as err:
            raise NotForMe(f"enc is damaged: {err}") from None
        except ValueError as err:
            notes.append(str(err))
            continue
        if secret is not None:
            return secret
    return None
