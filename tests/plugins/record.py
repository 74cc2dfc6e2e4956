"""Makes `trees/` with the real programs: `python -m tests.plugins.record SOPS KUSTOMIZE KSOPS`.

Each tree is a small repository written for KSOPS; its files are sealed by sops for the key age1, and `want.yaml` is
what kustomize builds of it with KSOPS. The trees are committed, so that the suite needs none of the three.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support import env

TREES = Path(__file__).with_name("trees")
HEAD = """\
apiVersion: viaduct.ai/v1
kind: ksops
metadata:
  name: generator
  annotations:
    config.kubernetes.io/function: |
      exec:
        path: ksops
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{more}stringData:\n  user: app\n  pin: '0123'\n"
MANY = """\
apiVersion: v1
kind: Secret
metadata:
  name: types
type: Opaque
data:
  a: aGVsbG8=
stringData:
  multi: |
    one
    two
  "n": "1.50"
  yes: "no"
  time: "2001-01-01"
---
# a comment
apiVersion: v1
kind: ConfigMap
metadata:
  name: plain
data:
  x: "1"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: web
          image: reg.io/a:1.2
          args: [--a, "b", 'c d']
"""
ENV = 'A=1\nB="two words" # c\nexport C=$A/x\nD=\'l $A\'\nE="x\\ny"\n# comment\n\nF=\n'
BEHAVIOR = "  annotations: {{kustomize.config.k8s.io/behavior: {0}}}\n"

TREE: dict[str, dict[str, str]] = {
    "files": {
        "kustomization.yaml": "generators: [generator.yaml]\n",
        "generator.yaml": HEAD + "files:\n  - ./many.enc.yaml\n  - sub/one.enc.json\n",
        "many.enc.yaml": MANY,
        "sub/one.enc.json": '{"apiVersion": "v1", "kind": "Secret", '
        '"metadata": {"name": "j"}, "stringData": {"a": "b"}}',
    },
    "secret-from": {
        "kustomization.yaml": "generators: [generator.yaml]\n",
        "generator.yaml": HEAD
        + "secretFrom:\n"
        + "  - metadata: {name: all, namespace: ns, labels: {a: b}, annotations: {c: d}}\n    type: Opaque\n"
        + "    files: [t.txt, other=t.txt, many.enc.yaml]\n    binaryFiles: [b.bin]\n    envs: [v.enc.env]\n"
        + "  - metadata: {name: second}\n    envs: [v.enc.env]\n",
        "t.txt": "hello\n",
        "b.bin": "\x00\x01bytes\x7f",
        "v.enc.env": ENV,
        "many.enc.yaml": "a: b\n# c\nl: [1, 2]\n",
    },
    "overlay": {
        "kustomization.yaml": "resources: [base]\nnamespace: prod\nnamePrefix: p-\n",
        "base/kustomization.yaml": "generators: [generator.yaml]\n",
        "base/generator.yaml": HEAD
        + "files: [../secrets/one.enc.yaml]\nsecretFrom:\n"
        + "  - metadata:\n      name: hashed\n      annotations: {kustomize.config.k8s.io/needs-hash: 'true'}\n"
        + "    files: [k=../secrets/t.txt]\n",
        "secrets/one.enc.yaml": SECRET.format(name="one", more=""),
        "secrets/t.txt": "hello\n",
    },
    "behaviors": {
        "kustomization.yaml": "resources: [base]\ngenerators: [generator.yaml]\n",
        "base/kustomization.yaml": "secretGenerator:\n"
        "  - {name: merged, literals: [old=1]}\n  - {name: replaced, literals: [old=1]}\n",
        "generator.yaml": HEAD + "files: [merge.enc.yaml, replace.enc.yaml]\n",
        "merge.enc.yaml": SECRET.format(name="merged", more=BEHAVIOR.format("merge")),
        "replace.enc.yaml": SECRET.format(name="replaced", more=BEHAVIOR.format("replace")),
    },
    "several": {
        "kustomization.yaml": "generators: [a.yaml, b.yaml]\nresources: [cm.yaml]\n",
        "a.yaml": HEAD.replace("name: generator", "name: a") + "files: [one.enc.yaml]\n",
        "b.yaml": HEAD.replace("name: generator", "name: b") + "files: [two.enc.yaml]\n",
        "one.enc.yaml": SECRET.format(name="one", more=""),
        "two.enc.yaml": SECRET.format(name="two", more=""),
        "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: b}\n",
    },
}


def main(sops: str, kustomize: str, ksops: str) -> None:
    shutil.rmtree(TREES, ignore_errors=True)
    with tempfile.TemporaryDirectory() as home:
        os.symlink(ksops, f"{home}/ksops")
        environ = {**env.scrubbed(home), "PATH": f"{home}:{os.environ['PATH']}"}
        for name, files in TREE.items():
            folder = TREES / name
            for path, text in files.items():
                place = folder / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode("latin-1"))
                if ".enc." in path or path.endswith((".txt", ".bin")):
                    regex = ["--encrypted-regex", "^(data|stringData)$"] if "kind:" in text else []
                    command = [sops, "encrypt", "-i", "--age", env.recipient(), *regex, str(place)]
                    subprocess.run(command, env=environ, check=True)
            words = [kustomize, "build", "--enable-alpha-plugins", "--enable-exec", str(folder)]
            want = subprocess.run(words, env=environ, check=True, capture_output=True).stdout
            (folder / "want.yaml").write_bytes(want)


if __name__ == "__main__":
    main(*sys.argv[1:])
