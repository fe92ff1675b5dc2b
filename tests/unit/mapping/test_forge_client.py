"""The client of the forge, against the sandbox's forge and against answers that none should give."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.clock import ManualClock
from adapters.errors import AuthError, ConfigError, RateLimitedError
from adapters.secret import Secret
from bot.mapping.forge import MAX_BODY, Forge, ForgeError
from bot.mapping.repo import RemoteError
from sandbox.forge.part import Forge as Sandbox
from sandbox.web import WebHost
from sandbox.world import World

TOKEN = Secret("made-up-token-9d2e")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, WebHost]]:
    world = World(tmp_path_factory.mktemp("world"))
    host = WebHost(world)
    host.start()
    yield world, host
    host.stop()


class Answers:
    """A server that keeps what it was asked and answers with what a test says."""

    def __init__(self, ground: tuple[World, WebHost]) -> None:
        self.world, host = ground
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.answer: Callable[[web.Request], web.StreamResponse] = lambda _request: web.json_response({})
        self.held = threading.Event()
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self.base = f"https://127.0.0.1:{host.serve(app)}/api/v3"
        self.clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append((request.method, request.path_qs, dict(request.headers)))
        return self.answer(request)

    def says(self, status: int, content: Any, **headers: str) -> None:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda _request: web.json_response(content, status=status, headers=names)

    def forge(self) -> Forge:
        return Forge(self.base, "merchant/mappings", TOKEN, ca_file=self.world.ca_file, clock=self.clock)


@pytest.fixture
def answers(ground: tuple[World, WebHost]) -> Answers:
    return Answers(ground)


def pull(number: int, **more: Any) -> dict[str, Any]:
    raw = {"number": number, "title": "t", "state": "open", "html_url": "u", "user": {"login": "x"}}
    return {**raw, "head": {"ref": f"b{number}", "sha": "0" * 40}, "base": {"ref": "main"}, **more}


def test_call_carries_the_token_the_version_and_nothing_in_its_address(answers: Answers) -> None:
    answers.says(200, {"login": "tanaban-bot"})
    assert answers.forge().me() == "tanaban-bot"
    [(method, path, headers)] = answers.asked
    assert (method, path) == ("GET", "/api/v3/user")
    assert headers["Authorization"] == f"Bearer {TOKEN.reveal()}"
    assert headers["Accept"] == "application/vnd.github+json"
    assert headers["X-GitHub-Api-Version"] == "2022-11-28"


def test_every_page_is_read_at_the_address_that_is_set(answers: Answers) -> None:
    def page(request: web.Request) -> web.Response:
        number = int(request.query["page"])
        link = {"Link": '<https://elsewhere.invalid/x?page=2>; rel="next"'} if number < 3 else {}
        return web.json_response([pull(number)], headers=link)

    answers.answer = page
    assert [request.number for request in answers.forge().open_requests()] == [1, 2, 3]
    assert all("per_page=100" in path for _method, path, _headers in answers.asked)


def test_branch_of_somebody_elses_copy_is_not_ours(answers: Answers) -> None:
    answers.says(200, [pull(1), pull(2)])
    found = answers.forge().find_request("b2")
    assert found is not None
    assert found.number == 2
    assert "head=merchant%3Ab2" in answers.asked[0][1]
    assert answers.forge().find_request("b3") is None


def test_account_that_was_deleted_has_no_name(answers: Answers) -> None:
    answers.says(200, pull(1, user=None))
    assert answers.forge().request(1).author == ""


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait_s"),
    [
        (403, {"Retry_After": "7"}, "secondary", 7),
        (429, {}, "slow down", 60),
        (403, {}, "You have exceeded a secondary rate limit.", 60),
        (403, {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "1763683290"}, "API rate limit", 90),
    ],
)  # fmt: skip
def test_limit_is_honoured_without_another_call(
    answers: Answers, status: int, headers: dict[str, str], message: str, wait_s: float
) -> None:
    answers.clock = ManualClock(datetime(2025, 11, 21, tzinfo=UTC))
    answers.says(status, {"message": message}, **headers)
    forge = answers.forge()
    for asked in (1, 1):
        with pytest.raises(RateLimitedError) as caught:
            forge.open_requests()
        assert caught.value.retry_after_s == pytest.approx(wait_s)
        assert len(answers.asked) == asked
    answers.clock.advance(timedelta(seconds=wait_s).total_seconds())
    answers.says(200, [])
    assert forge.open_requests() == []


@pytest.mark.parametrize("status", [401, 403])
def test_refused_token_names_the_next_step(answers: Answers, status: int) -> None:
    answers.says(status, {"message": "Bad credentials"})
    with pytest.raises(AuthError, match=r"Bad credentials.*TANABAN_FORGE_TOKEN") as caught:
        answers.forge().me()
    assert TOKEN.reveal() not in str(caught.value)


@pytest.mark.parametrize("status", [301, 404, 422, 500, 502])
def test_other_answers_are_told_with_their_number(answers: Answers, status: int) -> None:
    answers.says(
        status, {"message": "no\x1b[31m", "errors": [{"message": "that branch"}, "x"]}, Location="/x"
    )
    with pytest.raises(ForgeError, match=rf"{status} no\[31m / that branch") as caught:
        answers.forge().request(1)
    assert caught.value.status == status
    assert len(answers.asked) == 1
    assert isinstance(caught.value, RemoteError)


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b"[]", b"null", b'{"number": "1"}', b"", b"\xff"])
def test_answer_in_another_form_is_no_pull_request(answers: Answers, body: bytes) -> None:
    answers.answer = lambda _request: web.Response(body=body)
    with pytest.raises(ForgeError):
        answers.forge().request(1)


@pytest.mark.parametrize("body", [b"{}", b"[1]"])
def test_list_in_another_form_is_refused(answers: Answers, body: bytes) -> None:
    answers.answer = lambda _request: web.Response(body=body)
    with pytest.raises(ForgeError, match="no list"):
        answers.forge().open_requests()


def test_forge_out_of_reach_or_not_trusted_is_a_remote_error(answers: Answers) -> None:
    gone = Forge("https://127.0.0.1:1", "a/b", TOKEN)
    unknown = Forge(answers.base, "a/b", TOKEN)
    for forge in (gone, unknown):
        with pytest.raises(ForgeError) as caught:
            forge.me()
        assert caught.value.status == 0
    assert answers.asked == []


@pytest.mark.parametrize(
    ("base", "repository"),
    [
        ("http://forge.example", "a/b"),
        ("https://user:key@forge.example", "a/b"),
        ("https://forge.example/?x=1", "a/b"),
        ("https://forge.example", "a"),
        ("https://forge.example", "a/b/c"),
        ("https://forge.example", "a/.."),
        ("https://forge.example", "../b"),
    ],
)
def test_setting_of_another_form_is_refused(base: str, repository: str) -> None:
    with pytest.raises(ConfigError, match="forge"):
        Forge(base, repository, TOKEN)


def test_call_that_waits_is_ended_by_close(ground: tuple[World, WebHost], tmp_path: Path) -> None:
    world, host = ground
    reached = threading.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        import asyncio

        reached.set()
        await asyncio.sleep(60)
        return web.Response()

    app = web.Application()
    app.router.add_get("/user", hang)
    forge = Forge(f"https://127.0.0.1:{host.serve(app)}", "a/b", TOKEN, ca_file=world.ca_file)
    found: list[Exception] = []

    def ask() -> None:
        try:
            forge.me()
        except ForgeError as error:
            found.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert reached.wait(10)
    forge.close()
    thread.join(10)
    assert not thread.is_alive()
    assert found


# ---------------------------------------------------------------- against the sandbox's forge


@pytest.fixture
def sandbox(ground: tuple[World, WebHost], tmp_path: Path) -> Iterator[tuple[Sandbox, Forge]]:
    world = World(tmp_path / "own")
    host = WebHost(world)
    host.start()
    part = Sandbox(world, host, token="made-up-token-7c1f")
    part.start()
    at = part.addresses()
    yield part, Forge(at["api"], at["repository"], Secret(at["write_token"]), ca_file=world.ca_file)
    part.stop()
    host.stop()


def test_request_lives_from_opening_to_the_merge(sandbox: tuple[Sandbox, Forge]) -> None:
    part, forge = sandbox
    pushed = part.control("push", {"branch": "tanaban/x", "files": {"a.yaml": "a: 1\n"}, "author": "花子"})
    made = forge.open_request("tanaban/x", "main", "題", "本文")
    assert (made.state, made.merged, made.head_commit) == ("open", False, pushed["commit"])
    again = forge.open_request("tanaban/x", "main", "別の題", "本文")
    assert (again.number, again.title) == (made.number, "別の題")
    forge.set_status(made.head_commit, "success", "数 " * 200, "tanaban")
    note = forge.comment(made.number, "長い" * MAX_BODY)
    assert len(note.body) == MAX_BODY
    forge.edit_comment(note.id, "短い")
    assert [comment.body for comment in forge.comments(made.number)] == ["短い"]
    merge = part.control("merge", {"number": made.number, "by": "店長"})["commit"]
    brought = forge.request_of_commit(merge)
    assert brought is not None
    assert (brought.number, brought.merged, brought.state) == (made.number, True, "closed")
    assert forge.request_of_commit("0" * 40) is None
    assert forge.open_requests() == []


def test_branch_that_is_not_there_is_refused(sandbox: tuple[Sandbox, Forge]) -> None:
    with pytest.raises(ForgeError) as caught:
        sandbox[1].open_request("tanaban/none", "main", "題", "本文")
    assert caught.value.status == 422
