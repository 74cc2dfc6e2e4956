"""SSH keys as age identities.

Responsible for reading private keys and for those that a passphrase protects: it is asked for only when the stanza of a
file names the key. Must not write a key. Source: sops 3.13.2; age's SSH recipients; OpenSSH's PROTOCOL.key.
"""

from __future__ import annotations

import binascii
from _thread import allocate_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .age_file import Stanza
    from .identities import Identity

_MAGIC = b"openssh-key-v1\0"
_BEGIN = b"-----BEGIN OPENSSH PRIVATE KEY-----"
_KINDS = (b"ssh-ed25519", b"ssh-rsa")


def read_key(data: bytes, path: str = "") -> Identity:
    """The identity of a private key. `path`: where it is, for `.pub` and the question. Raises ValueError."""
    from pyrage import IdentityError, ssh

    from .identities import Identity

    blob, locked = _public(data)
    if locked:
        if not path:
            raise ValueError("the SSH key has a passphrase, which a command's output cannot have")
        opener = Opener(data, path, blob or _public_file(path))
        return Identity(None, opener.recipient, opener)
    try:
        key = ssh.Identity.from_buffer(data)
    except IdentityError:
        raise ValueError("malformed SSH key, or of a kind that age does not know") from None
    return Identity(key, _recipient(blob or _public_of_pem(data)))


class Opener:
    """An SSH key with a passphrase. Its `repr` shows where it is."""

    __slots__ = ("_blob", "_data", "_failure", "_key", "_lock", "_path", "recipient")
    rank = 2

    def __init__(self, data: bytes, path: str, blob: bytes) -> None:
        self._data = data
        self._path = path
        self._blob = blob
        self._key: Identity | None = None
        self._failure = ""
        self._lock = allocate_lock()
        self.recipient = _recipient(blob)

    def open(self, data: bytes) -> bytes | None:
        """The secret in an unarmored file, None when it is for somebody else. Raises ValueError with the reason."""
        from .age import first_secret
        from .age_file import read

        if not any(self._named(stanza) for stanza in read(data)[0]):
            return None
        return first_secret(data, [self._unlocked()])

    def _named(self, stanza: Stanza) -> bool:
        import hashlib

        from .age_file import b64

        tag = b64(hashlib.sha256(self._blob).digest()[:4])
        return stanza.kind == self.recipient.split(" ")[0] and stanza.arguments[1:2] == [tag]

    def _unlocked(self) -> Identity:
        with self._lock:
            if self._failure:
                raise ValueError(self._failure)
            if self._key is None:
                try:
                    self._key = self._unlock()
                except ValueError as err:
                    self._failure = str(err)
                    raise
            return self._key

    def _unlock(self) -> Identity:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization

        from .terminal import NoTerminalError, ask_secret

        try:
            passphrase = ask_secret(f'Enter passphrase for "{self._path}":').encode()
        except NoTerminalError as err:
            raise ValueError(f"{self._path} needs a passphrase: {err}") from None
        ssh = _BEGIN in self._data
        load = serialization.load_ssh_private_key if ssh else serialization.load_pem_private_key
        try:
            key = load(self._data, passphrase)
        except UnsupportedAlgorithm:
            raise ValueError(f"{self._path}: its cipher is not supported, or the package bcrypt is missing") from None
        except Exception:  # the library raises many kinds, and none may show the key
            raise ValueError(f"{self._path}: incorrect passphrase") from None
        unlocked = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
        found = read_key(unlocked)
        if found.recipient != self.recipient:
            raise ValueError(f"{self._path}: the key is not that of {self._path}.pub")
        return found

    def __repr__(self) -> str:
        return f"Opener({self._path})"


def _public(data: bytes) -> tuple[bytes, bool]:
    """The public half that stands in clear in a private key (b"" in PEM), and whether there is a passphrase."""
    text = data.strip()
    if not text.startswith(_BEGIN):
        return b"", b"ENCRYPTED" in text[:200]
    try:
        raw = binascii.a2b_base64(b"".join(text.split(b"\n")[1:-1]))
        if not raw.startswith(_MAGIC):
            raise ValueError("magic")
        cipher, place = _string(raw, len(_MAGIC))
        for _ in range(2):
            _, place = _string(raw, place)
        blob, _ = _string(raw, place + 4)
    except (ValueError, IndexError):
        raise ValueError("malformed SSH key") from None
    return blob, cipher != b"none"


def _string(raw: bytes, place: int) -> tuple[bytes, int]:
    start = place + 4
    end = start + int.from_bytes(raw[place:start], "big")
    if end > len(raw):
        raise ValueError("cut")
    return raw[start:end], end


def _recipient(blob: bytes) -> str:
    kind, _ = _string(blob, 0)
    if kind not in _KINDS:
        raise ValueError(f"age knows no SSH keys of the kind {kind.decode('ascii', 'replace')}")
    return f"{kind.decode()} {binascii.b2a_base64(blob, newline=False).decode()}"


def _public_file(path: str) -> bytes:
    try:
        with open(f"{path}.pub", "rb") as file:
            words = file.read(1 << 16).split()
        return binascii.a2b_base64(words[1])
    except OSError as err:
        raise ValueError(f"has a passphrase, and {path}.pub cannot be read ({err.strerror})") from None
    except (IndexError, ValueError):
        raise ValueError(f"has a passphrase, and {path}.pub is malformed") from None


def _public_of_pem(data: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    try:
        public = serialization.load_pem_private_key(data, None).public_key()
        text = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    except Exception:
        raise ValueError("malformed SSH key") from None
    return binascii.a2b_base64(text.split()[1])
