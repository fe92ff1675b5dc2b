"""A folder with settings, and a hand that types commands in it."""

import io
import os
import subprocess
import sys

from bot.cli import main

MAPPING = """\
version: 1
shops:
  a: {mall: memory, orders: api}
products:
  - {code: mug, name: Mug}
  - code: tee
  - {code: gift, set: {tee: 1, mug: 2}}
"""
SETTINGS = """\
[mapping]
url = "{repository}"
allow_file = true
[shops.a]
stock = "mug=3,tee=5,gift=1"
"""


class Shell:
    """A folder with settings, and a hand that types commands in it."""

    def __init__(self, folder, capsys, monkeypatch):
        self.folder, self._capsys, self._monkeypatch = folder, capsys, monkeypatch
        self.config, self.state = folder / "tanaban.toml", folder / "state"
        self.repository = folder / "merchant"
        self.config.write_text(SETTINGS.format(repository=self.repository), encoding="utf-8")

    def __call__(self, *words, typed=None):
        """Give (exit status, standard output, standard error)."""
        if typed is not None:
            self._monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        takes_config = words[0] not in ("mapping", "sandbox", "demo") or "accept" in words
        arguments = [str(word) for word in words] + (["--config", str(self.config)] if takes_config else [])
        try:
            status = main(arguments)
        except SystemExit as ended:  # argparse's own
            status = ended.code
        captured = self._capsys.readouterr()
        return status, captured.out, captured.err

    def commit(self, text=MAPPING):
        self.repository.mkdir(exist_ok=True)
        (self.repository / "mappings.yaml").write_text(text, encoding="utf-8")
        who = ["-c", "user.name=dave", "-c", "user.email=dave@example.com"]
        for words in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "change"]):
            subprocess.run(["git", "-C", str(self.repository), *words], check=True, env=self._git())

    @staticmethod
    def _git():
        return os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent"}

    def file(self, text, encoding="utf-8"):
        path = self.folder / "count.csv"
        path.write_bytes(text.encode(encoding))
        return path
