# SPDX-License-Identifier: MIT OR Apache-2.0
"""The explorer: its model, its texts, its shrinker; no hypervisor is needed."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from uhyve_conformance import paths
from uhyve_conformance.explore import cli as explore_cli
from uhyve_conformance.explore import groups, mutants, requirements, world
from uhyve_conformance.explore.blocks import CALLS
from uhyve_conformance.explore.check import Coverage
from uhyve_conformance.explore.cli import CORPUS, read_corpus
from uhyve_conformance.explore.generate import BASES, Generator, Screen
from uhyve_conformance.explore.layout import layout
from uhyve_conformance.explore.model import (
    Call,
    Kind,
    Level,
    Name,
    Observed,
    Ram,
    State,
    allowed,
    explain,
)
from uhyve_conformance.explore.model.paths import canonical
from uhyve_conformance.explore.shrink import shrink
from uhyve_conformance.explore.steps import RELEVANT, Step, parse, text_of
from uhyve_conformance.spec import read_spec

RAM = Ram(1 << 32, (1 << 32) + (64 << 20))


def fresh() -> State:
    return world.initial_state(RAM, 0o022)


def open_call(path: bytes, flags: int = 0, mode: int = 0o644) -> Call:
    return Call("FileOpen", RAM.start + 8, 20, Name(RAM.start + 64, path), flags=flags, mode=mode)


def test_every_tag_is_in_the_specification() -> None:
    assert requirements.unknown(read_spec(paths.SPEC)) == []
    assert len(requirements.named()) > 250


def test_what_the_model_leaves_out_has_a_reason() -> None:
    spec = read_spec(paths.SPEC)
    assert [i for i, why in requirements.not_named(spec) if not why] == []


def test_range_rule() -> None:
    assert RAM.holds(RAM.start, RAM.end - RAM.start)
    assert not RAM.holds(RAM.end - 4, 5)
    assert not RAM.holds(RAM.start, (1 << 64) - RAM.start + RAM.start)
    assert RAM.holds(0, 0)


@pytest.mark.parametrize(
    ("path", "form"),
    [(b"/a//b/./c", b"a/b/c"), (b"../a", b"a"), (b"/a/../../b/", b"b"), (b"/..", b""), (b".", b"")],
)
def test_canonical_form(path: bytes, form: bytes) -> None:
    assert b"/".join(canonical(path)) == form


def test_a_descriptor_reads_what_was_written() -> None:
    name = b"/" + world.MAPPED_DIRECTORY + b"/n"
    after = explain([fresh()], open_call(name, 0o102), Observed(result=3)).states
    assert len(after) == 1
    write = Call("FileWrite", RAM.start, 32, fd=3, buffer=RAM.start + 256, length=3, data=b"abc")
    after = explain(after, write, Observed(result=3)).states
    seek = Call("FileLseek", RAM.start, 16, fd=3)
    after = explain(after, seek, Observed(result=0)).states
    read = Call("FileRead", RAM.start, 32, fd=3, buffer=RAM.start + 256, length=8)
    assert explain(after, read, Observed(result=3, stored=b"abc")).states
    assert not explain(after, read, Observed(result=3, stored=b"abd")).states
    assert not explain(after, read, Observed(result=2, stored=b"ab")).states


def opened_at_once(results: list[int], shown: list[int]) -> bool:
    """True if some order of as many FileOpen with O_EXCL of one name explains the results."""
    call = open_call(b"/" + world.MAPPED_DIRECTORY + b"/n", 0o302)
    sides = [[groups.Event(call, Observed(result=r), at, 0)] for r, at in zip(results, shown)]
    states, difference = groups.explained(fresh(), sides, 0, Coverage())
    assert bool(states) is (difference is None)
    return difference is None


def test_some_order_of_all_vcpus_explains() -> None:
    assert opened_at_once([-17, 3, -17], [1, 2, 3])
    assert opened_at_once([-17, -17, -17, 3], [1, 2, 3, 4])
    assert not opened_at_once([3, 4, -17], [1, 2, 3])
    assert not opened_at_once([-17, -17, -17], [1, 2, 3])


def test_what_was_over_came_first() -> None:
    name = b"/" + world.MAPPED_DIRECTORY + b"/n"
    made = groups.Event(open_call(name, 0o302), Observed(result=3), 1, 0)
    missing = groups.Event(open_call(name), Observed(result=-2), 2, 0)
    late = groups.Event(open_call(name), Observed(result=-2), 3, 1)
    assert groups.explained(fresh(), [[made], [missing]], 0, Coverage())[0]
    # The first vCPU's call was shown before the second one's last call began.
    assert not groups.explained(fresh(), [[made], [missing, late]], 0, Coverage())[0]


def test_a_crash_is_never_explained() -> None:
    assert not explain([fresh()], open_call(b"/x"), Observed(Kind.CRASHED, 101)).states


def test_true_error_numbers_are_asked_and_others_tolerated() -> None:
    levels = {
        a.result: a.level
        for a in allowed(fresh(), open_call(b"/" + world.MAPPED_DIRECTORY + b"/f/x")).alternatives
    }
    assert levels[-20] is Level.ASKED
    assert levels[-1] is levels[-5] is Level.TOLERATED


def test_unspecified_effects_keep_both_states() -> None:
    name = b"/" + world.MAPPED_DIRECTORY + b"/f"
    assert len(explain([fresh()], open_call(name, 0o1000), Observed(result=3)).states) == 2


def test_texts_are_read_back() -> None:
    generator = Generator(random.Random(5))
    for _ in range(500):
        sequence = generator.sequence()
        read_back = parse(text_of(sequence))
        assert text_of(read_back) == text_of(sequence)
        assert [layout(step).slab for step in read_back] == [layout(step).slab for step in sequence]


def test_texts_with_errors_are_refused() -> None:
    for line in ("FileOpen(3)", "Nothing()", "FileClose(path='/m')", "1 + 1", "FileRead(fd=[1])"):
        with pytest.raises(ValueError, match="."):
            parse(line)


def test_the_corpus_can_be_read() -> None:
    assert len(read_corpus(CORPUS, frozenset(RELEVANT))) > 20


def test_the_same_seed_gives_the_same_sequences() -> None:
    def draw() -> list[str]:
        generator, screen = Generator(random.Random(9)), Screen(fresh())
        return [text_of(screen.sequence(generator.sequence())) for _ in range(50)]

    assert draw() == draw()


def test_the_screen_leaves_known_differences_out() -> None:
    screen = Screen(fresh())
    screen.avoid[frozenset({"FileClose", "fd<0"})] = "known"
    sequence = screen.sequence(parse("FileClose(fd=-1); FileClose(fd=1)"))
    assert text_of(sequence) == "FileClose(fd=1)"
    assert screen.suppressed == {"known": 1}


def test_shrinking_keeps_what_is_needed() -> None:
    def same(sequence: list[Step]) -> bool:
        return any(s.call == "FileClose" and s.fd == -1 for s in sequence)

    drawn = parse(
        'FileOpen(path="/m/f"); FileRead(fd=last, len=64); FileClose(fd=-1, shift=7); FileUnlink(path="/m/n")'
    )
    assert text_of(shrink(drawn, same)) == "FileClose(fd=-1)"


def test_blocks_lie_where_calls_def_says() -> None:
    for call in CALLS:
        laid = layout(Step(call))
        assert laid.slab.startswith(b"@") and laid.slab.endswith(b"\n")
        assert len(laid.slab) % 8 == 0
        assert laid.call(BASES, BASES[1], 3).block == CALLS[call].size


def test_each_mutation_can_be_applied() -> None:
    assert len(mutants.MUTATIONS) >= 60
    for name, apply in mutants.MUTATIONS.items():
        child = os.fork()
        if not child:
            apply()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, name


def test_the_rest_knows_no_more_of_the_explorer_than_its_command() -> None:
    package = Path(mutants.__file__).parents[1]
    importing = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if path.parent.name not in ("explore", "model")
        and re.search(r"^(from|import) .*\bexplore\b", path.read_text(), re.MULTILINE)
    ]
    assert importing == ["cli.py"]


def test_memory_that_is_not_ours_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write anywhere, so that the question is answered here."""
    monkeypatch.setattr(explore_cli, "MEMORY", tmp_path)
    assert explore_cli._memory() == str(tmp_path)
    monkeypatch.setattr(explore_cli.os, "access", lambda *_: False)
    assert explore_cli._memory() is None
    monkeypatch.setattr(explore_cli, "MEMORY", tmp_path / "none")
    assert explore_cli._memory() is None
