"""The command line: one table (`spec`), one parser (`parse`), one module per command, one reporter."""

program = "sopspy"
"""The name it was started under, `sops` or `sopspy`, which messages repeat; the console entry sets it."""
