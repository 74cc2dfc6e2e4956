"""What the editor shows of a plaintext, and the plaintext in what the user made of it.

`--show-master-keys` adds the metadata, `--k8s` decodes the Secrets. Must not read or write files.
"""

from __future__ import annotations

from ... import source
from ...document import splice
from ...errors import RefusedError, SopsError, UsageError
from ...formats import base, binary
from ...metadata import parse, render
from ...operations.merge_lines import check_no_marks, merge
from ...operations.secret_data import Shown
from ...tree import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...formats.base import Format
    from ...metadata import Metadata
    from ...source import Source
    from ...tree import Value


class View:
    """One plaintext as it is shown. `shown`: the bytes for the editor. `secrets`: how many values were decoded."""

    __slots__ = ("_block", "_form", "_format", "_marked", "_secrets", "secrets", "shown")

    def __init__(self, content: bytes, format: str, metadata: Metadata, *, keys: bool, k8s: bool) -> None:
        """Raises UsageError for `--k8s` and another format, RefusedError for a Secret that cannot be shown."""
        self._format = format
        self._form: Format = base.get(format)
        self._secrets: Shown | None = None
        self._block: Mapping | None = render(metadata) if keys else None  # as it is now: sealing changes the metadata
        self._marked = False
        self.secrets = 0
        if k8s:
            if format != "yaml":
                raise UsageError("--k8s is for YAML files only", hint="leave out --k8s")
            found = source.load(content)
            self._secrets = Shown(self._form, found.text)
            self.secrets = self._secrets.count
            content = source.dump(self._secrets.text, found.encoding, found.bom)
        self.shown = self._with_keys(content)

    def plain(self, edited: bytes) -> bytes:
        """The plaintext in an edited text. Raises ParseError, and RefusedError for another metadata block."""
        if self._marked:
            check_no_marks(self._load(edited).text)
        edited = self._without_keys(edited)
        if self._secrets is None:
            return edited
        found = source.load(edited)
        return source.dump(self._secrets.back(found.text), found.encoding, found.bom)

    def merged(self, base_text: bytes, edited: bytes) -> tuple[bytes, int]:
        """The user's changes put into this view, and the number of places that are marked as conflicts.

        `base_text` is what was shown to the user before. Raises ParseError.
        """
        found = self._load(self.shown)
        text, conflicts = merge(self._load(base_text).text, self._load(edited).text, found.text)
        self._marked = conflicts > 0
        return source.dump(text, found.encoding, found.bom), conflicts

    def _load(self, data: bytes) -> Source:
        """The text of any bytes: those of a binary file one to one."""
        if self._format == "binary":
            return source.Source(data.decode("latin-1"), "latin-1", bom=False)
        return source.load(data)

    def _with_keys(self, content: bytes) -> bytes:
        if self._block is None:
            return content
        if self._format == "binary":
            return _wrapped(content, self._block)
        found = source.load(content)
        edits = self._form.fasten(self._form.scan(found.text), self._block, None)
        return source.dump(splice(found.text, edits), found.encoding, found.bom)

    def _without_keys(self, edited: bytes) -> bytes:
        if self._block is None:
            return edited
        found = source.load(edited)
        document = self._form.scan(found.text)
        blocks = [base.plain(document, block.node, self._form) for block in document.blocks]
        if not blocks or not all(self._is_same(block) for block in blocks):
            raise RefusedError(
                "the sops block cannot be changed in the editor",
                hint=("put it back as it was", "to change recipients: sopspy rotate -i --add-age RECIPIENT FILE"),
            )
        if self._format == "binary":
            return _unwrapped(base.plain(document, document.roots[0], self._form))
        text = splice(found.text, [(block.cut_start, block.cut_end, "") for block in document.blocks])
        return source.dump(text, found.encoding, found.bom)

    def _is_same(self, block: Value) -> bool:
        try:
            return render(parse(block)) == self._block
        except SopsError:
            return False


def _wrapped(content: bytes, block: Mapping) -> bytes:
    """A binary file beside its metadata, as sops shows it. Raises RefusedError when it is no text."""
    pairs = binary.wrap(content)
    if pairs == [(binary.KEY, content)]:  # bytes, not text
        raise RefusedError(
            "a binary file that is not UTF-8 cannot be shown beside its metadata", hint="leave out --show-master-keys"
        )
    return base.get("json").dump(Mapping([*pairs, ("sops", block)]), None).encode()


def _unwrapped(tree: Value) -> bytes:
    """The binary file in such a text. Raises RefusedError when something else is in it, EmitError without it."""
    if not isinstance(tree, Mapping) or len(tree) > 1:
        raise RefusedError("the file is the string under the key data, and nothing else", hint="put it back there")
    return binary.unwrap(tree)
