"""When things happen: the grid, waking, and that no failure ends a thread."""

import logging
import threading
from datetime import datetime, timedelta

import pytest

from adapters.clock import ManualClock, SystemClock
from bot.scheduler import Calendar, Watch, Worker

INTERVAL_S = 10


class Script:
    """A turn that does one step a call, and stops the worker after the last."""

    def __init__(self, *steps, phase=1.0):
        self.clock, self.stop = ManualClock(), threading.Event()
        self.steps, self.calls, self.told = list(steps), [], []
        self.interval_s = INTERVAL_S
        self.worker = Worker(
            "shop a", self.turn, lambda: self.interval_s, self.clock, self.stop, self.tell, phase
        )

    def tell(self, name, error):
        self.told.append((name, str(error)))

    def turn(self, tick):
        self.calls.append((self.clock.monotonic(), tick))
        step = self.steps.pop(0)
        if not self.steps:
            self.stop.set()
        return step(self) if step else None

    def run(self):
        self.worker.run()
        return self.calls


def takes(seconds):
    return lambda script: script.clock.advance(seconds)


def recall(seconds):
    return lambda script: seconds


def hurries(seconds):
    def turn(script):
        script.interval_s = seconds

    return turn


def fails(script):
    raise ZeroDivisionError("unforeseen")


def woken(script):
    script.worker.wake()


# ---------------------------------------------------------------------- the grid


def test_first_turn_is_a_tick_at_once():
    assert Script(None).run() == [(0, True)]


def test_grids_of_several_workers_lie_beside_each_other():
    assert Script(None, None, None, phase=0.4).run() == [(0, True), (4, True), (14, True)]


def test_ticks_keep_their_grid_however_long_a_turn_takes():
    calls = Script(takes(3), takes(9), None, takes(1), None).run()
    assert calls == [(0, True), (10, True), (20, True), (30, True), (40, True)]


def test_missed_ticks_are_dropped_and_not_made_up_for():
    assert Script(takes(37), None, None).run() == [(0, True), (37, True), (40, True)]


def test_turn_that_ends_on_the_grid_loses_no_tick():
    assert Script(takes(10), takes(20), None).run() == [(0, True), (10, True), (30, True)]


def test_shorter_interval_counts_from_the_tick_before():
    calls = Script(hurries(4), None, hurries(INTERVAL_S), None, None).run()
    assert calls == [(0, True), (4, True), (8, True), (18, True), (28, True)]


def test_woken_worker_looks_at_once_and_keeps_its_grid():
    calls = Script(woken, takes(2), None, None).run()
    assert calls == [(0, True), (0, False), (10, True), (20, True)]


def test_wake_during_a_turn_is_not_lost():
    def woken_and_goes_on(script):
        script.worker.wake()
        script.clock.advance(4)

    assert Script(woken_and_goes_on, None, None).run() == [(0, True), (4, False), (10, True)]


def test_turn_that_wants_to_be_called_again_is_called_before_the_tick():
    assert Script(recall(4), None, None).run() == [(0, True), (4, False), (10, True)]


def test_wish_beyond_the_next_tick_changes_nothing():
    assert Script(recall(99), None, None).run() == [(0, True), (10, True), (20, True)]


def test_wish_that_is_over_already_is_heard_at_once():
    assert Script(recall(-1), None, None).run() == [(0, True), (0, False), (10, True)]


# ---------------------------------------------------------------------- failures


def test_unforeseen_error_is_told_and_the_worker_goes_on():
    script = Script(None, fails, fails, None)
    assert [at for at, _ in script.run()] == [0, 10, 20, 30]
    assert script.told == [("shop a", "unforeseen")] * 2


def test_worker_goes_on_when_the_failure_cannot_even_be_told():
    """A full disk fails the turn and the record of its failure alike."""
    script = Script(fails, None)
    script.tell = fails
    script.worker._on_error = lambda name, error: fails(script)
    assert [at for at, _ in script.run()] == [0, 10]


def test_wake_after_an_unforeseen_error_waits_for_the_next_tick():
    """To tell of the error is a commit, and a commit wakes everybody."""

    def fails_and_is_woken(script):
        script.worker.wake()
        raise ZeroDivisionError

    assert Script(fails_and_is_woken, woken, None, None).run() == [
        (0, True),
        (10, True),
        (10, False),
        (20, True),
    ]


def test_stop_ends_a_waiting_worker_at_once():
    stop, turned = threading.Event(), threading.Event()
    worker = Worker("a", lambda tick: turned.set(), lambda: 3600, SystemClock(), stop, lambda *_: None)
    worker.start()
    assert turned.wait(5)
    stop.set()
    worker.wake()
    worker.join(5)
    assert not worker.is_alive()


# ---------------------------------------------------------------------- the calendar


@pytest.fixture
def calendar():
    stop = threading.Event()
    return Calendar(ManualClock(), stop), stop


def due(calendar, seconds, job):
    """A daily job whose time came so many seconds ago."""
    made = calendar.jobs.every().day.do(job)
    made.next_run = datetime.now() - timedelta(seconds=seconds)  # noqa: DTZ005 - as schedule keeps it
    return made


def test_failing_job_takes_no_other_along(calendar):
    calendar, stop = calendar
    done = []
    due(calendar, 20, lambda: 1 / 0)
    due(calendar, 10, lambda: (done.append("report"), stop.set()))
    calendar.run()
    assert done == ["report"]


def test_failing_job_waits_for_its_next_day(calendar, caplog):
    calendar, stop = calendar
    seconds = []

    def fail():
        seconds.append(calendar._clock.monotonic())
        raise ZeroDivisionError

    due(calendar, 10, fail)
    beat = calendar.jobs.every(1).seconds.do(lambda: stop.set() if len(beats) > 2 else beats.append(1))
    beats = []

    def hurry():
        beat.next_run = datetime.now() - timedelta(seconds=1)  # noqa: DTZ005

    wait = calendar._clock.wait
    calendar._clock.wait = lambda *arguments: (hurry(), wait(*arguments))[1]
    with caplog.at_level(logging.ERROR):
        calendar.run()
    assert len(seconds) == 1
    assert caplog.text.count("calendar job") == 1


def test_stopped_calendar_runs_nothing(calendar):
    calendar, stop = calendar
    due(calendar, 10, lambda: 1 / 0)
    stop.set()
    calendar.run()


# ---------------------------------------------------------------------- the watch


def watch(looks, *tell):
    """A watch that sees these looks and is stopped at the last."""
    clock, stop, left = ManualClock(), threading.Event(), list(looks)

    def changed():
        look = left.pop(0)
        if not left:
            stop.set()
        if isinstance(look, Exception):
            raise look
        return look

    Watch(changed, tell, clock, stop).run()


def test_watch_tells_everybody_of_a_change_and_of_nothing_else():
    told = []
    watch([False, True, False, True, False], lambda: told.append("workers"), lambda: told.append("sender"))
    assert told == ["workers", "sender"] * 2


def test_watch_goes_on_after_a_look_that_failed():
    told = []
    watch([OSError("disk"), True, False], lambda: told.append("workers"))
    assert told == ["workers"]
