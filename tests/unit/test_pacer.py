"""The pace: never early for a strict bucket, and no later than the margin says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.clock import ManualClock, SystemClock
from adapters.contract import Quota
from adapters.errors import NotSentError, RateLimitedError
from adapters.pacer import MOMENT_S, PATIENCE_S, POOL, REFUSALS, Pacer, Stopped


def starts(quota: Quota, count: int, work_s: float = 0.0, share: float | None = None) -> list[float]:
    clock = ManualClock()
    pacer = Pacer({"q": quota}, clock, Event(), share=share)
    found = []
    for _ in range(count):
        pacer.wait("q")
        found.append(clock.monotonic())
        clock.advance(work_s)
    return found


def test_first_call_goes_at_once_and_the_rest_on_the_grid() -> None:
    assert starts(Quota(1), 4) == pytest.approx([0, 1.015, 2.03, 3.045])


def test_margin_is_wider_above_one_call_a_second() -> None:
    assert starts(Quota(5), 3) == pytest.approx([0, 0.206, 0.412])
    assert starts(Quota(5), 3, share=0.1) == pytest.approx([0, 0.22, 0.44])


def test_time_of_the_call_itself_is_not_added() -> None:
    assert starts(Quota(1), 3, work_s=0.7) == pytest.approx([0, 1.015, 2.03])


def test_burst_goes_at_once_and_then_the_rate() -> None:
    assert starts(Quota(1, burst=3), 5) == pytest.approx([0, 0, 0, 1.015, 2.03])


def test_unused_time_is_not_saved_up() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(1)}, clock, Event())
    pacer.wait("q")
    clock.advance(100)
    pacer.wait("q")
    pacer.wait("q")
    assert clock.monotonic() == pytest.approx(101.015, abs=0.01)


@given(
    st.sampled_from([0.2, 1.0, 5.0, 20.0]),
    st.integers(1, 5),
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
)
def test_strict_bucket_never_refuses(per_s: float, burst: int, delays: list[float]) -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(per_s, burst)}, clock, Event())
    tokens, last = float(burst), 0.0
    for delay in delays:
        pacer.wait("q")
        now = clock.monotonic()
        tokens = min(burst, tokens + (now - last) * per_s)
        assert tokens >= 1 - 1e-4
        tokens, last = tokens - 1, now
        clock.advance(delay / per_s)


def test_call_that_left_late_moves_the_next_slot() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(5)}, clock, Event())
    pacer.wait("q")
    clock.advance(0.1)
    pacer.left("q")
    pacer.wait("q")
    assert clock.monotonic() == pytest.approx(0.306)


def test_call_that_left_a_moment_late_leaves_the_grid_where_it_is() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(5)}, clock, Event())
    pacer.wait("q")
    clock.advance(0.002)  # less than half of the margin, which is 0.006
    pacer.left("q")
    pacer.wait("q")
    assert clock.monotonic() == pytest.approx(0.206)


def test_late_call_out_of_a_full_bucket_costs_nothing() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(5, burst=3)}, clock, Event())
    for _ in range(3):
        pacer.wait("q")
    clock.advance(0.3)  # by then the bucket holds the last call's token again
    pacer.left("q")
    assert clock.monotonic() == pytest.approx(0.3)
    pacer.wait("q")
    assert clock.monotonic() == pytest.approx(0.3)


def test_quotas_do_not_touch_each_other() -> None:
    clock = ManualClock()
    pacer = Pacer({"a": Quota(1), "b": Quota(1)}, clock, Event())
    pacer.wait("a")
    pacer.penalise("a", 30)
    pacer.wait("b")
    assert clock.monotonic() == 0


def test_penalty_closes_the_quota_for_its_time() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(5)}, clock, Event())
    pacer.wait("q")
    pacer.penalise("q", 7)
    pacer.penalise("q", 2)
    pacer.wait("q")
    assert clock.monotonic() == pytest.approx(7)


def test_long_penalty_is_told_and_not_waited_out() -> None:
    clock = ManualClock()
    pacer = Pacer({"q": Quota(5)}, clock, Event())
    pacer.penalise("q", PATIENCE_S + 40)
    with pytest.raises(RateLimitedError) as caught:
        pacer.wait("q")
    assert caught.value.retry_after_s == pytest.approx(PATIENCE_S + 40)
    assert clock.monotonic() == 0


def test_stop_ends_a_wait_and_nothing_was_sent() -> None:
    stop, errors = Event(), []
    pacer = Pacer({"q": Quota(0.01)}, SystemClock(), stop)
    pacer.wait("q")

    def work() -> None:
        try:
            pacer.wait("q")
        except Stopped as error:
            errors.append(error)

    thread = Thread(target=work)
    thread.start()
    stop.set()
    thread.join(5)
    assert [isinstance(error, NotSentError) for error in errors] == [True]


def test_stopped_pacer_makes_no_call() -> None:
    stop, made = Event(), []
    pacer = Pacer({"q": Quota(5)}, ManualClock(), stop)
    stop.set()
    with pytest.raises(Stopped):
        pacer.map("q", [lambda: made.append(1), lambda: made.append(2)])
    assert made == []


def test_map_gives_results_in_order_and_overlaps_slow_calls() -> None:
    together = threading.Barrier(POOL, timeout=5)
    pacer = Pacer({"q": Quota(1000)}, SystemClock(), Event())

    def work(number: int) -> int:
        together.wait()  # passes only when as many as the pool holds are under way
        return number

    assert pacer.map("q", [lambda n=n: work(n) for n in range(2 * POOL)]) == list(range(2 * POOL))


def test_map_raises_the_earliest_failure_and_starts_no_more() -> None:
    started = []
    pacer = Pacer({"q": Quota(20)}, SystemClock(), Event())

    def work(number: int) -> int:
        started.append(number)
        raise ValueError(str(number))

    with pytest.raises(ValueError, match=r"\d+") as caught:
        pacer.map("q", [lambda n=n: work(n) for n in range(40)])
    assert str(caught.value) in {str(number) for number in range(POOL)}
    assert len(started) <= POOL


def refusing(times: int) -> tuple[list[Callable[[], int]], list[int]]:
    left, lock, made = [times], threading.Lock(), []

    def work(number: int) -> int:
        with lock:
            left[0] -= 1
            if left[0] >= 0:
                raise RateLimitedError("429")
            made.append(number)
        return number

    return [lambda n=n: work(n) for n in range(6)], made


def test_single_call_refused_as_too_early_takes_another_slot() -> None:
    calls, made = refusing(REFUSALS)
    assert Pacer({"q": Quota(5)}, ManualClock(), Event()).call("q", calls[0]) == 0
    assert made == [0]


def test_single_call_refused_again_and_again_is_given_up() -> None:
    calls, made = refusing(REFUSALS + 1)
    with pytest.raises(RateLimitedError):
        Pacer({"q": Quota(5)}, ManualClock(), Event()).call("q", calls[0])
    assert made == []


def test_single_call_does_not_wait_out_a_long_penalty() -> None:
    clock, made = ManualClock(), []
    pacer = Pacer({"q": Quota(5)}, clock, Event())

    def refused() -> None:
        made.append(1)
        pacer.penalise("q", MOMENT_S + 1)
        raise RateLimitedError("429")

    with pytest.raises(RateLimitedError):
        pacer.call("q", refused)
    assert (made, clock.monotonic()) == ([1], 0)


def test_call_of_a_map_refused_as_too_early_takes_another_slot() -> None:
    calls, made = refusing(REFUSALS)
    assert Pacer({"q": Quota(5)}, ManualClock(), Event()).map("q", calls) == list(range(6))
    assert sorted(made) == list(range(6))


def test_map_gives_up_after_its_refusals() -> None:
    calls, _ = refusing(100)
    with pytest.raises(RateLimitedError):
        Pacer({"q": Quota(5)}, ManualClock(), Event()).map("q", calls)


def test_map_of_nothing_is_nothing() -> None:
    assert Pacer({"q": Quota(1)}, ManualClock(), Event()).map("q", []) == []
