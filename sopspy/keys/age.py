"""The age key service: X25519 recipients.

Responsible for wrapping a data key as one armored age file per recipient, and for opening such files with the
identities at hand. What the entry says about its recipient only decides which identity is tried first. Must not read
sources of identities itself. Source: sops 3.13.2; the age format (C2SP).
"""

from __future__ import annotations

from ..errors import SopsError
from .base import NotForMe
from .identities import Identity, Source, absent, command_source, standing_sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..metadata import MasterKey

_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_TERMS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_X25519_LENGTH = 62
_NO_MATCH = "No matching keys found"


class Service:
    """Opens and wraps with age. Every source of identities is read once; the command once per recipient."""

    __slots__ = ("_by_recipient", "_commands", "_environ", "_sources")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._sources: list[Source] | None = None
        self._by_recipient: dict[str, Identity] = {}
        self._commands: dict[str, Source | None] = {}

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """An armored age file with `secret`. Raises SopsError for a recipient that cannot be used."""
        import pyrage

        recipient = key.fields["recipient"]
        kind = recipient_kind(recipient)
        if kind != "X25519":
            raise SopsError(f"{kind} recipients are not available in this version")
        try:
            parsed = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            raise _malformed(recipient) from None
        armored: bytes = pyrage.encrypt(secret, [parsed], armored=True)
        return armored.decode("ascii")

    def open(self, key: MasterKey) -> bytes:
        """The secret in the age file of `key`. Raises NotForMe with what was looked at."""
        recipient = key.fields["recipient"]
        sources = self._standing()
        own = self._by_recipient.get(recipient)
        identities = [own] if own else []
        identities += [one for source in sources for one in source.identities if one is not own]
        secret = _open(key.enc, identities)
        if secret is None:
            # The command may ask for a password or a network, so it comes last.
            command = self._command(recipient)
            if command is not None:
                secret = _open(key.enc, command.identities)
                sources = [*sources, command]
        if secret is None:
            raise NotForMe(self._reason(recipient, sources))
        return secret

    def likely(self, key: MasterKey) -> bool:
        """Whether an identity of this recipient is at hand."""
        self._standing()
        return key.fields["recipient"] in self._by_recipient

    def holds(self, key: MasterKey) -> bool:
        """Whether we have the identity of this recipient, as it is spelt. May run the command.

        That an entry opens is no proof: its recipient may be another one than the text says.
        """
        if self.likely(key):
            return True
        recipient = key.fields["recipient"]
        command = self._command(recipient)
        return command is not None and any(one.recipient == recipient for one in command.identities)

    def _standing(self) -> list[Source]:
        if self._sources is None:
            sources = standing_sources(self._environ)
            self._by_recipient = {one.recipient: one for source in sources for one in source.identities}
            self._sources = sources
        return self._sources

    def _command(self, recipient: str) -> Source | None:
        if recipient not in self._commands:
            self._commands[recipient] = command_source(self._environ, recipient)
        return self._commands[recipient]

    def _reason(self, recipient: str, sources: list[Source]) -> str:
        found = any(source.identities for source in sources)
        looked = ", ".join(
            [*map(str, sources), *([] if found else (f"{name}: not set" for name in absent(self._environ)))]
        )
        try:
            kind = recipient_kind(recipient)
        except SopsError:
            kind = "X25519"
        if kind != "X25519":
            return f"{kind} recipients are not available in this version"
        return f"{'no matching identity' if found else 'no identity found'} (looked in {looked})"


def recipient_kind(text: str) -> str:
    """`X25519`, `post-quantum`, `plugin` or `SSH`. Raises SopsError for a text that is no recipient."""
    if text.startswith("ssh-"):
        if len(text.split()) < 2 or "\n" in text:
            raise _malformed(text)
        return "SSH"
    if not text.startswith("age1"):
        raise SopsError(f'unknown recipient type: "{_shown(text)}"')
    if not _is_bech32(text):
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


def _is_bech32(text: str) -> bool:
    """Whether the checksum is right. Source: BIP 173 without its limit of length, as age uses it."""
    name, _, data = text.rpartition("1")
    numbers = [_BECH32.find(char) for char in data]
    if len(data) < 6 or min(numbers) < 0 or not name.isascii() or not name.isprintable() or name != name.lower():
        return False
    check = 1
    for number in (*(ord(char) >> 5 for char in name), 0, *(ord(char) & 31 for char in name), *numbers):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ number
        for place, term in enumerate(_BECH32_TERMS):
            check ^= term if top >> place & 1 else 0
    return check == 1


def _shown(text: str) -> str:
    """A text that should have been a recipient: never an identity that was pasted in its place."""
    return "AGE-SECRET-KEY-..." if "SECRET" in text.upper() else text


def _open(enc: str, identities: list[Identity]) -> bytes | None:
    """The secret, or None when no identity fits. Raises NotForMe for a text that is no age file."""
    if not identities:
        return None
    import pyrage

    data = enc.strip().encode("utf-8", "surrogateescape")  # sops tolerates blank lines around the armor
    if not data.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----"):
        raise NotForMe("enc is no armored age file")
    try:
        secret: bytes = pyrage.decrypt(data, [identity.key for identity in identities])
    except pyrage.DecryptError as err:
        if str(err) == _NO_MATCH:
            return None
        raise NotForMe(f"enc is damaged: {str(err).lower()}") from None
    return secret
