"""Fixtures of the simulators' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_ground import Workspace


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Workspace]]:
    made: list[Workspace] = []

    def build(**settings: Any) -> Workspace:
        workspace = Workspace(tmp_path / str(len(made)), **settings)
        made.append(workspace)
        workspace.sandbox.start()
        return workspace

    yield build
    for workspace in made:
        workspace.sandbox.stop()


@pytest.fixture
def slack(make: Callable[..., Workspace]) -> Workspace:
    return make(rates=0)
