"""The benchmark of the stand-in, run small: it measures what it says it measures. No figure is asserted."""

from __future__ import annotations

import json

from click.testing import CliRunner

from adapters.bench.program import program


def test_the_stand_in_is_swept_page_by_page_in_a_process_of_its_own() -> None:
    run = CliRunner().invoke(program, ["standin", "--items", "1500", "--json"], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    found = json.loads(run.stdout)
    assert (found["items"], found["page_rows"], found["aim_ms"]) == (1500, 1000, 200)
    assert {sweep["pages"] for sweep in found["sweeps_ms"].values()} == {2}
    assert found["page_ms"]["pages"] == 2 * len(found["sweeps_ms"]) == 12
    assert 0 < found["page_ms"]["p50"] <= found["page_ms"]["p99"] <= found["page_ms"]["p100"]
    assert abs(found["ratio"] - found["page_ms"]["p100"] / found["aim_ms"]) < 0.01
    assert found["seeding_seconds"] > 0 and found["count_ms"] > 0 and found["capture_ms"] > 0


def test_for_people_it_says_so_in_sentences() -> None:
    run = CliRunner().invoke(program, ["standin", "--items", "5"], catch_exceptions=False)
    lines = run.stdout.splitlines()
    assert run.exit_code == 0 and lines[0].startswith("5 items were seeded in ")
    assert lines[1].startswith("A page of 1000 rows: p50 ") and "(aim: under 200)" in lines[1]
    assert [line for line in lines if line.startswith("Ratio to the aim: longest ")]
    assert lines[-1].startswith("Peak memory of the stand-in: ")
