"""The servers of this folder's tests, started once for each worker on 127.0.0.1 and reset before each test."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.services.aws import Aws
from tests.services.bao import Bao
from tests.services.gcp import Grpc, Rest
from tests.services.tls import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def _aws() -> Iterator[Aws]:
    with Aws() as server:
        yield server


@pytest.fixture
def aws(_aws: Aws) -> Aws:
    """The strict fake of AWS KMS and STS."""
    _aws.reset()
    return _aws


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Certificates for servers on 127.0.0.1."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def _rest() -> Iterator[Rest]:
    with Rest() as server:
        yield server


@pytest.fixture
def gcp_rest(_rest: Rest) -> Rest:
    """The fake of Google Cloud KMS over REST."""
    _rest.reset()
    return _rest


@pytest.fixture(scope="session")
def _grpc(authority: Authority) -> Iterator[Grpc]:
    with Grpc(authority) as server:
        yield server


@pytest.fixture
def gcp_grpc(_grpc: Grpc) -> Grpc:
    """The fake of Google Cloud KMS over gRPC."""
    _grpc.reset()
    return _grpc


@pytest.fixture(scope="session")
def bao() -> Iterator[Bao]:
    """A real OpenBao server."""
    with Bao() as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[dict[str, str]]:
    """Variables for the emulator moto, a second opinion on AWS that somebody else wrote."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.terminate()
        server.wait()
