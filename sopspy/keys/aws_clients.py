"""Clients of AWS KMS: one for each region, profile and role, made when a key first needs it, and shared by all threads.

The region is that of the key's ARN, for KMS and for STS, whatever the profile says. Credentials are found by boto3's
own chain; a role is assumed once and again when its session is about to end. Must not talk to KMS. The environment that
is given counts: where it is not the process's own, the variables named in `_own_chain` are taken from it.
Source: sops 3.13.2 (session names, precedence of the profile); AWS SDK reference guide.
"""

from __future__ import annotations

import os
import re
import socket
import threading
import time

from ..errors import SopsError
from ..limits import CALLS_AT_ONCE
from .base import NotForMe
from .trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ..metadata import MasterKey

_ARN = re.compile(r"arn:aws[\w-]*:kms:([^:]+):[0-9]+:(?:key|alias)/.+", re.ASCII)
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9=,.@-_]")  # sops' own class: `@-_` is a range
_EARLY_SECONDS = 300
"""A role session is renewed so long before its end."""

_METHODS = {
    "env": "the environment",
    "explicit": "the environment",
    "shared-credentials-file": "the shared credentials file",
    "config-file": "the shared config file",
    "custom-process": "the profile's credential_process",
    "sso": "the SSO login",
    "login": "the console login",
    "assume-role": "the profile's role",
    "assume-role-with-web-identity": "the web identity token",
    "container-role": "the container's role",
    "iam-role": "the instance's role",
}


class Used:
    """Which identity a call was made with, for messages: never a key or a token."""

    __slots__ = ("profile", "role", "source")

    def __init__(self, key: MasterKey) -> None:
        self.profile = key.fields["aws_profile"]
        self.role = key.fields["role"]
        self.source = ""

    def __str__(self) -> str:
        parts = [f"role {self.role}"] if self.role else []
        parts += [f'profile "{self.profile}"'] if self.profile else []
        parts += [f"credentials of {self.source}"] if self.source else []
        return ", ".join(parts) or "no credentials"


class _Entry:
    """One client, and until when its session lasts (seconds since the epoch)."""

    __slots__ = ("client", "lock", "source", "until")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.client: Any = None
        self.source = ""
        self.until = 0.0


class Clients:
    """All clients of one key ring."""

    __slots__ = ("_boto3", "_config", "_entries", "_environ", "_locks", "_sessions", "_trust")

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Raises SopsError when boto3 is not installed."""
        try:
            import boto3.session
            from botocore.config import Config
        except ImportError:
            raise SopsError("AWS KMS needs boto3", hint="pip install 'sopspy[aws]'") from None
        self._boto3 = boto3
        self._environ = environ
        self._trust = Trust(environ)
        self._locks: dict[str, threading.Lock] = {}
        self._sessions: dict[str, tuple[Any, str]] = {}
        self._entries: dict[tuple[str, str, str], _Entry] = {}
        # "standard" retries what is throttled or in trouble, with jitter, and no refusal; "adaptive" would hold
        # one short command back for half a minute.
        self._config = Config(
            retries={"mode": "standard", "total_max_attempts": 5},
            connect_timeout=3,
            read_timeout=6,
            max_pool_connections=CALLS_AT_ONCE,
        )

    def get(self, key: MasterKey, used: Used) -> Any:
        """The KMS client for a key; `used` learns whose credentials it has.

        Raises NotForMe, or what botocore raises.
        """
        arn = key.fields["arn"]
        found = _ARN.fullmatch(arn)
        if found is None:
            raise NotForMe(
                f"no valid ARN: {arn!r}",
                "the form is arn:aws:kms:REGION:ACCOUNT:key/ID, or alias/NAME in place of key/ID",
            )
        used.profile, used.role = self._trust.profile(used.profile), self._trust.role(used.role)
        entry = self._entries.setdefault((found[1], used.profile, used.role), _Entry())
        with entry.lock:  # of its own: a silent STS must not hold up keys without a role
            if time.time() > entry.until:
                self._make(entry, found[1], used)
            used.source = entry.source
            return entry.client

    def _make(self, entry: _Entry, region: str, used: Used) -> None:
        # setdefault is atomic; one session may not make two clients at a time.
        with self._locks.setdefault(used.profile, threading.Lock()):
            session, entry.source = self._session(used.profile)
            used.source = entry.source
            first = self._client(session, "sts" if used.role else "kms", region, {})
        if not used.role:
            entry.client, entry.until = first, float("inf")
            return
        answer = first.assume_role(RoleArn=used.role, RoleSessionName=session_name(socket.gethostname()))["Credentials"]
        own = {
            "aws_access_key_id": answer["AccessKeyId"],
            "aws_secret_access_key": answer["SecretAccessKey"],
            "aws_session_token": answer["SessionToken"],
        }
        with self._locks[used.profile]:
            entry.client = self._client(session, "kms", region, own)
        entry.until = answer["Expiration"].timestamp() - _EARLY_SECONDS

    def _client(self, session: Any, service: str, region: str, own: dict[str, str]) -> Any:
        if self._environ is not os.environ:
            url = self._environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or self._environ.get("AWS_ENDPOINT_URL")
            own = {**own, "endpoint_url": url} if url else own
        return session.client(service, region_name=region, config=self._config, **own)

    def _session(self, profile: str) -> tuple[Any, str]:
        """The session of a profile, and where its credentials come from."""
        known = self._sessions.get(profile)
        if known is None:
            import botocore.session

            core = botocore.session.Session(profile=profile or None)
            if self._environ is not os.environ:
                _own_chain(core, self._environ, profile)
            found = core.get_credentials()
            known = self._boto3.session.Session(botocore_session=core), _source(found, profile)
            self._sessions[profile] = known
        return known

    def __repr__(self) -> str:
        return f"Clients({len(self._entries)})"


def session_name(host: str) -> str:
    """The name of an assumed role's session, as sops makes it."""
    return _NOT_IN_NAMES.sub("", f"sops@{host}")[:64]


def _source(credentials: Any, profile: str) -> str:
    if credentials is None:
        return ""
    return _METHODS.get(credentials.method, str(credentials.method))


def _own_chain(session: Any, environ: Mapping[str, str], profile: str) -> None:
    """Let a session take its settings from `environ`, as far as boto3 lets them be said."""
    from botocore.credentials import ContainerProvider, EnvProvider

    for name, variable in (
        ("config_file", "AWS_CONFIG_FILE"),
        ("credentials_file", "AWS_SHARED_CREDENTIALS_FILE"),
        ("ca_bundle", "AWS_CA_BUNDLE"),
        ("profile", "AWS_PROFILE"),
    ):
        if environ.get(variable) and not (name == "profile" and (profile or environ.get("AWS_ACCESS_KEY_ID"))):
            session.set_config_variable(name, environ[variable])
    chain = session.get_component("credential_provider")
    chain.remove("env")
    if not profile:
        chain.insert_before("assume-role", EnvProvider(environ=environ))
    chain.remove("container-role")
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        chain.remove("iam-role")
    else:
        chain.insert_before("iam-role", ContainerProvider(environ=environ))
