"""Every command and option as data: the one source for the parser, the help, completion and the reference.

Must not act: it holds no behaviour beyond these records. Names, arity and environment variables are those of
sops 3.13.2; what only sopspy has is said so in its help text. `commands/NAME.py` runs a command (`_` there for `-`).
"""

from __future__ import annotations

FLAG, TEXT, LIST, NUMBER = "flag", "text", "list", "number"
"""What an option takes: nothing or a boolean, one text, a text that may be repeated, a whole number."""

_INPUT, _RECIPIENTS, _VALUES = "Input and output", "Recipients", "Which values are encrypted"
_OPENING, _CONFIG, _MANY, _CHILD = "Decryption", "Configuration", "Many files", "The command that is run"
_ALONE = "Without a command, as older sops"


class Option:
    """One option. `names[0]` is its long name, which without the dashes is its `key`."""

    __slots__ = ("default", "env", "group", "help", "key", "kind", "metavar", "names")

    def __init__(self, names: str, kind: str, group: str, help: str, metavar: str = "", env: str = "") -> None:
        self.names = tuple(names.split())
        self.key = self.names[0][2:]
        self.kind = kind
        self.group = group
        self.help = help
        self.metavar = metavar
        self.env = env
        self.default = False

    def on(self) -> Option:
        """This flag, true unless it is switched off."""
        self.default = True
        return self


class Argument:
    """One positional, for the help. Counting them is the command's business: each has its own exit code."""

    __slots__ = ("choices", "help", "name", "required")

    def __init__(self, name: str, help: str, required: bool = True) -> None:
        self.name = name
        self.help = help
        self.required = required
        self.choices: tuple[str, ...] = ()

    def among(self, *choices: str) -> Argument:
        """This argument, which is one of these words."""
        self.choices = choices
        return self


class Command:
    """One command. `value_at` is the index of a positional that may begin with a dash, or -1."""

    __slots__ = ("arguments", "group", "name", "options", "summary", "text", "value_at")

    def __init__(self, name: str, group: str, summary: str, text: str, arguments: tuple[Argument, ...]) -> None:
        self.name = name
        self.group = group
        self.summary = summary
        self.text = text
        self.arguments = arguments
        self.options: tuple[Option, ...] = ()
        self.value_at = -1

    def taking(self, *options: Option | tuple[Option, ...]) -> Command:
        """This command with its options; every command also takes `COMMON`."""
        for option in (*options, COMMON):
            self.options += option if isinstance(option, tuple) else (option,)
        return self


CONFIG = Option(
    "--config",
    TEXT,
    _CONFIG,
    "Use this file instead of searching for .sops.yaml from here upwards",
    "FILE",
    "SOPS_CONFIG",
)
INDENT = Option(
    "--indent", NUMBER, _CONFIG, "Blanks per level in what is written anew (your own text is never re-indented)", "N"
)
HELP = Option("--help -h", FLAG, _CONFIG, "Show this help")
COMMON = (CONFIG, INDENT, HELP)

MAC_ONLY = Option(
    "--mac-only-encrypted",
    FLAG,
    _VALUES,
    "Let the MAC cover encrypted values only, so that others may be edited by hand",
)
GLOBAL = (
    CONFIG,
    INDENT,
    MAC_ONLY,
    Option("--verbose", FLAG, _CONFIG, "Say more (accepted for sops' sake)"),
    Option("--version -v", FLAG, _CONFIG, "Show the version"),
    Option(
        "--disable-version-check",
        FLAG,
        _CONFIG,
        "Accepted for sops' sake: no server is ever asked for the newest version",
        env="SOPS_DISABLE_VERSION_CHECK",
    ),
    Option("--check-for-updates", FLAG, _CONFIG, "Accepted for sops' sake: says where the newest version is found"),
    HELP,
)
"""What may stand before the command word."""

KEY_SERVICES = (
    Option(
        "--enable-local-keyservice",
        FLAG,
        "Key services",
        "Open and wrap data keys in this process (on; switch off with =false)",
        env="SOPS_ENABLE_LOCAL_KEYSERVICE",
    ).on(),
    Option(
        "--keyservice", LIST, "Key services", "Also ask this key service, as tcp://HOST:PORT", "URI", "SOPS_KEYSERVICE"
    ),
)

ORDER = Option(
    "--decryption-order",
    TEXT,
    _OPENING,
    "Kinds of keys to try first, separated by commas (age,pgp unless set)",
    "KINDS",
    "SOPS_DECRYPTION_ORDER",
)
IGNORE_MAC = Option("--ignore-mac", FLAG, _OPENING, "Do not check that nobody changed the file (dangerous)")

IN_PLACE = Option("--in-place -i", FLAG, _INPUT, "Write back to FILE instead of to standard output")
OUTPUT = Option("--output", TEXT, _INPUT, "Write to this file instead of to standard output", "FILE")
OUTPUT_DIR = Option("--output-dir", TEXT, _MANY, "Write the results into this folder", "DIR")
MANY = (
    Option("--dry-run", FLAG, _MANY, "Do all but writing"),
    Option("--jobs", NUMBER, _MANY, "How many files at once", "N"),
    Option("--json", FLAG, _MANY, "Print what became of each file as JSON"),
)
"""Options of the commands that take several files and folders; sops has none of them."""

OVERRIDE = Option(
    "--filename-override", TEXT, _INPUT, "Choose format and creation rule as if the input had this name", "FILE"
)
TYPES = (
    Option("--input-type", TEXT, _INPUT, "Format of the input: yaml, json, dotenv, ini or binary", "TYPE"),
    Option("--output-type", TEXT, _INPUT, "Format of the output: yaml, json, dotenv, ini or binary", "TYPE"),
)

_KEY_KINDS = (
    ("kms", "k", "SOPS_KMS_ARN", "AWS KMS key ARNs", "ARNS"),
    ("gcp-kms", "", "SOPS_GCP_KMS_IDS", "Google Cloud KMS resource ids", "IDS"),
    ("hckms", "", "SOPS_HUAWEICLOUD_KMS_IDS", "Huawei Cloud KMS keys as REGION:ID", "IDS"),
    ("azure-kv", "", "SOPS_AZURE_KEYVAULT_URLS", "Azure Key Vault key URLs", "URLS"),
    ("hc-vault-transit", "", "SOPS_VAULT_URIS", "Vault transit key URIs", "URIS"),
    ("pgp", "p", "SOPS_PGP_FP", "OpenPGP fingerprints", "FINGERPRINTS"),
    ("age", "a", "SOPS_AGE_RECIPIENTS", "age recipients", "RECIPIENTS"),
)
KEY_OPTIONS = ("kms", "gcp-kms", "hckms", "azure-kv", "pgp", "hc-vault-transit", "age")
"""Keys of the options that name recipients, in the order in which sops makes one group of them."""

AWS_PROFILE = Option("--aws-profile", TEXT, _RECIPIENTS, "AWS profile for the keys of --kms", "NAME")
CONTEXT = Option(
    "--encryption-context", TEXT, _RECIPIENTS, "AWS KMS encryption context, KEY:VALUE separated by commas", "PAIRS"
)
THRESHOLD = Option(
    "--shamir-secret-sharing-threshold", NUMBER, _RECIPIENTS, "How many key groups are needed to open the file", "N"
)


def _recipients() -> tuple[Option, ...]:
    return tuple(
        Option(
            f"--{key} -{short}" if short else f"--{key}",
            TEXT,
            _RECIPIENTS,
            f"Encrypt to these {what}, separated by commas",
            metavar,
            env,
        )
        for key, short, env, what, metavar in _KEY_KINDS
    )


def _changes() -> tuple[Option, ...]:
    return tuple(
        Option(f"--{verb}-{key}", TEXT, _RECIPIENTS, f"{said} these {what}, separated by commas", metavar)
        for verb, said in (("add", "Add"), ("rm", "Remove"))
        for key, _, _, what, metavar in _KEY_KINDS
    )


def _members() -> tuple[Option, ...]:
    return tuple(
        Option(f"--{key}", LIST, _RECIPIENTS, f"Put these {what} into the new group", metavar)
        for key, _, _, what, metavar in _KEY_KINDS
    )


KEYS = (*_recipients(), AWS_PROFILE, CONTEXT, THRESHOLD)
CHOICES = (
    Option("--unencrypted-suffix", TEXT, _VALUES, "Leave values in clear whose key ends so", "SUFFIX"),
    Option("--encrypted-suffix", TEXT, _VALUES, "Encrypt only values whose key ends so", "SUFFIX"),
    Option("--unencrypted-regex", TEXT, _VALUES, "Leave values in clear whose key matches", "REGEX"),
    Option("--encrypted-regex", TEXT, _VALUES, "Encrypt only values whose key matches", "REGEX"),
    Option(
        "--unencrypted-comment-regex", TEXT, _VALUES, "Leave values in clear that a matching comment precedes", "REGEX"
    ),
    Option("--encrypted-comment-regex", TEXT, _VALUES, "Encrypt only values that a matching comment precedes", "REGEX"),
)
CLEARTEXT = Option(
    "--allow-cleartext",
    FLAG,
    _VALUES,
    "Write a value in clear although today's creation rule would encrypt it (sopspy only)",
)
UNUSED_THRESHOLD = Option(
    "--shamir-secret-sharing-threshold", NUMBER, _RECIPIENTS, "Accepted as sops does; no effect", "N"
)

EXTRACT = Option("--extract", TEXT, _INPUT, 'Print only this value, as \'["database"]["hosts"][0]\'', "INDEX")
SHOW_KEYS = Option("--show-master-keys -s", FLAG, _INPUT, "Show the sops metadata in the editor too")
UNUSED_PROFILE = Option(
    "--aws-profile",
    TEXT,
    _RECIPIENTS,
    "Accepted as some programs name it; the file names the profile of each key",
    "NAME",
)

PRISTINE = Option("--pristine", FLAG, _CHILD, "Give the command the values of the file only, no other variables")
AS_USER = Option("--user", TEXT, _CHILD, "Run the command as this user (as root only)", "NAME")
BACKGROUND = Option("--background", FLAG, _CHILD, "Do not wait for the command (sops is about to drop this)")

_FILE = Argument("FILE", "The file to work on")
_PATH = Argument("INDEX", 'Where the value stands, as \'["database"]["hosts"][0]\'')
_SHELL = Argument("COMMAND", "What /bin/sh runs, as one word")
_FILES, _SETUP, _RUN = "Files", "Setup", "Commands with secrets"

_TABLE = (
    Command(
        "encrypt",
        _FILES,
        "Encrypt a file, to standard output or in place",
        "Only values change: layout, comments and quotes stay as they are. Recipients come from the options, or from"
        " the creation rule of .sops.yaml that fits the file. Several files and folders are taken with --in-place or"
        " --output-dir; in folders the files are chosen that a rule fits.",
        (Argument("FILE", "The file to encrypt; without it standard input, which needs --filename-override", False),),
    ).taking(IN_PLACE, OUTPUT, OVERRIDE, TYPES, OUTPUT_DIR, MANY, KEYS, CHOICES, MAC_ONLY, KEY_SERVICES),
    Command(
        "decrypt",
        _FILES,
        "Decrypt a file, to standard output or in place",
        "Nothing is written unless every value and the MAC are genuine. Several files and folders are taken with"
        " --in-place or --output-dir; in folders the encrypted files are chosen.",
        (Argument("FILE", "The file to decrypt; without it standard input", False),),
    ).taking(
        IN_PLACE,
        OUTPUT,
        EXTRACT,
        OVERRIDE,
        UNUSED_PROFILE,
        TYPES,
        OUTPUT_DIR,
        MANY,
        IGNORE_MAC,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "edit",
        _FILES,
        "Open the decrypted file in an editor and encrypt it again",
        "The editor is SOPS_EDITOR, else EDITOR, else VISUAL, else the first of vim, nano and vi. Values that did not"
        " change keep their encrypted text. A file that does not exist is made.",
        (_FILE,),
    ).taking(
        TYPES,
        KEYS,
        CHOICES,
        MAC_ONLY,
        CLEARTEXT,
        SHOW_KEYS,
        Option("--k8s", FLAG, _INPUT, "Show the data of Kubernetes Secrets decoded, and encode it again"),
        IGNORE_MAC,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "set",
        _FILES,
        "Set one value of an encrypted file",
        "VALUE is JSON: a string needs its quotes, as '\"s3cret\"'. With --value-file it is the name of a file that"
        " holds the JSON, so that the value is not seen in the list of processes.",
        (_FILE, _PATH, Argument("VALUE", "The new value as JSON; none with --value-stdin", False)),
    ).taking(
        TYPES,
        Option("--value-file", FLAG, _INPUT, "VALUE is the name of a file that holds the value"),
        Option("--value-stdin", FLAG, _INPUT, "Read the value from standard input"),
        Option("--idempotent", FLAG, _INPUT, "Leave the file alone if it has this value already"),
        CLEARTEXT,
        UNUSED_THRESHOLD,
        IGNORE_MAC,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "unset",
        _FILES,
        "Remove one value of an encrypted file",
        "The rest of the file keeps its text.",
        (_FILE, _PATH),
    ).taking(
        TYPES,
        Option("--idempotent", FLAG, _INPUT, "Leave the file alone if it has no such value"),
        CLEARTEXT,
        UNUSED_THRESHOLD,
        IGNORE_MAC,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "rotate",
        _FILES,
        "Make a new data key and encrypt every value with it",
        "Recipients can be added and removed at the same time. With --in-place several files and folders are taken.",
        (_FILE,),
    ).taking(IN_PLACE, OUTPUT, OVERRIDE, TYPES, MANY, _changes(), AWS_PROFILE, CONTEXT, ORDER, KEY_SERVICES),
    Command(
        "updatekeys",
        _FILES,
        "Give files the recipients that .sops.yaml names for them",
        "Shows what changes, and asks. Values, the MAC and the data key stay as they are: whoever had the data key"
        " still has it, until sopspy rotate makes another one.",
        (Argument("FILE", "The files to work on"),),
    ).taking(
        MANY,
        Option("--yes -y", FLAG, _INPUT, "Do not ask"),
        TYPES[0],
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "groups",
        _FILES,
        "Add a key group to a file, or delete one",
        "With several key groups the data key is split: so many of them are needed to open the file as the threshold"
        " says. groups add takes the recipients of the new group, groups delete the number of a group, counted from 0.",
        (
            Argument("ACTION", "add or delete").among("add", "delete"),
            Argument("INDEX", "The group to delete, counted from 0", False),
        ),
    ).taking(
        Option("--file -f", TEXT, _INPUT, "The file to work on", "FILE"),
        IN_PLACE,
        TYPES,
        _members(),
        AWS_PROFILE,
        CONTEXT,
        THRESHOLD,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "publish",
        _FILES,
        "Put files where the destination rules say",
        "S3 and Google Cloud Storage get the file, sealed anew if there is a recreation rule; Vault gets the values.",
        (Argument("FILE", "A file, or a folder with --recursive"),),
    ).taking(
        Option("--yes -y", FLAG, _INPUT, "Do not ask"),
        Option("--omit-extensions", FLAG, _INPUT, "Leave the extension out of the name at the destination"),
        Option("--recursive", FLAG, _INPUT, "Publish all files of a folder"),
        Option("--verbose", FLAG, _CONFIG, "Say more (accepted for sops' sake)"),
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "filestatus",
        _FILES,
        "Tell whether a file is encrypted, as JSON",
        'Prints {"encrypted":true} or {"encrypted":false}; needs no key.',
        (_FILE,),
    ).taking(TYPES[0]),
    Command(
        "exec-env",
        _RUN,
        "Run a shell command with values as variables",
        "The values at the top level become variables, in the place of those of the same name. The exit code is that"
        " of the command. sopspy run does the same without a shell.",
        (_FILE, _SHELL),
    ).taking(
        BACKGROUND,
        PRISTINE,
        AS_USER,
        Option("--same-process", FLAG, _CHILD, "Become the command instead of waiting for it"),
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "exec-file",
        _RUN,
        "Run a shell command that reads the decrypted file",
        "Every {} in the command is replaced by that name. It is a named pipe, so that the plaintext lies"
        " nowhere; it can be read again and again, but not by two programs at the same moment. With --no-fifo"
        " it is a file, in memory where the system offers that. When the command ends it is gone.",
        (_FILE, _SHELL),
    ).taking(
        BACKGROUND,
        Option("--no-fifo", FLAG, _CHILD, "Use a file instead of a pipe"),
        AS_USER,
        Option("--filename", TEXT, _CHILD, "The name of the temporary file (tmp-file unless set)", "NAME"),
        TYPES,
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "run",
        _RUN,
        "Become a program with values as variables (sopspy only)",
        "As in: sopspy run secrets.yaml -- ./server --port 80. There is no shell: the words behind -- are the program"
        " and its arguments. Of several files the later one wins. No process stays behind: signals and the exit code"
        " are those of the program; 127 when there is none of this name, 126 when it cannot be started.",
        (Argument("FILE", "The files, as many as you like"), Argument("-- PROGRAM", "The program and its arguments")),
    ).taking(
        Option("--only", LIST, _CHILD, "Take this key only; may be repeated", "KEY"),
        Option("--flatten", FLAG, _CHILD, "Take values inside others, too: their keys are joined by _"),
        Option("--upper", FLAG, _CHILD, "Write the names of variables in upper case"),
        Option("--prefix", TEXT, _CHILD, "Put this in front of the names of variables", "TEXT"),
        PRISTINE,
        AS_USER,
        TYPES[0],
        ORDER,
        KEY_SERVICES,
    ),
    Command(
        "keygen",
        _SETUP,
        "Make an age identity and show its recipient (sopspy only)",
        "It is written where sops and sopspy look for it, readable by you alone. An existing file is never changed."
        " With -y the recipients of identities that are there are shown, of this FILE or of standard input.",
        (Argument("FILE", "With -y: the file with identities", False),),
    ).taking(
        Option("--output -o", TEXT, _INPUT, "Write the identity to this file", "FILE"),
        Option("--pq", FLAG, _INPUT, "Make a post-quantum identity (sops 3.12 or later; cryptography 47 or later)"),
        Option("--recipients -y", FLAG, _INPUT, "Make nothing: show the recipients of identities"),
    ),
    Command(
        "init",
        _SETUP,
        "Write a first .sops.yaml in this folder (sopspy only)",
        "Its rule encrypts to the recipients of --age, or to your own identity. An existing file is never changed.",
        (),
    ).taking(
        Option(
            "--age -a", TEXT, _RECIPIENTS, "age recipients, separated by commas", "RECIPIENTS", "SOPS_AGE_RECIPIENTS"
        )
    ),
    Command(
        "install-shims",
        _SETUP,
        "Make a sops or a ksops that calls this (sopspy only)",
        "sops for wrappers that call it by name; ksops for kustomizations that name it as their exec function.",
        (Argument("DIR", "A folder on PATH"),),
    ).taking(
        Option("--sops", FLAG, _INPUT, "Make sops (the default)"),
        Option("--ksops", FLAG, _INPUT, "Make ksops"),
    ),
    Command(
        "install-plugin",
        _SETUP,
        "Lay out the legacy plugin home of kustomize (sopspy only)",
        "For kubectl kustomize, and for kustomize without --enable-exec: the kinds ksops, SopsSecretGenerator and"
        " SopsGenerator are then served by sopspy-krm.",
        (Argument("HOME", "The plugin home; by default where kustomize looks for it", False),),
    ).taking(),
    Command(
        "completion",
        _SETUP,
        "Print a completion script for a shell",
        "For bash: source <(sopspy completion bash). For zsh: sopspy completion zsh > a file _sopspy in a folder of"
        " fpath. For fish: sopspy completion fish > ~/.config/fish/completions/sopspy.fish. The shell then completes"
        " without starting sopspy.",
        (Argument("SHELL", "bash, zsh or fish").among("bash", "zsh", "fish"),),
    ).taking(),
    Command(
        "help",
        _SETUP,
        "Show the help of a command",
        "Without a command: what sopspy can do.",
        (Argument("COMMAND", "The command to explain", False),),
    ).taking(),
)

COMMANDS = {command.name: command for command in _TABLE}
COMMANDS["set"].value_at = 2

MODES = (
    Option("--encrypt -e", FLAG, _ALONE, "Encrypt FILE"),
    Option("--decrypt -d", FLAG, _ALONE, "Decrypt FILE"),
    Option("--rotate -r", FLAG, _ALONE, "Make a new data key for FILE"),
    Option("--set", TEXT, _ALONE, 'Set one value of FILE, as \'["database"]["port"] 5432\'', "'INDEX VALUE'"),
)
"""What is done to the file of a line without a command, in the order in which sops does it; by default it is edited."""

LEGACY = Command(
    "legacy",
    _ALONE,
    "Encrypt, decrypt, rotate, set or edit a file",
    "The form of older versions of sops: what is done is an option, and a file alone is edited. All options of the"
    " commands encrypt, decrypt, rotate, set and edit may stand with it that sops knows there.",
    (_FILE,),
)
"""The line without a command word. It is no member of `COMMANDS`: a word that is none of these is a file."""
LEGACY.options = (
    *MODES,
    *(IN_PLACE, OUTPUT, EXTRACT, OVERRIDE, *TYPES, SHOW_KEYS),
    *(*KEYS, *_changes(), *CHOICES, CLEARTEXT, IGNORE_MAC, ORDER, *KEY_SERVICES),
    *GLOBAL,
)
