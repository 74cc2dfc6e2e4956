"""The library: what `import sopspy` offers. Thin functions over the operations; the package's docstring is the manual.

A path is changed in place, atomically; bytes and text are not touched. Whatever is changed, the new file is returned.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from .errors import ConfigError, SopsError
from .files import atomic
from .formats import base
from .keys.ring import KeyRing
from .metadata import MasterKey, Metadata, Options
from .operations.decrypt import Decrypted, metadata_of
from .operations.decrypt import decrypt as _decrypt
from .operations.encrypt import encrypt as _encrypt
from .operations.reseal import reseal
from .operations.rotate import Change
from .operations.rotate import rotate as _rotate
from .operations.set_value import parse_path_steps, set_in_text, unset_in_text
from .pydata import at_path, changes, to_draft, to_python
from .rule_keys import KeyContext, from_text
from .rules import Config, combine, find_config, load_config

Source = str | bytes | os.PathLike[str]
Environ = Mapping[str, str]
T = TypeVar("T")


class Keys:
    """The keys at hand, for several calls: `keys = Keys()`, then `decrypt(path, keys=keys)`, from any thread.

    Identities are read once, a key service in a network has one client, and what it unwrapped is remembered as long as
    this object lives: keep it for one batch. `environ` replaces `os.environ`.
    """

    def __init__(self, environ: Environ | None = None) -> None:
        self._ring = KeyRing(os.environ if environ is None else environ)

    @property
    def calls(self) -> dict[str, int]:
        """How often key services in a network were asked so far, by kind (`kms`, `gcp_kms`, ...)."""
        return {kind: count.asked for kind, count in self._ring.counts.items()}

    def __repr__(self) -> str:
        return f"Keys(calls={self.calls})"


def decrypt(
    source: Source,
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    ignore_mac: bool = False,
) -> bytes:
    """The decrypted file, in its own layout.

    Raises SopsError: no metadata, no fitting identity, a changed value, a wrong MAC (unless `ignore_mac`).
    """
    return _Input(source, format, keys or Keys(environ)).open(ignore_mac=ignore_mac).data


def load(
    source: Source,
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    ignore_mac: bool = False,
) -> Any:
    """The decrypted data of the first document as Python objects: dict, list, str, int, float, bool, None, datetime,
    bytes. A binary file gives its bytes. Raises SopsError as `decrypt`."""
    return load_all(source, format=format, environ=environ, keys=keys, ignore_mac=ignore_mac)[0]


def load_all(
    source: Source,
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    ignore_mac: bool = False,
) -> list[Any]:
    """The same for every document of a YAML stream."""
    return _data(_Input(source, format, keys or Keys(environ)).open(ignore_mac=ignore_mac))


def encrypt(
    source: Source,
    *,
    format: str | None = None,
    age: str | Iterable[str] = (),
    config: str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    **options: str | bool,
) -> bytes:
    """The encrypted file. A path is only read.

    Recipients are those of `age`, else those of the creation rule of `config` (default: the nearest `.sops.yaml` from
    the working directory upwards) that matches `path` (default: the path of `source`). `options`: the six selection
    options as in a creation rule (`encrypted_regex="^data$"`, ...) and `mac_only_encrypted=True`.

    Raises SopsError: no rule or recipient, a file that is encrypted already or cannot be read.
    """
    given = _Input(source, format, keys or Keys(environ))
    name = os.fspath(path) if path is not None else given.path
    if format is None and given.path is None and name is not None:
        given.format = base.detect(name)
    now = _now()
    found = _config(config)
    rule = found.plan_for(name, now) if found is not None and name is not None else None
    own = from_text("age", age if isinstance(age, str) else ",".join(age), KeyContext(now)) if age else []
    mac_only = bool(options.pop("mac_only_encrypted", False))
    over = Options(mac_only=mac_only, **{key: str(text) for key, text in options.items()})
    return given.named(lambda: _encrypt(given.data, given.format, combine(rule, own, over, 0), given.ring, now))


def rotate(
    source: Source,
    *,
    format: str | None = None,
    add_age: str | Iterable[str] = (),
    rm_age: str | Iterable[str] = (),
    environ: Environ | None = None,
    keys: Keys | None = None,
) -> bytes:
    """Give the file a new data key and seal every value anew.

    Raises SopsError, also for recipients of the file that neither the creation rule nor `add_age` names and that we
    cannot be ourselves: whoever can write a file can add one.
    """
    given = _Input(source, format, keys or Keys(environ))
    opened = given.open()
    now = _now()
    context = KeyContext(now)
    texts = [text if isinstance(text, str) else ",".join(text) for text in (add_age, rm_age)]
    add, remove = (from_text("age", text, context) if text else [] for text in texts)
    change = Change(add, [key.display for key in remove], given.trusted(now))
    return given.save(given.named(lambda: _rotate(opened, given.ring, now, change)))


def set_value(
    source: Source,
    path: str | int | Iterable[str | int],
    value: Any,
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    allow_cleartext: bool = False,
) -> bytes:
    """Set the value at a path (keys and list indexes) of the first document; missing steps are made.

    Raises SopsError, also when the value would be stored in clear although today's creation rule encrypts it.
    """
    given = _Input(source, format, keys or Keys(environ))
    opened = given.open()
    draft = to_draft(value, given.format)
    text = given.named(lambda: set_in_text(opened.form, opened.text, parse_path_steps(path), draft))
    return given.save(given.resealed(opened, text, allow_cleartext=allow_cleartext))


def unset_value(
    source: Source,
    path: str | int | Iterable[str | int],
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
) -> bytes:
    """Remove the entry at a path of the first document. Raises SopsError when it is not there."""
    given = _Input(source, format, keys or Keys(environ))
    opened = given.open()
    text = given.named(lambda: unset_in_text(opened.form, opened.text, parse_path_steps(path)))
    return given.save(given.resealed(opened, text, allow_cleartext=True))


def is_encrypted(source: Source, *, format: str | None = None) -> bool:
    """Whether the file has usable sops metadata with a MAC. Needs no key. Raises FileError when it cannot be read."""
    given = _Input(source, format, Keys({}))
    if b"sops" not in given.data:
        return False
    try:
        form = base.get(given.format)
        document = form.scan(base.read(given.data, given.format).text)
        return bool(metadata_of(document, form).mac)
    except SopsError:
        return False


class Document:
    """An opened file. Change `data` (the first document) or `documents` (all), then `save` or `seal`.

    `data` is Python objects as of `load`; the `recipients` are those of the metadata.
    """

    def __init__(self, given: _Input, opened: Decrypted) -> None:
        self._given = given
        self._opened = opened
        self.documents: list[Any] = _data(opened)
        self._before: list[Any] = _data(opened)

    @property
    def data(self) -> Any:
        """The data of the first document."""
        return self.documents[0]

    @data.setter
    def data(self, value: Any) -> None:
        self.documents[0] = value

    @property
    def path(self) -> str | None:
        """The file, None when the source was content."""
        return self._given.path

    @property
    def text(self) -> bytes:
        """The decrypted file with all changes."""
        if self._given.format == "binary":
            return bytes(self.documents[0])
        text = self._opened.text
        form = self._opened.form
        for number, (old, new) in enumerate(zip(self._before, self.documents, strict=True)):
            if not isinstance(new, dict):
                raise SopsError("a document has to stay a mapping")
            for path, kept in changes(old, new):
                if kept:
                    draft = to_draft(at_path(new, path), self._given.format)
                    text = set_in_text(form, text, path, draft, number)
                else:
                    text = unset_in_text(form, text, path, number)
        return self._opened.encode(text)

    @property
    def recipients(self) -> list[str]:
        """The recipients of all master keys, as `sopspy rotate --rm-age` names them."""
        return [key.display for key in self._metadata.keys]

    @property
    def lastmodified(self) -> str:
        """When a value was last changed, RFC 3339."""
        return self._metadata.lastmodified

    @property
    def changed(self) -> bool:
        """Whether the data differs from that of the file."""
        return any(True for pair in zip(self._before, self.documents, strict=True) for _ in changes(*pair))

    def seal(self, *, allow_cleartext: bool = False) -> bytes:
        """The encrypted file with all changes; what did not change keeps its ciphertext. Raises SopsError."""
        return self._given.named(lambda: self._given.resealed_bytes(self._opened, self.text, allow_cleartext))

    def save(self, *, allow_cleartext: bool = False) -> None:
        """Write the file in place, if anything changed. Raises SopsError."""
        if self.changed:
            self._given.save(self.seal(allow_cleartext=allow_cleartext))

    @property
    def _metadata(self) -> Metadata:
        return self._opened.metadata

    def __repr__(self) -> str:
        return f"Document({self.path or 'content'!r}, {self._given.format})"


@contextmanager
def edit(
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    environ: Environ | None = None,
    keys: Keys | None = None,
    allow_cleartext: bool = False,
) -> Iterator[Document]:
    """Change an encrypted file: `with sopspy.edit(path) as document: document.data["key"] = value`.

    Saved on leaving, atomically and with small diffs; after an exception the file is as it was. Raises SopsError.
    """
    given = _Input(os.fspath(path) if not isinstance(path, str) else _PathText(path), format, keys or Keys(environ))
    document = Document(given, given.open())
    yield document
    document.save(allow_cleartext=allow_cleartext)


class _PathText(os.PathLike[str]):
    """A string that is a path whatever it looks like."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return self._path


class _Input:
    """A source with its format, key ring and, for a file, its place."""

    def __init__(self, source: Source, format: str | None, keys: Keys) -> None:
        self.path: str | None = None
        if isinstance(source, bytes):
            self.data = source
        elif isinstance(source, str) and ("\n" in source or source[:1] == "{"):
            self.data = source.encode("utf-8", "surrogateescape")
        else:
            self.path = os.fspath(source)
            self.data = atomic.read(self.path)
        if format is not None and format not in base.NAMES:
            raise SopsError(f"there is no format {format}", hint=f"choose one of {', '.join(base.NAMES)}")
        if format is None and self.path is None:
            format = "json" if self.data[:1] == b"{" else "yaml"
        self.format = format or base.detect(self.path or "")
        self.ring = keys._ring

    def __repr__(self) -> str:
        return f"_Input({self.path!r}, {self.format})"

    def named(self, work: Callable[[], T]) -> T:
        """The result of `work`; an error gets the name of the file."""
        try:
            return work()
        except SopsError as err:
            raise err.named(self.path) from err.__cause__

    def open(self, *, ignore_mac: bool = False) -> Decrypted:
        """The opened file."""
        return self.named(lambda: _decrypt(self.data, self.format, self.ring, ignore_mac=ignore_mac))

    def resealed(self, opened: Decrypted, text: str, *, allow_cleartext: bool) -> bytes:
        """The encrypted file for a new plain text."""
        return self.named(lambda: self.resealed_bytes(opened, opened.encode(text), allow_cleartext))

    def resealed_bytes(self, opened: Decrypted, plain: bytes, allow_cleartext: bool) -> bytes:
        """The same for bytes."""
        return reseal(opened, plain, _now(), None if allow_cleartext else self.today())

    def today(self) -> Options | None:
        """The options of the creation rule that the file would have today."""
        config = _config(None) if self.path is not None and self.format != "binary" else None
        if config is None or config.rules is None or self.path is None:
            return None
        try:
            options = config.rule_for(self.path).options
        except ConfigError:
            return None
        options.check_patterns()
        return options.with_default()

    def trusted(self, now: str) -> list[MasterKey]:
        """The keys of that rule."""
        config = _config(None) if self.path is not None else None
        if config is None or config.rules is None or self.path is None:
            return []
        try:
            groups = config.rule_for(self.path).plan(KeyContext(now)).groups
        except ConfigError:
            return []
        return [key for group in groups for key in group]

    def save(self, data: bytes) -> bytes:
        """Write a file in place, unless somebody else changed it meanwhile; content is only returned."""
        if self.path is not None:
            atomic.write_encrypted(self.path, data, self.data)
            self.data = data
        return data


def _data(opened: Decrypted) -> list[Any]:
    if opened.document.format == "binary":
        return [opened.data]
    return [to_python(base.plain(opened.document, root, opened.form)) for root in opened.document.roots]


def _config(path: str | os.PathLike[str] | None) -> Config | None:
    found = os.fspath(path) if path is not None else find_config(".")
    return load_config(found) if found else None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
