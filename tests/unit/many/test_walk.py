import os
from pathlib import Path

import pytest

from sopspy.many.walk import looks_encrypted, needs_network, walk
from tests.support import ours


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("b.yaml", "a/c.yaml", "a/.hidden.yaml", ".git/x.yaml", "a/node_modules/y.yaml", "out/z.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")
    (tmp_path / "link.yaml").symlink_to("b.yaml")
    (tmp_path / "linked").symlink_to("a")
    os.mkfifo(tmp_path / "pipe.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths(*names: str, without: str = "") -> list[str]:
    return [found.path for found in walk(list(names), without)]


def test_links_pipes_and_what_tools_keep_are_passed_over(tree: Path) -> None:
    assert paths(".", without="out") == ["b.yaml", "a/.hidden.yaml", "a/c.yaml"]


def test_what_is_named_is_taken_whatever_it_is(tree: Path) -> None:
    assert paths("link.yaml", "missing", "linked") == ["link.yaml", "missing", "linked/.hidden.yaml", "linked/c.yaml"]


def test_each_file_once(tree: Path) -> None:
    assert paths("a/c.yaml", "a", str(tree / "a"), "link.yaml", "b.yaml") == ["a/c.yaml", "a/.hidden.yaml", "link.yaml"]


def test_paths_below_the_folder_that_was_named(tree: Path) -> None:
    assert [found.inner for found in walk(["a", "b.yaml"])] == [".hidden.yaml", "c.yaml", ""]
    assert [found.inner for found in walk(["."], "out")] == ["b.yaml", "a/.hidden.yaml", "a/c.yaml"]


@pytest.mark.parametrize(
    ("name", "data", "taken"),
    [
        ("a.yaml", ours.encrypt(b"a: b\n"), True),
        ("a.json", ours.encrypt(b'{"a": "b"}', "json"), True),
        ("a.pem", ours.encrypt(b"\x00\xff", "binary"), True),
        ("a.yaml", b"a: b\n", False),
        ("a.yaml", b"sops: not yet\n", False),
        ("notes.md", b"A file has `sops` in it and ENC[AES256_GCM,data:...]\n", False),
        ("a.bin", b"", False),
    ],
)
def test_what_may_be_encrypted(tmp_path: Path, name: str, data: bytes, taken: bool) -> None:
    (tmp_path / name).write_bytes(data)
    assert looks_encrypted(str(tmp_path / name)) is taken


def test_which_files_need_a_network(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    for text, needs in (
        ("arn: arn:aws:kms:eu-west-1:1:key/a", True),
        ("resource_id: x", True),
        ("recipient: x", False),
    ):
        path.write_text(text)
        assert needs_network(str(path)) is needs
    assert not needs_network(str(tmp_path / "missing"))
