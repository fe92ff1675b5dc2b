"""Proposals over real git, real TLS and the sandbox's forge: a branch, a pull request, nothing else."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.clock import ManualClock
from adapters.contract import Product as Listed
from adapters.errors import ConfigError
from adapters.secret import Secret
from bot.answers import Refused
from bot.config import ForgeSettings
from bot.following import MappingInForce
from bot.mapping.branch import Person, branch_name, push_files
from bot.mapping.forge import Forge
from bot.mapping.model import Mapping, Team
from bot.mapping.propose import Wanted
from bot.mapping.repo import Access, MappingRepository, RemoteError, RemoteFault
from bot.proposing import Proposing, forge_of
from bot.store import products
from bot.store.database import open_database
from sandbox.forge.part import Forge as Sandbox
from sandbox.web import WebHost
from sandbox.world import World

TEN = [f"c{number}" for number in range(10)]
SHOPS = "shops:\n  rakuten-main: {mall: rakuten, orders: api}\n  amazon-jp: {mall: amazon, orders: api}\n"
MAIN = "# 対応表\t# tab\nversion: 1\n" + SHOPS + "include: [products/*.yaml]\n"
CUPS = "products:\n" + "".join(
    f"  - code: {one}   # {one}\n    listings: {{amazon-jp: false}}\n" for one in TEN
)
TEAM = "version: 1\nlanguage: ja\n"
HOSTILE = "<b>@everyone</b> | closes #1 `x`\n\x1b[31m$(id) --force"


class Ground:
    """A merchant's repository on the forge, and a bot's place beside it."""

    def __init__(self, world: World, sandbox: Sandbox, folder: Path) -> None:
        self.world, self.sandbox, self.folder = world, sandbox, folder
        self.at = sandbox.addresses()
        self.token = Secret(str(self.at["write_token"]))
        self.clock = ManualClock(datetime(2026, 11, 21, tzinfo=UTC))
        (folder / "state").mkdir()
        self.engine = open_database(folder / "state")
        self.repository = self.repository_of(str(self.at["branch"]))
        files = {"mappings.yaml": MAIN, "products/cups.yaml": CUPS, "team.yaml": TEAM}
        self.commit = str(self.do("commit", files=files)["commit"])

    def repository_of(self, branch: str, token: Secret | None = None) -> MappingRepository:
        access = Access(ca_file=self.world.ca_file, token=token or self.token, timeout_s=10)
        return MappingRepository(str(self.at["url"]), branch, self.folder / "repo.git", access=access)

    def forge(self, token: Secret | None = None) -> Forge:
        return Forge(
            str(self.at["api"]), str(self.at["repository"]), token or self.token, ca_file=self.world.ca_file
        )

    def proposing(self, *, forge: bool = True, in_force: MappingInForce | None = None) -> Proposing:
        return Proposing(
            self.engine,
            self.repository,
            lambda: in_force or MappingInForce(Mapping({}, ()), Team(), "", rejected=False),
            self.clock,
            malls=None,
            forge=self.forge if forge else lambda: None,
            email="tanaban@noreply.invalid",
        )

    def lists(self, shop: str, *rows: Listed | str) -> None:
        found = [Listed(row, (row, row), f"商品 {row}") if isinstance(row, str) else row for row in rows]
        with self.engine.begin() as connection:
            products.replace(connection, shop, found, self.clock.now())

    def do(self, verb: str, **arguments: object) -> dict[str, object]:
        found: dict[str, object] = self.sandbox.control(verb, arguments)
        return found

    def pulls(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.sandbox.control("view", {})["pulls"]
        return found

    def git(self, *words: str) -> str:
        """Ask the forge for what it holds now, by a fresh clone."""
        place = self.folder / "look"
        if not place.exists():
            where = {"GIT_SSL_CAINFO": str(self.world.ca_file), "PATH": "/usr/bin:/bin"}
            key = f"http.extraHeader=Authorization: Basic {_basic(self.token)}"
            command = ["git", "-c", key, "clone", "-q", "--bare", str(self.at["url"]), str(place)]
            subprocess.run(command, check=True, env=where, capture_output=True)
        command = ["git", "--git-dir", str(place), *words]
        return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def _basic(token: Secret) -> str:
    import base64

    return base64.b64encode(f"x-access-token:{token.reveal()}".encode()).decode()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    world = World(tmp_path / "world")
    host = WebHost(world)
    host.start()
    sandbox = Sandbox(world, host, token="made-up-token-7c1f")
    sandbox.start()
    ground = Ground(world, sandbox, tmp_path)
    yield ground
    ground.engine.dispose()
    sandbox.stop()
    host.stop()


# ---------------------------------------------------------------- a proposal


def test_copy_opens_a_request_that_adds_eight_and_lists_two(ground: Ground) -> None:  # A14
    ground.lists("amazon-jp", *TEN[:8])
    made = ground.proposing().copy("rakuten-main", "amazon-jp", "shell:花子")
    assert made.changes == 8
    assert all(f"- `{one}`" in made.text for one in TEN[8:])
    [request] = ground.forge().open_requests()
    assert (request.url, request.head_branch, request.base) == (made.url, made.branch, "main")
    after = ground.git("show", f"{made.branch}:products/cups.yaml")
    assert after.splitlines()[-4:] == CUPS.splitlines()[-4:]
    assert after.count("listings") == 2
    assert after.count("# c") == 10


def test_nothing_is_in_force_without_the_merge(ground: Ground) -> None:  # A14
    ground.lists("amazon-jp", *TEN[:8])
    before = ground.repository.refresh()
    ground.proposing().copy("rakuten-main", "amazon-jp", "花子")
    after = ground.repository.refresh()
    assert (after.commit, after.mapping) == (before.commit, before.mapping)
    [request] = ground.forge().open_requests()
    ground.do("merge", number=request.number, by="店長")
    merged = ground.repository.refresh()
    assert merged.mapping is not None
    assert dict(merged.mapping.listings("amazon-jp")) == {one: one for one in TEN[:8]}


def test_missing_codes_are_unlinked_only_when_told(ground: Ground) -> None:
    ground.lists("rakuten-main", *TEN[:8])
    made = ground.proposing().copy("amazon-jp", "rakuten-main", "花子", unlink_missing=True)
    assert made.changes == 0  # nothing is linked on Amazon, so there is nothing to compare
    ground.lists("amazon-jp", *TEN)
    assert ground.proposing().propose("amazon-jp", "花子").changes == 0  # the mapping says: not linked


def test_import_adds_products_at_the_end_of_the_last_file(ground: Ground) -> None:
    rows = [Listed("tee-red", ("tee", "1"), "Tシャツ 赤"), Listed("tee-blue", ("tee", "2"), "Tシャツ 青")]
    ground.lists("rakuten-main", *TEN, *rows)
    made = ground.proposing().propose("rakuten-main", "花子")
    assert ground.git("show", f"{made.branch}:mappings.yaml") == MAIN
    assert ground.git("show", f"{made.branch}:products/cups.yaml") == CUPS + (
        "  - code: tee\n    name: Tシャツ\n    axes:\n      - {name: 種類, values: [red, blue]}\n"
        "    listings:\n      amazon-jp: false\n"
    )


def test_missing_sub_code_is_told_and_changes_nothing(ground: Ground) -> None:  # C6
    ground.lists("rakuten-main", *TEN, Listed("", ("tee", "red"), "Tシャツ", note="no sub-code"))
    made = ground.proposing().propose("rakuten-main", "花子")
    assert (made.changes, made.branch, made.url) == (0, "", None)
    assert "`tee/red`" in made.text
    assert ground.forge().open_requests() == []


def test_same_proposal_twice_is_one_branch_and_one_request(ground: Ground) -> None:
    ground.lists("amazon-jp", *TEN[:8])
    first = ground.proposing().copy("rakuten-main", "amazon-jp", "花子")
    ground.clock.advance(3600)
    again = ground.proposing().copy("rakuten-main", "amazon-jp", "太郎")
    assert (again.branch, again.url) == (first.branch, first.url)
    assert (first.already, again.already) == (False, True)
    assert len(ground.forge().open_requests()) == 1
    assert ground.git("rev-list", "--count", f"{ground.commit}..{first.branch}") == "1\n"


def test_proposal_again_after_a_lost_request_opens_it(ground: Ground) -> None:
    made = ground.proposing(forge=False).set_("c0", Wanted(name="杯"), "花子")
    assert made.url is None
    again = ground.proposing().set_("c0", Wanted(name="杯"), "花子")
    assert again.branch == made.branch
    assert again.url is not None
    assert not again.already


def test_remote_that_moved_is_proposed_on_its_new_head(ground: Ground) -> None:
    ground.proposing(forge=False).set_("c0", Wanted(name="杯"), "花子")
    moved = str(ground.do("commit", files={"products/cups.yaml": CUPS + "  - code: new\n"})["commit"])
    made = ground.proposing(forge=False).set_("c1", Wanted(name="皿"), "花子")
    assert ground.git("rev-parse", f"{made.branch}^").strip() == moved
    assert "code: new" in ground.git("show", f"{made.branch}:products/cups.yaml")


def test_person_is_the_author_and_the_bot_commits(ground: Ground) -> None:
    made = ground.proposing(forge=False).set_("c0", Wanted(name="杯"), "shell:花子")
    said = ground.git("log", "-1", "--format=%an|%ae|%cn|%s", made.branch).strip()
    assert said == f"花子|tanaban@noreply.invalid|tanaban|{made.title}"


def test_hostile_names_stay_texts(ground: Ground) -> None:
    row = Listed("cap", ("cap", ""), HOSTILE)
    ground.lists("rakuten-main", *TEN, row, Listed("", ("x", HOSTILE), HOSTILE))
    made = ground.proposing().propose("rakuten-main", HOSTILE)
    author = ground.git("log", "-1", "--format=%an%n%B", made.branch)
    assert author.splitlines()[0] == "b@everyone/b | closes #1 `x`[31m$(id) --force"
    assert "closes" not in author.partition("\n")[2]
    [request] = ground.forge().open_requests()
    assert "closes" not in request.title
    merged = ground.do("merge", number=request.number, by="店長")
    assert merged
    found = ground.repository.refresh().mapping
    assert found is not None
    assert found.name_of("cap") == "<b>@everyone</b> | closes #1 `x` [31m$(id) --force"


# ---------------------------------------------------------------- refused


def test_head_with_errors_is_not_built_upon(ground: Ground) -> None:
    ground.do("commit", files={"products/cups.yaml": "products:\n  - code: c_0\n"})
    with pytest.raises(Refused) as caught:
        ground.proposing().set_("c0", Wanted(name="杯"), "花子")
    assert caught.value.key == "proposal_head_bad"
    assert "products/cups.yaml:2:" in caught.value.params["problem"]


def test_edit_that_would_break_the_mapping_is_not_proposed(ground: Ground) -> None:
    wanted = Wanted(shop="rakuten-main", mall_code="x_\u200b1", reason="旧")
    with pytest.raises(Refused) as caught:
        ground.proposing().set_("c0", wanted, "花子")
    assert caught.value.key == "proposal_broken"
    assert ground.forge().open_requests() == []


def test_place_that_cannot_be_edited_is_named(ground: Ground) -> None:
    ground.do("commit", files={"mappings.yaml": MAIN, "products/cups.yaml": "products: [{code: c0}]\n"})
    ground.lists("rakuten-main", "c0", "cap")
    with pytest.raises(Refused) as caught:
        ground.proposing().propose("rakuten-main", "花子")
    assert caught.value.key == "proposal_edit"
    assert (caught.value.params["file"], caught.value.params["line"]) == ("products/cups.yaml", "1")


def test_token_that_may_only_read_is_told_plainly(ground: Ground) -> None:
    ground.repository = ground.repository_of("main", Secret("made-up-token-7c1f"))
    with pytest.raises(RemoteError) as caught:
        ground.proposing(forge=False).set_("c0", Wanted(name="杯"), "花子")
    assert caught.value.fault in (RemoteFault.AUTH, RemoteFault.REFUSED)
    assert "must be allowed to push" in str(caught.value)


def test_followed_branch_is_never_written_to(ground: Ground) -> None:
    files = {"products/cups.yaml": f"{CUPS}  - code: x\n".encode()}
    name = branch_name("set-c0", files)
    base = ground.repository.refresh().commit
    follower = ground.repository_of(name)
    with pytest.raises(Exception, match="not written to"):
        push_files(
            follower, base, files, slug="set-c0", message="x", author=Person("x", "x"), now=ground.clock.now()
        )
    assert name not in ground.git("branch", "--list")


# ---------------------------------------------------------------- a look only, and secrets


def test_look_reaches_no_remote(ground: Ground) -> None:
    found = ground.repository.refresh()
    assert found.mapping is not None
    in_force = MappingInForce(found.mapping, found.team or Team(), found.commit, rejected=False)
    asked = len(ground.sandbox.control("journal", {}))
    made = ground.proposing(in_force=in_force).set_("c0", Wanted(name="杯"), "花子", dry_run=True)
    assert len(ground.sandbox.control("journal", {})) == asked
    assert made.diff.splitlines() == [
        "--- a/products/cups.yaml",
        "+++ b/products/cups.yaml",
        "@@ -1,6 +1,7 @@",
        " products:",
        "   - code: c0   # c0",
        "     listings: {amazon-jp: false}",
        "+    name: 杯",
        "   - code: c1   # c1",
        "     listings: {amazon-jp: false}",
        "   - code: c2   # c2",
    ]
    assert (made.branch, made.url) == ("", None)


def test_token_is_in_no_file_log_or_text(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    ground.lists("amazon-jp", *TEN[:8])
    made = ground.proposing().copy("rakuten-main", "amazon-jp", "花子")
    token = ground.token.reveal()
    for secret in (token, _basic(ground.token)):
        assert secret not in caplog.text + repr(made) + made.text + made.diff
        for path in (ground.folder / "repo.git").rglob("*"):
            assert not path.is_file() or secret.encode() not in path.read_bytes(), path
    assert token not in repr(vars(ground.forge()))


def test_half_of_a_forge_is_refused() -> None:
    token = Secret("made-up")
    assert forge_of(ForgeSettings(), token) is None
    for half in (ForgeSettings(api="https://x/api/v3"), ForgeSettings(repository="a/b")):
        with pytest.raises(ConfigError, match="belong together"):
            forge_of(half, token)
    with pytest.raises(ConfigError, match="no forge token"):
        forge_of(ForgeSettings(api="https://x/api/v3", repository="a/b"), None)
