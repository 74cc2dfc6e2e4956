"""What a repository may try with the kustomize plugin, one test for each attack. Nothing reaches standard output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.plugins.tools import PLUGIN, environ, run
from tests.support import ours

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: g}\n"
OWN = "apiVersion: sopspy.dev/v1alpha1\nkind: SopsGenerator\nmetadata: {name: g}\n"
SECRET = b"apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n%s"
WORD = "hunter2-never-shown"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with one good file, and a good one outside of it."""
    folder = tmp_path / "repo"
    (folder / ".git").mkdir(parents=True)
    good = sealed(b"stringData: {a: %s}\n" % WORD.encode())
    (folder / "good.yaml").write_bytes(good)
    (tmp_path / "outside.yaml").write_bytes(good)
    return folder


def sealed(body: bytes) -> bytes:
    return ours.encrypt(SECRET % body, encrypted_regex="^(data|stringData)$")


def refusal(repo: Path, config: str, **more: str) -> str:
    """What is said on standard error; the plugin fails and prints nothing."""
    (repo / "g.yaml").write_text(config)
    done = run([str(PLUGIN), "g.yaml"], environ(repo.parent, **more), repo)
    assert done.returncode == 1
    assert done.stdout == ""
    assert WORD not in done.stderr
    return done.stderr


def test_a_good_file_is_opened(repo: Path) -> None:
    (repo / "g.yaml").write_text(HEAD + "files: [good.yaml]\n")
    done = run([str(PLUGIN), "g.yaml"], environ(repo.parent), repo)
    assert WORD in done.stdout


@pytest.mark.parametrize("path", ["../outside.yaml", "a/../../outside.yaml", "./../outside.yaml"])
def test_a_path_that_leads_out(repo: Path, path: str) -> None:
    (repo / "a").mkdir()
    assert "leads out of the repository" in refusal(repo, HEAD + f"files: [{path}]\n")


def test_an_absolute_path(repo: Path) -> None:
    assert "absolute path is refused" in refusal(repo, HEAD + f"files: [{repo}/good.yaml]\n")


def test_a_symbolic_link_that_leads_out(repo: Path) -> None:
    (repo / "link.yaml").symlink_to(repo.parent / "outside.yaml")
    assert "leads out of the repository" in refusal(repo, HEAD + "files: [link.yaml]\n")


def test_a_symbolic_link_of_a_folder_that_leads_out(repo: Path) -> None:
    (repo / "link").symlink_to(repo.parent)
    assert "leads out of the repository" in refusal(repo, HEAD + "files: [link/outside.yaml]\n")


def test_a_link_inside_works(repo: Path) -> None:
    (repo / "link.yaml").symlink_to("good.yaml")
    (repo / "g.yaml").write_text(HEAD + "files: [link.yaml]\n")
    assert run([str(PLUGIN), "g.yaml"], environ(repo.parent), repo).returncode == 0


def test_a_device(repo: Path) -> None:
    (repo / "zero.yaml").symlink_to("/dev/zero")
    assert "leads out" in refusal(repo, HEAD + "files: [zero.yaml]\n")


def test_a_pipe_that_nobody_writes_to(repo: Path) -> None:
    os.mkfifo(repo / "pipe.yaml")
    assert "not a regular file" in refusal(repo, HEAD + "files: [pipe.yaml]\n")


def test_a_huge_file(repo: Path) -> None:
    (repo / "huge.yaml").write_bytes(b"a" * (5 << 20) + b"a")
    assert "larger than 5 MiB" in refusal(repo, HEAD + "files: [huge.yaml]\n")


def test_a_plain_file(repo: Path) -> None:
    (repo / "plain.yaml").write_bytes(SECRET % b"stringData: {a: %s}\n" % WORD.encode())
    assert "sops metadata not found" in refusal(repo, HEAD + "files: [plain.yaml]\n")


def test_a_secret_in_the_configuration_is_not_repeated(repo: Path) -> None:
    assert "neither files nor secretFrom" in refusal(repo, HEAD + f"password: {WORD}\n")
    assert "unknown field password" in refusal(repo, OWN + f"files: []\npassword: {WORD}\n")


def test_an_unknown_field_of_our_own_kind(repo: Path) -> None:
    assert "unknown field secretFrom.fiels" in refusal(repo, OWN + "secretFrom: [{metadata: {name: a}, fiels: [x]}]\n")


def test_keys_that_stand_twice(repo: Path) -> None:
    assert "stands twice" in refusal(repo, HEAD + "files: []\nfiles: [good.yaml]\n")
    (repo / "v.env").write_bytes(ours.encrypt(b"A=1\nA=2\n", "dotenv"))
    assert "the key A stands twice" in refusal(repo, HEAD + "secretFrom: [{metadata: {name: a}, envs: [v.env]}]\n")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"data: {a: '!%s'}\n" % WORD.encode(), "data.a is not base64"),
        (b"stringData: {a: 12}\n", "stringData.a is no text"),
        (b"stringData: {'a b': x}\n", "is no key of a Secret"),
        (b"type: kubernetes.io/tls\nstringData: {tls.crt: x}\n", "needs the keys tls.key"),
        (b"type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{%s'}\n" % WORD.encode(), "not JSON"),
        (b"stringData: {a: %s}\n" % (b"x" * (1 << 20) + b"y"), "more than 1 MiB"),
    ],
)
def test_a_secret_that_no_cluster_should_get(repo: Path, body: bytes, reason: str) -> None:
    (repo / "bad.yaml").write_bytes(sealed(body))
    assert reason in refusal(repo, HEAD + "files: [bad.yaml]\n")


def test_a_resource_without_a_name(repo: Path) -> None:
    (repo / "bad.yaml").write_bytes(ours.encrypt(b"apiVersion: v1\nkind: Secret\nstringData: {a: b}\n"))
    assert "metadata.name is missing" in refusal(repo, HEAD + "files: [bad.yaml]\n")


def test_an_alias_bomb_as_configuration(repo: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert "sopspy: error" in refusal(repo, HEAD + "\n".join(lines) + "\nfiles: []\n")


def test_a_resource_list_that_is_none(repo: Path) -> None:
    for text in ("", "[]", "- a", "kind: ResourceList\nitems: [1]\n", "{", "kind: Other\n"):
        done = run([str(PLUGIN)], environ(repo.parent), repo, text)
        assert done.returncode == 1, text
        assert "Traceback" not in done.stderr
