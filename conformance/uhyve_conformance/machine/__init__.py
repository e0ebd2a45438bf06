# SPDX-License-Identifier: MIT OR Apache-2.0
"""Machines to run a hypervisor on when this one cannot: QEMU with nested KVM."""
