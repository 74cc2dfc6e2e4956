"""The grammar tables: what real `sops` accepts, and which types and values it reads.

`yaml.jsonl` and `json.jsonl` hold one case a line, with these fields:

    id, row      a name, and the part of the grammar that it belongs to
    text         the file; `base64` instead where it is not UTF-8
    exit         exit code of `sops encrypt`
    types        the type words of the envelopes, in order
    values       the first document as JSON without blanks, spelt as sops prints it
    yaml         the whole file as sops prints it, for YAML
    reads        exit code of `sops decrypt` of its own file, or of its output as JSON, where that is not 0
    ours         `accept` or `refuse`: what we do with a file that sops refuses; `refuse` also for what only we refuse
    why          the reason where we do not do as sops does
    ours_exit    our exit code for a refusal where it is not that of sops
    "3.11.0"     the facts of another version that differ
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, TypeAlias

from tests.support import env
from tests.support.peer import Peer, PeerError

REFERENCE = "3.13.2"
"""The version whose facts are the truth."""

_BLANK_OR_STRING = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')

Facts: TypeAlias = dict[str, Any]
_FACTS = ("exit", "types", "values", "yaml", "reads")
_TOKEN = re.compile(r"ENC\[AES256_GCM,data:[^\]]*,type:(\w+)\]")
_OWN_TOKEN = re.compile(r'\b(?:mac|sopspy_layout)"?: ?"?ENC\[[^\]]*\]')


class Case:
    """One line of a table."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.id: str = record["id"]
        self.row: str = record["row"]
        self.data: bytes = base64.b64decode(record["base64"]) if "base64" in record else record["text"].encode()
        self.ours: str | None = record.get("ours")
        self.why: str | None = record.get("why")
        self.ours_exit: int | None = record.get("ours_exit")
        self.facts: Facts = {name: record[name] for name in _FACTS if name in record}
        self.others: dict[str, Facts] = {name: value for name, value in record.items() if name[0].isdigit()}

    def facts_for(self, version: str) -> Facts:
        """The facts as sops of `version` shows them; an unknown version is taken as the reference."""
        merged = {**self.facts, **self.others.get(version, {})}
        return {name: value for name, value in merged.items() if value is not None}

    @property
    def accepted(self) -> bool:
        """Whether the reference version encrypts this file."""
        return self.facts.get("exit") == 0

    def as_record(self) -> dict[str, Any]:
        """The case as it stands in its file."""
        record: dict[str, Any] = {"id": self.id, "row": self.row}
        try:
            record["text"] = self.data.decode("utf-8")
        except UnicodeDecodeError:
            record["base64"] = base64.b64encode(self.data).decode()
        record.update({name: self.facts[name] for name in _FACTS if name in self.facts})
        for name in ("ours", "why", "ours_exit"):
            if getattr(self, name) is not None:
                record[name] = getattr(self, name)
        return record | dict(sorted(self.others.items()))


def load(format: str) -> list[Case]:
    """The cases of `yaml` or `json`."""
    lines = (env.GRAMMAR / f"{format}.jsonl").read_text("utf-8").split("\n")
    return [Case(json.loads(line)) for line in lines if line]


def save(format: str, cases: list[Case]) -> None:
    """Write the table back: ASCII only, one case a line."""
    text = "".join(json.dumps(case.as_record()) + "\n" for case in cases)
    (env.GRAMMAR / f"{format}.jsonl").write_text(text, "utf-8")


def facts_of(peer: Peer, data: bytes, format: str) -> Facts:
    """What `peer` makes of one file."""
    try:
        encrypted = peer.encrypt(data, format)
    except PeerError as err:
        return {"exit": err.code}
    facts: Facts = {"exit": 0, "types": types_in(encrypted)}
    try:
        facts["values"] = minified(peer.decrypt_json(encrypted, format))
    except PeerError as err:
        facts["reads"] = err.code
    if format == "yaml":
        try:
            facts["yaml"] = peer.decrypt(encrypted, format).decode("utf-8", "surrogateescape")
        except PeerError as err:
            facts["reads"] = err.code
    return facts


def types_in(encrypted: bytes) -> str:
    """The type words of all envelopes of an encrypted file, those of the metadata left out."""
    text = _OWN_TOKEN.sub("", encrypted.decode("utf-8"))
    return " ".join(word for word in _TOKEN.findall(text) if word != "comment")


def minified(text: str) -> str:
    """JSON without blanks outside strings; everything else stays as it is spelt."""
    return _BLANK_OR_STRING.sub(lambda found: found[1] or "", text)
