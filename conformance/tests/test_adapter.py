# SPDX-License-Identifier: MIT OR Apache-2.0
"""Adapters: each typing error is one clear message."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from tools import ROOT, command
from uhyve_conformance.adapter import (
    UnsuitableError,
    load_adapter,
    parse_adapter,
    shipped_adapters,
)
from uhyve_conformance.capabilities import CAPABILITIES
from uhyve_conformance.errors import SuiteError, UsageError
from uhyve_conformance.guests import read_guests
from uhyve_conformance.manifest import Run
from uhyve_conformance.paths import BUILD

GOOD = """
name = "mine"
command = [
    "/bin/echo", "-m", "{memory}M", "{mappings}", "{env}", "{image}", "{kernel_args}", "{args}",
]
mapping = ["--map", "{host}:{guest}"]
variable = ["-e", "{name}={value}"]
args = ["--", "{args}"]
"""
HERE = Path("/somewhere/mine.toml")


def run(**more: object) -> Run:
    return Run("g", "s", ("UHY-OPEN-001",), **more)


def test_a_command_line() -> None:
    adapter = parse_adapter(HERE, GOOD)
    full = run(args=("a b", "{x}"), kernel_args=("k",), env={"N": "v w"}, memory=128)
    assert adapter.argv(full) == (
        "/bin/echo", "-m", "128M", "--map", "data:/data", "-e", "N=v w", "guest.elf", "k",
        "--", "a b", "{x}",
    )  # fmt: skip
    assert adapter.argv(run(mappings={})) == ("/bin/echo", "-m", "64M", "guest.elf")


def test_options_and_architectures() -> None:
    adapter = parse_adapter(HERE, GOOD + 'programs = { aarch64 = "/bin/true" }\n')
    assert adapter.with_options("--mutant", "x").argv(run(mappings={}))[1:3] == ("--mutant", "x")
    assert adapter.for_machine("aarch64", "kvm").program() == "/bin/true"
    assert adapter.for_machine("x86_64", "kvm").program() == "/bin/echo"


def test_what_the_command_line_cannot_say() -> None:
    adapter = parse_adapter(HERE, 'name = "m"\ncommand = ["/bin/echo", "{image}"]')
    assert adapter.argv(run(mappings={}))
    for more in ({"args": ("a",)}, {"env": {"A": "b"}}, {"vcpus": 2}, {"kernel_args": ("k",)}):
        with pytest.raises(UnsuitableError, match="has no"):
            adapter.argv(run(mappings={}, **more))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not TOML"),
        ('command = ["x", "{image}"]', "'name' is missing"),
        ('name = "m"', "'command' is missing"),
        (GOOD + 'capabilites = ["smp"]', "did you mean 'capabilities'?"),
        (GOOD + "frobnicate = 1", "unknown key 'frobnicate'"),
        (GOOD + 'capabilities = ["wings"]', "unknown capability 'wings'"),
        (GOOD + 'capabilities = ["smp"]', "claims no version"),
        (GOOD + 'capabilities = ["interface-3"]', "includes interface-2"),
        (GOOD + 'releases = { "2" = {} }', "needs 'release'"),
        (GOOD + 'release = "1"\nreleases = 2', "table from releases"),
        (GOOD + "crash = [0]", "exit statuses"),
        (GOOD + 'crash = "101"', "exit statuses"),
        (GOOD + 'version = "--version"', "list of strings"),
        (GOOD + 'kvm = "no"', "true or false"),
        (GOOD.replace("{image}", "guest.elf"), "has to hold {image}"),
        (GOOD.replace("{image}", "{imgae}"), "unknown placeholder {imgae}"),
        (GOOD.replace("{memory}M", "{memoryM"), "lone brace"),
        (GOOD.replace("{host}:{guest}", "{hots}"), "unknown placeholder {hots}"),
        (GOOD.replace("mapping =", "#"), "'mapping' is needed"),
        (GOOD.replace('"mine"', '"a/b"'), "part of a path"),
        (GOOD.replace('"mine"', f'"{"m" * 65}"'), "more than 64 characters"),
        (GOOD.replace('"/bin/echo"', '""'), "an empty word"),
        (GOOD.replace('"/bin/echo"', '"/bin/\\u0000"'), "NUL"),
        (GOOD.replace('"{mappings}"', '"--map={mappings}"'), "a word of its own"),
        (GOOD.replace(', "{args}"]', "]"), "'args' has to hold {args}"),
        (GOOD.replace("{host}:{guest}", "{host}"), "'mapping' has to hold {guest}"),
        (GOOD.replace("{name}={value}", "{name}"), "'variable' has to hold {value}"),
        (GOOD + 'kernel_args = ["-k"]', "'kernel_args' has to hold {kernel_args}"),
        (GOOD + 'environment = { "A=B" = "c" }', "not a name of a variable"),
        (GOOD + 'environment = { A = "\\u0000" }', "NUL"),
        (GOOD + "environment = { A = 1 }", "table of strings"),
        (GOOD + 'environment = "A"', "table of strings"),
        (GOOD + 'programs = { mips = "/bin/true" }', "unknown machine 'mips'"),
        (GOOD + 'prefix = [""]', "an empty word"),
        (GOOD + "hint = 3", "has to be a string"),
        ('name = 3\ncommand = ["a", "{image}"]', "has to be a string"),
        ('name = "m"\ncommand = [["a"], "{image}"]', "list of strings"),
    ],
)
def test_faults(text: str, message: str) -> None:
    with pytest.raises(UsageError) as problem:
        parse_adapter(HERE, text)
    assert message in str(problem.value)
    assert str(HERE) in str(problem.value)


def test_a_command_line_that_lacks_something_is_refused_with_what_to_add() -> None:
    adapter = parse_adapter(HERE, 'name = "m"\ncommand = ["/bin/echo", "{image}"]')
    adapter.check_runs([run(mappings={})])
    adapter.check_runs([run(mappings={}, vcpus=2, needs=("smp",)), run(interface=3)])
    with pytest.raises(UsageError) as problem:
        adapter.check_runs([run(), run(), run(mappings={}, args=("a",))])
    text = str(problem.value)
    assert text.startswith(f"{HERE}: 'command' lacks") and text.count("\n") == 2
    assert '"{mappings}", and the line: mapping = ["--file-mapping", "{host}:{guest}"]' in text
    assert "for g and 1 more" in text and '"{args}", and the line: args = ["--", "{args}"]' in text


# ---- The example of the README -------------------------------------------------------------------

EXAMPLE = "".join(
    line.strip() + "\n"
    for line in (ROOT / "conformance/README.md")
    .read_text()
    .partition("## Your hypervisor in five lines\n\n")[2]
    .partition("\n\n")[0]
    .splitlines()
)
# The program of the example: the reference VMM under its option names.
MYVMM = f"""#!/bin/bash
words=()
for word; do
    case $word in
        --memory) word=--memory-size ;;
        --cpus) word=--cpu-count ;;
        --share) word=--file-mapping ;;
        --env) word=--env-vars ;;
        *[0-9]M) word=${{word}}iB ;;
    esac
    words+=("$word")
done
exec '{ROOT}/build/uhyve-ref' "${{words[@]}}"
"""


def test_the_example_of_the_readme_says_what_every_guest_needs() -> None:
    adapter = parse_adapter(HERE, EXAMPLE)
    assert EXAMPLE.count("\n") == 5
    everything = replace(adapter, capabilities=tuple(CAPABILITIES))
    everything.check_runs(run for g in read_guests(BUILD / "guests/x86_64") for run in g.runs)


@pytest.mark.skipif(not os.access("/dev/kvm", os.R_OK | os.W_OK), reason="no KVM")
def test_the_example_of_the_readme_works_as_it_is_copied(tmp_path: Path) -> None:
    program = tmp_path / "target" / "release" / "myvmm"
    program.parent.mkdir(parents=True)
    program.write_text(MYVMM)
    program.chmod(0o755)
    (tmp_path / "conformance").mkdir()
    adapter = tmp_path / "conformance" / "mine.toml"
    adapter.write_text(EXAMPLE)
    only = [f"--only={name}" for name in ("boot-arguments", "close-negative")]
    done = command("run", "--hypervisor", adapter, "--output", tmp_path / "out", *only)
    assert done.status == 0 and "what was selected is met" in done.text, done.text


def test_releases(tmp_path: Path) -> None:
    text = GOOD.replace('"/bin/echo"', '"/bin/{release}"') + 'release = "echo"\n'
    text += '[releases.true]\ncapabilities = ["interface-1"]\n'
    usual, other = parse_adapter(HERE, text), parse_adapter(HERE, text, "true")
    assert (usual.program(), usual.name, usual.capabilities) == (
        "/bin/echo", "mine", ("interface-2",),
    )  # fmt: skip
    assert (other.program(), other.name, other.capabilities) == (
        "/bin/true", "mine-true", ("interface-1",),
    )  # fmt: skip
    (tmp_path / "mine.toml").write_text(text)
    chosen = load_adapter(f"{tmp_path}/mine.toml@true")
    assert chosen.name == "mine-true" and chosen.selector.endswith("mine.toml@true")
    with pytest.raises(UsageError, match="no release '9'; there are echo, true"):
        load_adapter(f"{tmp_path}/mine.toml@9")
    with pytest.raises(UsageError, match="no release '9'; there are none"):
        parse_adapter(HERE, GOOD, "9")


def test_unknown_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no hypervisor 'nonsense'"):
        load_adapter("nonsense")
    with pytest.raises(UsageError, match="did you mean 'reference'"):
        load_adapter("refernce")
    with pytest.raises(UsageError):
        load_adapter(str(tmp_path / "no.toml"))


def test_programs_that_do_not_start(tmp_path: Path) -> None:
    def adapter(program: str, more: str = ""):  # noqa: ANN202
        return parse_adapter(HERE, f'name = "m"\ncommand = ["{program}", "{{image}}"]\n{more}')

    with pytest.raises(SuiteError, match="no program /no/such; build it"):
        adapter("/no/such", 'hint = "build it"').program()
    with pytest.raises(
        SuiteError, match="does not start: /bin/false --version ended with status 1"
    ):
        adapter("/bin/false", 'version = ["--version"]').ask_version()
    bad = tmp_path / "bad"
    bad.write_bytes(b"\x7fELF nonsense")
    bad.chmod(0o755)
    with pytest.raises(SuiteError, match="does not start"):
        adapter(str(bad), 'version = ["--version"]').ask_version()


def test_a_relative_program_belongs_to_the_adapter_s_directory(tmp_path: Path) -> None:
    (tmp_path / "vmm").write_text("#!/bin/sh\n")
    (tmp_path / "vmm").chmod(0o755)
    text = 'name = "m"\ncommand = ["./vmm", "{image}"]'
    assert parse_adapter(tmp_path / "m.toml", text).program() == str(tmp_path / "vmm")


def test_shipped_adapters_are_in_order() -> None:
    for name in shipped_adapters():
        assert load_adapter(name).name == name
