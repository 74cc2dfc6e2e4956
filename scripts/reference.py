"""Prints docs/reference.md: the commands of `cli/spec.py`, the exit codes of `errors.py`. Run by `make reference`.

What stands in neither table is here, in `VARIABLES` and `CODES`; tests/unit/test_docs.py looks for what is missing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sopspy import errors
from sopspy.cli.spec import COMMANDS, COMMON, FLAG, GLOBAL, LEGACY, LIST, MODES, NUMBER, Option
from sopspy.formats import base
from sopspy.keys import table

if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLES = {
    "SOPS_AGE_KEY": "Identities of age, separated by white space",
    "SOPS_AGE_KEY_FILE": "A file with age identities, one a line",
    "SOPS_AGE_KEY_CMD": "A command that prints age identities; run without a shell, with `SOPS_AGE_RECIPIENT` set",
    "SOPS_AGE_RECIPIENT": "Set for `SOPS_AGE_KEY_CMD`: the recipient whose identity is wanted",
    "SOPS_GPG_EXEC": "The program to run for OpenPGP keys, instead of `gpg` on PATH",
    "GNUPGHOME": "Where gpg looks for its keys; read by gpg itself",
    "SOPS_AGE_SSH_PRIVATE_KEY_FILE": "An SSH private key, for recipients that are SSH keys",
    "SOPS_AGE_SSH_PRIVATE_KEY_CMD": "A command that prints an SSH private key; run as the one above",
    "GPG_AGENT_INFO": "The socket of the gpg-agent that is asked for the passphrase of an identity file; else"
    " `~/.gnupg/S.gpg-agent`, or `gnupg/S.gpg-agent` in `XDG_RUNTIME_DIR`",
    "DISPLAY": "Told to gpg-agent, with `TERM`, so that it can ask",
    "USERPROFILE": "Windows: `.ssh` is looked for here when `HOME` is not set",
    "XDG_CONFIG_HOME": "The user's own identities are in `sops/age/keys.txt` here, else in `.config` of `HOME`"
    " (macOS: `Library/Application Support`; Windows: `%AppData%`)",
    "HOME": "See `XDG_CONFIG_HOME` and `XDG_STATE_HOME`",
    "AWS_PROFILE": "The profile of AWS keys that name none. All variables of the AWS SDK count; these are taken from"
    " `environ` in the library, too",
    "AWS_ACCESS_KEY_ID": "With `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`: credentials for AWS KMS",
    "AWS_ENDPOINT_URL": "Where AWS KMS and STS are asked; `AWS_ENDPOINT_URL_KMS` and `AWS_ENDPOINT_URL_STS` for one",
    "AWS_CONFIG_FILE": "The shared config file of AWS; `AWS_SHARED_CREDENTIALS_FILE` the one with credentials",
    "AWS_CA_BUNDLE": "The certificates that AWS endpoints are checked with",
    "AWS_EC2_METADATA_DISABLED": "`true`: do not ask the instance for credentials",
    "GOOGLE_CREDENTIALS": "Credentials for Google Cloud KMS: a path, or their JSON text",
    "GOOGLE_OAUTH_ACCESS_TOKEN": "A token for Google Cloud KMS, when `GOOGLE_CREDENTIALS` is not set",
    "GOOGLE_APPLICATION_CREDENTIALS": "A file with application default credentials, when neither is set",
    "SOPS_GCP_KMS_CLIENT_TYPE": "`rest`: ask Google Cloud KMS over REST instead of gRPC",
    "SOPS_GCP_KMS_ENDPOINT": "Where Google Cloud KMS is asked",
    "SOPS_GCP_KMS_UNIVERSE_DOMAIN": "The universe of Google Cloud, when no endpoint is set",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "The certificates that gRPC endpoints are checked with; else `SSL_CERT_FILE`",
    "SSL_CERT_FILE": "See `GRPC_DEFAULT_SSL_ROOTS_FILE_PATH`",
    "SOPS_EDITOR": "The editor of `edit`, with its arguments",
    "EDITOR": "The editor when `SOPS_EDITOR` is not set",
    "VISUAL": "The editor when neither is set; else the first of vim, nano and vi",
    "XDG_RUNTIME_DIR": "Where `edit` and `exec-file` make their private folder if that is in memory and yours"
    " alone; else `/dev/shm`",
    "TMPDIR": "Where the private folder goes when there is none in memory",
    "XDG_STATE_HOME": "Where the copy goes that guards a write to a file whose folder cannot be written; else"
    " `.local/state` of `HOME`",
    "PATH": "Where the editor is looked for",
    "PWD": "The search for .sops.yaml goes upwards from here, if this is the current folder (links are kept)",
    "NO_COLOR": "No colours",
    "TERM": "No colours when it is `dumb`",
    "SOPSPY_ROOT": "The folder that files of a kustomization may come from; by default its repository",
    "SOPSPY_ALLOW_TRANSFORMER": "`1` lets `sopspy-krm` open encrypted resources of a build, without their MAC",
    "KUSTOMIZE_PLUGIN_HOME": "Where `install-plugin` lays out kustomize's legacy plugins",
    "SOPSPY_LAYOUT": "`sops` lets `decrypt` print a file as sops would write it anew, instead of in its own layout",
    "VAULT_TOKEN": "The token for Vault; else that of `~/.vault-token`",
    "VAULT_NAMESPACE": "The namespace of Vault's engines",
    "VAULT_ADDR": "A Vault that is known; the address of a key is always the key's own",
    "VAULT_CACERT": "Certificates to trust for Vault, with `VAULT_CAPATH`",
    "VAULT_CAPATH": "A folder of certificates to trust for Vault",
    "VAULT_CLIENT_CERT": "A client certificate for Vault, with `VAULT_CLIENT_KEY`",
    "VAULT_CLIENT_KEY": "The key of that certificate",
    "VAULT_SKIP_VERIFY": "`1` does not verify Vault's certificate (dangerous)",
    "VAULT_PROXY_ADDR": "A proxy for Vault; else `HTTPS_PROXY` and `NO_PROXY` count",
    "VAULT_HTTP_PROXY": "The older name of `VAULT_PROXY_ADDR`",
    "SOPS_HC_VAULT_ALLOWLIST": "Vault addresses that a file may name: `all`, `none`, or URL prefixes with commas",
    "SOPSPY_TRUSTED_ENDPOINTS": "What a file may name: URL prefixes, hosts, role ARNs, `profile:NAME`",
    "SOPSPY_UNATTENDED": "`1`: nobody watches, so what `SOPSPY_TRUSTED_ENDPOINTS` does not list is refused",
    "SOPSPY_TRACEBACK": "`1` shows where an internal error happened; without values",
}
"""Variables that stand in for no option."""

CODES = {
    0: "It worked.",
    2: "An encrypted text that its format does not allow is 1.",
    3: "No help for such a word.",
    4: "A later document has the reserved key `sops`.",
    6: "An `--encryption-context` that is not of the form KEY:VALUE,KEY:VALUE.",
    49: "Recipients to add or remove, but no such file.",
    100: "No file is named; the wrong number of arguments of `set` or `unset`.",
    112: "A kind of key twice in `--decryption-order`.",
    126: "`run`: the program cannot be started.",
    127: "`run`: there is no such program.",
    128: "A new file in `edit` for which no data key can be made.",
    130: "Interrupted.",
    141: "Nobody reads standard output any more.",
    200: "The text in the editor was left as it was.",
}
"""Exit codes that no class of `errors` has, and more meanings of those that one has."""

KINDS = {FLAG: "nothing", NUMBER: "a number", LIST: "one, repeatable"}


def page() -> str:
    """The whole page."""
    return "\n".join(["# Reference", "", *_INTRODUCTION, *_commands(), *_options(), *_variables(), *_codes()])


_INTRODUCTION = [
    "<!-- Made by `make reference` from sopspy/cli/spec.py and sopspy/errors.py: change those. -->",
    "",
    "`sopspy help COMMAND` shows the same for one command.",
    "",
    "Options may stand before or behind the arguments, with one dash or two, as `--name VALUE` or `--name=VALUE`. A",
    "flag is switched off with `=false`. The last of a repeated option counts, but the values of a repeatable one add",
    "up. Behind `--` everything is an argument. A variable counts when its option is absent; an empty one is not set.",
    "",
]


def _commands() -> Iterator[str]:
    yield from ("## Commands", "")
    names = ", ".join(f"`{option.names[0]}`" for option in GLOBAL)
    common = ", ".join(f"`{option.names[0]}`" for option in COMMON)
    yield from (f"Before the command word may stand: {names}. Every command takes {common}.", "")
    yield from ("An option of a command that stands before it has no effect, as in sops, and is warned about.", "")
    for command in COMMANDS.values():
        words = [item.name if item.required else f"[{item.name}]" for item in command.arguments]
        yield from (f"### {command.name}", "", f"    sopspy {' '.join([command.name, '[OPTIONS]', *words])}", "")
        yield from (f"{command.summary}. {command.text}", "")
        yield from (f"- `{item.name}`: {_cell(item.help)}." for item in command.arguments)
        own = [f"`{option.names[0]}`" for option in command.options if option not in COMMON]
        yield from ([f"- Options: {', '.join(own)}."] if own else [])
        yield ""
    yield from ("### Without a command", "", "    sopspy [OPTIONS] FILE", "", f"{LEGACY.text} All of them are:", "")
    yield from (", ".join(f"`{option.names[0]}`" for option in LEGACY.options) + ".", "")


def _options() -> Iterator[str]:
    """One table for each group; an option that several commands share stands there once."""
    kinds, formats = (", ".join(names) for names in (table.MODULES, base._MODULES))
    yield from ("## Options", "")
    yield from (f"This version opens and wraps data keys with: {kinds}. Its formats: {formats}.", "")
    users: dict[str, dict[tuple[object, ...], list[str]]] = {}
    tables = {"": GLOBAL} | {name: command.options for name, command in COMMANDS.items()}
    tables["without a command"] = MODES
    for name, options in tables.items():
        for option in options:
            users.setdefault(option.group, {}).setdefault(_row(option), []).append(name)
    for group, rows in users.items():
        yield from (f"### {group}", "", "| option | takes | variable | commands | meaning |", "|---|---|---|---|---|")
        for (names, takes, variable, meaning), commands in rows.items():
            yield f"| {names} | {takes} | {variable} | {_users(commands)} | {meaning} |"
        yield ""


def _row(option: Option) -> tuple[object, ...]:
    names = ", ".join(f"`{name}`" for name in option.names)
    takes = KINDS.get(option.kind, "one") + (f": `{option.metavar}`" if option.metavar else "")
    return names, takes, f"`{option.env}`" if option.env else "", _cell(option.help)


def _users(names: list[str]) -> str:
    named = [name for name in names if name]
    if len(named) == len(COMMANDS):
        return "all"
    return ", ".join(named) or "before the command"


def _variables() -> Iterator[str]:
    yield from ("## Environment variables", "", "| variable | meaning |", "|---|---|")
    tables = (GLOBAL, *(command.options for command in COMMANDS.values()))
    options = [option for table in tables for option in table if option.env]
    for env in dict.fromkeys(option.env for option in options):
        names = dict.fromkeys(option.names[0] for option in options if option.env == env)
        yield f"| `{env}` | Stands in for {', '.join(f'`{name}`' for name in names)} |"
    yield from (f"| `{name}` | {_cell(text)} |" for name, text in VARIABLES.items())
    yield ""


def _codes() -> Iterator[str]:
    yield from ("## Exit codes", "", "They are those of sops 3.13.2 for the same case.", "")
    yield from ("| code | meaning |", "|---|---|")
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.SopsError)]
    for code in sorted({*CODES, *(kind.exit_code for kind in kinds)}):
        said = [_first_line(kind) for kind in kinds if kind.exit_code == code]
        yield f"| {code} | {_cell(' '.join(filter(None, [*said, CODES.get(code)])))} |"
    yield ""


def _first_line(kind: type) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
