"""The command line: one table (`spec`), one parser (`parse`), one module per command, one reporter."""
