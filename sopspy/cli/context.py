"""The configuration and what it and the options make together: the plan, the indentation, today's rule.

Must not read the files that are worked on. Precedence: options, then their variables, then the configuration; keys
that the options name replace all keys of the rule. Source: sops 3.13.2, docs/compatibility.md.
"""

from __future__ import annotations

from ..errors import ConfigError, EmitError, SopsError
from ..metadata import OPTION_NAMES, Options
from ..rule_keys import KeyContext, from_flags
from ..rules import Plan, combine, find_config, load_config
from .commands import now, warn
from .spec import KEY_OPTIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..metadata import MasterKey
    from ..rules import Config, Rule
    from .parse import Request

_BAD_CONTEXT = 6
_NOT_FOR_BINARY = {name for name in OPTION_NAMES if name != "unencrypted_comment_regex"}
"""Options that sops warns about when it drops them; the other one cannot have any effect."""


def config_of(request: Request) -> Config | None:
    """The configuration that is named, or the nearest one. Raises ConfigError when it cannot be read."""
    path = request.text("config")
    if path:
        return load_config(path)
    warnings: list[str] = []
    found = find_config(".", warnings)
    for line in warnings:
        warn(request, line)
    return load_config(found) if found else None


def plan_of(request: Request, config: Config | None, path: str, format: str) -> Plan:
    """How a new file is to be encrypted. `path` chooses the rule.

    Raises ConfigError without keys or without a rule that matches, ConflictError for options that exclude each other,
    SopsError for a bad key (exit 6 for a bad encryption context).
    """
    made = now()
    context = encryption_context(request)
    rule = config.plan_for(path, made, context) if config else None
    keys = keys_of(request, "", KeyContext(made, context, request.text("aws-profile")))
    texts = {name: request.text(name.replace("_", "-")) for name in OPTION_NAMES}
    over = Options(mac_only=request.flag("mac-only-encrypted"), **texts)
    if format == "binary":
        _warn_binary(request, rule.options.merged(over) if rule else over)
        rule = Plan(rule.groups, rule.threshold, Options()) if rule else None
        over = Options()
    return combine(rule, keys, over, request.number("shamir-secret-sharing-threshold") or 0)


def keys_of(request: Request, prefix: str, shared: KeyContext) -> list[MasterKey]:
    """The master keys that options name as one group; `prefix` is "", "add-" or "rm-". Raises SopsError."""
    texts = {key: request.text(prefix + key) or ",".join(request.items(prefix + key)) for key in KEY_OPTIONS}
    return from_flags({_kind(key): text for key, text in texts.items()}, shared)


def today_of(request: Request, config: Config | None, path: str, format: str) -> Options | None:
    """What the creation rule that the file would have today encrypts; None when it would have none.

    Raises ConfigError, and RefusedError for a regex that does not compile.
    """
    if request.flag("allow-cleartext") or format == "binary":
        return None
    rule = rule_of(config, path)
    if rule is None:
        return None
    rule.options.check_single(ConfigError)
    rule.options.check_patterns()
    return rule.options.with_default()


def trusted_keys(config: Config | None, path: str, shared: KeyContext) -> list[MasterKey]:
    """The master keys of the rule that the file would have today. Raises SopsError for a bad key."""
    rule = rule_of(config, path)
    return [key for group in rule.plan(shared).groups for key in group] if rule else []


def rule_of(config: Config | None, path: str) -> Rule | None:
    """The creation rule for a file, if there is one. Raises ConfigError for a rule that cannot be compared."""
    if config is None or config.rules is None:
        return None
    try:
        return config.rule_for(path)
    except ConfigError as err:
        if err.line:
            raise
        return None


def indent_of(request: Request, config: Config | None, format: str) -> int | None:
    """The indentation of what is written anew: `--indent`, else `stores`, else None. Raises EmitError (exit 4)."""
    indent = request.number("indent")
    if indent is None:
        return config.indent_for(format) if config else None
    if format == "yaml":
        if indent < 0:
            raise EmitError("--indent must not be negative for yaml")
        return max(indent, 2) if indent else None
    if indent < -1:
        raise EmitError("--indent must not be smaller than -1")
    return indent if indent >= 0 else None


def _kind(key: str) -> str:
    return "hc_vault" if key == "hc-vault-transit" else key.replace("-", "_")


def encryption_context(request: Request) -> dict[str, str]:
    """The pairs of `--encryption-context`. Raises SopsError (exit 6)."""
    text = request.text("encryption-context")
    pairs = [pair.split(":") for pair in text.split(",")] if text else []
    if any(len(pair) != 2 for pair in pairs):
        raise SopsError("--encryption-context is not of the form KEY:VALUE,KEY:VALUE", exit_code=_BAD_CONTEXT)
    return {pair[0]: pair[1] for pair in pairs}


def _warn_binary(request: Request, options: Options) -> None:
    for name in options.names():
        if name in _NOT_FOR_BINARY:
            warn(request, f"{name} is ignored: a binary file is one value, which is always encrypted")
