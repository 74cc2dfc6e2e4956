"""Open an encrypted file: its data key, every selected value, the MAC; then its text with the values in place.

Nothing is returned before the tag of every value and the MAC are verified (unless the caller ignores the MAC). A
comment that does not open stays as it is, with a warning. Source: sops 3.13.2; docs/compatibility.md.
"""

from __future__ import annotations

from .. import fast, source
from ..document import COMMENT, OVERRIDDEN, Container, Document, Leaf, path_of, splice
from ..envelope import HEAD, Cipher, NotOpened, is_envelope, is_whole, mac_of
from ..errors import MacError, NotEncryptedError, ParseError, SopsError, TamperedError
from ..formats import base
from ..metadata import Metadata, aad_time, parse
from ..selection import Selection
from ..values import normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..document import Edit
    from ..formats.base import Format
    from ..formats.layout import Layout
    from ..keys.ring import KeyRing
    from ..source import Source

_RESTORE = "restore the line from git: git checkout -p FILE"


class Decrypted:
    """An opened file. Its leaves have their `type` and `stored`; `opened` are those that an edit shows in clear.

    `envelopes` is the token of every opened leaf, for reuse. `warnings` are lines for the user.
    """

    __slots__ = (
        *("_text", "cipher", "document", "envelopes", "form", "layout", "layout_token", "mac"),
        *("metadata", "opened", "source", "values", "warnings"),
    )

    def __init__(self, found: Source, form: Format, document: Document, metadata: Metadata, cipher: Cipher) -> None:
        self.source = found
        self.form = form
        self.document = document
        self.metadata = metadata
        self.cipher = cipher
        self.opened: list[Leaf] = []
        self.envelopes: dict[int, str] = {}
        self.values: list[bytes] = []
        self.warnings: list[str] = []
        self.layout: Layout | None = None
        self.layout_token = ""
        self.mac = ""
        self._text: str | None = None

    def __repr__(self) -> str:
        return f"Decrypted({self.document.format}, {len(self.opened)} values)"

    @property
    def text(self) -> str:
        """The decrypted text, without a byte order mark."""
        if self._text is None:
            self._text = render(self)
        return self._text

    @property
    def data(self) -> bytes:
        """The decrypted file."""
        if self.document.format == "binary":
            from ..formats.binary import unseal

            return unseal(self.document)
        return self.encode(self.text)

    @property
    def plain_source(self) -> Source:
        """The decrypted text with the encoding and the byte order mark that the plain file has."""
        encoding, bom = self.source.encoding, self.source.bom
        word = self.layout.encoding if self.layout is not None else ""
        if word:
            encoding, bom = encoding if word == "bom" else word, True
        return source.Source(self.text, encoding, bom)

    def encode(self, text: str) -> bytes:
        """A new plain text as the bytes of a plain file."""
        plain = self.plain_source
        return source.dump(text, plain.encoding, plain.bom)


def decrypt(data: bytes, format: str, ring: KeyRing, *, ignore_mac: bool = False) -> Decrypted:
    """Open an encrypted file of a text format.

    Raises MetadataError, ParseError (exit 1), DataKeyError, TamperedError, MacError.
    """
    found, form, document, metadata = load(data, format)
    cipher = Cipher(ring.open(metadata.groups, metadata.threshold))
    return open_document(found, form, document, metadata, cipher, ignore_mac=ignore_mac)


def load(data: bytes, format: str) -> tuple[Source, Format, Document, Metadata]:
    """Scan an encrypted file and read its metadata; needs no key."""
    form = base.get(format)
    try:
        found = base.read(data, format)
        document = form.scan(found.text)
    except ParseError as err:
        err.exit_code = 1
        raise
    return found, form, document, metadata_of(document, form)


def load_text(text: str, form: Format) -> tuple[Document, Metadata]:
    """The same for a text in memory."""
    document = form.scan(text)
    return document, metadata_of(document, form)


def metadata_of(document: Document, form: Format) -> Metadata:
    """The metadata of a scanned file: that of the first document, whatever the others have."""
    if not document.blocks or document.blocks[0].index != 0:
        raise NotEncryptedError(
            "sops metadata not found: the file is not encrypted",
            hint="encrypt it first: sopspy encrypt -i FILE",
        )
    node = document.blocks[0].node
    try:
        return parse(base.plain(document, node, form))
    except SopsError as err:
        raise err.at(*source.position(document.text, node.key_start)) from None


def open_document(
    found: Source, form: Format, document: Document, metadata: Metadata, cipher: Cipher, *, ignore_mac: bool
) -> Decrypted:
    """Open all leaves and verify the MAC."""
    result = Decrypted(found, form, document, metadata, cipher)
    selection = Selection(metadata.options, reading=True)
    only_encrypted = metadata.options.mac_only
    chosen = selection.leaf
    values = result.values
    for leaf in document.leaves:
        selected = chosen(leaf)
        if selected:
            _open_leaf(result, leaf)
        elif not leaf.type:
            form.resolve(document, leaf)
        if leaf.type not in ("comment", "null") and (selected or not only_encrypted):
            values.append(_normal(document, leaf))
    nearby = _Nearby()
    for comment in document.comments:
        _open_comment(result, comment, selection, nearby)
    _check_mac(result, ignore_mac=ignore_mac)
    _open_layout(result)
    return result


def _open_leaf(result: Decrypted, leaf: Leaf) -> None:
    text = leaf.text
    if not text.startswith(HEAD):
        _no_envelope(result, leaf)
        return
    try:
        kind, plaintext = result.cipher.open(text, leaf.aad)
    except NotOpened as err:
        raise _tampered(result.document, leaf, str(err)) from None
    leaf.type = kind
    try:
        leaf.stored = plaintext.decode()
    except UnicodeDecodeError:
        leaf.stored = plaintext
    if kind == "comment" and leaf.parent.kind != "seq" and leaf.tag != OVERRIDDEN:
        raise _tampered(result.document, leaf, "a comment stands in the place of a value")
    if leaf.alias is None:
        result.opened.append(leaf)
        result.envelopes[id(leaf)] = text


def _no_envelope(result: Decrypted, leaf: Leaf) -> None:
    """Null and the empty string are never encrypted; anything else was put there by hand."""
    result.form.resolve(result.document, leaf)
    if leaf.type == "null" or leaf.stored == "":
        return
    why = "not a whole encrypted value" if is_envelope(leaf.text) else "the value is not encrypted, but has to be"
    raise _tampered(result.document, leaf, why)


def _tampered(document: Document, leaf: Leaf, why: str) -> TamperedError:
    line, column = source.position(document.text, leaf.start)
    error = TamperedError(why, hint=_RESTORE, line=line, column=column, path=path_of(leaf))
    if is_whole(leaf.text):
        error.excerpt, error.caret = _excerpt(document.text, leaf, column)
    return error


def _excerpt(text: str, leaf: Leaf, column: int) -> tuple[str, int]:
    """The line from its key on, and where the token is in it. What else stands on the line may be in clear."""
    start = leaf.start - column + 1
    if text[start : leaf.key_start].strip(" -"):
        start = leaf.key_start
    if not start <= leaf.key_start <= leaf.start:
        start = leaf.start
    token = text[leaf.start : leaf.end].splitlines()[0][: len(leaf.text) + 1]
    return text[start : leaf.start] + token, leaf.start - start


def _normal(document: Document, leaf: Leaf) -> bytes:
    try:
        return normal(leaf.type, leaf.stored)
    except ValueError:
        raise _tampered(document, leaf, f"the value inside is no {leaf.type}") from None


def _open_comment(result: Decrypted, leaf: Leaf, selection: Selection, nearby: _Nearby) -> None:
    text = leaf.text
    leaf.type, leaf.stored = "comment", text
    if not text.startswith(HEAD) or not selection.comment(leaf):
        return
    for aad in nearby.aads(leaf):
        try:
            kind, plaintext = result.cipher.open(text, aad)
        except NotOpened:
            continue
        if kind not in ("comment", "str"):
            raise _tampered(result.document, leaf, f"a comment of type {kind}")
        leaf.stored = plaintext.decode("utf-8", base.decoding(result.document.format))
        result.opened.append(leaf)
        result.envelopes[id(leaf)] = text
        return
    line, column = source.position(result.document.text, leaf.start)
    result.warnings.append(f"{line}:{column}: the comment does not open here and stays encrypted")


class _Nearby:
    """The paths under which a comment may have been sealed; the tag decides."""

    def __init__(self) -> None:
        self.beside: dict[int, dict[int, tuple[Container | None, Container | None]]] = {}

    def aads(self, leaf: Leaf) -> Iterator[str]:
        """The path of the comment's container, then of the containers around and beside it."""
        yield leaf.aad
        step: Container | None = leaf.parent
        while step is not None:
            yield step.aad or ":"
            step = step.parent
        known = self.beside.get(id(leaf.parent))
        if known is None:
            known = self.beside[id(leaf.parent)] = _neighbours(leaf.parent.items)
        for found, last in zip(known[id(leaf)], (-1, 0), strict=True):
            while found is not None:
                yield found.aad
                inner = [item for item in found.items if isinstance(item, Container)]
                found = inner[last] if inner else None


def _neighbours(items: list[Leaf | Container]) -> dict[int, tuple[Container | None, Container | None]]:
    """For each comment the nearest containers before and behind it, in one pass."""
    before: dict[int, Container | None] = {}
    found: dict[int, tuple[Container | None, Container | None]] = {}
    last: Container | None = None
    for item in items:
        if isinstance(item, Container):
            last = item
        elif is_comment(item):
            before[id(item)] = last
    last = None
    for item in reversed(items):
        if isinstance(item, Container):
            last = item
        elif is_comment(item):
            found[id(item)] = (before[id(item)], last)
    return found


def _check_mac(result: Decrypted, *, ignore_mac: bool) -> None:
    metadata = result.metadata
    result.mac = mac_of(result.values, metadata.options.mac_only)
    if ignore_mac:
        return
    if not metadata.mac:
        raise MacError("the file has no MAC: what is in it may have been changed", hint=_IGNORE)
    try:
        kind, stored = result.cipher.open(metadata.mac, aad_time(metadata.lastmodified))
        if kind != "str":
            raise NotOpened("not a text")
    except NotOpened:
        raise MacError(
            "the MAC does not open: it, lastmodified or the data key was changed after encryption", hint=_IGNORE
        ) from None
    if not fast.same_digest(stored, result.mac.encode()):
        raise MacError(
            "MAC mismatch: values were added, removed, moved or changed after encryption",
            hint=("compare with the last good version: git log -p FILE", _IGNORE),
        )


_IGNORE = "to read it all the same: sopspy decrypt --ignore-mac FILE"


def _open_layout(result: Decrypted) -> None:
    token = result.metadata.layout
    if not token:
        return
    from ..formats import layout

    try:
        plaintext = result.cipher.open(token, layout.AAD)[1].decode()
    except (NotOpened, UnicodeDecodeError):
        result.warnings.append("the layout hint does not open: some values are shown in another spelling")
        return
    result.layout = layout.decode(plaintext)
    result.layout_token = token


def render(result: Decrypted) -> str:
    """The text with every opened value in place and the metadata cut."""
    document = result.document
    if result.layout is None or not result.layout.entries:
        return splice(document.text, _edits(result, set()))
    from .hinted import render_hinted

    return render_hinted(result)


def _edits(result: Decrypted, covered: set[int]) -> list[Edit]:
    document = result.document
    show = result.form.show
    edits: list[Edit] = [(block.cut_start, block.cut_end, block.instead) for block in document.blocks]
    edits += [show(document, leaf) for leaf in result.opened if id(leaf) not in covered]
    return edits


def is_comment(leaf: Leaf) -> bool:
    """Whether a leaf is a comment, in either of the forms that sops writes."""
    return leaf.style == COMMENT or leaf.type == "comment"
