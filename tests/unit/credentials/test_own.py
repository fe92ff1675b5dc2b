"""The bot's own credentials: when they served last, and which of them is refused."""

from datetime import timedelta
from functools import partial

import pytest

from adapters.errors import AuthError
from adapters.secret import Secret
from bot.answers import CredentialRow
from bot.credentials import ledger
from bot.credentials.own import OwnCredentials
from bot.following import Following
from bot.mapping.follow import MappingFollower
from bot.mapping.forge import Forge
from bot.mapping.repo import Access, MappingRepository
from bot.messages import say
from bot.slack.alerts import alert
from bot.slack.voice import Voice
from bot.store.credentials import FAILED, OK, records
from bot.store.database import reading
from bot.store.notes import Remembered
from tests.unit.house import House
from tests.unit.review_ground import serving, standing

WRONG = Secret("planted-wrong-token-5d1c")


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path, keys=False)
    yield house
    house.close()


@pytest.fixture
def own(house):
    return of(house)


def of(house):
    return OwnCredentials(house.engine, house.incidents, house.clock, lambda: "en")


def record(house, owner="forge"):
    with reading(house.engine) as connection:
        return records(connection, owner).get("token")


def causes(house):
    return [item.cause for item in house.incidents.open()]


# ---------------------------------------------------------------------- what is kept


def test_service_is_kept_once_an_hour_at_most(house, own):  # D2
    begin = house.clock.now()
    for _ in range(7):
        own.heard("forge", "token", "")
        house.clock.advance(600)
    assert record(house).proved_at == begin + timedelta(hours=1)


def test_refusal_raises_one_alert_that_names_the_credential_and_its_renewal(house, own):  # D2
    own.heard("forge", "token", "")
    proved_at = record(house).proved_at
    for _ in range(3):
        own.heard("forge", "token", "Bad credentials")
    assert (record(house).state, record(house).proved_at) == (FAILED, proved_at)
    (incident,) = house.incidents.open()
    text = alert(incident, "the bot", Voice("en")).text
    for words in (
        "forge's token",
        "Bad credentials",
        "tanaban credentials set forge token",
        "TANABAN_FORGE_TOKEN",
    ):
        assert words in text


def test_service_after_a_refusal_is_kept_at_once_and_ends_the_alert(house, own):
    own.heard("forge", "token", "")
    own.heard("forge", "token", "Bad credentials")
    house.clock.advance(1)
    own.heard("forge", "token", "")
    assert (record(house).state, causes(house)) == (OK, [])
    assert record(house).proved_at == house.clock.now()


def test_alert_of_an_earlier_life_ends_with_the_first_service(house, own):
    own.heard("mapping", "token", "no")
    house.restart()
    of(house).heard("mapping", "token", "")
    assert causes(house) == []


def test_every_own_credential_has_its_variable_and_its_words():
    for owner, kinds in ledger.OWN_KINDS.items():
        for kind in kinds:
            assert ledger.VARIABLES[owner, kind.name]
            assert say(f"stops.{owner}.{kind.name}", "ja")


def test_ledger_shows_what_was_proved(house, own):
    own.heard("slack", "bot_token", "")
    environment = {"SLACK_BOT_TOKEN": "planted"}
    rows = ledger.rows(house.engine, house.vault, {}, environment, house.clock.now())
    found = {(row.owner, row.kind): row for row in rows}
    assert isinstance(found["slack", "bot_token"], CredentialRow)
    assert found["slack", "bot_token"].proved_at == house.clock.now()
    assert found["slack", "app_token"].state == "not_set"


# ---------------------------------------------------------------------- over the wire


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp
    with serving(folder("served")) as served, standing(folder("ground"), served) as made:
        yield made


def test_forge_is_heard_of_with_each_call(ground):  # D2
    own = of(ground)
    at, good = ground.at, ground.forge()
    bad = Forge(at["api"], at["repository"], WRONG, ca_file=ground.world.ca_file, clock=ground.clock)
    for forge in (good, bad):
        forge.heard = partial(own.heard, "forge", "token")
    with pytest.raises(AuthError):
        bad.open_requests()
    assert (record(ground).state, causes(ground)) == (FAILED, ["own_refused:forge.token"])
    good.open_requests()
    assert (record(ground).state, causes(ground)) == (OK, [])
    assert WRONG.reveal() not in repr(record(ground))
    bad.close()
    good.close()


def test_following_tells_a_refused_token_from_a_remote_out_of_reach(ground, tmp_path):  # D2
    assert ground.following.refusal == ""
    url, unreachable = ground.at["url"], "https://127.0.0.1:1/merchant/mappings.git"
    for address, refused in ((url, True), (unreachable, False)):
        access = Access(ca_file=ground.world.ca_file, token=WRONG, timeout_s=10)
        repository = MappingRepository(address, "main", tmp_path / str(refused), access=access)
        remembered = Remembered(ground.engine)
        following = Following(
            MappingFollower(repository, remembered), remembered, ground.incidents, ground.clock
        )
        following.look(lambda *_: None)
        assert bool(following.refusal) is refused
        assert refused or following.refusal is None
        assert WRONG.reveal() not in str(following.refusal)
