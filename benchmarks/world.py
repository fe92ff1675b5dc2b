"""A mall's simulator in a process of its own, so that it does not share the measured one's CPU.

``python -m benchmarks.world WAY`` fills the simulator, prints one JSON line that says where it is
and what it lists, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from adapters.contract import Address
from benchmarks.malls import WAYS, Way
from sandbox.driver import Driver, MallDriver
from sandbox.server import Sandbox
from sandbox.web import WebHost
from sandbox.world import World

_ROOT = Path(__file__).parent.parent
_END_S = 10.0


@dataclass(frozen=True)
class Town:
    """A simulator that runs: ``found`` is what an operator enters, ``goods`` what it lists."""

    driver: MallDriver
    ca_file: str
    found: dict[str, Any]
    goods: list[tuple[str, Address]]


@contextmanager
def running(name: str, codes: int, rates: float) -> Iterator[Town]:
    """Run the simulator of a way with this many listings; ``rates`` multiplies its limits.

    Raises:
        RuntimeError: it did not start; its own words stand on standard error.
    """
    command = [sys.executable, "-m", "benchmarks.world", name, "--codes", str(codes), "--rates", str(rates)]
    child = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    try:
        yield _town(name, child.stdout)
    finally:
        child.stdin.close()
        child.stdout.close()
        _end(child)


def _town(name: str, said: IO[str]) -> Town:
    line = said.readline()
    if not line:
        raise RuntimeError(f"the simulator of {name} did not start")
    told = json.loads(line)
    goods = [(code, tuple(address)) for code, address in told["goods"]]
    driver = Driver(told["url"]).mall(WAYS[name].mall)
    return Town(driver, told["ca_file"], told["found"], goods)


def _end(child: subprocess.Popen[str]) -> None:
    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


# --------------------------------------------------------------------------- in the child


def serve(way: Way, codes: int, rates: float) -> None:
    """Be the simulator until standard input ends."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        host = WebHost(world)
        make = getattr(import_module(f"sandbox.malls.{way.mall}.part"), way.part)
        part = make(world, host, rates=rates, **way.settings)
        goods = [_listed(part, way, f"bench-{number:05d}") for number in range(codes)]
        with Sandbox(world, [part], host) as sandbox:
            found = part.addresses()
            told = {"url": sandbox.url, "ca_file": str(world.ca_file), "found": found, "goods": goods}
            print(json.dumps(told), flush=True)
            sys.stdin.read()


def _listed(part: Any, way: Way, code: str) -> tuple[str, Address]:
    row = part.control("add_product", {"code": code, "name": "計測", **way.listed(code)})
    return code, way.address(code, row)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="benchmarks.world")
    parser.add_argument("way", choices=list(WAYS))
    parser.add_argument("--codes", type=int, default=1000)
    parser.add_argument("--rates", type=float, default=1.0)
    chosen = parser.parse_args()
    serve(WAYS[chosen.way], chosen.codes, chosen.rates)


if __name__ == "__main__":
    main()
