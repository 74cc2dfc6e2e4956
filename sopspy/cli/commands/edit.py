"""`sopspy edit`: the decrypted text in an editor, sealed again with the same data key; a new file from an example.

The new text is sealed and written while the editor's folder still exists: whatever is wrong with it, the user can go
back and nothing of the work is lost. When another process has changed the file meanwhile, the text is kept beside it,
sealed as it would have been written, and the user gets both changes in one text to look over. Exit codes: sops 3.13.2.
"""

from __future__ import annotations

import os

from ...errors import AlreadyEncryptedError, ChangedError, OutputError, SopsError
from ...files import atomic, editor, temporary
from ...operations.encrypt import new_metadata
from ..context import config_of, plan_of
from . import formats_of, key_ring, now, required_file, warn, warn_about, write_file
from ._change import Existing
from ._convert import seal_plain
from ._view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...metadata import Metadata
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
    "secret": """\
apiVersion: v1
kind: Secret
metadata:
    name: example
type: Opaque
data:
    password: UHV0IHlvdXIgb3duIGVudHJpZXMgaGVyZSwgYXMgdGV4dA==
""",
    "binary": "Put your own text here, then save the file and leave the editor\n",
}


def run(request: Request) -> int:
    """Edit one file. Raises SopsError."""
    path = required_file(request)
    return _edit_existing(request, path) if os.path.exists(path) else _edit_new(request, path)


def _edit_existing(request: Request, path: str) -> int:
    """Edit the values of an encrypted file."""
    session = _Session(request, path)
    warn_about(request, session.existing.old.warnings)
    return _let_edit(request, session.view, session.finish)


def _edit_new(request: Request, path: str) -> int:
    """The data key is wrapped before the editor starts: afterwards it would be too late to find a bad recipient."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise OutputError("its folder does not exist", file=path, hint=f"mkdir -p {folder}")
    format = formats_of(request, path)[0]
    plan = plan_of(request, config_of(request), request.text("filename-override") or path, format)
    request.subject = path
    try:
        metadata, cipher = new_metadata(plan, key_ring(request))
        metadata.lastmodified = now()
    except SopsError as err:
        err.exit_code = _NO_DATA_KEY
        raise
    example = EXAMPLES["secret" if request.flag("k8s") and format == "yaml" else format]
    view = _view(request, example.encode(), format, metadata)
    copy = _Copy(path)

    def finish(edited: bytes) -> None:
        data = seal_plain(view.plain(edited), format, metadata, cipher)
        try:
            write_file(path, data, atomic.MISSING, plaintext=False)
        except ChangedError as err:
            err.hints = copy.keep(data)
            raise
        copy.drop()

    return _let_edit(request, view, finish)


def _view(request: Request, content: bytes, format: str, metadata: Metadata) -> View:
    view = View(content, format, metadata, keys=request.flag("show-master-keys"), k8s=request.flag("k8s"))
    if request.flag("k8s") and not view.secrets:
        warn(request, "no Kubernetes Secret with data is in it, so --k8s has nothing to decode")
    return view


class _Copy:
    """What the user wrote, sealed, in a file beside the one that another process has changed."""

    __slots__ = ("_of", "_path")

    def __init__(self, path: str) -> None:
        self._of = path
        self._path = ""

    def keep(self, data: bytes) -> tuple[str, ...]:
        """Write the copy, or write it anew. Returns hints that say where it is."""
        try:
            if self._path:
                write_file(self._path, data, None, plaintext=False)
            else:
                self._path = self._write_new(data)
        except SopsError:
            return ("your text could not be kept beside the file: do not leave without it",)
        from shlex import join

        words = ["sopspy", "decrypt", "--filename-override", self._of, self._path]
        return (f"your text is kept, encrypted: {join(words)}",)

    def _write_new(self, data: bytes) -> str:
        number = 1
        while True:
            path = f"{self._of}.conflict{'' if number == 1 else f'-{number}'}"
            try:
                write_file(path, data, atomic.MISSING, plaintext=False)
            except ChangedError:
                number += 1
            else:
                return path

    def drop(self) -> None:
        """Remove the copy: the text is in the file now."""
        if self._path:
            temporary.remove(self._path)
            self._path = ""


class _Session:
    """An edit of an encrypted file: the file as it was last read, and what the editor shows of it."""

    __slots__ = ("_copy", "_path", "_request", "existing", "view")

    def __init__(self, request: Request, path: str) -> None:
        self._request = request
        self._path = path
        self._copy = _Copy(path)
        self.existing, self.view = self._open()

    def _open(self) -> tuple[Existing, View]:
        existing = Existing(self._request, self._path)
        old = existing.old
        return existing, _view(self._request, old.data, old.document.format, old.metadata)

    def finish(self, edited: bytes) -> None:
        """Seal and write an edited text. Raises SopsError: ReviewError when the file was changed meanwhile."""
        plain = self.view.plain(edited)
        while True:
            data = self.existing.sealed(plain, raise_version=True)
            try:
                self.existing.write(data)
            except ChangedError as err:
                self._catch_up(edited, data, err)
            else:
                self._copy.drop()
                return

    def _catch_up(self, edited: bytes, data: bytes, changed: ChangedError) -> None:
        """Open the file as it is now. Returns when only its keys are new: the text can be written as it is."""
        try:
            existing, view = self._open()
        except SopsError as err:
            changed.hints = (f"as it is now it cannot be opened: {err.message}", *self._copy.keep(data))
            raise changed from err
        before, self.existing = self.existing, existing
        if existing.old.data == before.old.data:
            return
        kept = self._copy.keep(data)
        before_view, self.view = self.view, view
        text, conflicts = view.merged(before_view.shown, edited)
        both = "place that both changed is" if conflicts == 1 else "places that both changed are"
        marked = f", and {conflicts} {both} marked" if conflicts else ""
        raise editor.ReviewError(
            "another process has changed the file meanwhile, so nothing was written",
            text,
            hint=(f"the editor will show your text with the other changes in it{marked}", *kept),
        )


def _let_edit(request: Request, view: View, finish: Callable[[bytes], None]) -> int:
    """Run the editor until `finish` takes the new text. Returns the exit code; raises SopsError."""
    from .. import report

    shown: list[SopsError] = []

    def check(edited: bytes) -> None:
        try:
            finish(edited)
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

    try:
        editor.edit(os.path.basename(request.positionals[0]), view.shown, check, request.environ, show=show)
    except SopsError as err:
        if err in shown:
            return err.exit_code
        raise
    return 0
