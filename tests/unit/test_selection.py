from __future__ import annotations

import pytest

from sopspy.document import COMMENT, MAP, PLAIN, SEQ, Container, Leaf
from sopspy.errors import ConfigError, EncryptError, RefusedError
from sopspy.selection import Options, Selection, looser


class Tree:
    """Builds the containers of one document from plain data; `("#", text)` is a comment."""

    def __init__(self, data: object) -> None:
        self.leaves: dict[str, Leaf] = {}
        self.root = self.container(data, None, "", "")

    def container(self, data: object, parent: Container | None, key: str | int, aad: str) -> Container:
        box = Container(MAP if isinstance(data, dict) else SEQ, parent, key, aad, 0, False)
        pairs = data.items() if isinstance(data, dict) else enumerate(data)  # type: ignore[arg-type]
        for name, value in pairs:
            if isinstance(value, tuple):
                node: Container | Leaf = Leaf(box, name, 0, 0, COMMENT, value[1])
                self.leaves[value[1]] = node
            elif isinstance(value, dict | list):
                node = self.container(value, box, name, f"{aad}{name}:" if box.kind == MAP else aad)
            else:
                node = Leaf(box, name, 0, 0, PLAIN, str(value))
                self.leaves[str(value)] = node
            box.items.append(node)
        return box

    def chosen(self, options: Options, *, reading: bool = False) -> set[str]:
        selection = Selection(options, reading=reading)
        return {
            text
            for text, leaf in self.leaves.items()
            if (selection.comment(leaf) if leaf.style == COMMENT else selection.leaf(leaf))
        }


PATHS = {
    "plain": "v1",
    "c1": ("#", "top"),
    "name_unencrypted": "v2",
    "box_unencrypted": {"inner": "v3", "c2": ("#", "inside"), "deep": [["v4"], {"k": "v5"}]},
    "list": ["v6", {"x_unencrypted": "v7", "x": "v8"}],
}


def test_default_suffix_applies_when_nothing_is_set() -> None:
    everything = {"v1", "top", "v6", "v8"}
    assert Tree(PATHS).chosen(Options()) == everything
    assert Tree(PATHS).chosen(Options(unencrypted_suffix="_unencrypted")) == everything


def test_encrypted_suffix_takes_whole_subtrees_and_their_comments() -> None:
    assert Tree(PATHS).chosen(Options(encrypted_suffix="_unencrypted")) == {"v2", "v3", "inside", "v4", "v5", "v7"}


def test_regexes_search_and_inherit() -> None:
    assert Tree(PATHS).chosen(Options(encrypted_regex="^(box|x$)")) == {"v3", "inside", "v4", "v5", "v8"}
    assert Tree(PATHS).chosen(Options(unencrypted_regex="st$|plai")) == {"top", "v2", "v3", "inside", "v4", "v5"}


def test_regex_is_re2_not_python() -> None:
    tree = Tree({"a\n": "v1", "a": "v2", "é": "v3"})
    assert tree.chosen(Options(encrypted_regex="^a$")) == {"v2"}
    assert tree.chosen(Options(encrypted_regex=r"^\pL$")) == {"v2", "v3"}
    assert tree.chosen(Options(encrypted_regex=r"^\w$")) == {"v2"}
    assert Tree({"a\udc80": "v1"}).chosen(Options(encrypted_regex="^a.$")) == {"v1"}


def test_invalid_pattern_matches_nothing_when_reading(capfd: pytest.CaptureFixture[str]) -> None:
    assert Tree({"a": "v1"}).chosen(Options(encrypted_regex="(?=a)"), reading=True) == set()
    assert Tree({"a": "v1"}).chosen(Options(unencrypted_regex="(["), reading=True) == {"v1"}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["encrypted_regex", "unencrypted_regex", "encrypted_comment_regex"])
def test_invalid_pattern_is_refused_for_writing(name: str) -> None:
    with pytest.raises(RefusedError) as caught:
        Options(**{name: "(?!a)b"}).check_patterns()
    assert name in str(caught.value)
    assert "(?!" in str(caught.value)
    assert caught.value.exit_code == 1


def test_suffixes_are_not_patterns() -> None:
    Options(encrypted_suffix="([").check_patterns()
    assert Tree({"a([": "v1", "b": "v2"}).chosen(Options(encrypted_suffix="([")) == {"v1"}


def test_more_than_one_option_names_both() -> None:
    with pytest.raises(ConfigError, match="encrypted_suffix and unencrypted_regex"):
        Options(encrypted_suffix="a", unencrypted_regex="b").check_single(ConfigError)


MARKED = {
    "c1": ("#", " mark"),
    "c2": ("#", " second"),
    "a": "v1",
    "b": "v2",
    "c3": ("#", " mark deep"),
    "c": {"x": "v3", "c4": ("#", " plain"), "l": ["v4", ("#", " mark item"), "v5", "v6"]},
    "d": "v7",
    "c5": ("#", " mark end"),
}


def test_encrypted_comment_regex() -> None:
    chosen = Tree(MARKED).chosen(Options(encrypted_comment_regex="^ mark"))
    # a mark inside a marked container is below an active comment, so it is encrypted itself
    assert chosen == {" second", "v1", "v3", " plain", "v4", " mark item", "v5", "v6"}


def test_unencrypted_comment_regex() -> None:
    assert Tree(MARKED).chosen(Options(unencrypted_comment_regex="^ mark")) == {"v2", "v7"}
    tree = Tree({"c0": ("#", " before"), "c1": ("#", " mark"), "c2": ("#", " after"), "a": "v1", "b": ["v2"]})
    assert tree.chosen(Options(unencrypted_comment_regex="mark")) == {" before", "v2"}


def test_comment_as_list_item_keeps_the_mark_active_when_reading() -> None:
    token = "ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:comment]"
    tree = Tree({"l": [("#", " mark"), token, "v1", "v2"]})
    options = Options(encrypted_comment_regex="mark")
    assert tree.chosen(options, reading=True) == {token, "v1"}
    assert tree.chosen(options) == {token}


def test_marker_that_matches_envelopes_is_refused() -> None:
    selection = Selection(Options(unencrypted_comment_regex="ENC"))
    with pytest.raises(EncryptError) as caught:
        selection.check_comment("ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:comment]")
    assert caught.value.exit_code == 23
    Selection(Options(unencrypted_comment_regex="^ mark")).check_comment("ENC[AES256_GCM,...]")
    Selection(Options(encrypted_comment_regex="ENC")).check_comment("ENC[AES256_GCM,...]")


def test_container_state() -> None:
    tree = Tree(PATHS)
    selection = Selection(Options())
    boxes = {str(item.key): item for item in tree.root.items if isinstance(item, Container)}
    assert selection.container(tree.root) is None
    assert selection.container(boxes["list"]) is None
    assert selection.container(boxes["box_unencrypted"]) is False
    assert Selection(Options(encrypted_regex="box")).container(boxes["box_unencrypted"]) is True


def test_looser() -> None:
    tree = Tree({"password": "v1", "name": "v2", "c": ("#", "note")})
    file, today = Selection(Options(encrypted_regex="^nothing$")), Selection(Options(encrypted_regex="^pass"))
    assert [text for text, leaf in tree.leaves.items() if looser(file, today, leaf)] == ["v1"]
    assert not any(looser(today, file, leaf) for leaf in tree.leaves.values())
    assert looser(file, Selection(Options()), tree.leaves["note"])


def test_deep_nesting_does_not_recurse() -> None:
    root = Container(MAP, None, "", "", 0, False)
    box = root
    for _ in range(5000):
        inner = Container(SEQ, box, "k", "k:", 0, False)
        box.items.append(inner)
        box = inner
    leaf = Leaf(box, 0, 0, 0, PLAIN, "bottom")
    box.items.append(leaf)
    assert Selection(Options()).leaf(leaf)
    assert not Selection(Options(encrypted_comment_regex="x")).leaf(leaf)
