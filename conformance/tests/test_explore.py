# SPDX-License-Identifier: MIT OR Apache-2.0
"""The explorer: its model, its texts, its shrinker; no hypervisor is needed."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest
from uhyve_conformance import paths
from uhyve_conformance.executor import Outcome
from uhyve_conformance.explore import groups, mutants, requirements, world
from uhyve_conformance.explore.blocks import CALLS
from uhyve_conformance.explore.campaign import Campaign
from uhyve_conformance.explore.check import HELLO, Coverage, Difference, Memory, judge
from uhyve_conformance.explore.cli import CORPUS, read_corpus
from uhyve_conformance.explore.findings import blame
from uhyve_conformance.explore.generate import BASES, Generator, Screen
from uhyve_conformance.explore.layout import SCRIPT, layout
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
from uhyve_conformance.explore.script import MAGIC, SIZE
from uhyve_conformance.explore.shrink import shrink
from uhyve_conformance.explore.steps import RELEVANT, Step, parse, text_of
from uhyve_conformance.explore.subject import Subject
from uhyve_conformance.local import LocalExecutor
from uhyve_conformance.spec import read_spec

RAM = Ram(1 << 32, (1 << 32) + (64 << 20))


def fresh() -> State:
    return world.initial_state(RAM, 0o022)


def open_call(path: bytes, flags: int = 0, mode: int = 0o644) -> Call:
    return Call("FileOpen", RAM.start + 8, 20, Name(RAM.start + 64, path), flags=flags, mode=mode)


SUBJECT = Subject(
    "fake",
    lambda mappings, vcpus: ("fake",),
    MAGIC + bytes(SIZE) + b"UHYVEIF\0" + bytes(4),
    frozenset({101}),
)


def played(text: str, *results: int, crash: bool = False) -> Difference:
    """The difference of a hypervisor that gives these results and does nothing else; crash: it
    dies in the call after them."""
    batch = SUBJECT.batch("played", [parse(text)])
    out = bytearray(HELLO.pack(b"UHYHELLO", *BASES, b".......\n"))
    for planned, result in zip(batch.plans[0], results):
        fd = results[planned.source] if planned.source is not None else planned.fd
        laid = planned.layout
        call = laid.call(BASES, BASES[SCRIPT] + planned.at, fd)
        slab = Memory(BASES, 0, planned, call, fd, planned.slab, b"").before
        field = laid.info.of_kind("RET", "OFFSET")
        assert field is not None
        at = laid.block_at + field.offset
        slab[at : at + field.size] = result.to_bytes(field.size, "little", signed=True)
        out += slab
    tree = world.host_files(0, world.parts_of(parse(text), links=True))
    outcome = Outcome(101 if crash else 0, stdout=bytes(out), tree=tree)
    difference = judge(SUBJECT, batch, outcome)[0].difference
    assert difference is not None
    return difference


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
    name = b"/" + world.GUEST_PATHS["m"][0] + b"/n"
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
    call = open_call(b"/" + world.GUEST_PATHS["m"][0] + b"/n", 0o302)
    sides = [[groups.Event(call, Observed(result=r), at, 0)] for r, at in zip(results, shown)]
    states, difference = groups.explained(fresh(), sides, 0, Coverage())
    assert bool(states) is (difference is None)
    return difference is None


def test_some_order_of_all_vcpus_explains() -> None:
    assert opened_at_once([-17, 3, -17], [1, 2, 3])
    assert opened_at_once([-17, -17, -17, 3], [1, 2, 3, 4])
    assert not opened_at_once([3, 4, -17], [1, 2, 3])
    assert not opened_at_once([-17, -17, -17], [1, 2, 3])


def test_a_group_is_read_back_and_played_on_one_vcpu() -> None:
    text = (
        'FileOpen(path="/m/f") || FileOpen(path="/m/n", flags=O_CREAT); FileRead(fd=last2, len=4)'
        " || FileClose(fd=last); FileRead(fd=last2, len=1)"
    )
    group = groups.parse_group(text)
    assert group.text == text
    first, second, *more = groups.one_after_the_other(group)
    close = "FileClose(fd=last{}); FileRead(fd=last{}, len=1)"
    own = 'FileOpen(path="/m/n", flags=O_CREAT); FileRead(fd=last2, len=4)'
    begin = 'FileOpen(path="/m/f"); '
    assert text_of(first) == begin + own + "; " + close.format(2, 2)
    assert text_of(second) == begin + close.format("", "") + "; " + own
    assert more and all(len(sequence) == len(first) for sequence in more)
    alone = groups.parse_group(' || FileOpen(path="/m/f") || FileClose(fd=last)')
    merged = next(iter(groups.one_after_the_other(alone)))
    assert text_of(merged) == 'FileOpen(path="/m/f"); FileClose(fd=4000)'
    for bad in ("FileClose(fd=1) || FileClose(fd=1)", " || FileClose(fd=1) || "):
        with pytest.raises(ValueError, match="a group is"):
            groups.parse_group(bad)


def test_what_is_meant_comes_first_among_vcpus() -> None:
    group = groups.parse_group(
        'FileOpen(path="/m/f") || FileClose(fd=last); FileRead(fd=last) || FileClose(fd=last); FileRead(fd=last)'
    )
    assert groups._together(group, "vCPUs: FileClose")[0] == "UHY-CONC-007"
    assert groups._together(group, "vCPUs: FileRead / FileUnlink")[0] == "UHY-CONC-005"


def test_what_was_over_came_first() -> None:
    name = b"/" + world.GUEST_PATHS["m"][0] + b"/n"
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
        for a in allowed(
            fresh(), open_call(b"/" + world.GUEST_PATHS["m"][0] + b"/f/x")
        ).alternatives
    }
    assert levels[-20] is Level.ASKED
    assert levels[-1] is levels[-5] is Level.TOLERATED


FAR = "FileLseek(fd=last, off=0x7fffffffffffffff); FileWrite(fd=last, len=4)"


def test_appending_near_the_end_of_positions_is_named_so() -> None:
    """It is no defect of every FileWrite: nothing else is left out because of it."""
    opens = 'FileOpen(path="/m/f", flags=O_RDWR|O_APPEND); '
    difference = played(opens + FAR, 3, (1 << 63) - 1, crash=True)
    avoid, name, _ = blame(difference, parse(opens + FAR))
    assert name == "FileWrite append:far -> CRASH"
    assert difference.ids[0] == "UHY-OPEN-034"
    screen = Screen(fresh(), {avoid: name})
    assert len(screen.sequence(parse(opens + FAR))) == 2
    other = opens.replace("|O_APPEND", "")
    for kept in (other + FAR, opens + "FileWrite(fd=last, len=4)", other + "FileWrite(fd=last)"):
        assert text_of(screen.sequence(parse(kept))) == text_of(parse(kept))
    assert screen.suppressed == {name: 1}


def test_writing_far_away_is_named_so() -> None:
    opens = 'FileOpen(path="/m/f", flags=O_RDWR); '
    difference = played(opens + FAR, 3, (1 << 63) - 1, crash=True)
    assert blame(difference, parse(opens + FAR))[1] == "FileWrite pos:far -> CRASH"
    assert difference.ids[0] == "UHY-WRITE-013"


@pytest.mark.parametrize("gone", ["/i/j", "/i"])
def test_parents_of_guest_paths_cannot_be_removed(gone: str) -> None:
    """Uhyve's defect: the directory that it invented is empty without the mapping, and goes."""
    text = f'FileUnlink(path="/i/j/f"); FileUnlink(path="{gone}")'
    host_keeps = played('FileUnlink(path="/i/j/f")', 0)  # nothing does what these results say
    assert host_keeps.signature == "host files -> name"
    difference = played(text, 0, 0)
    avoid, name, blamed = blame(difference, parse(text))
    assert (name, blamed) == ("FileUnlink private:dir -> success", 1)
    assert difference.ids[0] == "UHY-UNLINK-008"
    for error in (-21, -1, -2):  # one that is not there for the guest cannot be removed either
        assert played(text, 0, error).signature == "host files -> name"
    assert played(text, 0, -22).signature == "FileUnlink private:dir -> -EINVAL"
    screen = Screen(fresh(), {avoid: name})
    assert text_of(screen.sequence(parse(text))) == text_of(parse(text)[:1])


def test_removed_mappings_are_blamed_on_the_call_that_removed_them() -> None:
    text = 'FileUnlink(path="/i/d"); FileOpen(path="/i/d", flags=O_DIRECTORY)'
    difference = played(text, -21, -2)
    _, name, blamed = blame(difference, parse(text))
    assert (name, blamed) == ("FileUnlink path:mapping -> lasting effect", 0)
    assert difference.trace[0].ids[:2] == ("UHY-UNLINK-010", "UHY-UNLINK-009")


@pytest.mark.parametrize(
    ("text", "result", "first"),
    [
        ('FileUnlink(path="../m/f")', -22, "UHY-PATH-026"),
        ('FileOpen(path="", flags=O_CREAT)', 3, "UHY-PATH-009"),
        ('FileOpen(path="/m/f", at=null)', 3, "UHY-PATH-003"),
        ("FileClose(fd=-1)", 0, "UHY-CLOSE-004"),
        ("FileRead(fd=-1)", 4, "UHY-ERR-008"),
        ("FileLseek(fd=4000)", 7, "UHY-ERR-009"),
        ("FileWrite(fd=1, buf=end, len=4)", 3, "UHY-PTR-013"),
        ("FileWrite(fd=1, buf=end, len=0)", -14, "UHY-PTR-008"),
    ],
)
def test_what_is_meant_comes_first(text: str, result: int, first: str) -> None:
    assert played(text, result).ids[0] == first


def test_what_is_up_to_a_hypervisor_about_parents_of_guest_paths() -> None:
    """UHY-PATH-073: whether they can be opened."""
    parent = b"/" + world.GUEST_PATHS["j"][0]
    opened = explain([fresh()], open_call(parent, 0o200000), Observed(result=3)).states
    assert len(opened) == 1
    for error in (-1, -2, -20, -22):
        assert explain([fresh()], open_call(parent, 0o200000), Observed(result=error)).states
    listing = Call("Getdents", RAM.start, 40, fd=3, buffer=RAM.start + 256, length=512)
    entry = b"\1".ljust(16, b"\0") + b"\x18\0\4"  # number, offset, length, a directory
    for names in ([b"d", b"j"], [b"d"], [b".", b"j"]):
        stored = b"".join(entry + name.ljust(5, b"\0") for name in names)
        seen = Observed(result=len(stored), stored=stored, before=bytes(len(stored)))
        assert explain(opened, listing, seen).states, names
    assert explain(opened, listing, Observed()).states  # none of them
    stored = entry + b"x".ljust(5, b"\0")
    seen = Observed(result=24, stored=stored, before=bytes(24))
    assert not explain(opened, listing, seen).states


@pytest.mark.parametrize("call", RELEVANT)
def test_each_call_can_be_explored_alone(call: str, tmp_path: Path) -> None:
    campaign = Campaign(SUBJECT, LocalExecutor(tmp_path), calls=frozenset({call}))
    for _ in range(20):
        plans = campaign._draw().plans
        assert plans and all(plans)
        assert {planned.layout.step.call for plan in plans for planned in plan} == {call}


def test_unspecified_effects_keep_both_states() -> None:
    name = b"/" + world.GUEST_PATHS["m"][0] + b"/f"
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
    assert not importing  # cli.py has its name in a table
