"""The first command of the README, as a person runs it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90
INTERRUPTED = 130


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder for wizqbo that is not there yet."""
    return tmp_path / "home"


def command(*words: str) -> list[str]:
    """`wizqbo` as it can be run here: in the environment it makes for itself, once there is one."""
    if (ROOT / ".venv" / "stamp").exists():
        return [str(ROOT / "bin" / "wizqbo"), *words]
    return [sys.executable, "-P", "-m", "adapters.cli", *words]


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WIZQBO_", "DATABASE_", "PG"))}
    return {**kept, "WIZQBO_HOME": str(home), "PYTHONPATH": str(ROOT)}


def test_the_demo_turns_five_orders_into_five_invoices_and_kept_it_can_be_asked_until_ctrl_c(home: Path) -> None:
    with subprocess.Popen(
        command("demo", "--keep", "--json"),
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as demo:
        assert demo.stdout is not None and demo.stderr is not None
        try:
            settings = next(line.strip() for line in demo.stderr if line.strip().endswith("/environment"))
            asked = subprocess.run(
                ["/bin/sh", "-c", f'{settings} && exec "$@"', "sh", *command("history", "order", "WC-1002", "--json")],
                env=environment(home),
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
        finally:
            demo.send_signal(signal.SIGINT)
            printed, _ = demo.communicate(timeout=PATIENCE_SECONDS)

    said = json.loads(printed)
    reads, own, log = said.pop("metered_reads"), said.pop("own_time_ms"), said.pop("log")
    born = {"from_quickbooks": {"invoices": 1, "orders": 1}}
    money = {"invoiced": "629.00", "paid": "125.00", "open": "504.00", "payments": 3, "adds_up": True}
    counts = {"orders": 5, "invoices": 5, "duplicates": 0, "lost": 0, "held": 0, "shipped": 1}
    assert said == {**counts, **born, **money, "conflicts": 1, "customers_created": 1}
    assert reads > 0
    assert 0 < own["p50"] <= own["p99"]
    assert log["verified"] is True and log["events"] > 50
    assert asked.returncode == 0, asked.stderr
    assert "QuickBooks has no active item with SKU LAMP-03" in asked.stdout
    assert demo.returncode == INTERRUPTED
    assert list((home / "demo").iterdir()) == []
