"""The program itself: what it says when something is wrong, and the commands that stay in the foreground."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from click.testing import CliRunner

from adapters.cli.program import COMMANDS, program
from adapters.database.schema import SCHEMA_LOCK
from engine.settings import VARIABLES
from tests.adapters.command_line import ask, done, environment, refused
from tests.world import World

NOTHING_SET: dict[str, str | None] = {variable: None for variable, _ in VARIABLES.values()}


def begun(words: list[str], env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "adapters.cli", *words],
        env={**os.environ, **env, "PYTHONPATH": str(root)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    )


def hears_ctrl_c() -> None:
    """Whoever started the tests in the background of a shell passes on that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0], "nothing was said within 30 s"
    return process.stdout.readline()


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.name != "demo"], ids=lambda c: str(c.name))
def test_every_command_has_a_help_with_a_real_example(command: object) -> None:
    name = str(getattr(command, "name", ""))

    result = CliRunner().invoke(program, [name, "--help"])

    assert result.exit_code == 0
    assert "Example" in result.output and f"{name}" in result.output.split("Example")[1]


def test_all_wrong_settings_are_named_at_once(tmp_path: Path) -> None:
    env = {**NOTHING_SET, "WIZQBO_PORT": "many", "WIZQBO_WORKERS": "0", "WIZQBO_HOME": str(tmp_path)}

    result = CliRunner().invoke(program, ["connections"], env=env)

    assert result.exit_code == 1
    assert "WIZQBO_PORT" in result.stderr and "WIZQBO_WORKERS" in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_command_is_told_by_the_programs_own_name(tmp_path: Path) -> None:
    process = begun(["no-such-command"], {"WIZQBO_HOME": str(tmp_path)}, tmp_path)

    _, said = process.communicate(timeout=30)

    assert process.returncode == 2 and "Usage: wizqbo " in said


def test_all_missing_settings_are_named_at_once(world: World) -> None:
    said = refused(world, "run", WIZQBO_QUICKBOOKS_CLIENT_ID="", WIZQBO_WIZCOMMERCE_WEBHOOK_SECRET="")

    assert "WIZQBO_QUICKBOOKS_CLIENT_ID is not set" in said
    assert "WIZQBO_WIZCOMMERCE_WEBHOOK_SECRET is not set" in said


def test_a_database_that_is_not_there_is_one_sentence(world: World) -> None:
    said = refused(world, "status", DATABASE_URL="postgresql://nobody:hush-hush@127.0.0.1:1/none")

    assert said.strip() and "hush-hush" not in said
    assert len(said.strip().splitlines()) == 1


def test_another_schema_is_one_sentence(world: World) -> None:
    with world.engine.pool.connection() as c:
        c.execute("UPDATE schema_version SET version = 99")

    said = refused(world, "status")

    assert "schema version 99" in said and len(said.strip().splitlines()) == 1


def test_an_event_of_a_later_release_is_one_sentence(bare_world: World) -> None:
    with bare_world.engine.pool.connection() as c:
        c.execute(
            "INSERT INTO log (originator_id, originator_version, topic, state) VALUES ('connection-acme', 1, 'moon-landed', '{}')"
        )

    said = refused(bare_world, "rebuild", "claims")

    assert "'moon-landed', which this release does not know" in said and len(said.strip().splitlines()) == 1


def test_another_key_than_the_databases_is_one_sentence(world: World) -> None:
    said = refused(world, "doctor", "acme", WIZQBO_SECRET_KEY="A" * 43 + "=")

    assert "WIZQBO_SECRET_KEY" in said and len(said.strip().splitlines()) == 1


def test_whoever_acts_must_be_a_named_person(world: World) -> None:
    nobody = refused(world, "pause", "acme")
    machine = refused(world, "--as", "System", "pause", "acme")

    assert nobody == "Say who acts, for the history: `--as NAME`, or set WIZQBO_ACTOR.\n"
    assert "Name a person" in machine
    assert ask(world, "pause", "acme", WIZQBO_ACTOR="admin").exit_code == 0
    assert ask(world, "resume", "acme", "--as", "Bo").exit_code == 0
    assert world.rows(
        "SELECT who FROM log_readable WHERE event IN ('push-paused', 'push-resumed') ORDER BY position"
    ) == [
        ("admin",),
        ("Bo",),
    ]


def test_settings_come_from_the_file_that_is_named(world: World, tmp_path: Path) -> None:
    settings = environment(world.settings)
    file = tmp_path / "acme.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()) + "WIZQBO_ACTOR=admin\n")

    result = CliRunner().invoke(program, ["--env-file", str(file), "pause", "acme"], env=NOTHING_SET)

    assert result.exit_code == 0, result.output
    missing = CliRunner().invoke(program, ["--env-file", str(tmp_path / "none.env"), "status"], env=NOTHING_SET)
    assert missing.exit_code == 1 and "There is no file" in missing.stderr


def test_an_unforeseen_problem_is_a_sentence_with_its_place(world: World) -> None:
    with world.engine.pool.connection() as c:
        c.execute('UPDATE gates SET facts = \'{"custom_numbers": "perhaps"}\'')

    said = refused(world, "connections")

    assert "A problem nobody foresaw: ValidationError" in said and len(said.strip().splitlines()) == 1


# ---- in the foreground ---------------------------------------------------------------------------------------------------


@pytest.fixture
def settings(bare_world: World) -> Iterator[dict[str, str]]:
    """The world's settings on a port of their own."""
    bare_world.web.stop()
    yield environment(bare_world.settings)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_says_where_it_is_and_ends_well_when_told(settings: dict[str, str], tmp_path: Path, number: int) -> None:
    process = begun(["run", "--json"], settings, tmp_path)

    ready = json.loads(first_line(process))
    health = httpx.get(f"{ready['address']}/health")
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    assert health.status_code == 200 and ready["working"] is True
    assert process.returncode == 0
    assert "Traceback" not in errors


def test_work_needs_no_port(settings: dict[str, str], tmp_path: Path) -> None:
    process = begun(["work"], settings, tmp_path)

    said = first_line(process)
    process.terminate()
    process.communicate(timeout=30)

    assert said == "wizqbo works; Ctrl-C ends it.\n" and process.returncode == 0


def test_a_port_that_is_taken_is_one_sentence(world: World, tmp_path: Path) -> None:
    process = begun(["serve"], environment(world.settings), tmp_path)

    _, errors = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "cannot be served on" in errors and "WIZQBO_PORT" in errors and "Traceback" not in errors


@pytest.mark.parametrize("system", ["quickbooks", "wizcommerce"])
def test_a_stand_in_says_where_it_is_and_serves(system: str, tmp_path: Path) -> None:
    process = begun(["standin", system, "--port", "0"], {}, tmp_path)

    ready = json.loads(first_line(process))
    state = httpx.get(f"{ready['control']}/state")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)

    assert state.status_code == 200
    assert process.returncode == 0 and "Traceback" not in errors


def test_a_closed_pipe_is_no_traceback(world: World, tmp_path: Path) -> None:
    process = begun(["--help"], environment(world.settings), tmp_path)
    assert process.stdout is not None
    process.stdout.close()

    process.wait(timeout=30)

    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_ctrl_c_in_the_middle_is_130_and_no_traceback(world: World, tmp_path: Path) -> None:
    with psycopg.connect(world.database) as c:
        c.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        process = begun(["status"], environment(world.settings), tmp_path)
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
        until = time.monotonic() + 30
        while world.rows(waits + "(SELECT oid FROM pg_database WHERE datname = current_database())") == [(0,)]:
            assert time.monotonic() < until, "it never began"

        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=30)

    assert process.returncode == 130
    assert (said, errors) == ("", "")


def test_no_answer_to_a_question_does_nothing_and_says_so(world: World) -> None:
    result = ask(world, "--as", "admin", "disconnect", "acme", answer="")

    assert result.exit_code == 1 and "Nothing was done." in result.stderr
    assert "connected" in done(world, "connections")
