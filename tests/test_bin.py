"""The programs in bin/, run for real on a small project of their own that needs no packages, and so no network."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAKING = "making the Python environment"
CLI = "import os, sys\nprint(os.getcwd(), sys.argv[1:], sys.prefix)\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose environment two have made at once, after a third was killed with kill -9 while making it."""
    project = small_project(tmp_path_factory.mktemp("made"))
    killed = start(project / "bin" / "wizqbo")
    assert killed.stderr is not None and MAKING in killed.stderr.readline()
    killed.kill()
    killed.communicate()
    both = [start(project / "bin" / "wizqbo") for _ in range(2)]
    answers = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum(stderr.count(MAKING) for _, stderr in answers) == 1
    return project


def small_project(folder: Path) -> Path:
    project = folder / "a project"
    shutil.copytree(ROOT / "bin", project / "bin")
    (project / "adapters").mkdir()
    (project / "adapters" / "cli.py").write_text(CLI)
    (project / "pyproject.toml").write_text("")
    (project / "requirements.lock").write_text("")
    return project


def environment(**changes: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if name not in ("WIZQBO_PYTHON", "WIZQBO_HOME", "PYTHONPATH")
    }
    return {**kept, "WIZQBO_PYTHON": sys.executable, **changes}


def run(program: Path, *arguments: str, cwd: Path | str = "/", **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *arguments], cwd=cwd, env=environment(**changes), capture_output=True, text=True, timeout=120
    )


def start(program: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [program], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def quick_python(folder: Path, made: Path) -> str:
    """This Python, but an environment it makes borrows pip from the one made already: unpacking pip is what takes long."""
    [packages] = (made / ".venv" / "lib").glob("python*/site-packages")
    shutil.copytree(packages, folder / "packages")
    python = folder / "python"
    python.write_text(
        "#!/bin/sh\n"
        f'[ "$1 $2" = "-m venv" ] || exec "{sys.executable}" "$@"\n'
        f'"{sys.executable}" -m venv --without-pip "$3" || exit\n'
        f'for packages in "$3"/lib/python*/site-packages; do echo "{folder}/packages" >"$packages/borrowed.pth"; done\n'
    )
    python.chmod(0o755)
    return str(python)


def pretended_python(folder: Path, version: str, code: int) -> str:
    """A program that answers as an unfit Python does."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\ncase "$2" in *print*) echo {version} ;; *) exit {code} ;; esac\n')
    python.chmod(0o755)
    return str(python)


def test_an_environment_made_once_is_used_from_any_folder_through_a_link_and_in_silence(
    made: Path, tmp_path: Path
) -> None:
    (tmp_path / "wizqbo").symlink_to(made / "bin" / "wizqbo")
    (tmp_path / "adapters").mkdir()  # of the same name as ours; the caller's folder is not searched
    done = run(tmp_path / "wizqbo", "history", "a b", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path} ['history', 'a b'] {made / '.venv'}\n"


def test_after_the_lock_file_changed_it_is_made_again_until_pip_accepts_it(made: Path, tmp_path: Path) -> None:
    python = quick_python(tmp_path, made)
    (made / "requirements.lock").write_text("./no-such-package.whl\n")
    refused = run(made / "bin" / "wizqbo", WIZQBO_PYTHON=python)
    assert refused.returncode == 1 and refused.stdout == ""
    assert "could not be made" in refused.stderr and "no-such-package.whl" in refused.stderr
    assert len(refused.stderr.splitlines()) < 20
    (made / ".venv" / "left-over").touch()
    (made / "requirements.lock").write_text("")
    again = run(made / "bin" / "wizqbo", WIZQBO_PYTHON=python)
    assert again.returncode == 0 and MAKING in again.stderr
    assert not (made / ".venv" / "left-over").exists()


@pytest.mark.parametrize(
    ("code", "said"), [(3, "is Python 3.8, which is too old"), (4, "cannot make environments"), (127, "does not run")]
)
def test_an_unfit_python_gets_one_sentence_that_says_what_to_install(tmp_path: Path, code: int, said: str) -> None:
    project = small_project(tmp_path)
    done = run(project / "bin" / "wizqbo", WIZQBO_PYTHON=pretended_python(tmp_path, "3.8", code))
    assert done.returncode == 1 and done.stdout == ""
    assert said in done.stderr and "Install Python 3.11 or newer" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_any_python_it_says_so(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "readlink", "dirname", "cat", "cksum"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    done = run(project / "bin" / "wizqbo", PATH=str(tools), WIZQBO_PYTHON="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no Python here. Install Python 3.11 or newer" in done.stderr


@pytest.fixture
def somebody_elses(tmp_path: Path) -> Iterator[tuple[Path, Path, dict[str, int]]]:
    """A project that may not be written to, a home, and who to be: for root, an ordinary user."""
    identity: dict[str, int] = {}
    # Not in tmp_path: pytest keeps that to its own user.
    folder = Path(f"/tmp/wizqbo-test-{os.getpid()}-{time.monotonic_ns()}")
    project, home = small_project(folder), folder / "home"
    home.mkdir()
    if os.geteuid() == 0:
        identity = {"user": 65534, "group": 65534}
        os.chown(home, 65534, 65534)
    project.chmod(0o555)
    yield project, home, identity
    project.chmod(0o755)
    shutil.rmtree(folder)


def test_in_somebody_elses_project_the_environment_is_made_in_ones_own_home(
    somebody_elses: tuple[Path, Path, dict[str, int]],
) -> None:
    project, home, identity = somebody_elses
    candidates = (sys.executable, sys.base_prefix + "/bin/python3", "/usr/bin/python3")
    python = next((path for path in candidates if _can_make_environments(path, identity)), None)
    if python is None:
        pytest.skip("no Python here that another user may run")
    in_cache = {"HOME": str(home), "XDG_CACHE_HOME": "", "WIZQBO_PYTHON": python}
    in_home = {**in_cache, "HOME": "/nonexistent", "WIZQBO_HOME": str(home / ".cache" / "wizqbo")}
    first, second = (_run_as(identity, project / "bin" / "wizqbo", changes) for changes in (in_cache, in_home))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert f"{home}/.cache/wizqbo/environment-" in first.stdout and MAKING in first.stderr
    assert (second.stdout, second.stderr) == (first.stdout, "")
    assert not (project / ".venv").exists()


def _run_as(identity: dict[str, int], program: Path, changes: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program],
        cwd="/",
        env=environment(**changes),
        capture_output=True,
        text=True,
        extra_groups=[] if identity else None,
        user=identity.get("user"),
        group=identity.get("group"),
    )


def _can_make_environments(python: str, identity: dict[str, int]) -> bool:
    check = "import sys, venv, ensurepip; assert sys.version_info >= (3, 11)"
    try:
        done = subprocess.run(
            [python, "-c", check], cwd="/", capture_output=True, user=identity.get("user"), group=identity.get("group")
        )
    except OSError:
        return False
    return done.returncode == 0


def test_the_checks_stop_at_the_first_that_fails(made: Path) -> None:
    done = run(made / "bin" / "check")  # no ruff in this environment: the first check fails
    assert done.returncode == 1
    assert "== format" in done.stdout and "== lint" not in done.stdout


def test_the_ci_runs_the_checks_from_any_folder(made: Path) -> None:
    shutil.copytree(ROOT / ".ci", made / ".ci", dirs_exist_ok=True)
    done = run(made / ".ci" / "run")
    assert done.returncode == 1 and "== format" in done.stdout
