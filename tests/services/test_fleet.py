"""Many files with keys in a network: how often the services are asked, and what one failure does to the others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import sopspy
from sopspy.keys.ring import KeyRing
from sopspy.metadata import MasterKey, Options
from sopspy.operations import encrypt as operations
from sopspy.rules import Plan
from tests.services.aws import THROTTLE, TROUBLE, Aws, arn
from tests.services.gcp import Rest, key_id
from tests.services.program import Programs
from tests.support import env
from tests.support.ours import NOW, encrypt

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def both(aws: Aws, gcp_rest: Rest, tmp_path: Path) -> Programs:
    found = Programs(tmp_path, {**aws.environ(), **gcp_rest.environ(), "SOPS_AGE_KEY": env.identity()})
    (tmp_path / "files").mkdir()
    return found


def fill(both: Programs, count: int, **rule: str) -> None:
    """Plain files and a rule for them."""
    fields = "".join(f"    {kind}: {text}\n" for kind, text in rule.items())
    both.put(".sops.yaml", f"creation_rules:\n  - path_regex: files/\n{fields}")
    for number in range(count):
        both.put(f"files/{number}.yaml", f"token: secret-{number}\n")


def test_each_file_has_its_own_data_key_and_one_call(both: Programs, aws: Aws) -> None:
    fill(both, 12, kms=arn("one"))
    aws.latency = 0.1
    done = both.ours("encrypt", "-i", "files")
    assert (done.returncode, done.stderr) == (0, "encrypted 12 files\n")
    assert aws.counts == {"Encrypt": 12}
    assert aws.most > 6
    assert len({both.read(f"files/{n}.yaml").split("enc: ")[1].split()[0] for n in range(12)}) == 12
    aws.reset()
    aws.latency = 0.1
    done = both.ours("decrypt", "--output-dir", "out", "files")
    assert (done.returncode, done.stderr) == (0, "decrypted 12 files\n")
    assert both.read("out/7.yaml") == "token: secret-7\n"
    assert aws.counts == {"Decrypt": 12}
    assert aws.most > 6
    assert both.theirs("decrypt", "files/11.yaml").stdout == "token: secret-11\n"


def test_copies_of_one_file_make_one_call(both: Programs, aws: Aws) -> None:
    fill(both, 1, kms=arn("one"))
    assert both.ours("encrypt", "-i", "files").returncode == 0
    sealed = both.read("files/0.yaml")
    for number in range(40):
        both.put(f"files/{number}.yaml", sealed)
    aws.reset()
    done = both.ours("--verbose", "decrypt", "--json", "--dry-run", "files")
    assert done.returncode == 0, done.stderr
    assert aws.counts == {"Decrypt": 1}
    told = json.loads(done.stdout)
    assert told["calls"] == {"kms": {"asked": 1, "remembered": 39}}
    assert told["summary"] == {"done": 40, "skipped": 0, "failed": 0}
    assert done.stderr == "kms: asked once, 39 more answers remembered\n"


def test_rotation_of_a_folder_with_several_kinds_of_keys(both: Programs, aws: Aws, gcp_rest: Rest) -> None:
    fill(both, 5, kms=arn("one"), gcp_kms=key_id("one"), age=env.recipient())
    assert both.ours("encrypt", "-i", "files").returncode == 0
    before = [both.read(f"files/{n}.yaml") for n in range(5)]
    aws.reset()
    gcp_rest.reset()
    done = both.ours("rotate", "-i", "files")
    assert (done.returncode, done.stderr) == (0, "rotated 5 files\n")
    assert (aws.counts, gcp_rest.counts) == ({"Encrypt": 5}, {"encrypt": 5})
    after = [both.read(f"files/{n}.yaml") for n in range(5)]
    assert not set(before) & set(after)
    del both.environ["SOPS_AGE_KEY"]
    assert both.theirs("decrypt", "files/3.yaml").stdout == "token: secret-3\n"


def test_key_groups_of_two_services(both: Programs, aws: Aws, gcp_rest: Rest) -> None:
    both.put(
        ".sops.yaml",
        "creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n"
        f"      - kms: [{{arn: '{arn('one')}'}}]\n"
        f"      - gcp_kms: [{{resource_id: {key_id('one')}}}]\n"
        f"      - age: ['{env.recipient()}']\n",
    )
    both.put("files/0.yaml", "token: secret-0\n")
    assert both.ours("encrypt", "-i", "files/0.yaml").returncode == 0
    del both.environ["SOPS_AGE_KEY"]
    assert both.ours("decrypt", "files/0.yaml").stdout == "token: secret-0\n"
    assert both.ours("rotate", "-i", "files/0.yaml").returncode == 0
    aws.states["one"] = "DisabledException"
    done = both.ours("decrypt", "files/0.yaml")
    aws.states["one"] = ""
    assert done.returncode == 128
    assert "1 of 3 key groups can be opened here, 2 are needed" in done.stderr
    assert "the key is disabled" in done.stderr
    both.environ["SOPS_AGE_KEY"] = env.identity()
    assert both.theirs("decrypt", "files/0.yaml").stdout == "token: secret-0\n"


def test_one_failure_stops_nobody(both: Programs, aws: Aws) -> None:
    fill(both, 6, kms=arn("one"))
    assert both.ours("encrypt", "-i", "files").returncode == 0
    both.put("files/2.yaml", both.read("files/2.yaml").replace("key/one", "key/two"))
    both.put("files/6.yaml", encrypt(b"token: secret-6\n").decode())
    done = both.ours("decrypt", "-i", "files")
    assert done.returncode == 1
    assert "wrapped by another key than this ARN" in done.stderr
    assert done.stderr.endswith("decrypted 6 of 7 files, 1 failed\n")
    assert [both.read(f"files/{n}.yaml") == f"token: secret-{n}\n" for n in range(7)] == [n != 2 for n in range(7)]


def test_trouble_that_passes_costs_nothing_but_time(both: Programs, aws: Aws) -> None:
    fill(both, 10, kms=arn("one"))
    assert both.ours("encrypt", "-i", "files").returncode == 0
    aws.reset()
    aws.faults = [THROTTLE, TROUBLE] * 4
    done = both.ours("decrypt", "-i", "files")
    assert (done.returncode, done.stderr) == (0, "decrypted 10 files\n")
    assert aws.counts == {"Decrypt": 18}


def test_from_age_to_services_and_back(both: Programs, aws: Aws, gcp_rest: Rest) -> None:
    fill(both, 5, age=env.recipient())
    assert both.ours("encrypt", "-i", "files").returncode == 0
    both.put(".sops.yaml", f"creation_rules:\n  - kms: {arn('one')}\n    gcp_kms: {key_id('two')}\n")
    done = both.ours("updatekeys", "--yes", "files")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "updated 5 files"), done.stderr
    assert (aws.counts, gcp_rest.counts) == ({"Encrypt": 5}, {"encrypt": 5})
    assert both.theirs("decrypt", "files/1.yaml").stdout == "token: secret-1\n"
    assert "recipient:" not in both.read("files/1.yaml")
    both.put(".sops.yaml", f"creation_rules:\n  - age: {env.recipient()}\n")
    aws.reset()
    assert both.ours("updatekeys", "--yes", "files").returncode == 0
    assert aws.counts == {"Decrypt": 5}
    assert "arn:" not in both.read("files/4.yaml")
    assert both.theirs("decrypt", "files/4.yaml").stdout == "token: secret-4\n"


def test_the_library_shares_keys(aws: Aws) -> None:
    sealed = {}
    for name in ("a", "b"):
        found = MasterKey("kms", {"arn": arn("one"), "created_at": "2026-01-02T03:04:05Z"})
        plan = Plan([[found]], 0, Options())
        sealed[name] = operations.encrypt(f"token: {name}\n".encode(), "yaml", plan, KeyRing(aws.environ()), NOW)
    aws.reset()
    keys = sopspy.Keys(aws.environ())
    for _ in range(3):
        assert [sopspy.load(data, format="yaml", keys=keys)["token"] for data in sealed.values()] == ["a", "b"]
    assert keys.calls == aws_calls(aws) == {"kms": 2}
    assert "Keys(calls=" in repr(keys)


def aws_calls(aws: Aws) -> dict[str, int]:
    return {"kms": aws.counts["Decrypt"]}
