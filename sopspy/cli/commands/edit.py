"""`sopspy edit`: the decrypted text in an editor, sealed again with the same data key; a new file from an example.

The new text is sealed and written while the editor's folder still exists: whatever is wrong with it, the user can go
back and nothing of the work is lost. Exit codes: sops 3.13.2.
"""

from __future__ import annotations

import os

from ... import source
from ...document import splice
from ...errors import AlreadyEncryptedError, OutputError, RefusedError, SopsError
from ...files import atomic, editor
from ...formats import base
from ...metadata import Metadata, parse, render
from ...operations.encrypt import new_metadata
from ..context import config_of, plan_of
from . import formats_of, key_ring, now, required_file, warn_about, write_file
from ._change import Existing
from ._convert import seal_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...formats.base import Format
    from ..parse import Request

_NO_DATA_KEY = 128

EXAMPLES = {
    "yaml": """\
welcome: Put your own entries here, then save the file and leave the editor
example_key: example_value
# Comments are encrypted too
example_list:
    - first
    - second
example_number: 1234.56789
example_booleans:
    - true
    - false
""",
    "json": """\
{
    "welcome": "Put your own entries here, then save the file and leave the editor",
    "example_key": "example_value",
    "example_list": [
        "first",
        "second"
    ],
    "example_number": 1234.56789,
    "example_booleans": [
        true,
        false
    ]
}
""",
    "dotenv": """\
# Comments are encrypted too
WELCOME=Put your own entries here, then save the file and leave the editor
EXAMPLE_KEY=example_value
EXAMPLE_LINES=first\\nsecond
""",
    "ini": """\
; Comments are encrypted too
[Welcome]
hint = Put your own entries here, then save the file and leave the editor
example_key = example_value
""",
    "binary": "Put your own text here, then save the file and leave the editor\n",
}


def run(request: Request) -> int:
    """Edit one file. Raises SopsError."""
    path = required_file(request)
    return _edit_existing(request, path) if os.path.exists(path) else _edit_new(request, path)


def _edit_existing(request: Request, path: str) -> int:
    existing = Existing(request, path)
    content = existing.old.data
    warn_about(request, existing.old.warnings)

    def finish(plain: bytes) -> None:
        existing.write(existing.sealed(plain, raise_version=True))

    return _let_edit(request, _Text(content, existing.old.form, existing.old.metadata), finish)


def _edit_new(request: Request, path: str) -> int:
    """The data key is wrapped before the editor starts: afterwards it would be too late to find a bad recipient."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise OutputError("its folder does not exist", file=path, hint=f"mkdir -p {folder}")
    format = formats_of(request, path)[0]
    plan = plan_of(request, config_of(request), path, format)
    request.subject = path
    try:
        metadata, cipher = new_metadata(plan, key_ring(request))
        metadata.lastmodified = now()
    except SopsError as err:
        err.exit_code = _NO_DATA_KEY
        raise

    def finish(plain: bytes) -> None:
        write_file(path, seal_plain(plain, format, metadata, cipher), atomic.MISSING, plaintext=False)

    return _let_edit(request, _Text(EXAMPLES[format].encode(), base.get(format), metadata), finish)


class _Text:
    """A plaintext and its metadata. With `--show-master-keys` the editor shows both, but only the text can change."""

    __slots__ = ("_block", "_form", "content")

    def __init__(self, content: bytes, form: Format, metadata: Metadata) -> None:
        self.content = content
        self._form = form
        self._block = render(metadata)  # as it is now: sealing changes the metadata

    def with_keys(self) -> bytes:
        """The plaintext with the metadata block."""
        found = source.load(self.content)
        edits = self._form.fasten(self._form.scan(found.text), self._block, None)
        return source.dump(splice(found.text, edits), found.encoding, found.bom)

    def without_keys(self, edited: bytes) -> bytes:
        """The edited plaintext alone. Raises RefusedError when its metadata block is another one."""
        found = source.load(edited)
        document = self._form.scan(found.text)
        blocks = [base.plain(document, block.node, self._form) for block in document.blocks]
        if not blocks or any(render(parse(block)) != self._block for block in blocks):
            raise RefusedError(
                "the sops block cannot be changed in the editor",
                hint=("put it back as it was", "to change recipients: sopspy rotate -i --add-age RECIPIENT FILE"),
            )
        text = splice(found.text, [(block.cut_start, block.cut_end, "") for block in document.blocks])
        return source.dump(text, found.encoding, found.bom)


def _let_edit(request: Request, text: _Text, finish: Callable[[bytes], None]) -> int:
    """Run the editor until `finish` takes the new plaintext. Returns the exit code; raises SopsError."""
    from .. import report

    keys = request.flag("show-master-keys")
    shown: list[SopsError] = []

    def check(edited: bytes) -> None:
        try:
            finish(text.without_keys(edited) if keys else edited)
        except AlreadyEncryptedError as err:
            err.message = "the key sops at the top level is reserved for the metadata"
            err.hints = ("give the key another name",)
            raise

    def show(what: SopsError | str) -> None:
        if isinstance(what, str):
            report.show_line(what)
            return
        shown.append(what)
        report.show_error(what, request.environ)

    content = text.with_keys() if keys else text.content
    try:
        editor.edit(os.path.basename(request.positionals[0]), content, check, request.environ, show=show)
    except SopsError as err:
        if err in shown:
            return err.exit_code
        raise
    return 0
