"""One creation rule of a `.sops.yaml`, and the plan that it makes.

Responsible for the fields of a rule and of its key groups. Types are checked when the file is loaded, keys when the
rule is the one that matches. Must not look for files or choose among rules. Source: sops 3.13.2;
docs/reference/config.md.
"""

from __future__ import annotations

from .errors import ConfigError, SopsError
from .metadata import OPTION_NAMES, MasterKey, Options
from .rule_keys import KeyContext, from_fields, from_one, from_text, without_duplicates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .document import Node
    from .rule_reader import Reader

_MAX_MERGES = 100

_FLAT = (
    ("age", "age"),
    ("pgp", "pgp"),
    ("kms", "kms"),
    ("gcp_kms", "gcp_kms"),
    ("hckms", "hckms"),
    ("azure_keyvault", "azure_kv"),
    ("hc_vault_transit_uri", "hc_vault"),
)
_GROUP_RECORDS = {
    "kms": ("kms", {"arn": "arn", "role": "role", "aws_profile": "aws_profile"}),
    "gcp_kms": ("gcp_kms", {"resource_id": "resource_id"}),
    "hckms": ("hckms", {"key_id": "key_id"}),
    "azure_keyvault": ("azure_kv", {"vaultUrl": "vault_url", "key": "name", "version": "version"}),
}


class Plan:
    """How a file is to be encrypted: for whom, with how many groups needed, and which leaves.

    `threshold` is 0 for a single group without one.
    """

    __slots__ = ("groups", "options", "threshold")

    def __init__(self, groups: list[list[MasterKey]], threshold: int, options: Options) -> None:
        self.groups = groups
        self.threshold = threshold or (len(groups) if len(groups) > 1 else 0)
        self.options = options

    def __repr__(self) -> str:
        return f"Plan({[len(group) for group in self.groups]} keys, {self.threshold}, {self.options!r})"


class Rule:
    """One entry of `creation_rules`, its types checked. Its keys are read when it is the one that matches."""

    __slots__ = (
        "_fields",
        "_groups",
        "_hckms",
        "_node",
        "_profile",
        "_reader",
        "_threshold",
        "line",
        "options",
        "path_regex",
    )

    def __init__(self, reader: Reader, node: Node) -> None:
        fields = reader.mapping(node, "creation_rules")
        self._reader = reader
        self._node = node
        self._fields = fields
        self.line = reader.line(node)
        self.path_regex = reader.text(fields.get("path_regex"), "path_regex")
        texts = {name: reader.text(fields.get(name), name) for name in OPTION_NAMES}
        mac_only = reader.flag(fields.get("mac_only_encrypted"), "mac_only_encrypted")
        self.options = Options(mac_only=mac_only, **texts)
        self._threshold = reader.whole(fields.get("shamir_threshold"), "shamir_threshold")
        self._profile = reader.text(fields.get("aws_profile"), "aws_profile")
        self._hckms = reader.texts(fields.get("hckms"), "hckms")
        self._groups = [_group(reader, group) for group in reader.items(fields.get("key_groups"), "key_groups")]

    def matches(self, path: str) -> bool:
        """Whether this rule is for `path`. Raises ConfigError when its regex does not compile."""
        if not self.path_regex:
            return True
        from .regex import Pattern

        try:
            return Pattern(self.path_regex).found(path)
        except ValueError as err:
            raise self._error(
                "path_regex",
                f"path_regex '{self.path_regex}' is no valid regular expression: {err}",
                "the syntax is RE2, without look-around and back-references",
            ) from None

    def plan(self, shared: KeyContext) -> Plan:
        """The plan of this rule."""
        try:
            self.options.check_single(ConfigError)
            self.options.check_patterns()
        except SopsError as err:
            name = self.options.names()[0]
            place = self._error(name, "")
            raise err.at(place.line, place.column).named(self._reader.name) from None
        if not self._groups:
            shared = KeyContext(shared.now, shared.context, self._profile)
            return Plan([self._flat_keys(shared)], self._threshold, self.options)
        groups = [
            without_duplicates([key for raw in group for key in self._made(raw, shared)]) for group in self._groups
        ]
        return Plan(groups, self._threshold, self.options)

    def _flat_keys(self, shared: KeyContext) -> list[MasterKey]:
        keys: list[MasterKey] = []
        for name, kind in _FLAT:
            node = self._fields.get(name)
            texts = self._hckms if kind == "hckms" else self._reader.text_or_texts(node, name)
            try:
                keys += from_text(kind, ",".join(texts), shared)
            except SopsError as err:
                place = self._error(name, "")
                raise err.at(place.line, place.column).named(self._reader.name) from None
        return keys

    def _made(self, raw: _RawKey, shared: KeyContext) -> list[MasterKey]:
        try:
            return raw.keys(shared)
        except SopsError as err:
            place = self._reader.error(raw.node, "")
            raise err.at(place.line, place.column).named(self._reader.name) from None

    def _error(self, name: str, message: str, hint: str = "") -> ConfigError:
        return self._reader.error(self._fields.get(name, self._node), message, hint)

    def __repr__(self) -> str:
        return f"Rule({self.path_regex!r}, line {self.line})"


class _RawKey:
    """A key of a key group as it stands in the file: one text, or the fields of a record."""

    __slots__ = ("context", "fields", "kind", "node", "text")

    def __init__(self, kind: str, node: Node, text: str = "") -> None:
        self.kind = kind
        self.node = node
        self.text = text
        self.fields: dict[str, str] | None = None
        self.context: dict[str, str | None] = {}

    def keys(self, shared: KeyContext) -> list[MasterKey]:
        if self.fields is None:
            if self.kind == "age":
                return from_text("age", self.text, shared)
            return [from_one(self.kind, self.text, shared)] if self.text or self.kind != "hc_vault" else []
        if self.kind == "hckms":
            return [from_one("hckms", self.fields["key_id"], shared)]
        key = from_fields(self.kind, self.fields, shared)
        key.context = dict(self.context)
        return [key]


def _group(reader: Reader, node: Node, depth: int = 0) -> list[_RawKey]:
    """The keys of a key group, those of the groups that it merges first."""
    if depth > _MAX_MERGES:
        raise reader.error(node, f"more than {_MAX_MERGES} levels of merge")
    fields = reader.mapping(node, "key_groups")
    keys = [key for part in reader.items(fields.get("merge"), "merge") for key in _group(reader, part, depth + 1)]
    keys += _text_keys(reader, "age", fields.get("age"))
    keys += _text_keys(reader, "pgp", fields.get("pgp"))
    for name, (kind, names) in _GROUP_RECORDS.items():
        for item in reader.items(fields.get(name), name):
            key = _RawKey(kind, item)
            record = reader.mapping(item, name)
            key.fields = {ours: reader.text(record.get(theirs), theirs) for theirs, ours in names.items()}
            if kind == "kms":
                key.context = _context(reader, record.get("context"))
            keys.append(key)
    return keys + _text_keys(reader, "hc_vault", fields.get("hc_vault"))


def _text_keys(reader: Reader, kind: str, node: Node | None) -> list[_RawKey]:
    return [_RawKey(kind, item, reader.text(item, kind)) for item in reader.items(node, kind)]


def _context(reader: Reader, node: Node | None) -> dict[str, str | None]:
    entries = reader.mapping(node, "context")
    return {name: None if reader.absent(item) else reader.text(item, "context") for name, item in entries.items()}
