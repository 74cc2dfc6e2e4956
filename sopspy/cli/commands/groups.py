"""`sopspy groups add` and `groups delete`: one more key group for a file, or one less.

A group that cannot be wrapped for, an empty one or a threshold that cannot be met is an error (sops ignores some of
them). Source: sops 3.13.2.
"""

from __future__ import annotations

from ...errors import SopsError, UsageError
from ...keys.base import EmptyGroupError
from ...operations.update_keys import Locked, threshold_for
from ...rule_keys import KeyContext
from ..context import config_of, encryption_context, indent_of, keys_of
from . import NO_FILE, key_ring, now, read_input, sealed_formats_of, write_file, write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...metadata import MasterKey
    from ..parse import Request


def run(request: Request) -> int:
    """Change the groups of the file of `--file`. Raises SopsError."""
    action, *rest = request.positionals or [""]
    if action not in ("add", "delete"):
        raise UsageError("groups needs an action: add or delete", hint="sopspy help groups")
    path = request.text("file")
    if action == "add" and rest:
        raise UsageError("no positional arguments allowed: the file is named by --file", hint=_FORMS["add"])
    if action == "delete" and len(rest) != 1:
        raise UsageError("exactly one positional argument (index) required", hint=_FORMS["delete"])
    if not path:
        raise UsageError("no file specified: use --file", hint=_FORMS[action], exit_code=NO_FILE)
    request.subject = path
    ring = key_ring(request)
    added = _new_group(request) if action == "add" else []
    before = read_input(path)
    source_format, target_format = sealed_formats_of(request, path)
    config = config_of(request)
    locked = Locked(before, source_format)
    old = locked.metadata
    groups = [*old.groups, added] if action == "add" else _without(old.groups, rest[0])
    threshold = _threshold(request, len(groups), old.threshold)
    data = locked.with_keys(groups, threshold, ring)
    if source_format != target_format:
        from ...operations.decrypt import decrypt
        from ._convert import seal_as

        opened = decrypt(data, source_format, ring)
        data = seal_as(opened, opened.data, target_format, indent_of(request, config, target_format))
    if request.flag("in-place"):
        write_file(path, data, before, plaintext=False)
    else:
        write_stdout(data)
    return 0


_FORMS = {
    "add": "sopspy groups add --file FILE --age RECIPIENT",
    "delete": "sopspy groups delete --file FILE 0",
}


def _new_group(request: Request) -> list[MasterKey]:
    shared = KeyContext(now(), encryption_context(request), request.text("aws-profile"))
    group = keys_of(request, "", shared)
    if not group:
        raise EmptyGroupError
    return group


def _without(groups: list[list[MasterKey]], text: str) -> list[list[MasterKey]]:
    if not text.isdecimal() or not text.isascii():
        raise UsageError("the index of a group is a whole number from 0", hint=_FORMS["delete"])
    index = int(text)
    if index >= len(groups):
        raise SopsError(f"there is no group {index}: the file has {len(groups)}, counted from 0")
    return groups[:index] + groups[index + 1 :]


def _threshold(request: Request, count: int, old: int) -> int:
    """The threshold of the option, else the file's own. Raises SopsError where it cannot be met."""
    asked = request.number("shamir-secret-sharing-threshold") or old
    if count < asked and (count > 1 or asked > 1):
        raise SopsError(
            "removing this key group will make the Shamir threshold impossible to satisfy: "
            f"it is {asked}, but there would be {count} key groups",
            hint=f"lower it: --shamir-secret-sharing-threshold {max(count, 1)}",
        )
    return threshold_for(count, asked)
