"""The script of the README runs as it is printed there, against a stand-in started as it says."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from adapters.standin.wire import read_json

ROOT = Path(__file__).parents[2]
HEADING = "### A stranger's client"


@pytest.fixture
def printed() -> Iterator[str]:
    """The JSON line of a stand-in that serves in a process of its own."""
    command = [ROOT / "bin" / "wizqbo", "standin", "quickbooks", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        yield served.stdout.readline()
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=10) == 0


def test_the_readmes_script_creates_reads_updates_and_voids_an_invoice(printed: str) -> None:
    [script] = re.findall(rf"^{HEADING}$.*?^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.S | re.M)
    body = [line for line in script.splitlines() if line and not line.startswith(("import", "from"))]
    assert len(body) == 10

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        input=printed,
        env={**os.environ, "OAUTHLIB_INSECURE_TRANSPORT": "1", "NO_PROXY": "127.0.0.1"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "Voided - Ring twice\n", "")
    ready = read_json(printed)
    state = httpx.get(f"{ready['control']}/state", trust_env=False).json()
    [invoice] = state["companies"][ready["realm"]]["records"]["Invoice"]
    assert (invoice["SyncToken"], invoice["TotalAmt"], invoice["PrivateNote"]) == ("2", 0, "Voided - Ring twice")
    calls = httpx.get(f"{ready['control']}/calls", trust_env=False).json()["calls"]
    assert [(one["operation"], one["outcome"]) for one in calls if one["operation"].endswith("invoice")] == [
        ("create invoice", "done"),
        ("read invoice", "done"),
        ("update invoice", "done"),
        ("void invoice", "done"),
    ]
