"""The Vault transit key service: `encrypt` and `decrypt` of a transit engine, of Vault or OpenBao.

Responsible for paths and for the text in `enc` (the engine's own `vault:v1:…`). The address is the key's: `VAULT_ADDR`
is not asked, and `trust` says whether that address may get the token. Source: sops 3.13.2; Vault transit API.
"""

from __future__ import annotations

import threading
from binascii import Error as BadBase64
from binascii import a2b_base64, b2a_base64

from ..errors import SopsError
from .base import NotForMe, Unreachable
from .trust import Trust
from .vault_http import Client, VaultError, VaultSilentError, token_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..metadata import MasterKey


class Service:
    """Wraps and unwraps with transit engines. One client for each address; safe to use from several threads."""

    __slots__ = ("_clients", "_environ", "_lock", "_token", "_trust")

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises SopsError for an allow list that cannot be read."""
        self._environ = environ
        self._trust = Trust(environ)
        self._token = token_of(environ)
        self._clients: dict[str, Client] = {}
        self._lock = threading.Lock()

    def wrap(self, key: MasterKey, secret: bytes) -> str:
        """The engine's text for `secret`. Raises SopsError."""
        body = {"plaintext": b2a_base64(secret, newline=False).decode()}
        try:
            found = self._ask(key, "encrypt", body).get("ciphertext")
        except NotForMe as no:
            raise SopsError(no.reason, hint=no.hint) from None
        if not isinstance(found, str) or not found:
            raise SopsError("Vault answered without a ciphertext")
        return found

    def open(self, key: MasterKey) -> bytes:
        """The secret in `enc`. Raises NotForMe with Vault's reason, Unreachable."""
        found = self._ask(key, "decrypt", {"ciphertext": key.enc}).get("plaintext")
        try:
            return a2b_base64(str(found), strict_mode=True)
        except (BadBase64, ValueError):
            raise NotForMe("Vault answered without a plaintext") from None

    def likely(self, key: MasterKey) -> bool:
        """Nobody can tell without asking."""
        return False

    def holds(self, key: MasterKey) -> bool:
        """The key ring proves it by opening the entry: the engine is asked by the key's name."""
        return False

    def _ask(self, key: MasterKey, verb: str, body: dict[str, str]) -> dict[str, object]:
        fields = key.fields
        path = f"{fields['engine_path']}/{verb}/{fields['key_name']}"
        try:
            answer = self._client(fields["vault_address"]).ask("PUT", path, body)
        except VaultSilentError as err:
            raise Unreachable(err.message, *err.hints[:1]) from None
        except VaultError as err:
            raise NotForMe(f"{err.message}, {self._identity}", _next_step(err, fields["key_name"], verb)) from None
        except SopsError as err:
            raise NotForMe(err.message, *err.hints[:1]) from None
        data = answer.get("data")
        return data if isinstance(data, dict) else {}

    @property
    def _identity(self) -> str:
        return f"token of {self._token[1]}" if self._token[0] else "no token: VAULT_TOKEN and ~/.vault-token are empty"

    def _client(self, address: str) -> Client:
        with self._lock:
            if address not in self._clients:
                self._trust.check_vault(address)
                self._clients[address] = Client(address, self._environ, self._token[0])
            return self._clients[address]


def _next_step(err: VaultError, name: str, verb: str) -> str:
    if err.hints:
        return err.hints[0]
    if err.status == 403:
        return f"sign in (vault login), or ask for the capability update on {verb}/{name}"
    if err.status == 404:
        return "is the engine mounted there, and VAULT_NAMESPACE right?"
    if err.status == 503:
        return "the server is sealed or starting: try again later"
    return ""
