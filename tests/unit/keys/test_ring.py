from pathlib import Path

import pytest

from sopspy.errors import DataKeyError, UsageError
from sopspy.keys.base import EmptyGroupError, WrapError
from sopspy.keys.ring import DEFAULT_ORDER, KeyRing, parse_order
from sopspy.metadata import MasterKey
from tests.support.env import identity, recipient

SECRET = bytes(range(32))


def age(name: str) -> MasterKey:
    return MasterKey("age", {"recipient": recipient(name)})


def pgp() -> MasterKey:
    return MasterKey("pgp", {"fp": "ABCD", "created_at": "2026-01-02T03:04:05Z"}, "enc")


def ring(home: Path, *names: str, order: tuple[str, ...] | None = None) -> KeyRing:
    return KeyRing({"HOME": str(home), "SOPS_AGE_KEY": " ".join(map(identity, names))}, order)


def test_each_recipient_opens_alone(tmp_path: Path) -> None:
    group = [age("age1"), age("age2")]
    KeyRing({}).wrap([group], 0, SECRET)
    assert group[0].enc != group[1].enc
    for name in ("age1", "age2"):
        assert ring(tmp_path, name).open([group], 0) == SECRET


def test_a_single_group_ignores_its_threshold(tmp_path: Path) -> None:
    group = [age("age1")]
    KeyRing({}).wrap([group], 5, SECRET)
    assert ring(tmp_path, "age1").open([group], 5) == SECRET


@pytest.mark.parametrize("names", [("age1", "age2"), ("age3", "age1"), ("age2", "age3"), ("age1", "age2", "age3")])
def test_two_of_three_groups(tmp_path: Path, names: tuple[str, ...]) -> None:
    groups = [[age("age1")], [age("age2")], [age("age3")]]
    KeyRing({}).wrap(groups, 2, SECRET)
    assert ring(tmp_path, *names).open(groups, 2) == SECRET


def test_threshold_zero_needs_all_groups_to_write(tmp_path: Path) -> None:
    groups = [[age("age1")], [age("age2")], [age("age3")]]
    KeyRing({}).wrap(groups, 0, SECRET)
    assert ring(tmp_path, "age1", "age2", "age3").open(groups, 3) == SECRET
    assert ring(tmp_path, "age1", "age2").open(groups, 0) != SECRET


def test_too_few_groups_are_reported_group_by_group(tmp_path: Path) -> None:
    groups = [[age("age1")], [age("age2"), pgp()], [age("age3")]]
    KeyRing({}).wrap([[key] for key in (groups[0][0], groups[1][0], groups[2][0])], 2, SECRET)
    with pytest.raises(DataKeyError) as caught:
        ring(tmp_path, "age3").open(groups, 2)
    assert caught.value.exit_code == 128
    assert "1 of 3 key groups can be opened here, 2 are needed" in caught.value.message
    lines = caught.value.details
    assert [line.split()[0] for line in lines] == ["group", "age", "group", "age", "pgp", "group"]
    assert lines[-1] == "group 2: opened"
    assert "gpg" in lines[4]


def test_parts_of_other_files_do_not_fit(tmp_path: Path) -> None:
    groups = [[age("age1")], [age("age2")]]
    KeyRing({}).wrap(groups, 2, SECRET)
    groups[1][0].enc = ""
    KeyRing({}).wrap([[groups[1][0]]], 0, SECRET)
    with pytest.raises(DataKeyError, match="do not fit"):
        ring(tmp_path, "age1", "age2").open(groups, 2)


def test_report_of_a_stranger(tmp_path: Path) -> None:
    group = [age("age1"), age("age2"), pgp()]
    KeyRing({}).wrap([group[:2]], 0, SECRET)
    with pytest.raises(DataKeyError) as caught:
        ring(tmp_path, "age3").open([group], 0)
    error = caught.value
    assert error.message == "cannot get the data key: none of the file's 3 recipients can be opened here"
    short = f"{recipient('age1')[:8]}…{recipient('age1')[-6:]}"
    assert error.details[0] == f"age  {short}  no matching identity (looked in SOPS_AGE_KEY: 1 identity)"
    assert "updatekeys" in error.hints[0]
    assert identity("age3") not in "".join((str(error), *error.details, *error.hints, repr(error)))


def test_order_decides_which_kind_is_tried_first(tmp_path: Path) -> None:
    kms = MasterKey("kms", {"arn": "arn:aws:kms:x"}, "enc")
    group = [kms, pgp(), age("age1"), age("age2")]

    def tried(order: tuple[str, ...] | None) -> list[str]:
        with pytest.raises(DataKeyError) as caught:
            ring(tmp_path, order=order).open([group], 0)
        return [line.split()[0] for line in caught.value.details]

    assert tried(None) == ["age", "age", "pgp", "kms"]
    assert tried(()) == ["kms", "pgp", "age", "age"]
    assert tried(("pgp", "kms")) == ["pgp", "kms", "age", "age"]


def test_own_recipient_is_tried_before_the_others(tmp_path: Path) -> None:
    group = [age("age1"), age("age2"), age("age3")]
    KeyRing({}).wrap([group], 0, SECRET)
    group[0].enc = group[1].enc = "no age file"
    assert ring(tmp_path, "age3").open([group], 0) == SECRET


def test_key_without_enc_is_not_asked(tmp_path: Path) -> None:
    with pytest.raises(DataKeyError) as caught:
        ring(tmp_path, "age1").open([[age("age1")]], 0)
    assert "has no wrapped data key" in caught.value.details[0]


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_data_keys_of_another_length_are_refused(tmp_path: Path, length: int) -> None:
    group = [age("age1")]
    KeyRing({}).wrap([group], 0, bytes(length))
    with pytest.raises(DataKeyError, match="bytes instead of 32"):
        ring(tmp_path, "age1").open([group], 0)


def test_empty_groups_have_the_message_of_sops() -> None:
    for groups in ([[]], [], [[age("age1")], []]):
        with pytest.raises(EmptyGroupError) as caught:
            KeyRing({}).wrap(groups, 0, SECRET)
        assert str(caught.value) == "Could not generate data key: [empty key group provided]"
        assert caught.value.bare
        assert caught.value.exit_code == 1


def test_wrapping_is_all_or_nothing() -> None:
    group = [age("age1"), MasterKey("kms", {"arn": "arn:aws:kms:x"}), MasterKey("age", {"recipient": "ssh-rsa AAAA"})]
    with pytest.raises(WrapError) as caught:
        KeyRing({}).wrap([group], 0, SECRET)
    assert caught.value.message == "cannot wrap the data key for 2 of 3 recipients"
    assert [line.split()[0] for line in caught.value.details] == ["kms", "age"]
    assert [key.enc for key in group] == ["", "", ""]


@pytest.mark.parametrize(("count", "threshold"), [(2, 1), (2, 3)])
def test_impossible_thresholds(count: int, threshold: int) -> None:
    groups = [[age("age1")] for _ in range(count)]
    with pytest.raises(WrapError, match="threshold"):
        KeyRing({}).wrap(groups, threshold, SECRET)


def test_holds_own_recipients_only(tmp_path: Path) -> None:
    assert ring(tmp_path, "age1").holds(age("age1"))
    assert not ring(tmp_path, "age1").holds(age("age2"))
    assert not ring(tmp_path, "age1").holds(pgp())


def test_parse_order() -> None:
    assert parse_order("") == DEFAULT_ORDER
    assert parse_order("pgp,kms,nonsense") == ("pgp", "kms", "nonsense")
    with pytest.raises(UsageError, match="pgp") as caught:
        parse_order("pgp,age,pgp")
    assert caught.value.exit_code == 112
