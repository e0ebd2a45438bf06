# SPDX-License-Identifier: MIT OR Apache-2.0
"""A verdict that travels: what a whole run saw in one file, from which it is judged again."""
