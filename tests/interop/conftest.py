"""Which tests run where."""

from __future__ import annotations

import os

import pytest

from tests.interop.fakes import ALONE


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark."""
    config.addinivalue_line("markers", "alone: runs only in a network of its own")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs only alone, unless this is."""
    if ALONE in os.environ:
        return
    left_out = [item for item in items if item.get_closest_marker("alone")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
