"""Slack and a forge as other people wrote them, as child processes in a network of their own.

``install.sh`` brings them from npm. They listen on every interface, so a test file that speaks with them is
run once more by ``run_alone`` where there is no other network; its tests marked ``alone`` run there only.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

MODULES = Path(__file__).parent / ".node" / "node_modules"
LOCAL_SLACK = MODULES / "local-slack-linux-x64" / "bin" / "local-slack"
EMULATE = MODULES / ".bin" / "emulate"
ALONE = "TANABAN_ALONE"
NODE = 20
LONGEST_S = 120
_UNSHARE = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def missing() -> str:
    """Say why the fakes cannot run here, or ""."""
    if _node() < NODE:
        return f"no Node of version {NODE} or newer: emulate is a program for it"
    if not (LOCAL_SLACK.exists() and EMULATE.exists()):
        return "local-slack and emulate are not here: tests/interop/install.sh brings them (npm)"
    try:
        tried = subprocess.run([*_UNSHARE, "true"], capture_output=True, timeout=10, check=False)
    except FileNotFoundError:
        tried = None
    if tried is None or tried.returncode:
        return "no network of their own (unshare -rn, ip), and the fakes listen on every interface"
    return ""


def _node() -> int:
    """Give Node's version, 0 where there is none."""
    if not shutil.which("node"):
        return 0
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, timeout=10, check=False)
    found = re.match(r"v(\d+)\.", told.stdout)
    return int(found[1]) if found else 0


def run_alone(file: str) -> None:
    """Run the tests of a file that are marked ``alone``, or skip and say why not."""
    if reason := missing():
        pytest.skip(reason)
    inner = [sys.executable, "-m", "pytest", "-q", "-m", "alone", "-p", "no:cacheprovider", file]
    done = subprocess.run(
        [*_UNSHARE, *inner],
        env={**os.environ, ALONE: "1"},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def free_port() -> int:
    """Give a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def until(condition: Callable[[], Any], what: str, within_s: float = 15) -> Any:
    """Wait for a condition and give what it gave."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited for {what}"
        time.sleep(0.05)
    return found


@contextmanager
def running(command: Sequence[str], url: str, folder: Path) -> Iterator[None]:
    """Run a program in a folder until the block ends; it answers at ``url`` when the block begins."""
    with (folder / "output.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            until(lambda: process.poll() is not None or _answers(url), f"{command[0]} to answer")
            assert process.poll() is None, (folder / "output.log").read_text("utf-8")
            yield
        finally:
            process.terminate()
            process.wait(10)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.ConnectionError:
        return False
