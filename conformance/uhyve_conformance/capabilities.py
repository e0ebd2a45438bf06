# SPDX-License-Identifier: MIT OR Apache-2.0
"""The features that a hypervisor may omit, by name."""

from __future__ import annotations

CAPABILITIES = {
    "interface-1": "images and calls of version 1",
    "interface-2": "images and calls of version 2",
    "interface-3": "images of version 3: Getdents, FileStat, FileFstat and Mkdir",
    "nested-mappings": "mappings of the root, and below other ones",
    "serial-read-buffer": "SerialReadBuffer",
    "serial-read-byte": "SerialReadByte",
    "smp": "more than one vCPU",
    "stdin": "standard input of the hypervisor as descriptor 0",
    "symlinks": "symbolic links in mapped directories",
}
# The versions of the interface; each is a capability. An image of the base needs none other.
VERSIONS = (1, 2, 3)
BASE = 2


def of_version(number: int) -> str:
    """The capability of a version of the interface."""
    return f"interface-{number}"
