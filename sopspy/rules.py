"""`.sops.yaml`: finding it, and which creation rule a file has.

Responsible for discovery, loading and matching, and for what a rule and the command line make together. Must not read
the files that are to be encrypted. Paths are lexical, as sops takes them: a rule is matched against the file's path
below the folder of the configuration, or its absolute path elsewhere. Source: sops 3.13.2; docs/reference/config.md.
"""

from __future__ import annotations

import os

from .creation_rule import Plan, Rule
from .errors import ConfigError, ConflictError, EmitError
from .metadata import MasterKey, Options
from .rule_keys import KeyContext
from .rule_reader import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .destination_rule import DestinationRule
    from .document import Node

__all__ = ["Config", "Plan", "Rule", "combine", "find_config", "load_config", "logical_cwd"]

NAME, WRONG_NAME = ".sops.yaml", ".sops.yml"
MAX_LEVELS = 100
_STORES = {"yaml": "yaml", "json": "json", "binary": "json_binary"}


def combine(plan: Plan | None, keys: list[MasterKey], over: Options, threshold: int) -> Plan:
    """The plan of the rule (None without any) with what the command line says in its place.

    `keys` replace all keys of the rule; of the options each one by itself. Raises ConfigError when nobody names a key,
    ConflictError when more than one option is left, RefusedError for a regex that does not compile.
    """
    if plan is None and not keys:
        raise ConfigError(
            "config file not found, or has no creation rules, and no keys provided through command line options",
            hint=("create a .sops.yaml with creation_rules", "or name a recipient: --age RECIPIENT"),
        )
    rule = plan or Plan([], 0, Options())
    options = rule.options.merged(over)
    options.check_single(ConflictError)
    options.check_patterns()
    return Plan([keys] if keys else rule.groups, threshold or rule.threshold, options)


def find_config(cwd: str, warnings: list[str] | None = None) -> str | None:
    """The nearest `.sops.yaml` of `cwd` and the folders above it, or None.

    With ``"."`` the path is relative, as messages show it. A `.sops.yml` that was passed on the way is reported in
    `warnings`.
    """
    levels = min(MAX_LEVELS, os.path.abspath(cwd).count(os.sep) + 1)
    wrong = ""
    for level in range(levels):
        folder = os.path.join(*[os.pardir] * level) if level else ""
        if cwd not in ("", os.curdir):
            folder = os.path.join(cwd, folder)
        path = os.path.normpath(os.path.join(folder, NAME))
        if os.path.exists(path):
            _warn(warnings, wrong, f"; using {path} instead")
            return path
        other = os.path.normpath(os.path.join(folder, WRONG_NAME))
        wrong = wrong or (other if os.path.exists(other) else "")
    _warn(warnings, wrong, "")
    return None


def _warn(warnings: list[str] | None, wrong: str, rest: str) -> None:
    if wrong and warnings is not None:
        warnings.append(f"{wrong} is ignored: the config file must be called {NAME}{rest}")


def logical_cwd(environ: Mapping[str, str]) -> str:
    """The current directory as the shell names it: links in `PWD` are kept when it is this directory."""
    pwd = environ.get("PWD", "")
    if pwd.startswith("/"):
        try:
            if os.path.samestat(os.stat(pwd), os.stat(os.curdir)):
                return pwd
        except OSError:
            pass
    return os.getcwd()


def load_config(path: str, cwd: str | None = None) -> Config:
    """Read and check a configuration file. `cwd`: what relative paths belong to, by default `logical_cwd`.

    Raises ConfigError with file, line and column.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as err:
        raise ConfigError(f"could not read config file: {err.strerror}", file=path) from None
    return Config(Reader(data, path), logical_cwd(os.environ) if cwd is None else cwd)


class Config:
    """A loaded `.sops.yaml`. `rules` is None when it has no `creation_rules`, which is as good as no file."""

    __slots__ = ("_cwd", "_folder", "_indents", "destinations", "path", "rules")

    def __init__(self, reader: Reader, cwd: str) -> None:
        self.path = reader.name
        self._cwd = cwd
        self._folder = os.path.dirname(absolute(reader.name, cwd))
        top = reader.mapping(reader.root, "the file")
        rules = top.get("creation_rules")
        self.rules: list[Rule] | None = None
        if not reader.absent(rules):
            self.rules = [Rule(reader, node) for node in reader.items(rules, "creation_rules")]
        places = reader.items(top.get("destination_rules"), "destination_rules")
        self.destinations: list[DestinationRule] = []
        if places:
            from .destination_rule import DestinationRule

            self.destinations = [DestinationRule(reader, node) for node in places]
        stores = reader.mapping(top.get("stores"), "stores")
        self._indents = {name: _indent(reader, stores.get(store), store) for name, store in _STORES.items()}

    def plan_for(self, path: str, now: str, context: Mapping[str, str] | None = None) -> Plan | None:
        """The plan for a file, or None without creation rules. Only the rule that matches is looked at closely.

        `path`: as typed; `now`: RFC 3339 in UTC; `context`: the encryption context of kms keys outside key groups.
        Raises ConfigError, RefusedError for a regex that does not compile, SopsError for a bad key.
        """
        if self.rules is None:
            return None
        return self.rule_for(path).plan(KeyContext(now, context))

    def rule_for(self, path: str) -> Rule:
        """The first rule that matches. Raises ConfigError when there is none, or for an invalid regex before it."""
        shown = absolute(path, self._cwd).removeprefix(self._folder + os.sep)
        for rule in self.rules or ():
            if rule.matches(shown):
                return rule
        details = [f"path matched against: {shown}"]
        details += [
            f"rule {number} (line {rule.line}): path_regex '{rule.path_regex}' does not match"
            for number, rule in enumerate(self.rules or (), 1)
        ]
        raise ConfigError(
            "no matching creation rules found",
            file=self.path,
            details=tuple(details),
            hint="a rule without path_regex, at the end, matches every file",
        )

    def destination_for(self, path: str) -> DestinationRule:
        """The first destination rule for a path as typed. Raises ConfigError when there is none."""
        for rule in self.destinations:
            if rule.matches(path):
                return rule
        raise ConfigError(
            "no matching destination found in config",
            file=self.path,
            details=tuple(f"path_regex '{rule.path_regex}' does not match {path}" for rule in self.destinations),
            hint="a destination rule without path_regex, at the end, matches every file",
        )

    def indent_for(self, format: str) -> int | None:
        """The indentation for what is emitted in a format, or None for its default. Raises EmitError (exit 4)."""
        indent = self._indents.get(format)
        if indent is None:
            return None
        if format == "yaml":
            if indent < 0:
                raise EmitError("stores.yaml.indent must not be negative", file=self.path)
            return max(indent, 2) if indent else None
        if indent < -1:
            raise EmitError(f"stores.{_STORES[format]}.indent must not be smaller than -1", file=self.path)
        return indent if indent >= 0 else None

    def __repr__(self) -> str:
        return f"Config({self.path!r}, {len(self.rules or ())} rules)"


def _indent(reader: Reader, node: Node | None, store: str) -> int:
    fields = reader.mapping(node, f"stores.{store}")
    if "indent" not in fields or reader.absent(fields["indent"]):
        return 0 if store == "yaml" else -1
    return reader.whole(fields["indent"], f"stores.{store}.indent")


def absolute(path: str, cwd: str) -> str:
    """`path` from the root, lexically cleaned."""
    full = os.path.normpath(os.path.join(cwd, path))
    return full[1:] if full.startswith("//") else full
