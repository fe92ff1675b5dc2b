"""The mapping repository over real smart HTTP and TLS: followed, refused, unreachable, hostile."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import ConfigError, MappingError
from adapters.secret import Secret
from bot.mapping.follow import Accepted, MappingFollower, Rejected, Rewritten, Unchanged
from bot.mapping.load import MAX_BYTES
from bot.mapping.repo import Access, MappingRepository, RemoteError, RemoteFault
from sandbox.forge.part import DEFAULT_FILES, Forge
from sandbox.web import WebHost
from sandbox.world import World

TOKEN = "made-up-token-7c1f"
GOOD = DEFAULT_FILES["mappings.yaml"]
MORE = GOOD + "  - code: cap-navy\n"
BAD = GOOD + "  - code: cap_navy\n"


class Notebook:
    """Remembers in memory, as the state database does over a restart."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.words.get(key)

    def set(self, key: str, value: str) -> None:
        self.words[key] = value


class Ground:
    """A forge, and a bot's place beside it."""

    def __init__(self, world: World, forge: Forge, folder: Path) -> None:
        self.world = world
        self.forge = forge
        self.folder = folder
        self.memory = Notebook()

    def repository(self, clone: str = "repo.git", **changes: Any) -> MappingRepository:
        given = {"ca_file": self.world.ca_file, "token": Secret(TOKEN), "timeout_s": 10.0}
        options = {name: changes.pop(name) for name in list(changes) if name in Access._fields}
        address = self.forge.addresses()
        url, branch = changes.pop("url", address["url"]), changes.pop("branch", address["branch"])
        access = Access(**{**given, **options})
        return MappingRepository(url, branch, self.folder / clone, access=access, **changes)

    def follower(self, clone: str = "repo.git") -> MappingFollower:
        return MappingFollower(self.repository(clone), self.memory)

    def commit(self, text: str | None = None, **arguments: Any) -> str:
        files = {} if text is None else {"mappings.yaml": text}
        made = self.forge.control("commit", {"files": files, **arguments})
        return str(made["commit"])

    def git_in_clone(self, *arguments: str) -> str:
        command = ["git", "--git-dir", str(self.folder / "repo.git"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    forge = Forge(world, host, token=TOKEN)
    forge.start()
    yield Ground(world, forge, tmp_path)
    forge.stop()
    host.stop()


# ----------------------------------------------------------------- following


def test_first_poll_accepts_the_head(ground: Ground) -> None:
    follower = ground.follower()
    event = follower.poll()
    assert isinstance(event, Accepted)
    assert event.diff.added == ("mug",)
    assert follower.current is not None
    assert follower.current.commit == event.commit
    assert isinstance(follower.poll(), Unchanged)


def test_change_is_accepted_with_what_it_changes(ground: Ground) -> None:
    follower = ground.follower()
    follower.poll()
    commit = ground.commit(MORE, author="花子")
    event = follower.poll()
    assert isinstance(event, Accepted)
    assert (event.commit, event.author, event.team_changed) == (commit, "花子", False)
    assert {name: change.added for name, change in event.diff.shops.items()} == {
        "rakuten-main": ("cap-navy",),
        "roomclip-main": ("cap-navy",),
    }


def test_bad_commit_is_told_once_and_the_last_good_stays(ground: Ground) -> None:
    follower = ground.follower()
    first = follower.poll()
    bad = ground.commit(BAD, author="花子")
    event = follower.poll()  # D8
    assert isinstance(event, Rejected)
    assert isinstance(first, Accepted)
    assert (event.commit, event.author, event.good) == (bad, "花子", first.commit)
    assert event.problems[0].render("en").startswith("mappings.yaml:8:11: error:")
    assert isinstance(follower.poll(), Unchanged)
    assert follower.current is not None
    assert list(follower.current.mapping.codes()) == ["mug"]
    assert follower.refused == event


def test_bad_commit_is_not_told_again_after_a_restart(ground: Ground) -> None:
    ground.follower().poll()
    good = ground.memory.get("mapping.good")
    ground.commit(BAD)
    ground.follower().poll()
    again = ground.follower()
    assert isinstance(again.poll(), Unchanged)
    assert again.current is not None
    assert again.current.commit == good
    assert again.refused is not None


def test_revert_leaves_everything_as_before(ground: Ground) -> None:
    follower = ground.follower()
    follower.poll()
    before = follower.current
    ground.commit(MORE)
    follower.poll()
    ground.commit(GOOD)
    follower.poll()  # D8
    assert before is not None
    assert follower.current is not None
    assert follower.current.mapping == before.mapping


def test_repair_after_a_bad_commit_is_accepted(ground: Ground) -> None:
    follower = ground.follower()
    follower.poll()
    ground.commit(BAD)
    follower.poll()
    ground.commit(MORE)
    assert isinstance(follower.poll(), Accepted)
    assert follower.refused is None


def test_rewritten_history_waits_for_a_person(ground: Ground) -> None:
    follower = ground.follower()
    first = follower.poll()
    assert isinstance(first, Accepted)
    made = ground.forge.control("force_push", {"files": {"mappings.yaml": MORE}, "message": "x"})
    event = follower.poll()
    assert isinstance(event, Rewritten)
    assert (event.commit, event.good) == (made["commit"], first.commit)
    assert isinstance(follower.poll(), Unchanged)
    assert follower.current is not None
    assert follower.current.commit == first.commit
    assert isinstance(follower.accept_rewritten(made["commit"]), Accepted)


def test_last_good_survives_a_rewrite_and_a_restart(ground: Ground) -> None:
    first = ground.follower().poll()
    ground.forge.control("force_push", {"files": {"mappings.yaml": BAD}, "message": "x"})
    ground.follower().poll()
    ground.git_in_clone("gc", "--quiet", "--prune=now")
    assert isinstance(first, Accepted)
    restored = ground.follower().restore()
    assert restored is not None
    assert restored.commit == first.commit


def test_restart_without_the_forge_keeps_the_last_good(ground: Ground) -> None:
    ground.follower().poll()
    ground.forge.control("fault", {"name": "down"})
    follower = ground.follower()
    with pytest.raises(RemoteError):
        follower.poll()
    assert follower.current is not None


def test_deleted_clone_is_fetched_again(ground: Ground) -> None:
    ground.follower().poll()
    follower = ground.follower("another.git")
    assert isinstance(follower.poll(), Unchanged)
    assert follower.current is not None
    ground.commit(BAD)
    third = ground.follower("third.git")
    assert isinstance(third.poll(), Rejected)
    assert third.current is not None


def test_file_is_parsed_once_per_content(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = ground.repository()
    ground.commit(GOOD + "include: [products/*.yaml]\n", author="a")
    ground.forge.control("commit", {"files": {"products/a.yaml": "products: [{code: a}]\n"}})
    repository.refresh()
    read: list[tuple[str, ...]] = []
    plain = MappingRepository._git

    def noted(self: MappingRepository, *arguments: str) -> bytes:
        read.append(arguments)
        return plain(self, *arguments)

    monkeypatch.setattr(MappingRepository, "_git", noted)
    ground.forge.control("commit", {"files": {"products/b.yaml": "products: [{code: b}]\n"}})
    found = repository.refresh()
    assert found.mapping is not None
    assert list(found.mapping.codes()) == ["mug", "a", "b"]
    assert len([words for words in read if words[0] == "cat-file"]) == 1


# ----------------------------------------------------------------- out of reach


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"token": None}, RemoteFault.AUTH),
        ({"token": Secret("made-up-and-wrong")}, RemoteFault.AUTH),
        ({"branch": "nowhere"}, RemoteFault.BRANCH),
        ({"ca_file": None}, RemoteFault.UNREACHABLE),
        ({"url": "https://127.0.0.1:1/mappings.git"}, RemoteFault.UNREACHABLE),
    ],
)
def test_what_keeps_the_remote_away_is_named(
    ground: Ground, change: dict[str, Any], fault: RemoteFault
) -> None:
    with pytest.raises(RemoteError) as caught:
        ground.repository(**change).refresh()
    assert caught.value.fault is fault
    assert "made-up" not in str(caught.value)


def test_hung_remote_ends_at_the_time_out(ground: Ground) -> None:
    ground.forge.control("fault", {"name": "hang"})
    started = time.monotonic()
    with pytest.raises(RemoteError) as caught:
        ground.repository(timeout_s=0.5).refresh()
    assert caught.value.fault is RemoteFault.TIMEOUT
    assert time.monotonic() - started < 5
    ground.forge.control("clear_faults", {})
    assert ground.repository().refresh().mapping is not None


def test_hung_remote_does_not_hold_up_the_stop(ground: Ground) -> None:
    ground.forge.control("fault", {"name": "hang"})
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(RemoteError) as caught:
        ground.repository(stop=stop, timeout_s=60).refresh()
    assert caught.value.fault is RemoteFault.STOPPED


def test_lock_left_by_a_killed_fetch_does_not_block(ground: Ground) -> None:
    ground.repository().refresh()
    lock = ground.folder / "repo.git" / "refs" / "tanaban" / "head.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    commit = ground.commit(MORE)
    assert ground.repository().refresh().commit == commit


def test_folder_that_is_no_clone_is_left_alone(ground: Ground) -> None:
    (ground.folder / "repo.git").mkdir()
    (ground.folder / "repo.git" / "letter.txt").write_text("mine")
    with pytest.raises(MappingError):
        ground.repository().refresh()
    assert [path.name for path in (ground.folder / "repo.git").iterdir()] == ["letter.txt"]


# ----------------------------------------------------------------- hostile


def test_token_is_in_no_file_address_or_argument(ground: Ground) -> None:
    repository = ground.repository()
    repository.refresh()
    ground.forge.control("fault", {"name": "hang"})
    seen: list[bytes] = []
    watch = threading.Timer(0.5, lambda: seen.extend(_command_lines()))
    watch.start()
    with pytest.raises(RemoteError):
        ground.repository(timeout_s=1).refresh()
    watch.join()
    assert any(b"fetch" in line for line in seen)
    assert not [line for line in seen if TOKEN.encode() in line]
    files = [path for path in (ground.folder / "repo.git").rglob("*") if path.is_file()]
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert ground.forge.control("seen", {"text": f"x-access-token:{TOKEN}"})


def _command_lines() -> list[bytes]:
    lines = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(place.read_bytes())
        except OSError:
            continue
    return lines


def test_symbolic_link_is_refused(ground: Ground) -> None:
    ground.commit(links={"mappings.yaml": "/etc/passwd"})
    found = ground.repository().refresh()
    assert [(item.file, item.key) for item in found.problems] == [("mappings.yaml", "symlink")]
    assert found.mapping is None


def test_folder_behind_a_symbolic_link_is_not_entered(ground: Ground) -> None:
    ground.commit(GOOD + "include: [products/*.yaml]\n", links={"products": "/etc"})
    assert [item.key for item in ground.repository().refresh().problems] == ["include_nothing"]


def test_oversized_file_is_refused_before_it_is_read(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.commit("#" * (MAX_BYTES + 1))
    read: list[str] = []
    plain = MappingRepository._git

    def noted(self: MappingRepository, *arguments: str) -> bytes:
        read.append(arguments[0])
        return plain(self, *arguments)

    monkeypatch.setattr(MappingRepository, "_git", noted)
    found = ground.repository().refresh()
    assert [item.key for item in found.problems] == ["file_too_large"]
    assert read.count("cat-file") == 1  # team.yaml only


def test_nothing_of_the_repository_becomes_a_file(ground: Ground) -> None:
    ground.commit(GOOD, links={"link": "/etc/passwd"})
    ground.forge.control("commit", {"files": {"hooks/post-checkout": "#!/bin/sh\nexit 1\n"}})
    ground.repository().refresh()
    top = sorted(path.name for path in (ground.folder / "repo.git").iterdir())
    assert top == ["HEAD", "config", "objects", "refs"]


def test_hook_in_the_clone_is_not_run(ground: Ground) -> None:
    repository = ground.repository()
    repository.refresh()
    hooks = ground.folder / "repo.git" / "hooks"
    hooks.mkdir()
    hook = hooks / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {ground.folder}/ran\n")
    hook.chmod(0o700)
    ground.commit(MORE)
    repository.refresh()
    assert not (ground.folder / "ran").exists()


def test_environment_of_the_bot_does_not_reach_git(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stray setting neither turns TLS checking off nor redirects the object store."""
    monkeypatch.setenv("GIT_SSL_NO_VERIFY", "1")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(ground.folder / "elsewhere"))
    with pytest.raises(RemoteError):
        ground.repository(ca_file=None).refresh()
    ground.repository("second.git").refresh()
    assert not (ground.folder / "elsewhere").exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c id",
        "file:///etc",
        "/etc",
        "--upload-pack=id",
        "-oProxyCommand=id@host:x",
        "git://127.0.0.1/x",
        "http://127.0.0.1/x",
        "https://user:word@127.0.0.1/x",
        "https://word@127.0.0.1/x",
        "https://127.0.0.1/x?key=word",
        "ssh://u:word@127.0.0.1/x",
        "ssh://-oProxyCommand=id/x",
        "https://127.0.0.1/x y",
        "https://127.0.0.1/x\n",
        "",
    ],
)
def test_address_of_another_form_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        MappingRepository(url, "main", tmp_path)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "branch", ["--upload-pack=id", "a..b", "a b", "", "/a", "a/", "a.lock", "a:b", "a^", "@{u}"]
)
def test_branch_of_another_form_is_refused(branch: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        MappingRepository("https://127.0.0.1/x", branch, tmp_path)


@pytest.mark.parametrize(
    "url", ["git@example.invalid:shop/mappings.git", "ssh://git@example.invalid:22/m.git"]
)
def test_ssh_addresses_are_accepted(url: str, tmp_path: Path) -> None:
    MappingRepository(url, "release/2027", tmp_path)


def test_path_on_this_machine_needs_leave(ground: Ground) -> None:
    path = str(ground.world.folder / "forge" / "mappings.git")
    found = ground.repository(url=path, token=None, ca_file=None, allow_file=True).refresh()
    assert found.mapping is not None


def _open_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_many_polls_leave_no_processes_or_descriptors(ground: Ground) -> None:
    repository = ground.repository()
    since = repository.refresh().commit
    before = _open_descriptors()
    for _ in range(10):
        assert not repository.refresh(since=since).changed
    assert _open_descriptors() <= before + 2
