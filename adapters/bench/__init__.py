"""The benchmarks: what the README's figures come from. Nothing here is asserted in a test; they print what they measured.

`python -m adapters.bench latency`, `append` and `standin`; `--json` for a machine.
"""

import sys


def main() -> None:
    """Runs the benchmark named in `sys.argv`."""
    from adapters.bench.program import program

    try:
        program()
    except KeyboardInterrupt:
        sys.exit(130)


__all__ = ["main"]
