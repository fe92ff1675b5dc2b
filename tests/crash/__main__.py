"""``python -m tests.crash day kill pwrite64 17``: one point alone, as a failing one names itself."""

from __future__ import annotations

import sys

from tests.crash.runs import replay

wrong = replay(sys.argv[1:])
sys.stdout.write("\n".join(wrong or ["nothing is wrong"]) + "\n")
sys.exit(bool(wrong))
