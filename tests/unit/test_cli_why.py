"""The shell: why a shop does not show what it should."""

import json


def test_why_names_the_first_thing_that_is_wrong_and_the_next_step(shell):  # C16 D11
    status, out, _ = shell("why", "tee", "a")
    assert status == 1
    assert out.splitlines() == ["tee on a", "✗ sync: Sync is off.", "→ `tanaban on` switches it on."]
    found = json.loads(shell("why", "tee", "a", "--json")[1])
    assert (found["failed"], found["found"], found["next"]) == ("switch", "all_off", "on")


def test_why_of_an_unknown_code_or_shop_says_so(shell):
    status, _, err = shell("why", "tea", "a")
    assert status == 2
    assert "tee" in err
    assert shell("why", "tee", "b")[0] == 2
