# SPDX-License-Identifier: MIT OR Apache-2.0
"""`mutate`: random changes of the reference VMM's sources, and whether the suite notices."""
