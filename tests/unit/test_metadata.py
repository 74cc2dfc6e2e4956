import pytest

from sopspy.errors import MetadataError, RefusedError
from sopspy.metadata import (
    LAYOUT_KEY,
    RECORDS,
    MasterKey,
    Metadata,
    Options,
    aad_time,
    check_version,
    is_newer,
    parse,
    render,
)
from sopspy.tree import Comment, Mapping, Sequence, Timestamp

TIME = "2026-01-02T03:04:05Z"
AGE = {"recipient": "age1x", "enc": "wrapped\n"}
BASE: dict[str, object] = {"age": [AGE], "lastmodified": TIME, "mac": "ENC[m]", "version": "3.13.2"}


def tree(value: object) -> object:
    """Plain Python data as `tree.Value`."""
    if isinstance(value, dict):
        return Mapping([(name, tree(inner)) for name, inner in value.items()])  # type: ignore[misc]
    if isinstance(value, list):
        return Sequence([tree(inner) for inner in value])  # type: ignore[misc]
    return value


def plain(value: object) -> object:
    """The inverse of `tree`, keys in order."""
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value}  # type: ignore[misc]
    return [plain(inner) for inner in value] if isinstance(value, Sequence) else value


def read(**changes: object) -> Metadata:
    """Metadata parsed from BASE with changes; `...` removes a key."""
    data = {name: value for name, value in {**BASE, **changes}.items() if value is not ...}
    return parse(tree(data))  # type: ignore[arg-type]


def refused(**changes: object) -> str:
    with pytest.raises(MetadataError) as caught:
        read(**changes)
    assert caught.value.exit_code == 1
    return str(caught.value)


FULL: dict[str, object] = {
    "age": [AGE],
    "azure_kv": [{"created_at": TIME, "enc": "D", "name": "n", "vault_url": "https://v", "version": "83"}],
    "gcp_kms": [{"created_at": TIME, "enc": "C", "resource_id": "projects/p"}],
    "hc_vault": [
        {"created_at": TIME, "enc": "vault:v1:E", "engine_path": "a/b", "key_name": "k", "vault_address": "http://v"}
    ],
    "hckms": [{"created_at": TIME, "enc": "F", "key_id": "region:uuid"}],
    "kms": [
        {
            "arn": "arn:k2",
            "aws_profile": "",
            "context": {"aa": "1", "zz": None},
            "created_at": TIME,
            "enc": "B",
            "role": "arn:r",
        },
        {"arn": "arn:k3", "aws_profile": "p", "created_at": "2026-01-02T03:04:05+02:00", "enc": "B"},
    ],
    "lastmodified": TIME,
    "mac": "ENC[m]",
    "mac_only_encrypted": True,
    "pgp": [{"created_at": TIME, "enc": "P", "fp": "ABC"}],
    "shamir_threshold": 2,
    "unencrypted_suffix": "_unencrypted",
    "version": "3.7.3",
}


def test_everything_is_written_as_it_was_read() -> None:
    meta = parse(tree(FULL))  # type: ignore[arg-type]
    assert plain(render(meta)) == FULL
    assert list(plain(render(meta))) == sorted(FULL)  # type: ignore[call-overload]
    assert [key.kind for key in meta.keys] == ["kms", "kms", "gcp_kms", "hckms", "azure_kv", "hc_vault", "pgp", "age"]


def test_displays_of_all_kinds() -> None:
    assert [key.display for key in parse(tree(FULL)).keys] == [  # type: ignore[arg-type]
        "arn:k2+arn:r|aa:1,zz:",
        "arn:k3||p",
        "projects/p",
        "region:uuid",
        "https://v/keys/n/83",
        "http://v/v1/a/b/keys/k",
        "ABC",
        "age1x",
    ]
    assert MasterKey("kms", {"arn": "arn:a"}).display == "arn:a"


def test_several_groups_take_the_other_form() -> None:
    groups = [{"age": [AGE], "hc_vault": []}, {"age": [], "hc_vault": [], "pgp": FULL["pgp"]}]
    data = {"key_groups": groups, "lastmodified": TIME, "mac": "", "version": "3.13.2"}
    assert plain(render(parse(tree(data)))) == data  # type: ignore[arg-type]
    assert [len(group) for group in parse(tree(data)).groups] == [1, 1]  # type: ignore[arg-type]


def test_one_group_in_the_other_form_is_written_directly() -> None:
    meta = read(age=..., key_groups=[{"age": [AGE]}])
    written = plain(render(meta))
    assert written["age"] == [{"enc": "wrapped\n", "recipient": "age1x"}]  # type: ignore[index]
    assert "key_groups" not in written  # type: ignore[operator]


def test_direct_lists_win_over_key_groups() -> None:
    assert [key.display for key in read(key_groups=[{"age": [{"recipient": "other"}]}]).keys] == ["age1x"]


def test_new_metadata_has_the_version_of_sops() -> None:
    meta = Metadata([[MasterKey("age", {"recipient": "age1x"}, "e")]], Options())
    meta.lastmodified = TIME
    assert plain(render(meta)) == {
        "age": [{"enc": "e", "recipient": "age1x"}],
        "lastmodified": TIME,
        "mac": "",
        "version": "3.13.2",
    }


def test_unknown_keys_are_kept_in_order_of_the_alphabet() -> None:
    inner = {"z": 1, "a": [None, {"b": True}]}
    meta = read(zz=inner, Aa="x", age=[{**AGE, "note": "mine"}], **{LAYOUT_KEY: "ENC[l]"})
    assert meta.layout == "ENC[l]"
    assert [name for name, _ in meta.extra] == ["zz", "Aa"]
    written = plain(render(meta))
    names = ["Aa", "age", "lastmodified", "mac", LAYOUT_KEY, "version", "zz"]
    assert list(written) == names  # type: ignore[call-overload]
    assert list(written["zz"]) == ["z", "a"]  # type: ignore[index]
    assert written["age"] == [{"enc": "wrapped\n", "note": "mine", "recipient": "age1x"}]  # type: ignore[index]


def test_other_spellings_of_known_names() -> None:
    meta = read(mac=..., MAC="upper", Age=[{"Recipient": "r", "ENC": "e"}], age=...)
    assert (meta.mac, meta.keys[0].display, meta.keys[0].enc) == ("upper", "r", "e")
    # the exact one counts, and the other must not come to life later
    meta = read(MAC="upper", PGP=[{"created_at": TIME}], pgp=[])
    assert (meta.mac, [key.kind for key in meta.keys], meta.extra) == ("ENC[m]", ["age"], [])


def test_last_of_two_equal_keys_counts() -> None:
    node = Mapping([*tree(BASE), ("mac", "second"), Comment(" c")])  # type: ignore[misc]
    assert parse(node).mac == "second"


@pytest.mark.parametrize(
    ("value", "number"),
    [(2, 2), ("2", 2), ("0x10", 16), ("010", 8), ("1_0", 10), ("-0b11", -3), ("", 0), (None, 0), (1.9, 1), (True, 1)],
)
def test_weak_whole_numbers(value: object, number: int) -> None:
    assert read(shamir_threshold=value).threshold == number


@pytest.mark.parametrize("value", ["x", "09", " 1", "1e3", "1__0", "+", [], Timestamp(TIME), float("nan"), 1 << 70])
def test_no_whole_numbers(value: object) -> None:
    assert "expected a whole number" in refused(shamir_threshold=value)


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), ("true", True), ("T", True), (1, True), (2.5, True), (0, False), ("", False), (None, False)],
)
def test_weak_flags(value: object, flag: bool) -> None:
    assert read(mac_only_encrypted=value).mac_only is flag


@pytest.mark.parametrize("value", ["yes", "tRue", [], Timestamp(TIME)])
def test_no_flags(value: object) -> None:
    assert "expected true or false" in refused(mac_only_encrypted=value)


def test_weak_texts_and_lists() -> None:
    azure = {"created_at": TIME, "name": 1.5, "vault_url": True, "version": 83, "enc": b"x"}
    meta = read(age=None, azure_kv=azure, kms=[])
    assert meta.keys[0].fields == {"created_at": TIME, "name": "1.5", "vault_url": "1", "version": "83"}
    assert meta.keys[0].enc == "x"
    assert read(age=[None]).keys[0].display == ""
    kms = {"created_at": TIME, "context": [{"a": 1}, {"b": "c"}]}
    assert read(kms=kms).keys[0].context == {"a": "1", "b": "c"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lastmodified": Timestamp(TIME)}, "expected a text, got a timestamp (sops: lastmodified)"),
        ({"lastmodified": ...}, "lastmodified is missing or empty"),
        ({"lastmodified": "yesterday"}, "lastmodified is not an RFC 3339 time"),
        ({"mac": {}}, "expected a text, got a mapping (sops: mac)"),
        ({"age": ...}, "no keys found"),
        ({"age": [], "key_groups": []}, "no keys found"),
        ({"age": "x"}, "expected a list, got a text (sops: age)"),
        ({"age": ["x"]}, "expected a mapping, got a text (sops: age: [0])"),
        ({"age": [{"recipient": []}]}, "got a list (sops: age: [0]: recipient)"),
        ({"pgp": [{"fp": "A"}]}, "created_at is missing or empty (sops: pgp: [0]: created_at)"),
        ({"pgp": [{"created_at": Timestamp(TIME)}]}, "got a timestamp (sops: pgp: [0]: created_at)"),
        ({"hckms": [{"created_at": TIME, "key_id": "a"}]}, "region:key-uuid"),
        ({"kms": [{"created_at": TIME, "context": "x"}]}, "(sops: kms: [0]: context)"),
        ({"encrypted_suffix": "a", "unencrypted_regex": "b"}, "encrypted_suffix and unencrypted_regex"),
        ({"version": ...}, "version is missing or empty"),
    ],
)
def test_what_sops_refuses(changes: dict[str, object], message: str) -> None:
    assert message in refused(**changes)


@pytest.mark.parametrize("kind", [kind for kind in RECORDS if kind != "age"])
def test_created_at_is_needed_by_all_but_age(kind: str) -> None:
    record = {"key_id": "a:b"}
    assert "created_at" in refused(**{kind: [record]})
    assert read(**{kind: [{**record, "created_at": TIME}]}).keys[0].kind == kind


@pytest.mark.parametrize("node", [None, "x", Sequence()])
def test_entry_that_is_no_mapping(node: object) -> None:
    with pytest.raises(MetadataError, match="not a mapping"):
        parse(node)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["3.13.2", "v3.1.2", "1.x", "1.0", "9.0.0", "3.1.2-rc.1+b", "3.1.2+a.b-c", "0.0.0"])
def test_versions(text: str) -> None:
    check_version(text)


@pytest.mark.parametrize(
    "text",
    ["", "3.7", "1", "garbage", "3.13.2 ", "3.01.2", "3.1.2-01", "3.1.2-", "3.1.2+", "vv3.1.2", "3.1.2-a..b", "³.1.2"],
)
def test_no_versions(text: str) -> None:
    with pytest.raises(MetadataError, match="version"):
        check_version(text)


def test_newer() -> None:
    alpha = ["3.7.0-alpha", "3.7.0-alpha.1", "3.7.0-alpha.b", "3.7.0-beta"]
    rising = ["3.7.0-1", "3.7.0-2a", *alpha, "3.7.0", "3.13.2", "9.0.0"]
    for place, low in enumerate(rising):
        assert not is_newer(low, low)
        for high in rising[place + 1 :]:
            assert is_newer(high, low)
            assert not is_newer(low, high)
    assert is_newer("3.13.2", "1.0")


@pytest.mark.parametrize(
    ("text", "aad"),
    [
        (TIME, TIME),
        ("2026-01-02T3:04:05Z", TIME),
        ("2026-01-02T03:04:05,5Z", TIME),
        ("2026-01-02T03:04:05.999999999999Z", TIME),
        ("2026-01-02T03:04:05+00:00", TIME),
        ("2026-01-02T03:04:05-00:00", TIME),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T03:04:05+02:00"),
        ("2026-01-02T03:04:05.5-05:30", "2026-01-02T03:04:05-05:30"),
        ("2026-01-02T03:04:05+24:60", "2026-01-02T03:04:05+25:00"),
    ],
)
def test_aad_time(text: str, aad: str) -> None:
    assert aad_time(text) == aad


@pytest.mark.parametrize(
    "text", ["", "2026-01-02", "2026-02-30T03:04:05Z", "2026-01-02 03:04:05Z", "2026-01-02T03:04:60Z"]
)
def test_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        aad_time(text)


def test_times_are_written_to_the_second() -> None:
    pgp = {"created_at": "2026-01-02T3:04:05.5Z", "fp": "A", "enc": "e"}
    written = plain(render(read(lastmodified="2026-01-02T03:04:05.5Z", pgp=[pgp])))
    assert written["lastmodified"] == TIME  # type: ignore[index]
    assert written["pgp"][0]["created_at"] == TIME  # type: ignore[index]


def test_keys_are_equal_by_kind_and_display() -> None:
    one, other = MasterKey("age", {"recipient": "r"}, "e"), MasterKey("age", {"recipient": "r"})
    assert one == other
    assert len({one, other, MasterKey("pgp", {"fp": "r"})}) == 2
    copy = one.copy()
    copy.fields["recipient"] = "s"
    assert (one.display, copy.enc) == ("r", "e")
    assert "enc" not in repr(one)


def test_options_merge_one_by_one() -> None:
    rule = Options(encrypted_regex="a", mac_only=True)
    merged = rule.merged(Options(encrypted_regex="b"))
    assert (merged.names(), merged.encrypted_regex, merged.mac_only) == (["encrypted_regex"], "b", True)
    assert rule.merged(Options(unencrypted_suffix="c")).names() == ["unencrypted_suffix", "encrypted_regex"]
    assert Options().with_default() == Options(unencrypted_suffix="_unencrypted")
    assert rule.with_default() == rule
    with pytest.raises(TypeError):
        Options(encrypted="x")


def test_pattern_that_does_not_compile() -> None:
    with pytest.raises(RefusedError, match="encrypted_regex"):
        Options(encrypted_regex="a(?!b)").check_patterns()


def test_parsed_options_stay_as_they_are_in_the_file() -> None:
    assert read().options.names() == []
    assert read(unencrypted_suffix="").options == Options()
    assert read(Encrypted_Regex=5).options == Options(encrypted_regex="5")
