"""The queue of the Slack face: it knows when a job has to wait for others."""

from __future__ import annotations

from threading import Event

import pytest

from bot.slack.work import Busy, Work


def test_crowd_is_a_job_that_waits_for_a_thread() -> None:
    work, free = Work(threads=1), Event()
    first = work.submit(lambda: free.wait(10))
    assert not work.is_crowded()
    second = work.submit(lambda: "done")
    assert work.is_crowded()
    free.set()
    assert (first.result(10), second.result(10)) == (True, "done")
    work.stop()  # waits for what is done after a job
    assert not work.is_crowded()


def test_full_queue_says_so_and_takes_again_when_there_is_room() -> None:
    work, free = Work(threads=1, capacity=1), Event()
    first = work.submit(lambda: free.wait(10))
    with pytest.raises(Busy):
        work.submit(lambda: None)
    free.set()
    first.result(10)
    work.stop()
