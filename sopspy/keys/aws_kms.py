"""The AWS KMS key service: `Encrypt` and `Decrypt` of the data key under a key ARN, with boto3.

Responsible for what is asked and for the text in `enc` (base64 of the ciphertext blob). Clients, credentials and roles
are those of `aws_clients`, words for failures those of `aws_errors`. Source: sops 3.13.2; AWS KMS API.
"""

from __future__ import annotations

from binascii import Error as BadBase64
from binascii import a2b_base64, b2a_base64
from functools import partial

from ..errors import SopsError
from .aws_clients import Clients, Used
from .aws_errors import explain
from .base import NotForMe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from ..metadata import MasterKey


class Service:
    """Wraps and unwraps with AWS KMS. Safe to use from several threads."""

    __slots__ = ("_clients",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises SopsError when boto3 is not installed."""
        self._clients = Clients(environ)

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """Base64 of the ciphertext blob. Raises SopsError."""
        request = {"KeyId": key.fields["arn"], "Plaintext": secret, "EncryptionContext": _context(key)}
        try:
            answer = self._ask(key, lambda client: client.encrypt(**request))
        except NotForMe as no:
            raise SopsError(no.reason, hint=no.hint) from None
        return b2a_base64(answer["CiphertextBlob"], newline=False).decode("ascii")

    def open(self, key: MasterKey) -> bytes:
        """The secret in `enc`. Raises NotForMe with the reason that AWS gave."""
        try:
            blob = a2b_base64(key.enc)
        except (BadBase64, ValueError):
            raise NotForMe("enc is no base64 text") from None
        refused: WrongContext | None = None
        for context in _contexts(key):
            request = {"KeyId": key.fields["arn"], "CiphertextBlob": blob, "EncryptionContext": context}
            try:
                secret: bytes = self._ask(key, partial(_decrypt, request))
            except WrongContext as no:
                refused = refused or no
            else:
                return secret
        raise refused or NotForMe("has no encryption context")

    def likely(self, key: MasterKey) -> bool:
        """Nobody can tell without asking."""
        return False

    def holds(self, key: MasterKey) -> bool:
        """The key ring proves it by opening the entry: its service is asked by the key's ARN."""
        return False

    def _ask(self, key: MasterKey, call: Callable[[Any], Any]) -> Any:
        used = Used(key)
        try:
            return call(self._clients.get(key, used))
        except NotForMe:
            raise
        except Exception as err:
            reason = explain(err, key, used)
            if reason is None:
                raise
            raise reason from None


def _decrypt(request: dict[str, Any], client: Any) -> Any:
    return client.decrypt(**request)["Plaintext"]


class WrongContext(NotForMe):
    """The ciphertext does not open in this encryption context."""


def _context(key: MasterKey) -> dict[str, str]:
    return {name: text for name, text in key.context.items() if text is not None}


def _contexts(key: MasterKey) -> Iterator[dict[str, str]]:
    """The contexts to try. sops before 3.3.0 took one value, whichever came last, for all names."""
    context = _context(key)
    yield context
    if key.loose_context:
        for text in dict.fromkeys(context.values()):
            yield dict.fromkeys(context, text)
