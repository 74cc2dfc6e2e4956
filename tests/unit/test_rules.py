import os
from pathlib import Path

import pytest

from sopspy.errors import ConfigError, ConflictError, EmitError, RefusedError, SopsError
from sopspy.metadata import MasterKey, Options
from sopspy.rule_keys import KeyContext, from_flags, from_text
from sopspy.rules import Config, Plan, combine, find_config, load_config, logical_cwd
from tests.support.env import identity, recipient

NOW = "2026-01-02T03:04:05Z"
A1, A2, A3 = (recipient(name) for name in ("age1", "age2", "age3"))


def config(folder: Path, text: str) -> Config:
    (folder / ".sops.yaml").write_text(text)
    return load_config(str(folder / ".sops.yaml"), str(folder))


def plan(folder: Path, rule: str, path: str = "f.yaml") -> Plan:
    """The plan of the only rule, given as the lines of its fields."""
    lines = "\n".join(f"    {line}" for line in rule.strip("\n").splitlines())
    made = config(folder, f"creation_rules:\n  -\n{lines}\n").plan_for(path, NOW, {"k": "v"})
    assert made is not None
    return made


def shown(made: Plan) -> list[list[str]]:
    return [[f"{key.kind} {key.display}" for key in group] for group in made.groups]


# finding ----------------------------------------------------------------------------------------------------------


def test_nearest_file_above_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    (tmp_path / ".sops.yaml").touch()
    assert find_config(".") == "../../.sops.yaml"
    (deep.parent / ".sops.yaml").touch()
    assert find_config(".") == "../.sops.yaml"
    assert find_config(str(deep)) == str(deep.parent / ".sops.yaml")
    (deep / ".sops.yaml").mkdir()
    assert find_config(".") == ".sops.yaml"


def test_wrong_name_is_reported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a"
    deep.mkdir()
    monkeypatch.chdir(deep)
    for folder in (deep, tmp_path):
        (folder / ".sops.yml").touch()
    warnings: list[str] = []
    assert find_config(".", warnings) is None
    assert warnings == [".sops.yml is ignored: the config file must be called .sops.yaml"]
    (tmp_path / ".sops.yaml").touch()
    assert find_config(".", warnings) == "../.sops.yaml"
    assert warnings[1] == f"{warnings[0]}; using ../.sops.yaml instead"
    (deep / ".sops.yaml").touch()
    assert find_config(".", warnings) == ".sops.yaml"
    assert len(warnings) == 2


def test_logical_cwd_keeps_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link")
    assert logical_cwd({"PWD": str(tmp_path / "link")}) == str(tmp_path / "link")
    assert logical_cwd({"PWD": str(tmp_path)}) == os.getcwd()
    assert logical_cwd({"PWD": "/nonexistent"}) == os.getcwd()
    assert logical_cwd({"PWD": "."}) == logical_cwd({}) == str((tmp_path / "real").resolve())


# matching ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regex", "path", "matches"),
    [
        (r"\.yaml$", "f.yaml", True),
        ("^sub/f", "sub/f.yaml", True),
        ("^sub/f", "./x/../sub//f.yaml", True),
        ("^f", "sub/f.yaml", False),
        ("", "anything", True),
        ("^/elsewhere/f$", "/elsewhere/f", True),
        (r"^\.\.", "../f", False),
        ("F", "f", False),
        ("^f$", "f\n", False),
    ],
)
def test_paths_below_the_config_are_relative(tmp_path: Path, regex: str, path: str, matches: bool) -> None:
    made = config(tmp_path, f"creation_rules: [{{path_regex: '{regex}', age: {A1}}}]")
    if matches:
        assert made.plan_for(path, NOW) is not None
    else:
        with pytest.raises(ConfigError, match="no matching creation rules found"):
            made.plan_for(path, NOW)


def test_path_is_relative_to_the_config_not_to_the_directory(tmp_path: Path) -> None:
    (tmp_path / ".sops.yaml").write_text(f"creation_rules: [{{path_regex: ^sub/f$, age: {A1}}}]")
    for made in (
        load_config(str(tmp_path / ".sops.yaml"), str(tmp_path / "sub")),
        load_config(os.path.relpath(tmp_path / ".sops.yaml"), os.getcwd()),
    ):
        assert made.rule_for(str(tmp_path / "sub/f")).path_regex == "^sub/f$"


def test_first_rule_wins_and_later_ones_are_not_looked_at(tmp_path: Path) -> None:
    text = f"creation_rules: [{{path_regex: x}}, {{age: {A1}}}, {{path_regex: '(?=', age: nonsense}}]"
    made = config(tmp_path, text).plan_for("f", NOW)
    assert made is not None
    assert shown(made) == [[f"age {A1}"]]


def test_invalid_regex_before_the_match(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, f"creation_rules:\n  - path_regex: (?=a)\n  - age: {A1}\n").plan_for("f", NOW)
    assert f"{tmp_path}/.sops.yaml:2:17: path_regex '(?=a)' is no valid regular expression" in str(caught.value)


def test_no_match_explains_itself(tmp_path: Path) -> None:
    text = "creation_rules:\n  - path_regex: ^a$\n  # c\n  - path_regex: 'b\\.y'\n"
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text).plan_for("sub/f.yaml", NOW)
    assert str(caught.value) == f"{tmp_path}/.sops.yaml: no matching creation rules found"
    assert caught.value.exit_code == 1
    assert caught.value.details == (
        "path matched against: sub/f.yaml",
        "rule 1 (line 2): path_regex '^a$' does not match",
        "rule 2 (line 4): path_regex 'b\\.y' does not match",
    )


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "creation_rules:\n", "creation_rules: ~", "stores: {}\n", "---\n"]
)
def test_without_creation_rules_there_is_no_plan(tmp_path: Path, text: str) -> None:
    assert config(tmp_path, text).plan_for("f", NOW) is None


def test_empty_rules_match_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no matching"):
        config(tmp_path, "creation_rules: []").plan_for("f", NOW)


# fields -----------------------------------------------------------------------------------------------------------


def test_flat_keys_of_all_kinds_in_the_order_of_sops(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        f"""
hc_vault_transit_uri: "https://v:8200/v1/a/b/keys/k/,"
azure_keyvault: https://n.vault.azure.net/keys/K/83, https://n.vault.azure.net/keys/K
hckms: ["r:u , r2:u2"]
gcp_kms: projects/p
kms: "arn:aws:kms:x:1:key/a+arn:aws:iam::1:role/r, arn:b"
aws_profile: dev
pgp: [A B, "C,D"]
age: >-
  {A1},
  {A2},
""",
    )
    assert shown(made) == [
        [
            f"age {A1}",
            f"age {A2}",
            "pgp AB",
            "pgp C",
            "pgp D",
            "kms arn:aws:kms:x:1:key/a+arn:aws:iam::1:role/r|k:v|dev",
            "kms arn:b|k:v|dev",
            "gcp_kms projects/p",
            "hckms r:u",
            "hckms r2:u2",
            "azure_kv https://n.vault.azure.net/keys/K/83",
            "azure_kv https://n.vault.azure.net/keys/K/",
            "hc_vault https://v:8200/v1/a/b/keys/k",
        ]
    ]
    assert {key.fields.get("created_at", NOW) for key in made.groups[0]} == {NOW}
    assert made.threshold == 0


def test_flat_keys_keep_duplicates_and_groups_do_not(tmp_path: Path) -> None:
    assert shown(plan(tmp_path, f"age: [{A1}, '{A1},{A2}']")) == [[f"age {A1}", f"age {A1}", f"age {A2}"]]
    assert shown(plan(tmp_path, f"key_groups: [age: [{A1}, '{A1},{A2}']]")) == [[f"age {A1}", f"age {A2}"]]


def test_key_groups_merge_depth_first_and_beat_flat_fields(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        f"""
age: {A3}
key_groups:
  - age: [{A1}]
    merge:
      - age: [{A2}]
        merge: [pgp: [M]]
      - age: [{A1}]
    kms:
      - arn: arn:a+arn:b
        role: arn:r
        context: {{b: 1, a: x}}
        aws_profile: p
      - ~
    hc_vault: [https://v/v1/e/keys/k]
    pgp: [A B, 12]
    azure_keyvault: [{{vaultUrl: https://v, key: k, version: 83}}]
    gcp_kms: [resource_id: g]
    hckms: [key_id: r:u]
  - {{}}
  - pgp: [Z]
""",
    )
    assert shown(made) == [
        [
            "pgp M",
            f"age {A2}",
            f"age {A1}",
            "pgp AB",
            "pgp 12",
            "kms arn:a+arn:b+arn:r|a:x,b:1|p",
            "gcp_kms g",
            "hckms r:u",
            "azure_kv https://v/keys/k/83",
            "hc_vault https://v/v1/e/keys/k",
        ],
        [],
        ["pgp Z"],
    ]
    assert made.threshold == 3


@pytest.mark.parametrize("rule", ["path_regex: f", "key_groups: []", "key_groups: [{}]", "age: ''", "age: []"])
def test_rule_without_keys_has_an_empty_group(tmp_path: Path, rule: str) -> None:
    assert plan(tmp_path, rule).groups == [[]]


def test_options_and_threshold(tmp_path: Path) -> None:
    made = plan(
        tmp_path, f"age: {A1}\nencrypted_regex: ^data$\nmac_only_encrypted: yes\nshamir_threshold: 2\nother: [1]"
    )
    assert made.options == Options(encrypted_regex="^data$", mac_only=True)
    assert made.threshold == 2
    assert plan(tmp_path, f"age: {A1}\nencrypted_suffix: 5").options.encrypted_suffix == "5"


def test_merge_keys_and_anchors(tmp_path: Path) -> None:
    text = f"""
.base: &base {{encrypted_regex: x, age: {A1}}}
.more: &more {{age: {A2}, mac_only_encrypted: true}}
creation_rules:
  - <<: [*base, *more]
    encrypted_regex: y
"""
    made = config(tmp_path, text).plan_for("f", NOW)
    assert made is not None
    assert shown(made) == [[f"age {A1}"]]
    assert made.options == Options(encrypted_regex="y", mac_only=True)


def test_only_the_first_document_counts(tmp_path: Path) -> None:
    assert config(tmp_path, "creation_rules: ~\n---\ncreation_rules: 5\n").rules is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("creation_rules: {a: 1}", ":1:17: creation_rules: expected a list, got a mapping"),
        ("creation_rules: x", ":1:17: creation_rules: expected a list, got a text"),
        ("creation_rules: [x]", ":1:18: creation_rules: expected a mapping, got a text"),
        ("creation_rules:\n  - path_regex: [a]", ":2:17: path_regex: expected a text, got a list"),
        ("creation_rules:\n  - hckms: r:u", "hckms: expected a list, got a text"),
        ('creation_rules:\n  - shamir_threshold: "2"', "shamir_threshold: expected a whole number, got a text"),
        ("creation_rules:\n  - shamir_threshold: 2.5", "shamir_threshold: expected a whole number, got a number"),
        ('creation_rules:\n  - mac_only_encrypted: "true"', "expected true or false, got a text"),
        ("creation_rules:\n  - key_groups: [age: x]", "age: expected a list, got a text"),
        ("creation_rules:\n  - key_groups: [kms: [x]]", "kms: expected a mapping, got a text"),
        ("creation_rules:\n  - <<: 5", "<<: expected a mapping, got a number"),
        ("stores: {yaml: {indent: x}}", "stores.yaml.indent: expected a whole number"),
        ("a: 1\na: 2", ":2:1: "),
        ("a: [", ":1:"),
        ("- a", "not a mapping"),
        ("\udcff".encode("utf-8", "surrogateescape").decode("latin-1") + ": [", ":1:"),
    ],
)
def test_types_are_checked_on_loading_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path}/.sops.yaml:")
    assert message in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("age: 5", "age: expected a text or a list of texts, got a number"),
        ("age: {a: b}", "got a mapping"),
        (f"age: [{A1}, 5]", "got a number"),
        (f"age: [{A1}, ~]", "got null"),
        (f"age: |\n  {A1}\n  {A2}", "malformed age recipient"),
        ("age: foo", 'unknown recipient type: "foo"'),
        (f"age: ['{A1}', '']", 'unknown recipient type: ""'),
        ("hckms: [x]", "invalid HuaweiCloud key"),
        ("azure_keyvault: http://x/keys/k", "invalid Azure Key Vault key"),
        ("azure_keyvault: https://x/y/keys/k", "invalid Azure Key Vault key"),
        ("azure_keyvault: https://x/keys/k/1/2", "invalid Azure Key Vault key"),
        ("hc_vault_transit_uri: v/v1/e/keys/k", "the scheme is missing"),
        ("hc_vault_transit_uri: https://v/prefix/v1/e/keys/k", "invalid Vault key"),
        ("hc_vault_transit_uri: https://v/v1/e", "invalid Vault key"),
        ("key_groups: [age: [foo]]", 'unknown recipient type: "foo"'),
        (f"age: {A1}\nencrypted_suffix: a\nencrypted_regex: b", "encrypted_suffix and encrypted_regex"),
    ],
)
def test_keys_of_the_rule_are_checked_with_their_place(tmp_path: Path, rule: str, message: str) -> None:
    with pytest.raises(SopsError) as caught:
        plan(tmp_path, rule)
    assert str(caught.value).startswith(f"{tmp_path}/.sops.yaml:")
    assert caught.value.line >= 3
    assert message in str(caught.value)
    assert caught.value.exit_code == 1


def test_pattern_that_would_leave_everything_in_clear_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError) as caught:
        plan(tmp_path, f"age: {A1}\nencrypted_regex: '(?!a)b'")
    assert (caught.value.file, caught.value.line) == (f"{tmp_path}/.sops.yaml", 4)


def test_an_identity_among_the_recipients_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SopsError) as caught:
        plan(tmp_path, f"age: {identity()}")
    assert identity()[15:] not in f"{caught.value} {caught.value.hints} {caught.value.details}"


def test_missing_file() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("/nonexistent/c.yaml")
    assert str(caught.value) == "/nonexistent/c.yaml: could not read config file: No such file or directory"


# stores -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stores", "format", "indent"),
    [
        ("{}", "yaml", None),
        ("{yaml: {indent: 0}}", "yaml", None),
        ("{yaml: {indent: 1}}", "yaml", 2),
        ("{yaml: {indent: 3}}", "yaml", 3),
        ("{json: {indent: 0}}", "json", 0),
        ("{json: {indent: -1}}", "json", None),
        ("{json: {indent: 2}}", "binary", None),
        ("{json_binary: {indent: 2}}", "binary", 2),
        ("{dotenv: {}, ini: {}, other: 1}", "dotenv", None),
        ("~", "json", None),
    ],
)
def test_indentation(tmp_path: Path, stores: str, format: str, indent: int | None) -> None:
    assert config(tmp_path, f"stores: {stores}").indent_for(format) == indent


@pytest.mark.parametrize(("stores", "format"), [("{yaml: {indent: -1}}", "yaml"), ("{json: {indent: -2}}", "json")])
def test_negative_indentation(tmp_path: Path, stores: str, format: str) -> None:
    made = config(tmp_path, f"stores: {stores}")
    with pytest.raises(EmitError) as caught:
        made.indent_for(format)
    assert caught.value.exit_code == 4


# the command line -------------------------------------------------------------------------------------------------


def test_flag_keys_have_an_order_of_their_own() -> None:
    texts = {"age": f"{A1}, {A2}", "pgp": "A", "kms": "arn:x", "gcp_kms": "g", "hckms": "r:u", "unknown": "x"}
    keys = from_flags(texts, KeyContext(NOW, {"k": "v"}, "dev"))
    assert [key.kind for key in keys] == ["kms", "gcp_kms", "hckms", "pgp", "age", "age"]
    assert keys[0].display == "arn:x|k:v|dev"
    with pytest.raises(SopsError, match='unknown recipient type: ""'):
        from_text("age", f"{A1},", KeyContext(NOW))


def test_command_line_replaces_all_keys_and_single_options() -> None:
    keys = [MasterKey("age", {"recipient": A1})]
    rule = Plan([[MasterKey("pgp", {"fp": "A"})], []], 2, Options(encrypted_regex="a", mac_only=True))
    made = combine(rule, keys, Options(encrypted_regex="b"), 0)
    assert (made.groups, made.threshold) == ([keys], 2)
    assert made.options == Options(encrypted_regex="b", mac_only=True)
    assert combine(rule, [], Options(), 0).groups == rule.groups
    assert combine(None, keys, Options(), 3).threshold == 3
    assert rule.groups[0][0].kind == "pgp"


def test_flags_that_cannot_be_combined_with_the_rule() -> None:
    rule = Plan([[]], 0, Options(encrypted_regex="a"))
    with pytest.raises(ConflictError) as caught:
        combine(rule, [], Options(unencrypted_suffix="b"), 0)
    assert caught.value.exit_code == 8
    with pytest.raises(RefusedError, match="encrypted_regex"):
        combine(rule, [], Options(encrypted_regex="(["), 0)


def test_nobody_names_a_key() -> None:
    with pytest.raises(ConfigError, match="config file not found, or has no creation rules, and no keys provided"):
        combine(None, [], Options(), 0)
