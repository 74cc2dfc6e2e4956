"""Decrypted data into a key-value engine of Vault, version 1 or 2.

What is there already is read first, and equal data are not written: a new version would say that something changed.
The token is that of `VAULT_TOKEN`; `~/.vault-token` is not read. Source: sops 3.13.2; Vault KV API.
"""

from __future__ import annotations

from ..keys.vault_http import Client, VaultError, token_of
from ..tree import Comment, Mapping, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..destination_rule import Destination
    from ..tree import Value

DEFAULT_ADDRESS = "https://127.0.0.1:8200"


def upload(to: Destination, name: str, data: dict[str, Any], environ: dict[str, str]) -> bool:
    """Write data as one secret; False when they are there already. Raises VaultError, SopsError."""
    token, source = token_of(environ, with_file=False)
    client = Client(to.address or environ.get("VAULT_ADDR") or DEFAULT_ADDRESS, environ, token)
    path = to.path(name)
    try:
        if _there(client, path, to.version) == data:
            return False
        client.ask("PUT", path, {"data": data} if to.version == 2 else data)
    except VaultError as err:
        who = f"token of {source}" if source else "no token: VAULT_TOKEN is not set"
        hints = err.hints or (("ask for the capabilities create and update there",) if err.status == 403 else ())
        raise VaultError(err.status, f"{err.message}, {who}", hints[0] if hints else "") from None
    return True


def _there(client: Client, path: str, version: int) -> object:
    """What stands at a path now; None for nothing, or when it may not be read."""
    try:
        data = client.ask("GET", path).get("data")
    except VaultError as err:
        if err.status in (403, 404):
            return None
        raise
    return data.get("data") if version == 2 and isinstance(data, dict) else data


def as_json(trees: list[Mapping]) -> dict[str, Any]:
    """Decrypted documents as one object for JSON; a later document's keys win, as in sops."""
    made: dict[str, Any] = {}
    for tree in trees:
        made |= _plain(tree)
    return made


def _plain(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {item[0]: _plain(item[1]) for item in value if not isinstance(item, Comment)}
    if isinstance(value, Sequence):
        return [_plain(item) for item in value if not isinstance(item, Comment)]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value) if isinstance(value, str) else value
