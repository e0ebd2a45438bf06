# SPDX-License-Identifier: MIT OR Apache-2.0
"""What a hypervisor itself says of its end: where it died, and its last words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# The usual forms. `where` is a place in a program's sources, `message` what it says there. Of
# several that match, the one that was printed first counts: what follows is its consequence.
RULES = tuple(
    re.compile(rule, re.MULTILINE)
    for rule in (
        # Rust, from 1.73 and before
        r"^thread '[^'\n]*'(?: \(\d+\))? panicked at (?P<where>[^\n]+?:\d+)(?::\d+)?:\n(?P<message>[^\n]*)",
        r"^thread '[^'\n]*' panicked at '(?P<message>[^\n]*)', (?P<where>[^\n]+?:\d+)(?::\d+)?$",
        # sanitizers; the first frame that has a line
        r"ERROR: (?P<message>\w+Sanitizer: [\w-]+)"
        r"(?:(?:\n|[^\n]+){1,60}?\n +#\d+ \S+ in [^\n]+? (?P<where>[^\s():]+:\d+)(?::\d+)?$)?",
        r"^(?P<where>[^\s:]+:\d+):\d+: runtime error: (?P<message>[^\n]+)",
        # assert() of glibc and of musl
        r"(?P<where>[^\s:]+:\d+): [^\n]*(?P<message>Assertion [`'][^\n]*' failed)",
        r"^(?P<message>Assertion failed: [^\n]*) \((?P<where>[^()\n]+)\)$",
        # Go; the first frame that is not the run time's
        r"^(?:panic|fatal error): (?P<message>[^\n]+)"
        r"(?:(?:\n[^\n]*){1,40}?\n\t(?P<where>(?!\S*/src/runtime/)[^\s:]+\.go:\d+))?",
    )
)
_REGISTRY = re.compile(r"^.*/(?:registry/src|git/checkouts|pkg/mod)/(?:[^/]*\.[^/]*-[0-9a-f]+/)?")
_REGISTRY_PATH = re.compile(r"(?<=\s)/\S*/registry/src/[^/\s]*/")
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d+")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}\b")
_LENGTH = re.compile(r"(?<![\w.])\d{10,}(?![\w.])")


@dataclass(frozen=True)
class Death:
    """One match of a rule."""

    where: str  # file:line; empty when the rule finds none
    message: str

    @property
    def key(self) -> str:
        """The same for the same death: the place alone, or a message without its numbers."""
        return self.where or like(self.message)


def _match(text: str, rule: str | None) -> re.Match[str] | None:
    rules = (re.compile(rule, re.MULTILINE),) if rule else ()
    for some in (rules, RULES):
        found = [match for one in some if (match := one.search(text))]
        if found:
            return min(found, key=lambda match: match.start())
    return None


def death(text: str, rule: str | None = None) -> Death | None:
    """The cause of its death in its own words; `rule` is the adapter's own."""
    match = _match(text, rule)
    if not match:
        return None
    groups = match.groupdict()
    message = groups.get("message") or ("" if groups.get("where") else match[0])
    where = _REGISTRY.sub("", groups.get("where") or "")
    return Death(where.strip(), " ".join(message.split()))


def death_text(text: str, rule: str | None = None) -> str:
    """The same as it was printed; empty when it said nothing."""
    match = _match(text, rule)
    return _REGISTRY_PATH.sub("", match[0]).strip() if match else ""


def like(text: str) -> str:
    """A text without what differs from run to run."""
    return _NUMBER.sub("#", text).strip()


def steady(text: str, lengths: bool = False) -> str:
    """A text for a title, without the addresses, and the lengths made of them, that a hypervisor
    prints: RAM lies somewhere else in each run."""
    text = _ADDRESS.sub("0x…", text)
    return _LENGTH.sub("…", text) if lengths else text


def common_lines(texts: Iterable[str]) -> frozenset[str]:
    """Lines that a hypervisor prints in more than half of its runs, whatever happens."""
    everything = list(texts)
    counts = Counter(line for text in everything for line in set(map(like, text.splitlines())))
    return frozenset(line for line, n in counts.items() if n * 2 > len(everything) > 1)


def last_words(text: str, common: frozenset[str], lines: int = 6) -> str:
    """The last lines that say something of this run: without those of every run, and without
    repetitions."""
    said: list[str] = []
    for line in text.splitlines():
        if line.strip() and like(line) not in common and (not said or line != said[-1]):
            said.append(line)
    return "\n".join(said[-lines:])
