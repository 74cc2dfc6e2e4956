"""Master keys from texts: the key fields of a `.sops.yaml`, and the key options of the command line.

Responsible for the syntax of every kind of key, whether this version can wrap with it or not. Must not ask any service:
an Azure key without a version keeps none until it is wrapped. Source: sops 3.13.2; docs/reference/config.md.
"""

from __future__ import annotations

from .errors import SopsError
from .metadata import MasterKey

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FLAG_ORDER = ("kms", "gcp_kms", "hckms", "azure_kv", "pgp", "hc_vault", "age")
"""The order of the keys that options of the command line name."""

_VAULT_FORM = "the form is https://vault.example.com:8200/v1/transit/keys/NAME"


class KeyContext:
    """What the keys of one rule or command line share: their time of creation (RFC 3339, UTC, seconds) and, for
    kms, the encryption context and the profile."""

    __slots__ = ("context", "now", "profile")

    def __init__(self, now: str, context: Mapping[str, str | None] | None = None, profile: str = "") -> None:
        self.now = now
        self.context: dict[str, str | None] = dict(context or {})
        self.profile = profile


def from_flags(texts: Mapping[str, str], shared: KeyContext) -> list[MasterKey]:
    """The keys that options name, as one group: `texts` maps kinds to comma lists. Raises SopsError."""
    return [key for kind in FLAG_ORDER for key in from_text(kind, texts.get(kind, ""), shared)]


def from_text(kind: str, text: str, shared: KeyContext) -> list[MasterKey]:
    """The keys of a comma list. Raises SopsError."""
    if not text:
        return []
    parts = text.split(",")
    if kind in ("hckms", "hc_vault"):
        parts = [part for part in parts if part.strip()]
    return [from_one(kind, part, shared) for part in parts]


def from_one(kind: str, text: str, shared: KeyContext) -> MasterKey:
    """One key in the syntax of the command line. Raises SopsError."""
    if kind == "age":
        return _age(text.strip())
    if kind == "pgp":
        fields = {"fp": text.replace(" ", "")}
    elif kind == "kms":
        fields = {**_arn_and_role(text.replace(" ", "")), "aws_profile": shared.profile}
    elif kind == "gcp_kms":
        fields = {"resource_id": text.replace(" ", "")}
    elif kind == "hckms":
        fields = {"key_id": _region_and_uuid(text.strip())}
    elif kind == "azure_kv":
        fields = _azure(text.strip())
    else:
        fields = _vault(text)
    key = from_fields(kind, fields, shared)
    if kind == "kms":
        key.context = dict(shared.context)
    return key


def from_fields(kind: str, fields: Mapping[str, str], shared: KeyContext) -> MasterKey:
    """A key of a key group, whose fields stand by themselves in the configuration."""
    return MasterKey(kind, {**fields, "created_at": shared.now})


def without_duplicates(group: list[MasterKey]) -> list[MasterKey]:
    """The first of every (kind, display)."""
    return list(dict.fromkeys(group))


def _age(text: str) -> MasterKey:
    from .keys.age import recipient_kind

    recipient_kind(text)
    return MasterKey("age", {"recipient": text})


def _arn_and_role(text: str) -> dict[str, str]:
    """`ARN+ROLE`: a plus sign may be part of an ARN, `+arn:` may not."""
    at = text.find("+arn:")
    return {"arn": text[:at], "role": text[at + 1 :]} if at > 0 else {"arn": text}


def _region_and_uuid(text: str) -> str:
    region, _, uuid = text.partition(":")
    if not region.strip() or not uuid.strip():
        raise SopsError(f"invalid HuaweiCloud key {text!r}", hint="the form is REGION:KEY-UUID")
    return text


def _azure(text: str) -> dict[str, str]:
    vault, slash, rest = text.removeprefix("https://").partition("/keys/")
    name, _, version = rest.partition("/")
    if not text.startswith("https://") or not slash or not vault or "/" in vault or not name or "/" in version:
        raise SopsError(
            f"invalid Azure Key Vault key {text!r}", hint="the form is https://NAME.vault.azure.net/keys/KEY/VERSION"
        )
    return {"vault_url": f"https://{vault}", "name": name, "version": version}


def _vault(text: str) -> dict[str, str]:
    from urllib.parse import urlsplit

    try:
        url = urlsplit(text)
    except ValueError:
        raise SopsError(f"invalid Vault key {text!r}", hint=_VAULT_FORM) from None
    if not url.scheme:
        raise SopsError(f"invalid Vault key {text!r}: the scheme is missing", hint=_VAULT_FORM)
    parts = url.path.strip("/").split("/")
    version, engine = parts[0], "/".join(filter(None, parts[1:-2]))
    if len(parts) < 4 or version[:1] != "v" or not version[1:].isdecimal() or not engine:
        raise SopsError(f"invalid Vault key {text!r}", hint=(_VAULT_FORM, "a path before /v1 is not supported"))
    return {"vault_address": f"{url.scheme}://{url.netloc}", "engine_path": engine, "key_name": parts[-1]}
