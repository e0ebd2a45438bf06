# SPDX-License-Identifier: MIT OR Apache-2.0
"""Can the harness's own tests fail? Each row breaks one module of the harness, and the named test
has to notice. The first rows run always; `make harness-mutants` runs all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import uhyve_conformance
from tools import HERE

PACKAGE = Path(uhyve_conformance.__file__).parent
ALWAYS = 6
MUTATIONS = (  # module, what stands there, what takes its place, the test that notices
    ("judge.py", "range(129, 193)", "range(129, 192)",
     "test_judge.py::test_what_a_shell_makes_of_each_signal_is_a_crash"),
    ("plan.py", "not red and capability.probed is not False", "not red",
     "test_false_green.py::test_one_bad_probe_of_several_is_enough"),
    ("runs.py", "secrets.randbits(64) if challenge is None", "7 if challenge is None",
     "test_false_green.py::test_no_two_runs_have_the_same_challenge"),
    ("results.py", "Verdict.ERROR, \"a guest promises", "Verdict.NOT_TESTED, \"a guest promises",
     "test_false_green.py::test_a_promise_without_any_report_is_an_error"),
    ("guarded.py", "remove_tree(path)", "path.rmdir()",
     "test_local.py::test_a_scratch_directory_is_gone_whatever_was_left_in_it"),
    ("bundle/gate.py", "gate.faults.append(f\"waiver: {id_} is stale", "str(f\"waiver: {id_} is stale",
     "test_gate.py::test_a_waiver_that_does_not_count_shuts_it"),
    # ---- the others ----
    ("judge.py", "if tap.response == answer and not tap.faults", "if not tap.faults",
     "test_judge.py::test_a_console_without_the_answer_or_the_plan"),
    ("judge.py", "orderly and tap.may_end and end.status", "orderly and tap.may_end",
     "test_judge.py::test_where_the_machine_may_end"),
    ("verdicts.py", "min(verdicts", "max(verdicts",
     "test_reports.py::test_no_pass_hides_anything"),
    ("controller.py", "in self.collected - self.runs.keys()", "in ()",
     "test_adversity.py::test_a_run_that_is_lost_costs_itself_and_the_verdict"),
    ("rounds.py", "len(set(seen)) > 1", "len(set(seen)) > 2",
     "test_adversity.py::test_what_is_wrong_once_is_flaky"),
    ("guest_lock.py", "if name not in there and _expected(name, arch)", "if False",
     "test_adversity.py::test_other_guests_are_no_suite"),
    ("environment.py", "fcntl.LOCK_EX | fcntl.LOCK_NB", "fcntl.LOCK_SH | fcntl.LOCK_NB",
     "test_adversity.py::test_two_sessions_in_one_place"),
    ("guardian.py", "for pid in left:", "for pid in ():",
     "test_adversity.py::test_a_child_that_left_the_session_is_gone"),
    ("adapter.py", "if lacking:", "if len(lacking) > 1:",
     "test_false_green.py::test_an_adapter_that_lacks_a_placeholder_runs_nothing"),
    ("options.py", "if not low <= value <= high:", "if value < low or value > high:",
     "test_adversity.py::test_a_duration_that_is_none"),
    ("local.py", "self._printed > OUTPUT_FLOOD", "False",
     "test_false_green.py::test_each_role"),
    ("causes.py", "            rank(c[\"severity\"]),", "            -rank(c[\"severity\"]),",
     "test_causes.py"),
)  # fmt: skip
CHOSEN = MUTATIONS if os.environ.get("HARNESS_MUTATIONS") == "all" else MUTATIONS[:ALWAYS]


def mutated(place: Path, module: str, old: str, new: str) -> Path:
    """A package that is the harness with one module changed; the rest are links to it."""
    package = place / "uhyve_conformance"
    cache = package / "__pycache__"
    cache.mkdir(parents=True)
    for path in PACKAGE.iterdir():
        if path.name not in (module, "__pycache__"):
            (package / path.name).symlink_to(path)
    for path in (PACKAGE / "__pycache__").glob("*.pyc"):
        if path.name.partition(".")[0] != module.partition(".")[0]:
            (cache / path.name).symlink_to(path)
    folder = Path(module).parent
    if folder.parts:
        (package / folder).unlink()
        (package / folder).mkdir()
        for path in (PACKAGE / folder).glob("*.py"):
            if path.name != Path(module).name:
                (package / folder / path.name).symlink_to(path)
    text = (PACKAGE / module).read_text()
    assert text.count(old) == 1, f"{module} holds {old!r} {text.count(old)} times"
    (package / module).write_text(text.replace(old, new))
    return place


def test_each_mutation_has_its_place() -> None:
    """Also of those that are not made here."""
    for module, old, _, _ in MUTATIONS:
        assert (PACKAGE / module).read_text().count(old) == 1, f"{module}: {old!r}"


@pytest.mark.parametrize(("module", "old", "new", "test"), CHOSEN)
def test_a_broken_harness_is_noticed(
    tmp_path: Path, module: str, old: str, new: str, test: str
) -> None:
    place = mutated(tmp_path, module, old, new)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", "-p", "no:xdist",
         "--tb=line", HERE / test],
        env={**os.environ, "PYTHONPATH": str(place)}, cwd=HERE, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout + done.stderr
