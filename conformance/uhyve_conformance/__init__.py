# SPDX-License-Identifier: MIT OR Apache-2.0
"""Judges hypervisors by the Uhyve hypercall interface. See conformance/README.md."""
