"""One destination rule of a `.sops.yaml`: where `publish` puts a file, and how it is encrypted anew on the way.

Responsible for the fields of a rule and for their combinations. Must not upload anything. A rule is matched against a
path as it was typed. Source: sops 3.13.2.
"""

from __future__ import annotations

from .creation_rule import Rule
from .errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .document import Node
    from .rule_reader import Reader

VAULT, S3, GCS = "vault", "s3", "gcs"
_DEFAULT_MOUNT = "secret/"


class Destination:
    """Where files go. `kind` is VAULT, S3 or GCS; `bucket`, `prefix` for stores, the rest for Vault."""

    __slots__ = ("address", "bucket", "kind", "mount", "prefix", "version")

    def __init__(self, kind: str, bucket: str = "", prefix: str = "") -> None:
        self.kind = kind
        self.bucket = bucket
        self.prefix = prefix
        self.address = ""
        self.mount = _DEFAULT_MOUNT
        self.version = 2

    def path(self, name: str) -> str:
        """The path of a secret in Vault, or the key of an object."""
        if self.kind != VAULT:
            return f"{self.prefix}{name}"
        return f"{self.mount}{'data/' if self.version == 2 else ''}{self.prefix}{name}"

    def url(self, name: str, default_address: str) -> str:
        """The place as messages name it."""
        if self.kind == VAULT:
            return f"{self.address or default_address}/v1/{self.path(name)}"
        return f"{self.kind}://{self.bucket}/{self.path(name)}"

    def __repr__(self) -> str:
        return f"Destination({self.kind}, {self.bucket or self.mount!r}, {self.prefix!r})"


class DestinationRule:
    """One entry of `destination_rules`, its types checked. `recreation` is None when the rule has none."""

    __slots__ = ("_fields", "_reader", "omit_extensions", "path_regex", "recreation")

    def __init__(self, reader: Reader, node: Node) -> None:
        fields = reader.mapping(node, "destination_rules")
        self._reader = reader
        self._fields = fields
        self.path_regex = reader.text(fields.get("path_regex"), "path_regex")
        self.omit_extensions = reader.flag(fields.get("omit_extensions"), "omit_extensions")
        recreation = fields.get("recreation_rule")
        self.recreation = None if reader.absent(recreation) or recreation is None else Rule(reader, recreation)

    def matches(self, path: str) -> bool:
        """Whether this rule is for a path as typed. A regex that does not compile matches nothing, as in sops."""
        if not self.path_regex:
            return True
        from .regex import Pattern

        try:
            return Pattern(self.path_regex).found(path)
        except ValueError:
            return False

    def destination(self) -> Destination:
        """Where the rule's files go. Raises ConfigError when it names several places or none."""
        text = {name: self._text(name) for name in ("s3_bucket", "gcs_bucket", "vault_path")}
        named = [name for name, value in text.items() if value]
        if len(named) > 1:
            raise ConfigError(
                "more than one destinations were found in a single destination rule, you can only use one per rule",
                file=self._reader.name,
                details=(", ".join(named),),
            )
        if not named:
            raise ConfigError("no destination configured for this file", file=self._reader.name)
        if text["s3_bucket"]:
            return Destination(S3, text["s3_bucket"], self._text("s3_prefix"))
        if text["gcs_bucket"]:
            return Destination(GCS, text["gcs_bucket"], self._text("gcs_prefix"))
        return self._vault(text["vault_path"])

    def _vault(self, path: str) -> Destination:
        made = Destination(VAULT, prefix=_with_slash(path))
        made.address = self._text("vault_address").rstrip("/")
        made.mount = _with_slash(self._text("vault_kv_mount_name") or _DEFAULT_MOUNT)
        made.version = 1 if self._reader.whole(self._fields.get("vault_kv_version"), "vault_kv_version") == 1 else 2
        return made

    def _text(self, name: str) -> str:
        return self._reader.text(self._fields.get(name), name)

    def __repr__(self) -> str:
        return f"DestinationRule({self.path_regex!r})"


def _with_slash(path: str) -> str:
    return path if path.endswith("/") else f"{path}/"
