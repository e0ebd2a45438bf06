# SPDX-License-Identifier: MIT OR Apache-2.0
"""Adapters: each typing error is one clear message."""

from __future__ import annotations

from pathlib import Path

import pytest
from uhyve_conformance.adapter import (
    UnsuitableError,
    load_adapter,
    parse_adapter,
    shipped_adapters,
)
from uhyve_conformance.errors import SuiteError, UsageError
from uhyve_conformance.manifest import Run

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
    ],
)
def test_faults(text: str, message: str) -> None:
    with pytest.raises(UsageError) as problem:
        parse_adapter(HERE, text)
    assert message in str(problem.value)
    assert str(HERE) in str(problem.value)


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
