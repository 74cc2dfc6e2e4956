"""`sopspy init`: a first `.sops.yaml` in this folder, with one rule for all files.

Must not change a file that exists, and must not put anybody into the rule whom the user has not named: without
`--age` it is the user alone.
"""

from __future__ import annotations

import os
import sys

from ...errors import ConfigError, OutputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..parse import Request

NAME = ".sops.yaml"
_TEXT = """\
# Who can decrypt what. The first rule whose path_regex matches a file's path, seen from this folder, is the one that
# counts; a rule without path_regex matches every file. More recipients: one line each.
creation_rules:
  # A rule for Kubernetes Secrets would stand here, before the general one:
  # - path_regex: ^k8s/.*\\.yaml$
  #   encrypted_regex: ^(data|stringData)$
  #   age:
  #     - {first}
  - age:
{lines}
"""


def run(request: Request) -> int:
    """Write the file. Raises OutputError when it exists, ConfigError when there is nobody to encrypt to."""
    from ...files import atomic

    if os.path.lexists(NAME):
        raise OutputError("exists already and is not overwritten", file=NAME)
    recipients = _named(request) or _own(request)
    scalars = [_scalar(recipient) for recipient in recipients]
    text = _TEXT.format(first=scalars[0], lines="\n".join(f"      - {scalar}" for scalar in scalars))
    atomic.write_encrypted(NAME, text.encode(), atomic.MISSING)
    sys.stderr.write(f"wrote {NAME}; encrypt a first file: sopspy encrypt -i FILE\n")
    return 0


def _named(request: Request) -> list[str]:
    """The recipients of `--age`, each checked. Raises SopsError for what is none."""
    from ...keys.age import recipient_kind

    named = [part.strip() for part in request.text("age").split(",") if part.strip()]
    for recipient in named:
        recipient_kind(recipient)
    return named


def _scalar(recipient: str) -> str:
    """A recipient in YAML: quoted when it is an SSH key, whose comment may hold anything."""
    return recipient if recipient.isalnum() else "'" + recipient.replace("'", "''") + "'"


def _own(request: Request) -> list[str]:
    """The recipients of the identities at hand."""
    from ...keys.identities import standing_sources

    sources = standing_sources(request.environ)
    own = dict.fromkeys(identity.recipient for source in sources for identity in source.identities)
    if not own:
        raise ConfigError(
            "there is no age identity yet to encrypt to",
            details=tuple(map(str, sources)),
            hint=("make one: sopspy keygen", "or name a recipient: sopspy init --age age1..."),
        )
    return list(own)
