"""The Google Cloud KMS key service, with google-cloud-kms.

Responsible for what is asked, for the checksums that go both ways, and for the text in `enc` (base64 of the
ciphertext). The client and its credentials are those of `gcp_clients`, words for failures those of `gcp_errors`.
Source: sops 3.13.2; Cloud KMS API v1, data integrity guidelines.
"""

from __future__ import annotations

import re
from binascii import Error as BadBase64
from binascii import a2b_base64, b2a_base64

from ..errors import SopsError
from .base import NotForMe
from .gcp_clients import Client
from .gcp_errors import Corrupted, explain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..metadata import MasterKey

_ID = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+")
_TRIES = 3
"""Calls whose checksums fail are made anew so often."""


class Service:
    """Wraps and unwraps with Cloud KMS. Safe to use from several threads."""

    __slots__ = ("_client",)

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises SopsError when google-cloud-kms is not installed."""
        self._client = Client(environ)

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """Base64 of the ciphertext. Raises SopsError."""

        def call(name: str) -> bytes:
            check = self._client.crc32c
            request = {"name": name, "plaintext": secret, "plaintext_crc32c": check(secret)}
            answer = self._client.call("encrypt", request)
            sealed: bytes = answer.ciphertext
            if answer.ciphertext_crc32c is not None:
                _verify(answer.verified_plaintext_crc32c and answer.ciphertext_crc32c == check(sealed))
            return sealed

        try:
            return b2a_base64(self._ask(key, call), newline=False).decode("ascii")
        except NotForMe as no:
            raise SopsError(no.reason, hint=no.hint) from None

    def open(self, key: MasterKey) -> bytes:
        """The secret in `enc`. Raises NotForMe with the reason that Google gave."""
        try:
            blob = a2b_base64(key.enc)
        except (BadBase64, ValueError):
            raise NotForMe("enc is no base64 text") from None

        def call(name: str) -> bytes:
            check = self._client.crc32c
            answer = self._client.call("decrypt", {"name": name, "ciphertext": blob, "ciphertext_crc32c": check(blob)})
            secret: bytes = answer.plaintext
            _verify(answer.plaintext_crc32c in (None, check(secret)))
            return secret

        return self._ask(key, call)

    def likely(self, key: MasterKey) -> bool:
        """Nobody can tell without asking."""
        return False

    def holds(self, key: MasterKey) -> bool:
        """The key ring proves it by opening the entry: its service is asked by the key's id."""
        return False

    def _ask(self, key: MasterKey, call: Callable[[str], bytes]) -> bytes:
        name = key.fields["resource_id"]
        if _ID.fullmatch(name) is None:
            form = "projects/PROJECT/locations/PLACE/keyRings/RING/cryptoKeys/KEY"
            raise NotForMe(f"no valid resource id: {name!r}", f"the form is {form}, without a version")
        for left in range(_TRIES, 0, -1):
            try:
                return call(name)
            except Corrupted as err:
                if left == 1:
                    raise NotForMe("the checksums of what was sent and received do not fit") from err
            except NotForMe:
                raise
            except Exception as err:
                reason = explain(err, name, self._client.identity)
                if reason is None:
                    raise
                raise reason from None
        raise AssertionError("unreachable")


def _verify(fits: Any) -> None:
    if not fits:
        raise Corrupted
