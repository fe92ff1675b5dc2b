"""The client of the forge against a GitHub that other people wrote: emulate.

Left out, for emulate differs there from GitHub: a second pull request of one branch is opened rather
than refused; a token that it does not know is taken for somebody; commit statuses are not there, so
the bot is shown a forge without them; and there is no git over HTTP, by which alone the bot reads files.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from aiohttp import ClientSession, web

from adapters.secret import Secret
from bot.mapping.forge import Forge, ForgeError
from sandbox.web import WebHost
from sandbox.world import World
from tests.interop.fakes import EMULATE, free_port, run_alone, running

TOKEN = "made-up-forge-token"  # noqa: S105
REPOSITORY = "tanaban-bot/mappings"

pytestmark = pytest.mark.long


def test_client_speaks_with_a_forge_of_other_people() -> None:
    run_alone(__file__)


class Ground:
    """emulate behind TLS, which the client insists on, and a hand that writes files."""

    def __init__(self, plain: str, tls: str, ca_file: Path) -> None:
        self._plain = f"{plain}/repos/{REPOSITORY}"
        self._tls = tls
        self._ca_file = ca_file

    def forge(self) -> Forge:
        return Forge(self._tls, REPOSITORY, Secret(TOKEN), ca_file=self._ca_file)

    def by_hand(self, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        reply = requests.request(method, f"{self._plain}/{path}", json=content, headers=headers, timeout=10)
        assert reply.ok, reply.text
        return reply.json()

    def branch(self, name: str) -> str:
        """Make a branch with a file more; gives its commit."""
        start = self.by_hand("GET", "git/ref/heads/main")["object"]["sha"]
        self.by_hand("POST", "git/refs", ref=f"refs/heads/{name}", sha=start)
        content = base64.b64encode(b"products: []\n").decode()
        path = f"contents/products/{name}.yaml"
        made = self.by_hand("PUT", path, message="提案", content=content, branch=name)
        return str(made["commit"]["sha"])


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder, port = tmp_path_factory.mktemp("emulate"), free_port()
    plain = f"http://127.0.0.1:{port}"
    seed = {
        "tokens": {TOKEN: {"login": "tanaban-bot", "scopes": ["repo", "user"]}},
        "github": {
            "users": [{"login": "tanaban-bot"}],
            "repos": [{"owner": "tanaban-bot", "name": "mappings", "auto_init": True}],
        },
    }
    (folder / "seed.yaml").write_text(yaml.safe_dump(seed), encoding="utf-8")
    command = [str(EMULATE), "start", "--service", "github", "--seed", "seed.yaml", "-p", str(port)]
    world = World(folder / "world")
    host = WebHost(world)
    host.start()
    with running(command, f"{plain}/user", folder):
        yield Ground(plain, f"https://127.0.0.1:{host.serve(_passed_on(plain))}", world.ca_file)
    host.stop()


def _passed_on(plain: str) -> web.Application:
    """Give a proxy to a server without TLS."""

    async def handle(request: web.Request) -> web.Response:
        headers = {
            name: request.headers[name] for name in ("Authorization", "Accept") if name in request.headers
        }
        async with (
            ClientSession() as session,
            session.request(
                request.method, plain + request.path_qs, data=await request.read(), headers=headers
            ) as reply,
        ):
            passed = {name: reply.headers[name] for name in ("Content-Type", "Link") if name in reply.headers}
            return web.Response(status=reply.status, body=await reply.read(), headers=passed)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handle)
    return app


@pytest.mark.alone
def test_token_is_known_by_its_login(ground: Ground) -> None:
    assert ground.forge().me() == "tanaban-bot"


@pytest.mark.alone
def test_pull_request_is_opened_found_by_its_branch_and_updated(ground: Ground) -> None:
    forge, commit = ground.forge(), ground.branch("propose-1")
    opened = forge.open_request("propose-1", "main", "対応表の提案", "説明")
    assert (opened.title, opened.head_branch, opened.base) == ("対応表の提案", "propose-1", "main")
    assert (opened.head_commit, opened.state, opened.merged) == (commit, "open", False)
    assert forge.find_request("propose-1") == forge.request(opened.number) == opened
    assert forge.find_request("propose-9") is None
    assert forge.update_request(opened.number, "別の題", "説明").title == "別の題"
    assert [one.number for one in forge.open_requests()].count(opened.number) == 1


@pytest.mark.alone
def test_comment_is_written_and_edited_in_place(ground: Ground) -> None:
    forge = ground.forge()
    ground.branch("propose-2")
    number = forge.open_request("propose-2", "main", "x", "").number
    said = forge.comment(number, "検査中です")
    forge.edit_comment(said.id, "検査しました: 0 件")
    assert [(one.id, one.body) for one in forge.comments(number)] == [(said.id, "検査しました: 0 件")]


@pytest.mark.alone
def test_merged_request_is_found_by_the_commit_that_its_merge_made(ground: Ground) -> None:
    forge = ground.forge()
    ground.branch("propose-3")
    number = forge.open_request("propose-3", "main", "x", "").number
    commit = ground.by_hand("PUT", f"pulls/{number}/merge")["sha"]
    found = forge.request_of_commit(commit)
    assert found is not None
    assert (found.number, found.merged, found.state) == (number, True, "closed")


@pytest.mark.alone
def test_forge_without_statuses_is_told_as_such(ground: Ground) -> None:
    commit = ground.branch("propose-4")
    with pytest.raises(ForgeError) as caught:
        ground.forge().set_status(commit, "success", "0 件", "tanaban/mapping")
    assert caught.value.status == 404
