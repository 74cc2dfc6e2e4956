"""Make an encrypted text of a plain document: envelopes in place of values, the layout hint, the MAC, the metadata.

Shared by encrypt, reseal and rotate. Nothing leaves before the new text was read back: scanned, its tokens opened, and
the source made from it again. Source: docs/compatibility.md, "Envelopes" and "Layout".
"""

from __future__ import annotations

from ..document import HEADER, Leaf, splice
from ..envelope import Cipher, envelope_key, mac_of
from ..errors import EncryptError, SopsError
from ..metadata import Metadata, aad_time, render
from ..selection import Selection
from ..source import UTF8, Source, dump, position
from ..values import normal
from .decrypt import Decrypted, load_text, open_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..document import Alias, Document, Edit
    from ..formats.base import Format
    from ..formats.layout import Entry


class Reuse:
    """Envelopes of an opened file, each given out once and in order of occurrence."""

    __slots__ = ("_queues", "_typed", "_used", "old")

    def __init__(self, old: Decrypted) -> None:
        self.old = old
        self._used: set[int] = set()
        self._typed = False
        self._queues: dict[tuple[str, str, str], list[Leaf]] = {}
        for leaf in reversed(old.opened):
            key = envelope_key(leaf)
            self._queues.setdefault(key, []).append(leaf)
            if leaf.type in ("int", "float", "bool", "time"):  # another program may have spelt or typed it otherwise
                other = (key[0], *old.form.reread(leaf))
                if other != key:
                    self._queues.setdefault(other, []).append(leaf)
                    self._typed = self._typed or other[1] == "str"

    def adopt(self, leaf: Leaf) -> None:
        """Make a text of what it was before, a number or a boolean, where the format spells those as texts and it is
        still the same: another program set it, and the MAC covers it in its own spelling."""
        if not self._typed or leaf.type != "str":
            return
        queue = self._queues.get(envelope_key(leaf), ())
        found = next((item for item in reversed(queue) if id(item) not in self._used), None)
        if found is not None:
            leaf.type, leaf.stored = found.type, found.stored

    def take(self, leaf: Leaf) -> str | None:
        """The envelope of an equal value, if one is left."""
        queue = self._queues.get(envelope_key(leaf), [])
        while queue:
            found = queue.pop()
            if id(found) not in self._used:
                self._used.add(id(found))
                token = self.old.envelopes[id(found)].partition("\n")[0]
                return token[: token.rfind("]") + 1]
        return None


class Sealer:
    """One run over one plain document."""

    def __init__(self, document: Document, form: Format, cipher: Cipher, metadata: Metadata) -> None:
        self.document = document
        self.form = form
        self.cipher = cipher
        self.metadata = metadata
        self.selection = Selection(metadata.options)
        self.reuse: Reuse | None = None
        self.edits: list[Edit] = []
        self.values: list[bytes] = []
        self.unfaithful: list[tuple[Leaf, str, str]] = []
        self.expanded: set[Alias] = set()
        self.tokens: dict[int, str] = {}

    def run(self) -> None:
        """Seal every selected leaf and comment, in file order."""
        document, form, selection = self.document, self.form, self.selection
        only_encrypted = self.metadata.options.mac_only
        for leaf in document.leaves:
            form.resolve(document, leaf)
        if document.aliases or document.key_aliases:
            from .aliases import choose

            choose(self)
        for edit, leaf, source in form.check_clear(document, selection.leaf):
            self.edits.append(edit)
            self.unfaithful.append((leaf, "h", source))
        for leaf in document.leaves:
            selected = selection.leaf(leaf)
            if leaf.type == "null":
                continue
            if selected and self.reuse is not None:
                self.reuse.adopt(leaf)
            if leaf.type != "comment" and (selected or not only_encrypted):
                self.values.append(normal(leaf.type, leaf.stored))
            if not selected or not leaf.stored:
                continue
            if leaf.alias is None:
                self.seal(leaf)
            elif leaf.alias in self.expanded:
                self.tokens[id(leaf)] = self.envelope(leaf)
        for comment in document.comments:
            form.resolve(document, comment)
            if comment.stored and selection.comment(comment):
                self.seal(comment)

    def seal(self, leaf: Leaf) -> None:
        """Put the envelope of a leaf in its place; remember its source when decryption would spell it otherwise."""
        document, form = self.document, self.form
        edit = form.cover(document, leaf, self.envelope(leaf))
        self.edits.append(edit)
        if not form.faithful(document, leaf):
            way = "w" if leaf.node_start == edit[0] != leaf.start else "t"
            self.unfaithful.append((leaf, "h" if leaf.tag == HEADER else way, document.text[edit[0] : edit[1]]))

    def envelope(self, leaf: Leaf) -> str:
        """The envelope of a resolved leaf, an old one if an equal value had one."""
        if self.reuse is not None:
            token = self.reuse.take(leaf)
            if token is not None:
                return token
        stored = leaf.stored
        plaintext = stored if isinstance(stored, bytes) else stored.encode("utf-8", "surrogateescape")
        token = self.cipher.seal(plaintext, leaf.type, leaf.aad)
        if leaf.type == "comment":
            self.selection.check_comment(token)
        return token


def seal(
    found: Source,
    document: Document,
    form: Format,
    metadata: Metadata,
    cipher: Cipher,
    now: str,
    reuse: Reuse | None = None,
) -> bytes:
    """The encrypted file of a plain document: UTF-8, and only YAML keeps a byte order mark.

    `metadata` has its master keys wrapped; its MAC and time are set here.

    Raises EncryptError and ParseError for what sops cannot hold.
    """
    sealer = Sealer(document, form, cipher, metadata)
    sealer.reuse = reuse
    sealer.run()
    entries: list[Entry] = []
    if document.aliases or document.key_aliases:
        from .aliases import expand_aliases

        entries = expand_aliases(sealer)
    metadata.lastmodified = now
    metadata.mac = cipher.seal(mac_of(sealer.values, metadata.options.mac_only).encode(), "str", aad_time(now))
    metadata.layout = _layout(found, sealer, entries)
    edits = sealer.edits + _block_edits(sealer, reuse)
    text = splice(document.text, edits)
    read_back(text, document.text, form, metadata, cipher)
    return dump(text, UTF8, bom=found.bom and found.encoding == UTF8 and document.format == "yaml")


def _layout(found: Source, sealer: Sealer, entries: list[Entry]) -> str:
    """The token of the layout hint, "" when none is needed; the old one when nothing in it changed."""
    encoding = (
        found.encoding if found.encoding != UTF8 else "bom" if found.bom and sealer.document.format != "yaml" else ""
    )
    if not (entries or sealer.unfaithful or encoding):
        return ""
    from ..formats import layout

    memo: dict[int, layout.Numbers] = {}
    entries = entries + [(layout.position_of(leaf, memo), form, text) for leaf, form, text in sealer.unfaithful]
    made = layout.Layout(entries, encoding).encode()
    old = sealer.reuse.old if sealer.reuse is not None else None
    if old is not None and old.layout is not None and old.layout.encode() == made:
        return old.layout_token
    return sealer.cipher.seal(made.encode("utf-8", "surrogatepass"), "str", layout.AAD)


def _block_edits(sealer: Sealer, reuse: Reuse | None) -> list[Edit]:
    if reuse is not None:
        from .block import kept_block

        edits = kept_block(reuse.old, sealer.document, sealer.metadata)
        if edits is not None:
            return edits
    return sealer.form.fasten(sealer.document, render(sealer.metadata), None)


def read_back(text: str, plain: str, form: Format, metadata: Metadata, cipher: Cipher) -> None:
    """Open the new text in memory and make the source from it again. Raises EncryptError when that fails."""
    try:
        document, read = load_text(text, form)
        opened = open_document(Source(text, UTF8, bom=False), form, document, read, cipher, ignore_mac=False)
        same = opened.text == plain
    except SopsError as err:
        raise EncryptError(
            f"the encrypted text could not be read back ({err.message}); nothing was written",
            hint=_REPORT,
            path=err.path,
        ) from err
    if not same:
        line = _first_difference(opened.text, plain)
        raise EncryptError(
            "the encrypted text would not decrypt to the same bytes; nothing was written", hint=_REPORT, line=line
        )


_REPORT = "this is a defect of sopspy: please report the shape of the file (not its values)"


def _first_difference(one: str, other: str) -> int:
    same = 0
    for same, (a, b) in enumerate(zip(one, other, strict=False)):  # noqa: B007
        if a != b:
            break
    return position(other, same)[0]
