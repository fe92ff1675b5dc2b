"""Plays a rehearsal: prepares the trouble, shows the script, ticks what was seen, checks the end."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from pathlib import Path

from sandbox.demo import Demo
from sandbox.driver import SandboxError
from sandbox.rehearsals import (
    csv_half_written,
    expired_key,
    maintenance,
    mapping_mistake,
    sale_rush,
    two_systems,
)
from sandbox.rehearsals.model import EQUAL, Rehearsal, Step, shown
from sandbox.rehearsals.stage import Stage

REHEARSALS: dict[str, Rehearsal] = {
    module.REHEARSAL.name: module.REHEARSAL
    for module in (expired_key, maintenance, sale_rush, csv_half_written, mapping_mistake, two_systems)
}
LOOK_S = 0.3
PATIENCE_S = 120.0  # for a step that nobody but the rehearsal itself plays


class Player:
    """Goes through the steps of a rehearsal, the check of every number last.

    Args:
        auto: play the person's part too, and give up on a step that is not seen in time.
    """

    def __init__(self, stage: Stage, rehearsal: Rehearsal, *, auto: bool) -> None:
        self._stage = stage
        self._rehearsal = rehearsal
        self._auto = auto
        self.steps: list[Step] = [*rehearsal.steps, EQUAL]
        self.done = 0

    def play(self) -> bool:
        """Play every step; tells whether all were seen."""
        for step in self.steps:
            self._show()
            self._say(step)
            began = time.monotonic()
            try:
                self._play(step)
            except (AssertionError, SandboxError) as error:
                print(f"      ✗ {error}", flush=True)
                return False
            self.done += 1
            print(f"      ✓ {time.monotonic() - began:.1f} s\n", flush=True)
        self._show()
        return True

    def _play(self, step: Step) -> None:
        step.happens(self._stage)
        if self._auto:
            step.played(self._stage)
        self._await(step)

    def _await(self, step: Step) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not step.seen(self._stage):
            bot = self._stage.demo.bot
            assert bot is not None and bot.poll() is None, f"the bot ended by itself:\n{self._log()}"
            if self._auto and time.monotonic() > deadline:
                raise AssertionError(f"not seen in {PATIENCE_S:.0f} s; {self._stage.tell()}")
            time.sleep(LOOK_S)

    def _log(self) -> str:
        return (self._stage.demo.folder / "bot.log").read_text("utf-8")[-2000:]

    def _show(self) -> None:
        self._stage.demo.driver.call("script", "show", script=shown(self._rehearsal, self.steps, self.done))

    def _say(self, step: Step) -> None:
        print(f"[{self.done + 1}/{len(self.steps)}] {step.ja}\n      {step.en}", flush=True)
        if step.type:
            print(f"      > {step.type}")
        if step.says:
            print(f"      棚番「{step.says}」")
        if step.says_en:
            print(f"      the bot: {step.says_en}", flush=True)


def list_rehearsals() -> int:
    """Name every rehearsal."""
    for rehearsal in REHEARSALS.values():
        print(f"{rehearsal.name:18} {rehearsal.ja}\n{'':18} {rehearsal.en}")
    return 0


def run_rehearsal(name: str, mapping: Path, folder: Path | None = None, *, auto: bool = False) -> int:
    """Start everything and play one rehearsal; gives 0 if it ended with everything equal, else 1.

    A person stays on its page until Ctrl-C; with ``auto`` it ends by itself, the last line JSON.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    began, rehearsal = time.monotonic(), REHEARSALS[name]
    print(f"棚番の練習 / a rehearsal: {rehearsal.name}\n{rehearsal.ja}\n{rehearsal.en}\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="tanaban-rehearsal-") as temporary:
        done, steps = 0, len(rehearsal.steps) + 1
        try:
            done = _rehearse(rehearsal, mapping, folder or Path(temporary), auto=auto)
        except AssertionError as error:
            print(f"      ✗ {error}", flush=True)
        except KeyboardInterrupt:
            print("\n終了しました / stopped", flush=True)
            return 1 if auto else 0
    if auto:
        seconds = round(time.monotonic() - began, 1)
        summary = {"rehearsal": name, "steps": steps, "seen": done, "equal": done == steps}
        print(json.dumps({**summary, "seconds": seconds}))
    return 0 if done == steps else 1


def _rehearse(rehearsal: Rehearsal, mapping: Path, folder: Path, *, auto: bool) -> int:
    """Give the number of steps that were seen."""
    print("準備しています… / preparing …", flush=True)
    with Demo(folder, mapping, more=rehearsal.settings) as demo:
        stage = Stage(demo)
        stage.prepare()
        print(f"ページ / page: {demo.addresses['page']}\n", flush=True)
        player = Player(stage, rehearsal, auto=auto)
        with stage.closing:
            played = player.play()
        if played:
            _end(auto=auto)
        return player.done


def _end(*, auto: bool) -> None:
    print("すべて同じ数に戻りました。練習は終わりです。")
    print("Everything is equal again. That was all.", flush=True)
    if auto:
        return
    print("ページはこのまま使えます。終了は Ctrl-C / the page stays; stop with Ctrl-C", flush=True)
    while True:
        time.sleep(1)
