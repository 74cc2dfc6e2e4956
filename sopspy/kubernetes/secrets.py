"""Resources before they leave: what Kubernetes would refuse, or what a mistake in an encrypted file looks like.

Responsible for checks that need the decrypted data; every complaint names file and key, never a value. Source: the API
server's validation of `v1` Secrets; a Secret holds at most 1 MiB.
"""

from __future__ import annotations

from binascii import Error, a2b_base64

from ..errors import SopsError
from ..tree import Comment, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tree import Value

MAX_SECRET_BYTES = 1 << 20
BEHAVIOR = "kustomize.config.k8s.io/behavior"
"""How kustomize joins a generated resource to one of the same name; with `merge` it may be a part of a Secret."""

_LONGEST_KEY = 253
_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
_REQUIRED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
_JSON_TYPES = ("kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg")


class ResourceError(SopsError):
    """A decrypted resource that no cluster should get."""


def entries(value: Value) -> dict[str, Value]:
    """The pairs of a mapping. Raises ResourceError for a key that stands twice."""
    found: dict[str, Value] = {}
    for item in value if isinstance(value, Mapping) else ():
        if isinstance(item, Comment):
            continue
        if item[0] in found:
            raise ResourceError(f"the key {item[0]} stands twice")
        found[item[0]] = item[1]
    return found


def check(resource: Mapping) -> None:
    """Raise ResourceError for a resource without kind or name, and for a Secret that is not one."""
    top = entries(resource)
    kind = top.get("kind")
    if not isinstance(kind, str) or not kind or not isinstance(top.get("apiVersion"), str):
        raise ResourceError("not a Kubernetes resource: apiVersion or kind is missing")
    if kind.endswith("List") and isinstance(top.get("items"), list):
        for item in top["items"]:  # type: ignore[union-attr]
            if isinstance(item, Mapping):
                check(item)
        return
    name = entries(top.get("metadata")).get("name")
    if not isinstance(name, str) or not name:
        raise ResourceError(f"{kind}: metadata.name is missing")
    if kind == "Secret" and top["apiVersion"] == "v1":
        try:
            check_secret(top)
        except ResourceError as err:
            raise ResourceError(f"Secret {name}: {err.message}", hint=err.hints) from None


def check_secret(top: dict[str, Value]) -> None:
    """The same for the fields of a Secret."""
    values: dict[str, bytes] = {}
    for key, value in entries(top.get("data")).items():
        values[_checked_key(key)] = _decoded(key, value)
    for key, value in entries(top.get("stringData")).items():
        if not isinstance(value, str):
            raise ResourceError(f"stringData.{key} is no text", hint="put it in quotes")
        values[_checked_key(key)] = value.encode("utf-8", "surrogateescape")
    if sum(map(len, values.values())) > MAX_SECRET_BYTES:
        raise ResourceError("it holds more than 1 MiB")
    if entries(entries(top.get("metadata")).get("annotations")).get(BEHAVIOR) != "merge":
        _check_type(str(top.get("type") or ""), values)


def _checked_key(key: str) -> str:
    if not key or len(key) > _LONGEST_KEY or not _KEY.issuperset(key) or key in (".", ".."):
        raise ResourceError(f"{key!r} is no key of a Secret", hint="letters, digits, '-', '_' and '.' are allowed")
    return key


def _decoded(key: str, value: Value) -> bytes:
    if value is None:
        return b""
    if not isinstance(value, str):
        raise ResourceError(f"data.{key} is no text", hint="put it in quotes")
    try:
        return a2b_base64(value.replace("\n", "").replace("\r", "").encode(), strict_mode=True)
    except (Error, UnicodeEncodeError):
        raise ResourceError(f"data.{key} is not base64", hint="put clear text under stringData instead") from None


def _check_type(kind: str, values: dict[str, bytes]) -> None:
    missing = [key for key in _REQUIRED.get(kind, ()) if key not in values]
    if missing:
        raise ResourceError(f"the type {kind} needs the keys {', '.join(missing)}")
    if kind in _JSON_TYPES:
        from json import loads

        key = _REQUIRED[kind][0]
        try:
            loads(values[key])
        except ValueError:  # its text would quote the value
            raise ResourceError(f"{key} is not JSON, which the type {kind} needs") from None
