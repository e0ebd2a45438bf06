# SPDX-License-Identifier: MIT OR Apache-2.0
"""python -m uhyve_conformance"""

import sys

from .cli import main

sys.exit(main(sys.argv[1:]))
