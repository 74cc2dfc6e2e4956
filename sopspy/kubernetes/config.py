"""What a generator is asked for: the configurations of KSOPS, of SopsSecretGenerator and our own, as one record.

Responsible for reading them, with line and column in every complaint and never a value of theirs: people put secrets
into the wrong place. Our own kind refuses unknown fields; the others' are warned about, because an existing repository
has to go on working. Must not open files. Source: KSOPS 4.5, kustomize-sopssecretgenerator 1.6.
"""

from __future__ import annotations

from ..errors import ConfigError
from ..rule_reader import Reader
from .secrets import BEHAVIOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Node

KSOPS = ("viaduct.ai/v1", "ksops")
GOABOUT = ("goabout.com/v1beta1", "SopsSecretGenerator")
OWN = ("sopspy.dev/v1alpha1", "SopsGenerator")
KINDS = (KSOPS, GOABOUT, OWN)
_LOCAL = frozenset(("config.kubernetes.io/local-config", "config.kubernetes.io/function"))
_HASH = "kustomize.config.k8s.io/needs-hash"
_BEHAVIORS = ("create", "merge", "replace")
_SECRET = ("metadata", "type", "files", "binaryFiles", "envs")
_HEAD = ("apiVersion", "kind", "metadata")


class SecretSpec:
    """One Secret that is made of files. `files`, `binaries`: pairs of key and path; `envs`: paths.

    `raw`: whether `envs` have no quoting rules; `plain`: whether the values go into `data` alone, as base64.
    """

    __slots__ = (
        *("annotations", "binaries", "envs", "files", "immutable", "labels"),
        *("name", "namespace", "plain", "raw", "type"),
    )

    def __init__(self) -> None:
        self.name = self.namespace = self.type = ""
        self.labels: dict[str, str] = {}
        self.annotations: dict[str, str] = {}
        self.files: list[tuple[str, str]] = []
        self.binaries: list[tuple[str, str]] = []
        self.envs: list[str] = []
        self.immutable = self.raw = self.plain = False

    def __repr__(self) -> str:
        return f"SecretSpec({self.name!r})"


class Generator:
    """What to generate: whole resources from `files`, and Secrets. `warnings` are for standard error."""

    __slots__ = ("files", "secrets", "warnings")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.secrets: list[SecretSpec] = []
        self.warnings: list[str] = []

    def __repr__(self) -> str:
        return f"Generator({len(self.files)} files, {len(self.secrets)} secrets)"


def kind_of(reader: Reader) -> tuple[str, str]:
    """`apiVersion` and `kind` of a resource, "" for what is not there."""
    top = reader.mapping(reader.root, "the configuration")
    return reader.text(top.get("apiVersion"), "apiVersion"), reader.text(top.get("kind"), "kind")


def parse(data: bytes, name: str) -> Generator:
    """The generator that a configuration describes. Raises ConfigError; `name` is how messages call the text."""
    reader = Reader(data, name)
    kind = kind_of(reader)
    if kind == KSOPS:
        return _Parser(reader, strict=False).ksops()
    if kind == GOABOUT:
        return _Parser(reader, strict=False).goabout()
    if kind == OWN:
        return _Parser(reader, strict=True).own()
    shown = " ".join(filter(None, kind)) or "no kind"
    known = ", ".join(" ".join(one) for one in KINDS)
    raise ConfigError(f"not a configuration for this plugin: {shown}", file=name, hint=f"known are {known}")


class _Parser:
    def __init__(self, reader: Reader, *, strict: bool) -> None:
        self._reader = reader
        self._strict = strict
        self._top = reader.mapping(reader.root, "the configuration")
        self._made = Generator()

    def ksops(self) -> Generator:
        if "files" not in self._top and "secretFrom" not in self._top:
            raise self._error(None, "neither files nor secretFrom is given")
        return self._files_and_secrets(("files", "secretFrom"), _SECRET)

    def own(self) -> Generator:
        if "files" not in self._top and "secretFrom" not in self._top:
            raise self._error(None, "neither files nor secretFrom is given")
        made = self._files_and_secrets(("files", "secretFrom"), (*_SECRET, "immutable", "needsHash", "behavior"))
        nodes = self._reader.items(self._top.get("secretFrom"), "secretFrom")
        for spec, node in zip(made.secrets, nodes, strict=True):
            fields = self._reader.mapping(node, "secretFrom")
            spec.raw = True
            spec.immutable = self._reader.flag(fields.get("immutable"), "immutable")
            if "needsHash" in fields:
                spec.annotations[_HASH] = str(self._reader.flag(fields["needsHash"], "needsHash")).lower()
            self._behavior(spec, fields)
        return made

    def goabout(self) -> Generator:
        names = (*_HEAD, "envs", "files", "behavior", "disableNameSuffixHash", "type")
        self._check_names(self._top, names, "")
        spec = self._secret(self._top)
        spec.raw = spec.plain = True
        spec.annotations = {key: text for key, text in spec.annotations.items() if key not in _LOCAL}
        if not self._reader.flag(self._top.get("disableNameSuffixHash"), "disableNameSuffixHash"):
            spec.annotations[_HASH] = "true"
        self._behavior(spec, self._top)
        self._made.secrets.append(spec)
        return self._made

    def _files_and_secrets(self, names: tuple[str, ...], of_secret: tuple[str, ...]) -> Generator:
        self._check_names(self._top, (*_HEAD, *names), "")
        self._made.files = self._texts(self._top.get("files"), "files")
        for node in self._reader.items(self._top.get("secretFrom"), "secretFrom"):
            fields = self._reader.mapping(node, "secretFrom")
            self._check_names(fields, of_secret, "secretFrom.")
            self._made.secrets.append(self._secret(fields, node))
        return self._made

    def _secret(self, fields: dict[str, Node], node: Node | None = None) -> SecretSpec:
        reader = self._reader
        spec = SecretSpec()
        metadata = reader.mapping(fields.get("metadata"), "metadata")
        self._check_names(metadata, ("name", "namespace", "labels", "annotations"), "metadata.")
        spec.name = self._text(metadata.get("name"), "metadata.name")
        if not spec.name:
            raise self._error(fields.get("metadata") or node, "metadata.name is missing")
        spec.namespace = self._text(metadata.get("namespace"), "metadata.namespace")
        spec.labels = self._pairs(metadata.get("labels"), "metadata.labels")
        spec.annotations = self._pairs(metadata.get("annotations"), "metadata.annotations")
        spec.type = self._text(fields.get("type"), "type")
        spec.files = self._keyed(fields.get("files"), "files")
        spec.binaries = self._keyed(fields.get("binaryFiles"), "binaryFiles")
        spec.envs = self._texts(fields.get("envs"), "envs")
        return spec

    def _behavior(self, spec: SecretSpec, fields: dict[str, Node]) -> None:
        word = self._text(fields.get("behavior"), "behavior")
        if word and word not in _BEHAVIORS:
            raise self._error(fields["behavior"], f"behavior is none of {', '.join(_BEHAVIORS)}")
        if word:
            spec.annotations[BEHAVIOR] = word

    def _keyed(self, node: Node | None, what: str) -> list[tuple[str, str]]:
        """`path`, or `key=path`."""
        pairs: list[tuple[str, str]] = []
        for item in self._reader.items(node, what):
            key, equals, path = self._text(item, what).partition("=")
            if "=" in path:
                raise self._error(item, f"{what}: more than one '='")
            pairs.append((key, path) if equals else (key.rpartition("/")[2], key))
        return pairs

    def _texts(self, node: Node | None, what: str) -> list[str]:
        return [self._text(item, what) for item in self._reader.items(node, what)]

    def _text(self, node: Node | None, what: str) -> str:
        if node is None or self._reader.absent(node):
            return ""
        if self._reader.describe(node) != "a text":
            raise self._error(node, f"{what}: expected a text, got {self._reader.describe(node)}")
        return self._reader.text(node, what)

    def _pairs(self, node: Node | None, what: str) -> dict[str, str]:
        return {key: self._text(item, f"{what}.{key}") for key, item in self._reader.mapping(node, what).items()}

    def _check_names(self, fields: dict[str, Node], names: tuple[str, ...], where: str) -> None:
        for name, node in fields.items():
            if name in names:
                continue
            if self._strict:
                raise self._error(node, f"unknown field {where}{name}", f"known are {', '.join(names)}")
            line = self._reader.line(node)
            self._made.warnings.append(f"{self._reader.name}:{line}: unknown field {where}{name} is ignored")

    def _error(self, node: Node | None, message: str, hint: str = "") -> ConfigError:
        if node is None:
            return ConfigError(message, file=self._reader.name, hint=hint or ())
        return self._reader.error(node, message, hint)
