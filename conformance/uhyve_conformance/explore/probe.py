# SPDX-License-Identifier: MIT OR Apache-2.0
"""Which calls a hypervisor has, found by making them: a missing call is one line, not a flood."""

from __future__ import annotations

from ..executor import Executor
from .blocks import CALLS
from .check import judge
from .model import Kind
from .steps import RELEVANT, Step, parse
from .subject import Subject

# Each is plain enough for any hypervisor that has the call at all.
PROBES = {
    "Getdents": 'FileOpen(path="/m/d", flags=O_DIRECTORY); Getdents(fd=last, len=512)',
    "FileStat": 'FileStat(path="/m/f")',
    "FileFstat": 'FileOpen(path="/m/f"); FileFstat(fd=last)',
    "Mkdir": 'Mkdir(path="/m/n")',
    "SerialReadBuffer": "SerialReadBuffer(len=4)",
}


class NoGuest(Exception):
    """The hypervisor does not even run the script guest."""


def offered(
    subject: Subject, executor: Executor, interface: int
) -> tuple[frozenset[str], dict[str, str]]:
    """(the calls to be explored, why each of the others is not)."""
    hello = subject.batch("probe", [[Step("SerialWriteByte")]])
    outcome = executor.run([hello.job])[0]
    if outcome.error or not outcome.stdout.startswith(b"UHYHELLO"):
        text = outcome.error or outcome.stderr[-400:].decode(errors="replace")
        raise NoGuest(
            f"the script guest does not run: {text.strip() or f'status {outcome.status}, no output'}"
        )
    calls, absent = set(RELEVANT), {}
    for call in RELEVANT:
        if call in CALLS and CALLS[call].since > interface:
            calls.discard(call)
            absent[call] = f"since interface {CALLS[call].since}"
    for call, line in PROBES.items():
        if call in calls and (reason := _missing(subject, executor, call, line)):
            calls.discard(call)
            absent[call] = reason
    return frozenset(calls), absent


def declared(
    capabilities: tuple[str, ...], interface: int
) -> tuple[frozenset[str], dict[str, str]]:
    """The same by what the adapter claims, where each run is dear."""
    absent = {
        call: f"since interface {CALLS[call].since}"
        for call in RELEVANT
        if call in CALLS and CALLS[call].since > interface
    }
    if "interface-3" not in capabilities:
        absent |= {
            call: "not claimed" for call in RELEVANT if call in CALLS and CALLS[call].since == 3
        }
    if "serial-read-buffer" not in capabilities:
        absent["SerialReadBuffer"] = "not claimed"
    return frozenset(RELEVANT) - set(absent), absent


def _missing(subject: Subject, executor: Executor, call: str, line: str) -> str:
    batch = subject.batch("probe", [parse(line)])
    difference = judge(subject, batch, executor.run([batch.job])[0])[0].difference
    if difference is not None and difference.outcome == Kind.UNANSWERED.value:
        return "no answer: not offered"
    return ""
