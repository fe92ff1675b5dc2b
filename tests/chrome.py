"""A headless Chromium for the tests that look at pages."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

CHROMIUM, CHROMEDRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-component-update "
    "--disable-background-networking --disable-sync --disable-dev-shm-usage --hide-scrollbars "
    "--window-size=1280,860"
)
MISSING = "" if CHROMIUM.exists() and CHROMEDRIVER.exists() else "chromium or chromedriver is not installed"
"""Why there is no browser; "" where there is one (``.ci/run`` installs it)."""


@contextmanager
def headless() -> Iterator[webdriver.Chrome]:
    """Run a browser with a profile of its own."""
    profile = tempfile.mkdtemp(prefix="page-test-")
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(CHROMEDRIVER), env=os.environ))
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)
