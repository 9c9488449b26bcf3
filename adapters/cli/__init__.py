"""The command line: what an admin, an auditor and an engineer can ask for, a file a group of commands.

Everything a person reads is a sentence; every report can be had with `--json`. Commands that act carry the name of whoever
acts into the log. What goes wrong becomes one clear sentence on stderr and exit code 1, never a traceback.
"""

import sys


def main() -> None:
    """Runs the command named in `sys.argv`, and exits with its code."""
    try:
        from adapters.cli.program import program  # loading takes a moment, in which Ctrl-C must be quiet too
    except KeyboardInterrupt:
        sys.exit(130)
    program(prog_name="wizqbo")


__all__ = ["main"]
