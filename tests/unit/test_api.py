"""The library as a Python program uses it: every source, every function, what is refused, and what stays hidden."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import sopspy
from tests.support import env

if TYPE_CHECKING:
    from tests.support.peer import Peer

SECRET = "s3cr3t-hunter2"
PLAIN = f"# note\ndb:\n  password: {SECRET}\n  port: 5432\nlist: [a, 1.50, true]\n"
DATA = {"db": {"password": SECRET, "port": 5432}, "list": ["a", 1.5, True]}
STRANGER = env.recipient("age2")


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOPS_AGE_KEY", env.identity())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An encrypted file."""
    found = tmp_path / "f.yaml"
    found.write_bytes(sopspy.encrypt(PLAIN, age=env.recipient()))
    return found


def test_every_kind_of_source(path: Path) -> None:
    data = path.read_bytes()
    for source in (path, str(path), data, data.decode()):
        assert sopspy.decrypt(source) == PLAIN.encode()
        assert sopspy.load(source) == DATA
        assert sopspy.is_encrypted(source)


def test_formats(tmp_path: Path) -> None:
    text = '{"a": "' + SECRET + '"}'
    for format, plain in (("json", text.encode()), ("binary", b"\xff\x00"), ("yaml", PLAIN.encode())):
        sealed = sopspy.encrypt(plain, format=format, age=env.recipient())
        assert SECRET.encode() not in sealed
        assert sopspy.decrypt(sealed, format=format) == plain
    assert sopspy.load(sopspy.encrypt(text, age=env.recipient())) == {"a": SECRET}
    with pytest.raises(sopspy.SopsError, match="there is no format toml"):
        sopspy.decrypt(b"a: 1\n", format="toml")


def test_options_choose_what_is_encrypted() -> None:
    sealed = sopspy.encrypt("a: 1\nb: 2\n", age=[env.recipient()], encrypted_regex="^a$", mac_only_encrypted=True)
    assert b"\nb: 2\n" in sealed
    assert sopspy.load(sealed) == {"a": 1, "b": 2}


def test_environ_replaces_that_of_the_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(sopspy.SopsError) as caught:
        sopspy.load(path, environ={})
    assert caught.value.exit_code == 128
    monkeypatch.delenv("SOPS_AGE_KEY")
    assert sopspy.load(path, environ={"SOPS_AGE_KEY": env.identity()}) == DATA


def test_edit_changes_one_line_and_keeps_the_other_envelopes(path: Path, peer: Peer) -> None:
    before = path.read_text().splitlines()
    with sopspy.edit(path) as document:
        document.data["db"]["port"] = 1
        assert document.changed
    after = path.read_text().splitlines()
    differ = [old.split(":")[0].strip() for old, new in zip(before, after, strict=True) if old != new]
    assert set(differ) <= {"port", "lastmodified", "mac"}
    assert "port" in differ
    assert b"port: 1\n" in peer.decrypt(path.read_bytes(), "yaml")


def test_edit_without_a_change_writes_nothing(path: Path) -> None:
    before = path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino
    with sopspy.edit(path) as document:
        assert not document.changed
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_an_exception_inside_edit_leaves_the_file(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), sopspy.edit(path) as document:
        document.data["db"]["port"] = 1 / 0
    assert path.read_bytes() == before


def test_a_file_that_changed_meanwhile_is_not_overwritten(path: Path) -> None:
    def edit_while_another_writes() -> None:
        with sopspy.edit(path) as document:
            document.data["db"]["port"] = 1
            path.write_bytes(path.read_bytes() + b"# theirs\n")

    with pytest.raises(sopspy.SopsError):
        edit_while_another_writes()
    assert path.read_bytes().endswith(b"# theirs\n")


def test_edit_adds_removes_and_nests(path: Path) -> None:
    with sopspy.edit(path) as document:
        del document.data["db"]["port"]
        document.data["list"][1:] = [None]
        document.data["new"] = {"a": [1, {"b": "x"}]}
    assert sopspy.load(path) == {"db": {"password": SECRET}, "list": ["a", None], "new": {"a": [1, {"b": "x"}]}}


def test_set_unset_and_rotate(path: Path, peer: Peer) -> None:
    sopspy.set_value(path, ["db", "port"], 9007199254740993)
    sopspy.unset_value(path, ["list", 0])
    before = path.read_text()
    sopspy.rotate(path)
    assert sopspy.load(path) == {"db": {"password": SECRET, "port": 9007199254740993}, "list": [1.5, True]}
    assert before.split("sops:")[0] != path.read_text().split("sops:")[0]
    assert b"9007199254740993" in peer.decrypt(path.read_bytes(), "yaml")
    with pytest.raises(sopspy.SopsError, match="key not found: no"):
        sopspy.unset_value(path, "no")


def test_a_recipient_that_was_slipped_in_is_not_let_in_by_rotate(path: Path) -> None:
    sealed = path.read_text()
    start = sealed.index("        - enc: |")
    entry = sealed[start : sealed.index("    lastmodified:")]
    path.write_text(sealed.replace(entry, entry + entry.replace(env.recipient(), STRANGER)))
    before = path.read_bytes()
    with pytest.raises(sopspy.SopsError, match="nothing vouches for") as caught:
        sopspy.rotate(path)
    assert STRANGER in "".join(caught.value.details)
    assert env.recipient() not in "".join(caught.value.details)
    assert path.read_bytes() == before


def test_a_value_that_the_rule_encrypts_is_not_set_in_clear(path: Path) -> None:
    path.write_bytes(sopspy.encrypt("a: 1\n", age=env.recipient(), encrypted_regex="^nothing$"))
    Path(".sops.yaml").write_text(f"creation_rules:\n  - age: {env.recipient()}\n")
    before = path.read_bytes()
    with pytest.raises(sopspy.SopsError):
        sopspy.set_value(path, "b", SECRET)
    assert path.read_bytes() == before
    sopspy.set_value(path, "b", "open", allow_cleartext=True)
    assert sopspy.load(path) == {"a": 1, "b": "open"}


def test_a_stream_of_documents() -> None:
    sealed = sopspy.encrypt("a: 1\n---\nb: 2\n", age=env.recipient())
    assert sopspy.load_all(sealed) == [{"a": 1}, {"b": 2}]
    assert sopspy.load(sealed) == {"a": 1}


def test_a_thousand_levels() -> None:
    sealed = sopspy.encrypt("a: " + "[" * 1000 + "1" + "]" * 1000 + "\n", age=env.recipient())
    value = sopspy.load(sealed)["a"]
    for _ in range(1000):
        (value,) = value
    assert value == 1


def test_what_is_not_encrypted(tmp_path: Path) -> None:
    for source in (b"a: 1\n", b"", b"\xff", "{}"):
        assert not sopspy.is_encrypted(source)
    with pytest.raises(sopspy.SopsError, match="no such file"):
        sopspy.decrypt(tmp_path / "none.yaml")


def test_nothing_shows_a_secret(path: Path) -> None:
    with sopspy.edit(path) as document:
        shown = [repr(document), str(document), repr(document._opened), repr(document._given)]
        shown += [repr(leaf) for leaf in document._opened.document.leaves]
        document.data["db"]["port"] = 1
        shown.append(repr(document))
    for key in ("port", "password", "mac"):
        bad = path.read_text().replace(f"{key}: ENC[AES256_GCM,data:", f"{key}: ENC[AES256_GCM,data:AAAA")
        with pytest.raises(sopspy.SopsError) as caught:
            sopspy.decrypt(bad)
        shown += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
    for text in shown:
        assert SECRET not in text
        assert env.identity() not in text


@pytest.mark.parametrize("name", ["a\0b.yaml", "a\ud800.yaml"])
def test_a_path_that_no_file_can_have_is_an_error_like_any_other(name: str) -> None:
    with pytest.raises(sopspy.SopsError, match="no file can have this name"):
        sopspy.load(name)


_BEHIND = "a: 1\nl:\n  - k: v\n    t: |\n      text\nz: 2\n"
_IN_LIST = "l:\n  - k: v\n    t: >+\n      text\n  - t: |\n      text\n"


@pytest.mark.parametrize("value", ["two\nlines\n", 5, {}, [], {"k": "v"}, ["i", {"k": "v"}]])
@pytest.mark.parametrize(
    ("source", "path"),
    [(_BEHIND, ["l"]), (_BEHIND, ["l", 0]), (_BEHIND, ["l", 0, "t"]), (_IN_LIST, ["l", 0]), (_IN_LIST, ["l", 1])],
)
def test_a_collection_that_ends_with_a_block_text_is_replaced(
    source: str, path: list[str | int], value: object
) -> None:
    environ = {"SOPS_AGE_KEY": env.identity("age1")}
    sealed = sopspy.encrypt(source, format="yaml", age=env.recipient())
    want = sopspy.load(sealed, environ=environ)
    place = want
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert sopspy.load(sopspy.set_value(sealed, path, value, environ=environ), environ=environ) == want
