# SPDX-License-Identifier: MIT OR Apache-2.0
"""Every time limit of the harness, with its reason, in seconds; and how they are scaled."""

from __future__ import annotations

# A run that says nothing itself. A guest takes about 20 ms; a busy machine, a hundred times that.
RUN = 10.0
# A sequence of the explorer's calls, as a run.
EXPLORE = 10.0
# A program that is asked for its version, or for its variants.
VERSION = 10.0
# Seconds after which a process that was told to end, or was killed, has to be gone.
GRACE = 5.0
# A job that printed all that was wanted, and continues for so long, really continues: what comes
# out of a process that is about to end anyway is another thing.
GOES_ON = 0.1

# A mutant gets this many times the unmutated time of a guest, and at least so long. Where all
# runs are made at once nothing is known of their time; such a machine takes the third times its
# own slowness.
MUTANT_PATIENCE, MUTANT_LEAST, MUTANT_BATCH = 50.0, 3.0, 4.0

# Time limits are for a real processor. In an emulated machine they are longer by this factor,
# and init multiplies them again by the slowness that it measures.
EMULATION_FACTOR = 2.0
# The emulated machine may be silent for so long besides what its current job may take.
SILENCE = 60.0
# QEMU, which closed its port, ends within this.
QEMU_END = 10.0
# One apt command, and an image of a real kernel, on a slow network.
APT, FETCH = 600.0, 120.0
# Such an image, which does more than a guest.
KERNEL = 60.0
# `mutate`: to compile and link a change, and a run of it that takes a tenth of a second.
MUTATE_BUILD, MUTATE_RUN = 120.0, 5.0
# A debugger that names all addresses of a report.
SYMBOLS = 20.0

# A run begins within so many seconds after its image was made, where the image says the time:
# one that is made for itself, and one that waits for others or for its machine.
AT_ONCE, LATEST_START = 30, 3600

# `--timeout-scale`: what a slow or busy machine takes longer. Set once, at the start.
_scale = 1.0


def set_scale(factor: float) -> None:
    """Makes every job's time limit longer (or shorter) by this factor."""
    global _scale
    _scale = factor


def scale() -> float:
    """The factor."""
    return _scale


def scaled(seconds: float) -> float:
    """A job's time limit as it is applied."""
    return seconds * _scale
