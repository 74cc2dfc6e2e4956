"""The `sops` metadata as records, the same for all formats.

Responsible for reading the block as loosely as sops does (names in any case, weak types, a single mapping for a
list), refusing what sops refuses, and writing it as sops does: sorted at every level, nothing left out that sops
writes. Keys it does not know are kept and written again. Must not know of texts, envelopes or key services.
Source: sops 3.13.2 and mapstructure's weak decoding; docs/compatibility.md.
"""

from __future__ import annotations

from .errors import MetadataError, SopsError
from .limits import MAX_RECIPIENTS
from .tree import Comment, Mapping, Sequence
from .weak import aad_time as aad_time
from .weak import pick, read_flag, read_records, read_text, read_time_text, read_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Value
    from .weak import Pairs, Path

VERSION = "3.13.2"
"""The version of sops whose format we write; never our own version."""

_CONTEXT_FIXED = "3.3.0"
"""Before, sops wrapped with one value of the encryption context under all its names."""

LAYOUT_KEY = "sopspy_layout"
DEFAULT_SUFFIX = "_unencrypted"

RECORDS = {
    "kms": ("arn", "aws_profile", "created_at", "role"),
    "gcp_kms": ("created_at", "resource_id"),
    "hckms": ("created_at", "key_id"),
    "azure_kv": ("created_at", "name", "vault_url", "version"),
    "hc_vault": ("created_at", "engine_path", "key_name", "vault_address"),
    "pgp": ("created_at", "fp"),
    "age": ("recipient",),
}
"""The text fields of every kind of master key, in the order in which sops loads the kinds. `enc` comes with each, and
`context` with kms."""

OPTION_NAMES = (
    "encrypted_suffix",
    "unencrypted_suffix",
    "encrypted_regex",
    "unencrypted_regex",
    "encrypted_comment_regex",
    "unencrypted_comment_regex",
)

_ALWAYS_IN_GROUPS = ("age", "hc_vault")
_ONLY_WHEN_SET = ("role",)
_FIELD_NAMES = {kind: frozenset((*names, "enc")) for kind, names in RECORDS.items()}
_FIELD_NAMES["kms"] |= {"context"}
_NAMES = frozenset(
    (*RECORDS, *OPTION_NAMES, "key_groups", "lastmodified", "mac", "mac_only_encrypted", "shamir_threshold", "version")
)


class Options:
    """Which leaves of a file are encrypted: one of six texts at most, the others are ""; and what the MAC covers."""

    __slots__ = (*OPTION_NAMES, "mac_only")

    encrypted_suffix: str
    unencrypted_suffix: str
    encrypted_regex: str
    unencrypted_regex: str
    encrypted_comment_regex: str
    unencrypted_comment_regex: str

    def __init__(self, *, mac_only: bool = False, **texts: str) -> None:
        """`texts`: any of `OPTION_NAMES`."""
        for name in OPTION_NAMES:
            setattr(self, name, texts.pop(name, ""))
        if texts:
            raise TypeError(f"unknown options: {', '.join(texts)}")
        self.mac_only = mac_only

    def names(self) -> list[str]:
        """The names of the options that are set."""
        return [name for name in OPTION_NAMES if getattr(self, name)]

    def merged(self, over: Options) -> Options:
        """These options with those that `over` sets put in their place, one by one."""
        texts = {name: getattr(over, name) or getattr(self, name) for name in OPTION_NAMES}
        return Options(mac_only=over.mac_only or self.mac_only, **texts)

    def with_default(self) -> Options:
        """These options, with sops' default suffix when none is set."""
        if self.names():
            return self
        return Options(mac_only=self.mac_only, unencrypted_suffix=DEFAULT_SUFFIX)

    def check_single(self, kind: type[SopsError]) -> None:
        """Raise `kind` when more than one of the six options is set."""
        names = self.names()
        if len(names) > 1:
            raise kind(
                f"cannot use {' and '.join(names)} together",
                hint=f"use only one of {', '.join(OPTION_NAMES)}",
            )

    def check_patterns(self) -> None:
        """Raise RefusedError when a regex does not compile: what it should select would be written in clear."""
        for name in OPTION_NAMES:
            text = getattr(self, name)
            if text and name.endswith("_regex"):
                _check_pattern(name, text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Options):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in (*OPTION_NAMES, "mac_only"))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        texts = "".join(f", {name}={getattr(self, name)!r}" for name in self.names())
        return f"Options(mac_only={self.mac_only}{texts})"


def _check_pattern(name: str, text: str) -> None:
    from .errors import RefusedError
    from .regex import Pattern

    try:
        Pattern(text)
    except ValueError as err:
        raise RefusedError(
            f"{name} '{text}' is no valid regular expression: {err}",
            hint="the syntax is RE2, without look-around and back-references",
        ) from None


class MasterKey:
    """One entry of the metadata: who can unwrap the data key, and the wrapped data key.

    Attributes:
        kind: a key of `RECORDS`.
        fields: the texts of its record, without `enc`.
        context: the encryption context of a kms key; a value may be None as sops reads `null`.
        enc: the wrapped data key as its kind spells it, "" when there is none yet.
        extra: fields that sops does not know, kept as they are.
        secret: what the key ring has unwrapped for its group, None before; in memory only.
        loose_context: whether the context may be wrong, as sops before 3.3.0 wrote it.
    """

    __slots__ = ("context", "enc", "extra", "fields", "kind", "loose_context", "secret")

    def __init__(self, kind: str, fields: dict[str, str], enc: str = "") -> None:
        self.kind = kind
        self.fields = {name: fields.get(name, "") for name in RECORDS[kind]}
        self.context: dict[str, str | None] = {}
        self.enc = enc
        self.extra: Pairs = []
        self.secret: bytes | None = None
        self.loose_context = False

    @property
    def display(self) -> str:
        """The name of this key in lists, for `rotate --rm-...`, and for finding duplicates, as sops spells it."""
        fields = self.fields
        if self.kind == "age":
            return fields["recipient"]
        if self.kind == "pgp":
            return fields["fp"]
        if self.kind == "gcp_kms":
            return fields["resource_id"]
        if self.kind == "hckms":
            return fields["key_id"]
        if self.kind == "azure_kv":
            return f"{fields['vault_url']}/keys/{fields['name']}/{fields['version']}"
        if self.kind == "hc_vault":
            return f"{fields['vault_address']}/v1/{fields['engine_path']}/keys/{fields['key_name']}"
        return self._kms_display()

    def _kms_display(self) -> str:
        fields = self.fields
        name = f"{fields['arn']}+{fields['role']}" if fields["role"] else fields["arn"]
        context = ",".join(f"{key}:{value or ''}" for key, value in sorted(self.context.items()))
        if fields["aws_profile"]:
            return f"{name}|{context}|{fields['aws_profile']}"
        return f"{name}|{context}" if context else name

    def copy(self) -> MasterKey:
        """The same key, with containers of its own."""
        key = MasterKey(self.kind, self.fields, self.enc)
        key.context = dict(self.context)
        key.extra = list(self.extra)
        return key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MasterKey):
            return NotImplemented
        return self.kind == other.kind and self.display == other.display

    def __hash__(self) -> int:
        return hash((self.kind, self.display))

    def __repr__(self) -> str:
        return f"MasterKey({self.kind}, {self.display!r})"


class Metadata:
    """The `sops` block of a file. `lastmodified` is RFC 3339 text; `mac` and `layout` are envelopes or "".

    `threshold` is 0 when the block has none; `extra` holds the keys that are neither sops' nor ours.
    """

    __slots__ = ("extra", "groups", "lastmodified", "layout", "mac", "options", "threshold", "version")

    def __init__(self, groups: list[list[MasterKey]], options: Options, *, threshold: int = 0) -> None:
        self.groups = groups
        self.options = options
        self.threshold = threshold
        self.lastmodified = ""
        self.mac = ""
        self.version = VERSION
        self.layout = ""
        self.extra: Pairs = []

    @property
    def mac_only(self) -> bool:
        """Whether the MAC covers the encrypted values only."""
        return self.options.mac_only

    @property
    def keys(self) -> list[MasterKey]:
        """The master keys of all groups."""
        return [key for group in self.groups for key in group]

    def __repr__(self) -> str:
        return f"Metadata({[len(group) for group in self.groups]} keys, version {self.version!r})"


def parse(node: Value) -> Metadata:
    """The metadata in the value of a file's `sops` key. Raises MetadataError for all that sops refuses."""
    if not isinstance(node, Mapping):
        raise MetadataError("the sops entry is not a mapping", path=("sops",))
    found, extra = pick(node, _NAMES)
    texts = {name: read_text(found.get(name), ("sops", name)) for name in OPTION_NAMES}
    options = Options(mac_only=read_flag(found.get("mac_only_encrypted"), ("sops", "mac_only_encrypted")), **texts)
    options.check_single(MetadataError)
    threshold = read_whole(found.get("shamir_threshold"), ("sops", "shamir_threshold"))
    meta = Metadata(_groups(found), options, threshold=threshold)
    meta.lastmodified = read_time_text(found.get("lastmodified"), ("sops", "lastmodified"))
    meta.mac = read_text(found.get("mac"), ("sops", "mac"))
    meta.version = read_text(found.get("version"), ("sops", "version"))
    check_version(meta.version)
    for master in meta.keys:
        master.loose_context = len(set(master.context.values())) > 1 and is_newer(_CONTEXT_FIXED, meta.version)
    for key, value in extra:
        if key == LAYOUT_KEY:
            meta.layout = value if isinstance(value, str) else ""
        else:
            meta.extra.append((key, value))
    return meta


def _groups(found: dict[str, Value]) -> list[list[MasterKey]]:
    """The key groups. The lists directly under `sops` win over `key_groups`, as in sops."""
    direct = _group(found, ("sops",))
    groups = [direct] if direct else []
    if not direct:
        for index, record in enumerate(read_records(found.get("key_groups"), ("sops", "key_groups"))):
            lists, _ = pick(record, frozenset(RECORDS))
            groups.append(_group(lists, ("sops", "key_groups", index)))
    if not groups:
        raise MetadataError("no keys found in the sops metadata", path=("sops",))
    if sum(map(len, groups)) > MAX_RECIPIENTS:
        raise MetadataError(f"more than {MAX_RECIPIENTS} master keys", path=("sops",))
    return groups


def _group(lists: dict[str, Value], path: Path) -> list[MasterKey]:
    return [
        _master_key(kind, record, (*path, kind, index))
        for kind in RECORDS
        for index, record in enumerate(read_records(lists.get(kind), (*path, kind)))
    ]


def _master_key(kind: str, record: Mapping, path: Path) -> MasterKey:
    found, extra = pick(record, _FIELD_NAMES[kind])
    fields = {name: read_text(found.get(name), (*path, name)) for name in RECORDS[kind]}
    if "created_at" in fields:
        fields["created_at"] = read_time_text(found.get("created_at"), (*path, "created_at"))
    if kind == "hckms":
        region, _, uuid = fields["key_id"].partition(":")
        if not region.strip() or not uuid.strip():
            raise MetadataError("key_id must be 'region:key-uuid'", path=(*path, "key_id"))
    key = MasterKey(kind, fields, read_text(found.get("enc"), (*path, "enc")))
    key.extra = extra
    if kind == "kms":
        key.context = _context(found.get("context"), (*path, "context"))
    return key


def _context(value: Value, path: Path) -> dict[str, str | None]:
    parts = read_records(value, path)
    pairs = (item for part in parts for item in part if not isinstance(item, Comment))
    return {name: None if inner is None else read_text(inner, (*path, name)) for name, inner in pairs}


def check_version(text: str) -> None:
    """Raise MetadataError unless sops can compare this version: `N.N.N`, or anything beginning with `1.`."""
    is_newer(VERSION, text)


def is_newer(version: str, than: str) -> bool:
    """Whether `version` is newer than `than`, a file's version. Raises MetadataError when one is no version."""
    if than.startswith("1."):
        return True  # the numbers of the first releases were not semantic versions
    return _semver(version) > _semver(than)


def _semver(text: str) -> tuple[tuple[int, ...], bool, list[tuple[bool, int, str]]]:
    """A sort key for a semantic version: its numbers, whether it is a release, and the parts of a pre-release."""
    core, plus, build = text.removeprefix("v").partition("+")
    core, dash, pre = core.partition("-")
    numbers = core.split(".")
    if len(numbers) != 3 or not all(map(_is_number, numbers)):
        raise _bad_version(text)
    parts = pre.split(".") if dash else []
    if not all(_is_identifier(part) and (not part.isdigit() or _is_number(part)) for part in parts):
        raise _bad_version(text)
    if plus and not all(map(_is_identifier, build.split("."))):
        raise _bad_version(text)
    key = [(False, int(part), "") if part.isdigit() else (True, 0, part) for part in parts]
    return tuple(map(int, numbers)), not parts, key


def _bad_version(text: str) -> MetadataError:
    reason = f"{text!r} is no semantic version such as {VERSION}" if text else "is missing or empty"
    return MetadataError(f"version {reason}", path=("sops", "version"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and (text == "0" or text[0] != "0")


def _is_identifier(text: str) -> bool:
    return bool(text) and text.isascii() and text.replace("-", "a").isalnum()


def render(meta: Metadata) -> Mapping:
    """The value of the `sops` key as sops writes it, sorted, with the unknown keys among its own."""
    pairs: Pairs = list(meta.extra)
    if len(meta.groups) == 1:
        pairs += [(kind, records) for kind, records in _render_group(meta.groups[0]) if records]
    elif meta.groups:
        groups = (_render_group(group) for group in meta.groups)
        pairs.append(("key_groups", Sequence(_keep_lists(group) for group in groups)))
    pairs += [(name, getattr(meta.options, name)) for name in meta.options.names()]
    if meta.options.mac_only:
        pairs.append(("mac_only_encrypted", True))
    if meta.threshold:
        pairs.append(("shamir_threshold", meta.threshold))
    if meta.layout:
        pairs.append((LAYOUT_KEY, meta.layout))
    pairs += [("lastmodified", aad_time(meta.lastmodified)), ("mac", meta.mac), ("version", meta.version)]
    return _sorted(pairs)


def _render_group(group: list[MasterKey]) -> list[tuple[str, Sequence]]:
    return [(kind, Sequence(_render_key(key) for key in group if key.kind == kind)) for kind in RECORDS]


def _keep_lists(lists: list[tuple[str, Sequence]]) -> Mapping:
    return _sorted([(kind, records) for kind, records in lists if records or kind in _ALWAYS_IN_GROUPS])


def _render_key(key: MasterKey) -> Mapping:
    pairs: Pairs = [*key.extra, ("enc", key.enc)]
    for name, text in key.fields.items():
        if name == "created_at":
            text = aad_time(text)
        if text or name not in _ONLY_WHEN_SET:
            pairs.append((name, text))
    if key.context:
        pairs.append(("context", _sorted(list(key.context.items()))))
    return _sorted(pairs)


def _sorted(pairs: Pairs) -> Mapping:
    ordered = sorted(pairs, key=lambda pair: pair[0])
    return Mapping(ordered)
