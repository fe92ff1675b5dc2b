"""A simulated mall on loopback with a client that trusts it: what the shops of the API malls share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from sandbox.malls.common.part import ApiPart
from sandbox.web import WebHost
from sandbox.world import World


class MallGround:
    """A running mall and a client. The rate limits are off unless a test wants them."""

    def __init__(self, folder: Path, kind: Any, **settings: Any) -> None:
        self.world = World(folder)
        self._host = WebHost(self.world)
        self.mall: ApiPart = kind(self.world, self._host, **{"rates": 0, **settings})
        self._host.start()
        self.mall.start()
        self.addresses: dict[str, Any] = self.mall.addresses()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(self.world.ca_file)

    def close(self) -> None:
        self.session.close()
        self.mall.stop()
        self._host.stop()

    def control(self, verb: str, **arguments: Any) -> Any:
        return self.mall.control(verb, arguments)
