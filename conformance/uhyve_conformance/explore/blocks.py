# SPDX-License-Identifier: MIT OR Apache-2.0
"""The calls of calls.def with their fields by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..interface import Field, Tag, read_calls


@dataclass(frozen=True)
class CallInfo:
    number: int
    since: int
    argument: str
    fields: dict[str, Field]
    tags: tuple[Tag, ...] = ()

    @cached_property
    def size(self) -> int:
        """Bytes of the parameter block, 0 without one."""
        return max((field.offset + field.size for field in self.fields.values()), default=0)

    @cached_property
    def _kinds(self) -> dict[str, Field]:
        return {field.kind: field for field in reversed(self.fields.values())}

    def of_kind(self, *kinds: str) -> Field | None:
        """The first field of one of these kinds."""
        for kind in kinds:
            if kind in self._kinds:
                return self._kinds[kind]
        return None


CALLS = {
    call.name: CallInfo(
        call.number,
        call.since,
        call.argument,
        {field.name: field for field in call.fields},
        call.tags,
    )
    for call in read_calls()
}
