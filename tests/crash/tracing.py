"""Processes forked from this one, and strace at their system calls on the state folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

TIME_LIMIT_S = 60
ATTACH_LIMIT_S = 20
FILES = (
    "tanaban.sqlite3",
    "tanaban.sqlite3-wal",
    "tanaban.sqlite3-shm",
    "tanaban.sqlite3-journal",
    "vault",
    "vault.new",
    "vault.lock",
    "lock",
)
SAID = "said"

CHANGING = (
    *("write", "writev", "pwrite64", "pwritev", "pwritev2", "ftruncate", "truncate", "fallocate"),
    *("fsync", "fdatasync", "sync_file_range", "openat", "open", "creat", "mkdir", "mkdirat", "rmdir"),
    *("rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink", "symlinkat"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "utimensat", "copy_file_range"),
)
"""Calls that may change what lies in the folder, or make it durable."""
READING = ("read", "pread64", "readv", "preadv", "getdents64")
HARMLESS = (
    *("stat", "lstat", "fstat", "newfstatat", "statx", "access", "faccessat", "faccessat2", "statfs"),
    *("readlink", "readlinkat", "getcwd", "close", "lseek", "fcntl", "flock", "ioctl", "mmap", "dup"),
    *("fstatfs", "fadvise64", "dup2", "poll", "umask"),
)


class TracingError(Exception):
    """strace cannot do its part here."""


def spread(count: int, job: Callable[[int], object], warm: Callable[[], None], workers: int = 2) -> list[Any]:
    """Do a job for each of 0..count-1 in processes of their own; give the results in order.

    Each worker keeps to one core: a process and its tracer are quicker side by side.

    Args:
        warm: done by each worker once, before its first job.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cores = sorted(os.sched_getaffinity(0))

        def work(turn: int) -> int:
            os.sched_setaffinity(0, {cores[turn % len(cores)]})
            warm()
            with (folder / f"done{turn}").open("w", encoding="utf-8") as done:
                for index in range(turn, count, workers):
                    done.write(json.dumps([index, job(index)]) + "\n")
            return 0

        pids = [forked(folder, partial(work, turn), limit_s=0) for turn in range(workers)]
        if any([ended(pid) for pid in pids]):  # a list: every one is waited for
            raise TracingError((folder / "errors").read_text())
        done = [json.loads(line) for path in folder.glob("done*") for line in path.read_text().splitlines()]
    return [result for _, result in sorted(done, key=lambda row: row[0])]


def usable() -> str:
    """Say why strace cannot be used; "" where it can."""
    return "" if shutil.which("strace") else "strace is not installed (apt-get install strace)"


def forked(work: Path, job: Callable[[], int], gate: int | None = None, limit_s: int = TIME_LIMIT_S) -> int:
    """Start a job as a process of its own whose output goes to ``work``; give its pid.

    Args:
        gate: a descriptor that it reads a byte from before it begins.
        limit_s: after which it dies; 0: never.
    """
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        signal.alarm(limit_s)  # a job that hangs dies of it, and is found by its status
        if gate is not None:
            os.read(gate, 1)
        _redirect(work / SAID, 1)
        _redirect(work / "errors", 2)
        status = job()
    finally:
        if sys.exc_info()[0] is not None:
            os.write(2, traceback.format_exc().encode())
        os._exit(status)


def _redirect(path: Path, descriptor: int) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


def ended(pid: int) -> int:
    """Wait for a process; give its exit status, or minus the number of the signal that it died of."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def traced(work: Path, job: Callable[[], int], options: Sequence[str], *, hear: bool = False) -> int:
    """Run a job under strace, which sees its calls on the state folder only; give its exit status.

    What strace wrote is ``work/trace``.

    Args:
        hear: let it see what the job says too, in its place among the calls.
    """
    wait, go = os.pipe()
    pid = forked(work, job, wait)
    try:
        tracer = _attach(work, pid, options, [work / SAID] if hear else [])
        os.write(go, b"g")
        status = ended(pid)
        tracer.wait(ATTACH_LIMIT_S)
        tracer.stderr.close()
        return status
    finally:
        os.close(wait)
        os.close(go)


def _attach(work: Path, pid: int, options: Sequence[str], more: Sequence[Path]) -> subprocess.Popen[bytes]:
    top = work / "top"
    paths = [top, top / "state", *(top / "state" / name for name in FILES), *more]
    only = [word for path in paths for word in ("-P", str(path))]
    command = ["strace", "-p", str(pid), "-o", str(work / "trace"), *only, *options]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)
    # Once it says so, the job stops at its next call, so none escapes.
    said = tracer.stderr.readline()
    while said and b"attached" not in said:
        said = tracer.stderr.readline()  # notes about paths that do not exist yet
    if not said:
        os.kill(pid, signal.SIGKILL)
        ended(pid)
        tracer.stderr.close()
        raise TracingError(f"strace cannot attach (exit status {tracer.wait()})")
    return tracer
