"""Links that somebody lays out for the sweep, to have it remove what is not its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sopspy.files.atomic import write_encrypted
from sopspy.files.private import sweep

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "sopspy-private-0123456789abcdef"
FILE = ".sopspy-0123456789abcdef.tmp"


def victim(tmp_path: Path) -> Path:
    """A folder that has everything a leftover has but its place."""
    path = tmp_path / "victim"
    path.mkdir(0o700)
    (path / "precious").write_bytes(b"x")
    (path / "inner").mkdir(0o700)
    (path / "inner" / "precious").write_bytes(b"x")
    return path


def base_of(tmp_path: Path) -> Path:
    base = tmp_path / "base"
    base.mkdir(0o700)
    return base


def test_link_in_place_of_a_folder(tmp_path: Path) -> None:
    base, target = base_of(tmp_path), victim(tmp_path)
    (base / FOLDER).symlink_to(target)
    assert sweep({"TMPDIR": str(base), "XDG_RUNTIME_DIR": str(base)}) == []
    assert (target / "precious").exists()
    assert (base / FOLDER).is_symlink()


def test_links_inside_a_leftover(tmp_path: Path) -> None:
    base, target = base_of(tmp_path), victim(tmp_path)
    (base / FOLDER / "deep").mkdir(0o700, parents=True)
    (base / FOLDER).chmod(0o700)
    (base / FOLDER / "folder").symlink_to(target)
    (base / FOLDER / "deep" / "folder").symlink_to(target / "inner")
    (base / FOLDER / "deep" / "file").symlink_to(target / "precious")
    os.link(target / "precious", base / FOLDER / "hard")
    assert sweep({"TMPDIR": str(base)}) == [str(base / FOLDER)]
    assert (target / "precious").read_bytes() == b"x"
    assert (target / "inner" / "precious").read_bytes() == b"x"
    assert os.listdir(base) == []


def test_link_in_place_of_a_temporary_file(tmp_path: Path) -> None:
    base, target = base_of(tmp_path), victim(tmp_path)
    (base / FILE).symlink_to(target / "precious")
    write_encrypted(str(base / "f"), b"x")
    assert (target / "precious").exists()
    assert (base / FILE).is_symlink()


def test_link_in_place_of_the_target_folder_is_followed_but_what_lies_there_is_not_swept_through_it(
    tmp_path: Path,
) -> None:
    base, target = base_of(tmp_path), victim(tmp_path)
    (base / "link").symlink_to(target)
    (target / FILE).symlink_to("precious")
    write_encrypted(str(base / "link" / "f"), b"x")
    assert (target / "f").read_bytes() == b"x"
    assert (target / "precious").exists()
