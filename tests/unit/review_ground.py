"""A house that follows a real branch of the sandbox's forge over git and TLS, and reviews proposals."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from adapters.secret import Secret
from bot.following import Following, MappingInForce
from bot.foresight import Foresight
from bot.mapping.codes import CodeRule
from bot.mapping.follow import MappingFollower
from bot.mapping.forge import Forge
from bot.mapping.repo import Access, MappingRepository
from bot.merging import Merging
from bot.reviewing import CONTEXT, Reviewing
from bot.store.books import SqlBooks
from bot.store.notes import Remembered
from sandbox.forge.part import Forge as Sandbox
from sandbox.web import WebHost
from sandbox.world import World
from tests.unit.house import House

SHOPS = """\
version: 1
shops:
  a: {mall: memory, orders: api}
  b: {mall: memory, orders: api, on_unlink: leave}
defaults: {last_units: off}
"""
MAIN = SHOPS + "products:\n  - code: mug\n  - code: tee\n"
LESS = SHOPS + "products:\n  - code: mug\n  - {code: tee, safety_stock: 3}\n"
EVEN_LESS = LESS.replace("3", "4")
BROKEN = SHOPS + "products:\n  - code: mug\n  - code: t_shirt\n"
MOVED = SHOPS + "products:\n  - code: mug\n  - {code: tee, listings: {a: tee-2, b: tee-2}}\n"
TEAM = "version: 1\nroles: {admin: [U0ALICE01]}\nchannels: {ops: C0ZAIKO01}\nlanguage: en\n"
RULES = {"memory": CodeRule("[0-9A-Za-z_-]+", 64, "メモリー", "Memory")}


class Ground(House):
    """A house that follows the forge's branch, and reviews what is proposed there."""

    def __init__(self, folder, world, sandbox):
        self.world, self.sandbox, self.following = world, sandbox, None
        self.at = sandbox.addresses()
        self.max_bytes = 64 * 1024 * 1024
        super().__init__(folder)
        for mall in self.malls.values():
            mall.stock["tee-2"] = 4
        self.look_at_branch()
        self.quiet()

    @property
    def mapping(self):
        return self.in_force().mapping

    @mapping.setter
    def mapping(self, mapping):
        self._mapping = mapping

    def in_force(self):
        found = self.following.in_force() if self.following else None
        return found if found and found.commit else MappingInForce(self._mapping, self.team, "", False)

    def open(self):
        super().open()
        self.stop = threading.Event()
        remembered, books = Remembered(self.engine), SqlBooks(self.engine, self.clock)
        self.merging = Merging(remembered, books, lambda: None, self.forge)
        follower = MappingFollower(self._clone("repo.git"), remembered)
        self.following = Following(
            follower, remembered, self.incidents, self.clock, on_merge=self.merging.note
        )
        self.following.restore()
        self.reviewing = Reviewing(
            self.engine,
            self._clone("reviews.git", self.max_bytes),
            self.following.in_force,
            Foresight(books, self.states, self.clock, self.stop),
            self.incidents,
            self.clock,
            self.stop,
            malls=RULES,
            forge=self.forge,
        )

    def _clone(self, name, max_bytes=0):
        token = Secret(self.at["write_token"])
        access = Access(ca_file=self.world.ca_file, token=token, timeout_s=10, max_bytes=max_bytes)
        return MappingRepository(self.at["url"], "main", self.folder / name, access=access, malls=RULES)

    def forge(self):
        token = Secret(self.at["write_token"])
        api, repository = self.at["api"], self.at["repository"]
        return Forge(api, repository, token, ca_file=self.world.ca_file, timeout_s=10, clock=self.clock)

    # ------------------------------------------------------------------ people at the forge

    def do(self, verb, **arguments):
        return self.sandbox.control(verb, arguments)

    def push(self, text, branch="propose", **more):
        return self.do("push", branch=branch, files={"mappings.yaml": text, **more}, author="hanako")[
            "commit"
        ]

    def propose(self, text, branch="propose", **more):
        self.push(text, branch, **more)
        return self.do("open_pull", title=branch, head=branch, by="hanako")["number"]

    def pull(self, number=1):
        return self.do("pull", number=number)

    def status(self, number=1):
        (found,) = self.pull(number)["statuses"]
        assert found["context"] == CONTEXT
        return found["state"]

    def comment(self, number=1):
        (found,) = [each for each in self.pull(number)["comments"] if each["user"] == self.at["login"]]
        return found["body"]

    def calls(self, *methods):
        told = [row["function"] for row in self.do("journal") if "/api/" in row["function"]]
        return [one for one in told if not methods or one.split(" ")[0] in methods]

    # ------------------------------------------------------------------ the bot

    def review(self, seconds=60):
        self.clock.advance(seconds)
        self.reviewing.look()

    def look_at_branch(self):
        self.clock.advance(60)
        found = self.following.look(self.sync.mark_all)
        self.merging.tell(lambda key, params: self.said.append((key, params)))
        return found

    def merge(self, number=1):
        self.do("merge", number=number, by="alice")
        assert self.look_at_branch()
        self.quiet()

    def calls_of_malls(self):
        return [len(mall.calls) for mall in self.malls.values()]

    def stocks(self):
        return {name: dict(mall.stock) for name, mall in self.malls.items()}

    def news(self):
        told = [(key, params) for key, params in self.said if key.startswith("mapping_")]
        self.said.clear()
        return told


@contextmanager
def serving(folder):
    """Serve whatever forges there are; the certificates take time, so many tests share them."""
    world = World(folder)
    host = WebHost(world)
    host.start()
    yield world, host
    host.stop()


@contextmanager
def standing(folder, served):
    """Give the ground, with a forge of its own."""
    known, host = served
    world = World(folder / "world")
    world.ca_file = known.ca_file
    sandbox = Sandbox(world, host, files={"mappings.yaml": MAIN, "team.yaml": TEAM})
    sandbox.start()
    ground = Ground(folder, world, sandbox)
    yield ground
    ground.close()
    sandbox.stop()
