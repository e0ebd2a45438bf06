# SPDX-License-Identifier: MIT OR Apache-2.0
"""The steps of the GitHub action and of GitLab's job, run in a shell as a runner runs them, with
its environment variables; and the example workflows under actionlint.

usage: ci.py WHEEL PLACE
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from alone import mine
from archive import ROOT

ACTION = ROOT / "conformance/action"
ACTIONLINT = ROOT / "build/tools/bin/actionlint"
LAZY = """\
name = "lazy"
command = ["/bin/true", "{image}", "{mappings}", "{env}", "{kernel_args}", "{args}"]
mapping = ["{host}:{guest}"]
variable = ["{name}={value}"]
kvm = false
"""
# In place of GitHub's own: the release's bundle, if RELEASE_BUNDLE names one.
GH = """\
#!/bin/sh
# gh release download --pattern PATTERN --dir DIR
[ "$1 $2 $3 $5" = "release download --pattern --dir" ] && [ -n "$GH_TOKEN" ] || exit 9
case "$(basename "$RELEASE_BUNDLE")" in $4) ;; *) exit 1 ;; esac
mkdir -p "$6" && cp "$RELEASE_BUNDLE" "$6"
"""


class Counter:
    """What was as it should be."""

    def __init__(self) -> None:
        self.passed = self.failed = 0

    def wants(self, what: str, holds: bool, text: str = "") -> None:
        """Counts it, and says what does not hold."""
        if holds:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED: {what}\n{text[-3000:]}", flush=True)


@dataclass
class Job:
    """What a runner knows of one: the end, what it printed, and what its steps left."""

    status: int = 0
    text: str = ""
    summary: str = ""
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)

    def shell(self, script: str, place: Path, environment: Mapping[str, str]) -> None:
        """One script, by the command line of GitHub's `shell: bash`."""
        file = place.parent / "step.sh"
        file.write_text(script)
        done = subprocess.run(
            ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
            cwd=place, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        self.text += done.stdout
        self.status = self.status or done.returncode


def expanded(text: str, inputs: Mapping[str, str], job: Job) -> str:
    """Text with its ${{ }} replaced, as far as the action uses them."""

    def value(match: re.Match[str]) -> str:
        word = match[1]
        if word.startswith("inputs."):
            return inputs[word.removeprefix("inputs.")]
        if step := re.fullmatch(r"steps\.(\w+)\.outputs\.(\w+)", word):
            return job.outputs.get(step[1], {}).get(step[2], "")
        if word == "github.token":
            return "token"
        raise SystemExit(f"error: action.yml: the expression '{word}' is unknown here")

    return re.sub(r"\$\{\{ *(.*?) *\}\}", value, text)


def due(step: Mapping[str, Any], inputs: Mapping[str, str], job: Job) -> bool:
    """True if the step runs."""
    condition = step.get("if", "")
    if condition == "always()":
        return True
    if match := re.fullmatch(r"inputs\.(\w+) != ''", condition):
        return not job.status and inputs[match[1]] != ""
    if condition:
        raise SystemExit(f"error: action.yml: the condition '{condition}' is unknown here")
    return not job.status


class GitHub:
    """A runner of the action."""

    def __init__(self, top: Path) -> None:
        self.action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
        self.workspace, self.temporary, self.commands = (
            top / name for name in ("workspace", "temporary", "bin")
        )
        for path in (self.workspace, self.temporary, self.commands):
            path.mkdir(parents=True)
        (self.commands / "gh").write_text(GH)
        (self.commands / "gh").chmod(0o755)

    def run(self, release: Path | None = None, **given: str) -> Job:
        """The job with these inputs."""
        job = Job()
        inputs = {k: expanded(str(v.get("default", "")), {}, job)
                  for k, v in self.action["inputs"].items()} | given  # fmt: skip
        if unknown := given.keys() - self.action["inputs"].keys():
            raise SystemExit(f"error: action.yml: no input {unknown}")
        for step in self.action["runs"]["steps"]:
            if not due(step, inputs, job):
                continue
            job.ran.append(step["name"])
            if "uses" in step:
                continue
            left = {name: self.temporary / name for name in ("output", "summary")}
            for path in left.values():
                path.write_text("")
            environment = {
                "PATH": f"{self.commands}:{Path(sys.executable).parent}:/usr/bin:/bin",
                "HOME": str(self.temporary), "CI": "true", "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_TEMP": str(self.temporary),
                "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64",
                "GITHUB_OUTPUT": str(left["output"]), "GITHUB_STEP_SUMMARY": str(left["summary"]),
                "RELEASE_BUNDLE": str(release or ""),
            } | {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}  # fmt: skip
            environment |= {k: expanded(v, inputs, job) for k, v in step.get("env", {}).items()}
            job.shell(step["run"], self.workspace, environment)
            lines = left["output"].read_text().splitlines()
            job.outputs[step.get("id", "")] = dict(line.split("=", 1) for line in lines)
            job.summary += left["summary"].read_text()
        return job


def github(count: Counter, wheel: Path, top: Path) -> Path:
    """The action; the bundle that it made."""
    runner = GitHub(top)
    put_hypervisors(runner.workspace, runner.temporary / "uhyve-conformance", wheel)
    given = {"wheel": str(wheel)}
    mine = runner.run(**given, hypervisor="mine.toml")
    count.wants("the reference VMM passes", mine.status == 0, mine.text)
    count.wants("the gate is open", mine.outputs["gate"].get("open") == "true", mine.text)
    count.wants("the summary says so", "open: mine" in mine.summary, mine.summary)
    kept = top / "mine-x86_64.uhyve.tar.xz"
    shutil.copy(runner.workspace / mine.outputs["run"]["bundle"], kept)
    last = mine.ran[-1]
    for what, release, status, words in (
        ("a lazy hypervisor after it is shut", kept, 1, "SHUT: lazy"),
        ("without a bundle in the release every failure counts", None, 1, "::warning::"),
    ):
        job = runner.run(release, **given, hypervisor="lazy.toml", against="release", output="lazy")
        count.wants(what, job.status == status and words in job.text, job.text)
        count.wants(f"{what}: summary", "SHUT: lazy" in job.summary, job.summary)
        count.wants(f"{what}: results are kept", job.ran[-1] == last, str(job.ran))
    bundle = str(kept)
    same = runner.run(
        **given, hypervisor="lazy.toml", against=str(runner.workspace / job.outputs["run"]["bundle"]),
        output="again",
    )  # fmt: skip
    count.wants("nothing worse than before: open", same.status == 0, same.text)
    bad = runner.run(**given, hypervisor="none.toml", output="none")
    count.wants("a missing adapter is not a verdict", bad.status == 4, bad.text)
    (runner.workspace / "waivers.toml").write_text('[[waiver]]\nrequirement = "x"\n')
    bad = runner.run(**given, hypervisor="lazy.toml", waivers="waivers.toml", output="bad")
    count.wants("a bad file of waivers is status 4", bad.status == 4, bad.text)
    elf = next(
        (runner.temporary / "uhyve-conformance").glob("lib/*/*/*/*/*/*/x86_64/exit-basic.elf")
    )
    guest = runner.run(**given, guest=str(elf), output="guest")
    count.wants("a guest is judged", guest.status == 0 and "```text" in guest.summary, guest.text)
    guest = runner.run(**given, guest="/bin/true", output="no-guest")
    count.wants("what is not a guest fails", guest.status != 0, guest.text)
    return Path(bundle)


def put_hypervisors(workspace: Path, venv: Path, wheel: Path) -> None:
    """The adapters of a hypervisor that conforms, from the wheel, and of one that does nothing."""
    (version,) = {f"python{v.major}.{v.minor}" for v in [sys.version_info]}
    vmm = venv / f"lib/{version}/site-packages/uhyve_conformance/installed/build/uhyve-ref"
    (workspace / "mine.toml").write_text(mine(str(vmm)))
    (workspace / "lazy.toml").write_text(LAZY)


def gitlab(count: Counter, wheel: Path, top: Path, old: Path) -> None:
    """GitLab's job: its script is one shell, which ends at the first line that fails."""
    text = (ACTION / "gitlab.yml").read_text(encoding="utf-8")
    head, body = yaml.safe_load_all(text)
    project = top / "project"
    project.mkdir(parents=True)
    put_hypervisors(project, project / ".uhyve-conformance", wheel)
    inputs = {k: (v or {}).get("default") for k, v in head["spec"]["inputs"].items()}

    def run(**given: str) -> Job:
        values = inputs | given
        spec = body["uhyve-conformance"]
        variables = {
            k: re.sub(r"\$\[\[ inputs\.(\w+) \]\]", lambda m: values[m[1]], v)
            for k, v in spec["variables"].items()
        }
        job = Job()
        shutil.rmtree(project / "uhyve-results", ignore_errors=True)
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(top), "CI": "true",
            "GITLAB_CI": "true", "CI_PROJECT_DIR": str(project),
        } | {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "SSL_"))}  # fmt: skip
        job.shell("\n".join(spec["script"]), project, environment | variables)
        return job

    good = run(wheel=str(wheel), hypervisor="mine.toml", against=old.as_uri())
    count.wants(
        "GitLab: nothing worse: open", good.status == 0 and "open: mine" in good.text, good.text
    )
    for name in body["uhyve-conformance"]["artifacts"]["paths"]:
        count.wants(f"GitLab: {name} is there", (project / name).is_dir())
    junit = body["uhyve-conformance"]["artifacts"]["reports"]["junit"]
    count.wants("GitLab: JUnit is there", (project / junit).is_file())
    count.wants("GitLab: Markdown is there", (project / "uhyve-results/gate.md").is_file())
    shut = run(wheel=str(wheel), hypervisor="lazy.toml", against=str(old))
    count.wants(
        "GitLab: a worse one is shut", shut.status == 1 and "SHUT: lazy" in shut.text, shut.text
    )
    bad = run(wheel=str(wheel), hypervisor="none.toml")
    count.wants("GitLab: a missing adapter is not a verdict", bad.status == 4, bad.text)


def lint(count: Counter, top: Path) -> None:
    """actionlint on the examples, with the action where it can be looked at."""
    flows = top / ".github/workflows"
    flows.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", top], check=True)
    shutil.copytree(ACTION, top / "conformance/action")
    page = (ROOT / "docs/in-your-ci.md").read_text(encoding="utf-8")
    shown = (ACTION / "examples/hypervisor.yml").read_text(encoding="utf-8")
    count.wants("docs/in-your-ci.md shows the example", f"```yaml\n{shown}```" in page)
    for example in sorted((ACTION / "examples").glob("*.yml")):
        text = example.read_text(encoding="utf-8")
        here, number = re.subn(r"uses: OWNER/uhyve-abi/(\S+)@\S+", r"uses: ./\1", text)
        count.wants(f"{example.name} uses the action", number == 1)
        (flows / example.name).write_text(here)
    done = subprocess.run([ACTIONLINT], cwd=top, capture_output=True, text=True, check=False)
    count.wants("actionlint has no complaint", done.returncode == 0, done.stdout + done.stderr)
    broken = flows / "hypervisor.yml"
    broken.write_text(broken.read_text().replace("hypervisor:", "hypervizor:"))
    done = subprocess.run([ACTIONLINT], cwd=top, capture_output=True, text=True, check=False)
    count.wants("actionlint sees a wrong input", "hypervizor" in done.stdout, done.stdout)


def main(wheel: Path, place: Path) -> int:
    """Status 1 when something is not as it should be."""
    shutil.rmtree(place, ignore_errors=True)
    count = Counter()
    lint(count, place / "lint")
    bundle = github(count, wheel, place / "github")
    gitlab(count, wheel, place / "gitlab", bundle)
    print(f"{count.passed} passed, {count.failed} failed")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
