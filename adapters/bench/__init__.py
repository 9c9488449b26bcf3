"""The benchmarks: what the README's figures come from. Nothing here is asserted in a test; they print what they measured.

`python -m adapters.bench --help` lists them; `--json` for a machine. `latency` is about one order after the other at an ordinary
pace, within the real limits; `orders` about many, beside a plain script, as quickly as it goes.
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
