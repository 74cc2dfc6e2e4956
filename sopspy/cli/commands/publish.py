"""`sopspy publish`: a file, or all files of a folder, to where the destination rule says.

Stores get the encrypted file, sealed anew first when the rule has a recreation rule with recipients; Vault gets the
values. The first file that fails stops the run, as in sops. A recreation rule's selection is honoured whole (sops keeps
two of its options and writes the rest in the wrong way). Source: sops 3.13.2.
"""

from __future__ import annotations

import os
import sys

from ...destination_rule import VAULT
from ...errors import ConfigError, FileError, MetadataError, SopsError, UsageError
from ...formats import base
from ...operations.decrypt import decrypt, load
from ...operations.encrypt import encrypt
from ...rule_keys import KeyContext
from ...tree import Mapping
from ..context import config_of
from . import NO_FILE, formats_of, key_ring, now, read_input, warn
from ._ask import agreed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...destination_rule import DestinationRule
    from ...keys.ring import KeyRing
    from ...rules import Config
    from ..parse import Request


def run(request: Request) -> int:
    """Publish what the request names. Raises SopsError."""
    config = config_of(request)
    if config is None:
        raise ConfigError("config file not found: publish takes the destination from .sops.yaml")
    if not request.positionals:
        raise UsageError("no file specified", hint="sopspy help publish", exit_code=NO_FILE)
    if len(request.positionals) > 1:
        warn(request, f"only the first file is used: {request.positionals[0]}")
    root = request.positionals[0]
    if not os.path.exists(root):
        raise FileError("no such file", file=root, exit_code=1)
    if os.path.isdir(root) and not request.flag("recursive"):
        raise FileError("can't operate on a directory without --recursive flag.", file=root, exit_code=1)
    ring = key_ring(request)
    for path in _files(root):
        request.subject = path
        _publish(request, config, ring, path)
    return 0


def _files(root: str) -> Iterator[str]:
    if not os.path.isdir(root):
        yield root
        return
    for folder, folders, names in os.walk(root):
        folders.sort()
        yield from (os.path.normpath(os.path.join(folder, name)) for name in sorted(names))


def _publish(request: Request, config: Config, ring: KeyRing, path: str) -> None:
    rule = config.destination_for(path)
    to = rule.destination()
    name = _name(request, rule, path)
    data = read_input(path)
    format = formats_of(request, path)[0]
    _check_encrypted(data, format)
    from ...publish import stores, vault

    url = to.url(name, request.environ.get("VAULT_ADDR") or vault.DEFAULT_ADDRESS)
    if to.kind == VAULT:
        opened = decrypt(data, format, ring)
        roots = [base.plain(opened.document, root, opened.form) for root in opened.document.roots]
        values = vault.as_json([root for root in roots if isinstance(root, Mapping)])
    else:
        data = _recreated(rule, data, format, ring)
    if not request.flag("yes") and not _confirmed(request, path, url):
        return
    if to.kind == VAULT:
        vault.upload(to, name, values, dict(request.environ))
    else:
        stores.upload(to, name, data)


def _name(request: Request, rule: DestinationRule, path: str) -> str:
    """What the file is called there: below the folder that was named, or by its own name."""
    name = os.path.basename(path)
    if request.flag("recursive"):
        name = os.path.relpath(path, request.positionals[0])
        name = os.path.basename(path) if name == os.curdir else name.replace(os.sep, "/")
    if request.flag("omit-extensions") or rule.omit_extensions:
        ending = "." + path.rpartition("/")[2].rpartition(".")[2] if "." in os.path.basename(path) else ""
        name = name.removesuffix(ending)
    return name


def _check_encrypted(data: bytes, format: str) -> None:
    """Raise SopsError (exit 1) for a file that is not encrypted: a plain one must not leave."""
    try:
        load(data, format)
    except MetadataError:
        raise
    except SopsError as err:
        err.exit_code = 1
        raise


def _recreated(rule: DestinationRule, data: bytes, format: str, ring: KeyRing) -> bytes:
    """The file as the recreation rule wants it; as it is when that names no recipient."""
    if rule.recreation is None:
        return data
    made = now()
    plan = rule.recreation.plan(KeyContext(made))
    if not any(plan.groups):
        return data
    return encrypt(decrypt(data, format, ring).data, format, plan, ring, made)


def _confirmed(request: Request, path: str, url: str) -> bool:
    """Whether the user wants it. Raises SopsError for a no to a single file."""
    full = os.path.abspath(path)
    if agreed(f"uploading {full} to {url} ? (y/n): ", "to agree beforehand: sopspy publish --yes FILE"):
        return True
    if not request.flag("recursive"):
        raise SopsError(f"Publication of {full} canceled")
    sys.stdout.write(f"Publication of {full} canceled\n")
    return False
