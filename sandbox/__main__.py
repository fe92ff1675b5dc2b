"""``python -m sandbox FOLDER``: serve the sandbox until stopped; settings in FOLDER/settings.json."""

from __future__ import annotations

import gc
import json
import signal
import sys
import threading
from pathlib import Path

from sandbox.server import build

# Python's look for unreachable cycles stops every mall for seconds where catalogues are large, and a
# mall that stands still would be taken for a slow bot. Nearly all that a mall forgets is freed without it.
_SELDOM = (20_000, 10, 100_000)


def serve(folder: Path) -> int:
    """Serve the sandbox until SIGINT or SIGTERM."""
    gc.set_threshold(*_SELDOM)
    chosen = folder / "settings.json"
    settings = json.loads(chosen.read_text(encoding="utf-8")) if chosen.exists() else {}
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with build(folder, settings) as sandbox:
        print(sandbox.url, flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
