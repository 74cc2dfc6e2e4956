"""Which module serves which kind of master key. A literal table: looking for entry points costs 37 ms a call."""

from __future__ import annotations

from ..errors import SopsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .base import KeyService

MODULES = {
    "kms": "sopspy.keys.aws_kms",
    "gcp_kms": "sopspy.keys.gcp_kms",
    "hc_vault": "sopspy.keys.vault_transit",
    "pgp": "sopspy.keys.pgp",
    "age": "sopspy.keys.age",
}

ASKING = frozenset(("age", "pgp"))
"""Kinds whose service may ask a person. It has `open_quietly`: `open` without asking, which raises NeedsPerson."""

REMOTE = frozenset(("kms", "gcp_kms", "hckms", "azure_kv", "hc_vault"))
"""Kinds whose service is asked over a network. It takes the identity of the key from the request, so what opens there
is surely that key's."""


def service(kind: str, environ: Mapping[str, str]) -> KeyService:
    """A new service for `kind`. Raises SopsError when this version has none."""
    name = MODULES.get(kind)
    if kind == "hckms":
        raise SopsError(
            "Huawei Cloud KMS is not supported: the entry is kept as it is, and the other keys of the file are tried",
            hint="for files whose only key is in Huawei Cloud, use sops",
        )
    if name is None:
        raise SopsError(f"not available in this version: {kind}")
    made: KeyService = __import__(name, fromlist=["Service"]).Service(environ)
    return made
