"""The inputs, the same in every run: `python -m benchmarks.files NAME SIZE PATH` writes one."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: database
  namespace: prod
type: Opaque
stringData:
  user: admin
  password: correct horse battery staple
  url: postgres://admin@db.example.com:5432/app
"""


def yaml(leaves: int) -> str:
    """Groups of ten values of the usual kinds, a comment for each group."""
    lines = ["services:"]
    for number in range(leaves // 10):
        lines += [f"  # service {number}", f"  service{number}:"]
        lines += [f"    text{at}: {_word(number * 10 + at)}" for at in range(5)]
        lines += [f"    port: {number + 1024}", "    enabled: true", f"    ratio: {number}.5"]
        lines += ["    hosts:", f"      - {_word(number)}.example.com", f"      - {_word(number + 1)}.example.com"]
    return "\n".join(lines) + "\n"


def json(leaves: int) -> str:
    """The same kinds of values."""
    groups = []
    for number in range(leaves // 10):
        members = [f'      "text{at}": "{_word(number * 10 + at)}"' for at in range(8)]
        members += [f'      "port": {number + 1024}', '      "enabled": true']
        groups.append(f'    "service{number}": {{\n' + ",\n".join(members) + "\n    }")
    return '{\n  "services": {\n' + ",\n".join(groups) + "\n  }\n}\n"


def binary(size: int) -> bytes:
    """Bytes that do not repeat."""
    return hashlib.shake_256(b"benchmark").digest(size)


def _word(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:24]


MAKERS = {
    "secret.yaml": lambda size: SECRET,
    "values.yaml": yaml,
    "values.json": json,
    "data.bin": binary,
}

if __name__ == "__main__":
    name, size, path = sys.argv[1:]
    made = MAKERS[name](int(size))
    Path(path).write_bytes(made if isinstance(made, bytes) else made.encode())
