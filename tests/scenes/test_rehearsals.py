"""The rehearsals, each started as an operator starts it, with the person's part played too."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.cli.sandbox import REHEARSALS as NAMED
from sandbox.rehearsals.playing import REHEARSALS

ROOT = Path(__file__).parent.parent.parent
TANABAN = Path(sys.executable).with_name("tanaban")


def start(*arguments):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(
        [TANABAN, "sandbox", *arguments], cwd=ROOT, text=True, preexec_fn=can_be_interrupted, **pipes
    )


def can_be_interrupted():
    """Switch Ctrl-C on again: what is started in the background has it off, and hands that down."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("name", REHEARSALS)
def test_rehearsal_ends_with_everything_equal_again(name, tmp_path):  # D12
    with start(name, "--auto", "--folder", str(tmp_path)) as running:
        said, _ = running.communicate(timeout=400)
    summary = json.loads(said.splitlines()[-1])
    assert (running.returncode, summary["equal"]) == (0, True), said
    assert summary["seen"] == summary["steps"] == len(REHEARSALS[name].steps) + 1
    assert all(step.ja in said and step.en in said for step in REHEARSALS[name].steps)


def test_every_rehearsal_is_a_command_and_is_listed_with_what_it_is():
    assert list(NAMED) == list(REHEARSALS)
    with start("--list") as running:
        said, _ = running.communicate(timeout=60)
    assert all(name in said and of.ja in said and of.en in said for name, of in REHEARSALS.items())


def test_ctrl_c_ends_a_rehearsal_cleanly_and_leaves_no_process_behind(tmp_path):
    with start("expired-key", "--folder", str(tmp_path)) as running:
        deadline = time.monotonic() + 120
        while "[1/" not in (line := running.stdout.readline()):
            assert line and time.monotonic() < deadline
        started = children(running.pid)
        running.send_signal(signal.SIGINT)
        rest, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert "終了しました / stopped" in rest
    assert "Traceback" not in rest
    assert len(started) == 2
    assert not [pid for pid in started if Path(f"/proc/{pid}").exists()]


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
