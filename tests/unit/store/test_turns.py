"""First come, first served."""

import time
from threading import Thread

from bot.store.turns import Turns


def test_those_who_wait_go_in_as_they_came_and_one_that_comes_again_stands_behind():
    turns, order, threads = Turns(), [], []

    def write(who):
        assert turns.acquire(10)
        order.append(who)
        turns.release()

    assert turns.acquire(0)
    for place in range(3):
        threads.append(Thread(target=write, args=(place,)))
        threads[-1].start()
        while turns.waiting <= place:
            time.sleep(0.001)
    turns.release()
    write("hammer")
    assert order == [0, 1, 2, "hammer"]
    for thread in threads:
        thread.join()


def test_whose_time_ends_leaves_the_line():
    turns = Turns()
    assert turns.acquire(0)
    assert not turns.acquire(0.01)
    assert turns.waiting == 0
    turns.release()
    assert turns.acquire(0)
    turns.release()
