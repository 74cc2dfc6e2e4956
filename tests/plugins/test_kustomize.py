"""Whole builds with the real kustomize and kubectl: repositories that were written for KSOPS give what they gave."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.plugins.record import TREES
from tests.plugins.tools import PLUGIN, SOPSPY, environ, run, tool
from tests.support import ours

if TYPE_CHECKING:
    from pathlib import Path

NAMES = sorted(path.name for path in TREES.iterdir())
KRM = ["--enable-alpha-plugins", "--enable-exec"]
LEGACY = ["--enable-alpha-plugins"]


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    """A folder with our `ksops`."""
    done = run([str(SOPSPY), "install-shims", "--ksops", "shims"], environ(tmp_path), tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path / "shims"


def repository(name: str, tmp_path: Path, *, legacy: bool = False) -> Path:
    """A copy of a tree; for a legacy plugin, without the annotation that makes it an exec function."""
    folder = tmp_path / "repo"
    shutil.copytree(TREES / name, folder)
    (folder / ".git").mkdir()
    for path in folder.rglob("*.yaml") if legacy else ():
        text = path.read_text()
        head, mark, tail = text.partition("  annotations:\n    config.kubernetes.io/function: |\n")
        if mark:
            path.write_text(head + tail.partition("path: ksops\n")[2])
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_krm_build_is_that_of_ksops(name: str, tmp_path: Path, shims: Path) -> None:
    folder = repository(name, tmp_path)
    done = run([tool("kustomize"), "build", *KRM, str(folder)], environ(tmp_path, shims), tmp_path)
    assert done.stderr == ""
    assert done.stdout == (TREES / name / "want.yaml").read_text()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("words", [["kustomize", "build"], ["kubectl", "kustomize"]], ids=["kustomize", "kubectl"])
def test_legacy_build_is_that_of_ksops(name: str, words: list[str], tmp_path: Path) -> None:
    folder = repository(name, tmp_path, legacy=True)
    env = environ(tmp_path, KUSTOMIZE_PLUGIN_HOME=str(tmp_path / "plugins"))
    assert run([str(SOPSPY), "install-plugin"], env, tmp_path).returncode == 0
    done = run([tool(words[0]), words[1], *LEGACY, str(folder)], env, tmp_path)
    assert done.stderr == ""
    assert done.stdout == (TREES / name / "want.yaml").read_text()


def test_other_kinds_build(tmp_path: Path, shims: Path) -> None:
    folder = repository("secret-from", tmp_path)
    (folder / "v.enc.env").write_bytes(ours.encrypt(b'B="two words" # c\n', "dotenv"))
    function = "  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ksops\n"
    (folder / "generator.yaml").write_text(
        "apiVersion: goabout.com/v1beta1\nkind: SopsSecretGenerator\nmetadata:\n  name: old\n"
        + function
        + "envs: [v.enc.env]\nfiles: [t.txt]\ntype: Opaque\n---\n"
        "apiVersion: sopspy.dev/v1alpha1\nkind: SopsGenerator\nmetadata:\n  name: own\n"
        + function
        + "secretFrom:\n  - metadata: {name: new}\n    envs: [v.enc.env]\n    needsHash: true\n    immutable: true\n"
    )
    done = run([tool("kustomize"), "build", *KRM, str(folder)], environ(tmp_path, shims), tmp_path)
    assert done.stderr == ""
    assert "  name: old-" in done.stdout  # hashed by default, as SopsSecretGenerator does
    assert "  B: InR3byB3b3JkcyIgIyBj\n" in done.stdout  # raw: quotes are part of the value
    assert "  name: new-" in done.stdout
    assert "immutable: true" in done.stdout


def test_one_failing_file_fails_the_build_and_every_failure_is_named(tmp_path: Path, shims: Path) -> None:
    folder = repository("several", tmp_path)
    sealed = (folder / "one.enc.yaml").read_text()
    (folder / "one.enc.yaml").write_text(
        sealed.replace("user: ENC[AES256_GCM,data:", "user: ENC[AES256_GCM,data:AA", 1)
    )
    (folder / "a.yaml").write_text((folder / "a.yaml").read_text().replace("[one", "[gone.yaml, one"))
    done = run([tool("kustomize"), "build", *KRM, str(folder)], environ(tmp_path, shims), tmp_path)
    assert done.returncode == 1
    assert "gone.yaml: no such file" in done.stderr
    assert "one.enc.yaml:6:11: not valid base64 (stringData: user)" in done.stderr
    assert done.stdout == ""


def test_an_encrypted_resource_in_a_build_is_refused_unless_the_process_allows_it(tmp_path: Path, shims: Path) -> None:
    folder = repository("several", tmp_path)
    transformer = "apiVersion: sopspy.dev/v1alpha1\nkind: SopsGenerator\nmetadata:\n  name: t\n"
    function = "  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ksops\nfiles: []\n"
    (folder / "t.yaml").write_text(transformer + function)
    (folder / "kustomization.yaml").write_text("resources: [one.enc.yaml, cm.yaml]\ntransformers: [t.yaml]\n")
    words = [tool("kustomize"), "build", *KRM, str(folder)]
    refused = run(words, environ(tmp_path, shims), tmp_path)
    assert refused.returncode == 1
    assert "SOPSPY_ALLOW_TRANSFORMER=1" in refused.stderr
    allowed = run(words, environ(tmp_path, shims, SOPSPY_ALLOW_TRANSFORMER="1"), tmp_path)
    assert allowed.stderr == ""
    assert "ENC[" not in allowed.stdout
    assert 'pin: "0123"' in allowed.stdout
    assert "kind: ConfigMap" in allowed.stdout


def test_called_by_hand_it_explains_itself(tmp_path: Path) -> None:
    done = run([str(PLUGIN), "--help"], environ(tmp_path), tmp_path)
    assert done.returncode == 1
    assert "config.kubernetes.io/function" in done.stderr
    assert run([str(PLUGIN), "a", "b"], environ(tmp_path), tmp_path).returncode == 1
