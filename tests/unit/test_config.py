"""The settings file: what is wrong is named with its place and what was probably meant."""

from pathlib import Path

import pytest

from adapters.errors import ConfigError
from bot.config import Config, ShopConfig, load_config


@pytest.fixture
def write(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "tanaban.toml"
        path.write_text(text, encoding=encoding)
        return path

    return write


def refusal(path):
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    return str(caught.value)


def test_empty_file_gives_the_settings_that_the_readme_lists(write, tmp_path):
    config = load_config(write(""))
    assert (config.sync.poll_interval_s, config.sync.alert_after) == (60, 3)
    assert (config.slack.command, config.mapping.branch, config.mapping.allow_file) == (
        "/zaiko",
        "main",
        False,
    )
    assert config.shop("any") == ShopConfig()


def test_paths_are_relative_to_the_file(write, tmp_path):
    text = '[state]\nfolder = "s"\n[slack]\nca_file = "ca.pem"\n[shops.a]\nca_file = "shop.pem"\n'
    config = load_config(write(text))
    assert (config.state.folder, config.state.vault_key_file) == (tmp_path / "s", tmp_path / "vault.key")
    assert (config.slack.ca_file, config.mapping.ca_file) == (tmp_path / "ca.pem", None)
    assert config.shop("a").options == {"ca_file": str(tmp_path / "shop.pem")}


def test_absolute_path_stays(write):
    assert load_config(write('[state]\nfolder = "/srv/state"\n')).state.folder == Path("/srv/state")


def test_shops_own_timing_is_not_an_option_of_its_adapter(write):
    config = load_config(write("[shops.a]\npoll_interval_s = 10\nmin_write_interval_s = 0\nport = 21\n"))
    assert config.shop("a") == ShopConfig({"port": 21}, poll_interval_s=10.0, min_write_interval_s=0.0)


@pytest.mark.parametrize(
    ("text", "place", "rest"),
    [
        ("[stat]\n", "unknown setting stat", "did you mean 'state'?"),
        ("[sync]\npol_interval_s = 5\n", "unknown setting sync.pol_interval_s", "'poll_interval_s'?"),
        ("[slack]\nzzz = 5\n", "unknown setting slack.zzz", "known: api_url, ca_file, command"),
        (
            "[shops.a]\npoll_intervall_s = 5\n",
            "unknown setting shops.a.poll_intervall_s",
            "'poll_interval_s'?",
        ),
        ("sync = 1\n", "sync", "must be a table"),
        ("shops = 1\n", "shops", "must be a table"),
        ("[shops]\na = 1\n", "shops.a", "must be a table"),
        ("[shops.a]\nlist = [1]\n", "shops.a.list", "must be a text, a number, true or false"),
        ('[sync]\npoll_interval_s = "60"\n', "sync.poll_interval_s", "must be a number of seconds"),
        ("[sync]\npoll_interval_s = true\n", "sync.poll_interval_s", "must be a number of seconds"),
        ("[sync]\noverdue_s = -1\n", "sync.overdue_s", "must be not below zero"),
        ("[sync]\nalert_after = 1.5\n", "sync.alert_after", "must be a whole number"),
        ("[sync]\nalert_after = true\n", "sync.alert_after", "must be a whole number"),
        ("[mapping]\nallow_file = 1\n", "mapping.allow_file", "must be true or false"),
        ("[mapping]\nurl = 1\n", "mapping.url", "must be a text"),
        ("[state]\nfolder = 1\n", "state.folder", "must be a text"),
    ],
)
def test_wrong_setting_is_named_with_file_place_and_what_was_meant(write, text, place, rest):
    path = write(text)
    said = refusal(path)
    assert said.startswith(f"{path}: {place}")
    assert rest in said


@pytest.mark.parametrize(
    "place",
    ["sync.poll_interval_s", "sync.trial_interval_s", "mapping.poll_interval_s", "shops.a.poll_interval_s"],
)
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf"])
def test_interval_that_would_never_rest_or_never_end_is_refused(write, place, value):
    section, _, name = place.rpartition(".")
    assert f"{place} must be above zero" in refusal(write(f"[{section}]\n{name} = {value}\n"))


def test_broken_file_is_named_with_the_place(write):
    path = write("[sync\n")
    assert refusal(path).startswith(f"{path}: ")
    assert "line 1" in refusal(path)


def test_file_in_another_encoding_is_named(write):
    path = write('[slack]\ncommand = "/在庫"\n', encoding="cp932")
    assert refusal(path).startswith(f"{path}: ")


def test_missing_file_says_what_to_run(tmp_path):
    assert "does not exist; run 'tanaban init' or give --config" in refusal(tmp_path / "tanaban.toml")


def test_folder_in_the_place_of_the_file_is_named(tmp_path):
    assert refusal(tmp_path).startswith(f"{tmp_path} cannot be read")


def test_settings_do_not_change_once_they_are_read():
    with pytest.raises(AttributeError):
        Config().sync = None


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:3000", ("127.0.0.1", 3000)),
        ("[::1]:8080", ("::1", 8080)),
        ("bot.lan:65535", ("bot.lan", 65535)),
    ],
)
def test_address_to_listen_on_is_a_host_and_a_port(write, listen, address):
    assert load_config(write(f'[slack]\nmode = "http"\nlisten = "{listen}"\n')).slack.address == address


@pytest.mark.parametrize(
    "listen", ["3000", ":3000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "a:65536", "a:３"]
)
def test_address_of_another_form_is_told_with_an_example(write, listen):
    said = refusal(write(f'[slack]\nlisten = "{listen}"\n'))
    assert 'slack.listen must be host:port, such as "127.0.0.1:3000"' in said


def test_mode_of_another_name_is_told_with_those_there_are(write):
    assert 'slack.mode must be "socket" or "http"' in refusal(write('[slack]\nmode = "https"\n'))
