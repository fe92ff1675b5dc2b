"""What holds for every test."""

import logging

import pytest


@pytest.fixture(autouse=True)
def _log_as_before():
    """Take away what a test has set up to log to: its standard error is closed when it ends."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers = [handler for handler in root.handlers if handler in handlers]
    root.setLevel(level)
