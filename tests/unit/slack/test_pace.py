"""How fast the sender may go."""

from __future__ import annotations

from bot.slack.pace import POST, UPDATE, UPDATES, Pace


def test_posts_to_one_channel_are_apart_and_to_another_are_not() -> None:
    pace = Pace()
    pace.posted("C1", 10.0)
    assert 1.0 < pace.post_wait("C1", 10.0) < 1.2
    assert pace.post_wait("C2", 10.0) == 0
    assert pace.post_wait("C1", 11.2) == 0
    assert pace.busy_channels(10.0) == ["C1"]


def test_updates_are_fifty_a_minute_and_do_not_hold_up_posts() -> None:
    pace = Pace()
    for n in range(UPDATES):
        assert pace.update_wait("C1", float(n) / 10) == 0
        pace.updated(float(n) / 10)
    assert pace.update_wait("C1", 10.0) == 50.0
    assert pace.update_wait("C1", 60.0) == 0
    assert pace.post_wait("C1", 10.0) == 0


def test_held_method_waits_and_the_other_goes_on() -> None:
    pace = Pace()
    pace.hold(POST, 0.0, 30.5)
    assert pace.post_wait("C1", 0.0) == 30.5
    assert pace.update_wait("C1", 0.0) == 0
    pace.hold(UPDATE, 0.0, 5.0)
    assert pace.update_wait("C1", 0.0) == 5.0
