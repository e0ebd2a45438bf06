#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Plays QEMU with a machine in it. $FAKE_QEMU says what goes wrong, as words:

boot-N       the first N starts end before the machine says hello
dies-N:JOB   the machine dies in the first N lives that come to that job
silent:JOB   it falls silent in that job
garbage      it sends something else than frames
no-kvm       its kernel has no /dev/kvm
"""

import os
import re
import sys
import time
from pathlib import Path

arguments = " ".join(sys.argv)
port = int(re.search(r"chardev socket,id=port,fd=(\d+)", arguments)[1])
initramfs = Path(re.search(r"-initrd (\S+)", arguments)[1])
faults = os.environ["FAKE_QEMU"].split()
lives = Path(os.environ["FAKE_QEMU_LIVES"])


def frame(kind: str, job: int = 0, payload: bytes = b"") -> None:
    os.write(port, f"{kind} {job} {len(payload)}\n".encode() + payload)


def happens(prefix: str, job: str = "") -> bool:
    """True if the fault is due; one with a count is so often."""
    for fault in faults:
        name, _, where = fault.partition(":")
        word, _, count = name.partition("-")
        if word == prefix and where == job:
            mark = lives / f"{fault}-{len(list(lives.glob(f'{fault}-*')))}"
            if not count.isdigit():
                return True
            if len(list(lives.glob(f"{fault}-*"))) < int(count):
                mark.touch()
                return True
    return False


print("console of a fake machine", flush=True)
if happens("boot"):
    sys.exit(1)
frame("H", 0, b"kvm: No such device\n" if "no-kvm" in faults else b"kvm: yes\nslowness: 1.00\n")
if "garbage" in faults:
    os.write(port, b"[    0.000000] Linux version\n")
for job in sorted(map(int, set(re.findall(rb"jobs/(\d+)/work\0", initramfs.read_bytes())))):
    frame("B", job)
    frame("O", job, b"said ")
    frame("O", job, b"this")
    if happens("dies", str(job)):
        sys.exit(3)
    if happens("silent", str(job)):
        time.sleep(60)
    frame("N", job, b"file 644 4 1\0data/f\0ab")
    frame("S", job, b"exit 5\n0.25")
    frame("D", job)
frame("Z")
