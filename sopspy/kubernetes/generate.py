"""Resources from encrypted files: everything is decrypted and checked in memory before any of it is handed out.

Responsible for what a `Generator` asks for. Files are opened with the MAC always verified; every file that fails is
reported, not only the first. Whole resources are written as sops emits them, so that a build gives what it gives with
KSOPS. Must not read anything but through the `Tree`, or print.
"""

from __future__ import annotations

from binascii import b2a_base64

from ..errors import ParseError, RefusedError, SopsError
from ..formats import base
from ..operations.decrypt import decrypt
from ..tree import Mapping
from . import dotenv
from .secrets import ResourceError, check, entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from ..keys.ring import KeyRing
    from ..operations.decrypt import Decrypted
    from ..tree import Value
    from .config import Generator, SecretSpec
    from .confine import Tree

    T = TypeVar("T")


_MANY = 48
"""So many files are opened in several processes, which cost some milliseconds to start."""


class Failures(SopsError):
    """Several files failed. `errors`: one for each."""

    def __init__(self, errors: list[SopsError]) -> None:
        super().__init__(f"{len(errors)} files could not be used")
        self.errors = errors


def generate(wanted: Generator, tree: Tree, ring: KeyRing) -> str:
    """The YAML stream of the resources, in the order of the configuration, "" for none. Raises Failures."""
    work = _Work(tree, ring)
    texts = work.all_resources(list(dict.fromkeys(wanted.files)))
    made = [texts[path] for path in wanted.files if path in texts]
    made += [_dump([work.secret(spec)]) for spec in wanted.secrets]
    if work.errors:
        raise Failures(work.errors)
    return "---\n".join(filter(None, made))


def _dump(resources: list[Mapping]) -> str:
    from ..formats.yaml_dump import dump

    return dump(resources, 2) if resources else ""


class _Work:
    def __init__(self, tree: Tree, ring: KeyRing) -> None:
        self._tree = tree
        self._ring = ring
        self.errors: list[SopsError] = []

    def attempt(self, path: str, make: Callable[[str], list[T]]) -> list[T]:
        """What `make` gives for a file; nothing, and an error noted, when it fails."""
        try:
            return make(path)
        except SopsError as err:
            self.errors.append(err.named(path))
            return []

    def all_resources(self, paths: list[str]) -> dict[str, str]:
        """The resources in encrypted files, by path; side by side where that is faster."""
        remote = [path for path in paths if self._remote(path)]
        if len(paths) < _MANY and len(remote) < 2:
            return {path: text for path in paths for text in self.attempt(path, self._resources)}
        from ..many import pool
        from ..many.outcome import Outcome

        def work(path: str) -> Outcome:
            outcome = Outcome(path)
            outcome.data = "".join(self._resources(path)).encode("utf-8", "surrogateescape")
            return outcome

        asked = set(remote)
        found = list(pool.run([path for path in paths if path not in asked], remote, work))
        self.errors += [outcome.error for outcome in found if outcome.error is not None]
        return {one.path: one.data.decode("utf-8", "surrogateescape") for one in found if one.error is None}

    def _remote(self, path: str) -> bool:
        from ..many.walk import asks_network

        try:
            return asks_network(self._tree.read(path))
        except SopsError:
            return False  # opening it says why

    def _open(self, path: str) -> Decrypted:
        return decrypt(self._tree.read(path), base.detect(path), self._ring)

    def _resources(self, path: str) -> list[str]:
        """The text of the resources in an encrypted file, as one item."""
        opened = self._open(path)
        document, form = opened.document, opened.form
        if document.format in ("dotenv", "ini"):
            raise RefusedError(f"a {document.format} file holds no resources", hint="name it under secretFrom: envs")
        if document.format == "binary":
            form = base.get("yaml")
            document = form.scan(_text(opened.data))
        roots = [base.plain(document, root, form) for root in document.roots]
        made = [root for root in roots if isinstance(root, Mapping) and root]
        for resource in made:
            check(resource)
        return [_dump(made)]

    def secret(self, spec: SecretSpec) -> Mapping:
        """The Secret of a specification; with what failed left out."""
        texts: list[tuple[str, str]] = []
        data: list[tuple[str, str]] = []
        for key, path in spec.files:
            into = data if spec.plain else texts
            into += self.attempt(path, lambda path: [(key, self._file(path, spec.plain))])  # noqa: B023
        for key, path in spec.binaries:
            data += self.attempt(path, lambda path: [(key, _base64(self._open(path).data))])  # noqa: B023
        for path in spec.envs:
            pairs = self.attempt(path, lambda path: self._pairs(path, spec))
            data += [(key, _base64(text.encode())) for key, text in pairs] if spec.plain else []
            texts += [] if spec.plain else pairs
        made = _resource(spec, texts, data)
        if not self.errors:
            try:
                check(made)
            except ResourceError as err:
                self.errors.append(err)
        return made

    def _file(self, path: str, plain: bool) -> str:
        data = self._open(path).data
        return _base64(data) if plain else _text(data)

    def _pairs(self, path: str, spec: SecretSpec) -> list[tuple[str, str]]:
        opened = self._open(path)
        if spec.plain and opened.document.format in ("yaml", "json"):
            return _flat(base.plain(opened.document, opened.document.roots[0], opened.form))
        read = dotenv.raw if spec.raw else dotenv.quoted
        return read(_text(opened.data))


def _resource(spec: SecretSpec, texts: list[tuple[str, str]], data: list[tuple[str, str]]) -> Mapping:
    metadata = Mapping([("name", spec.name)])
    if spec.namespace:
        metadata.append(("namespace", spec.namespace))
    for name, pairs in (("labels", spec.labels), ("annotations", spec.annotations)):
        if pairs:
            metadata.append((name, Mapping(sorted(pairs.items()))))
    made = Mapping([("apiVersion", "v1"), ("kind", "Secret"), ("metadata", metadata)])
    if spec.type:
        made.append(("type", spec.type))
    for name, found in (("stringData", texts), ("data", data)):
        if found:
            made.append((name, Mapping(sorted(found))))
    if spec.immutable:
        made.append(("immutable", True))
    return made


def _flat(value: Value) -> list[tuple[str, str]]:
    """The pairs of a mapping of texts."""
    pairs: list[tuple[str, str]] = []
    for key, text in entries(value).items():
        if not isinstance(text, str):
            raise ResourceError(f"{key} is no text", hint="put it in quotes")
        pairs.append((key, text))
    return pairs


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ParseError("the decrypted file is not UTF-8", hint="name it under binaryFiles") from None
