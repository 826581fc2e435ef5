"""The queue in front of the model: who is called when, and what happens when it is full."""

import threading

import pytest

from app.answering.errors import QueueFull
from app.answering.queueing import Line, Ticket
from tests.patience import PATIENCE_S


def called(tickets: list[Ticket]) -> list[str]:
    return [ticket.asker for ticket in tickets if ticket.called.is_set()]


def test_the_first_ones_are_called_at_once_and_the_next_one_waits() -> None:
    line = Line(parallel=2, most_waiting=5, patience_s=1)
    tickets = [line.join(asker) for asker in "abc"]
    assert called(tickets) == ["a", "b"]
    assert line.position(tickets[2]) == 1
    assert line.waiting == 1
    line.leave(tickets[0])
    assert called(tickets) == ["a", "b", "c"]
    assert line.position(tickets[2]) == 0


def test_askers_take_turns_however_many_questions_one_of_them_has() -> None:
    line = Line(parallel=1, most_waiting=20, patience_s=1)
    served = line.join("busy")
    waiting = [*(line.join("busy") for _ in range(3)), line.join("other"), line.join("third")]
    order = []
    while served:
        line.leave(served)
        served = next((ticket for ticket in waiting if ticket.called.is_set()), None)
        if served:
            waiting.remove(served)
            order.append(served.asker)
    assert order == ["busy", "other", "third", "busy", "busy"]


def test_the_position_told_is_the_one_in_which_it_is_called() -> None:
    line = Line(parallel=1, most_waiting=20, patience_s=1)
    served = line.join("a")
    waiting = [line.join(asker) for asker in "aabacbb"]
    told = sorted(waiting, key=line.position)
    assert [line.position(ticket) for ticket in told] == [1, 2, 3, 4, 5, 6, 7]
    for expected in told:
        line.leave(served)
        served = expected
        assert expected.called.is_set()


def test_whoever_leaves_while_waiting_makes_room() -> None:
    line = Line(parallel=1, most_waiting=4, patience_s=1)
    served, second, third = line.join("a"), line.join("b"), line.join("c")
    line.leave(second)
    assert line.position(third) == 1
    line.leave(served)
    assert third.called.is_set()
    assert not second.called.is_set()


def test_a_full_queue_says_how_many_wait() -> None:
    line = Line(parallel=1, most_waiting=2, patience_s=1)
    line.join("a")
    line.join("b")
    line.join("c")
    with pytest.raises(QueueFull, match="2"):
        line.join("d")


def test_nobody_takes_more_than_half_of_the_places() -> None:
    line = Line(parallel=1, most_waiting=4, patience_s=1)
    for _ in range(3):
        line.join("greedy")
    with pytest.raises(QueueFull):
        line.join("greedy")
    assert line.position(line.join("modest")) == 2


def test_under_many_threads_never_more_than_allowed_are_called() -> None:
    line = Line(parallel=3, most_waiting=1000, patience_s=PATIENCE_S)
    at_work, most, lock = 0, 0, threading.Lock()

    def ask(asker: str) -> None:
        nonlocal at_work, most
        ticket = line.join(asker)
        assert ticket.called.wait(PATIENCE_S)
        with lock:
            at_work += 1
            most = max(most, at_work)
        with lock:
            at_work -= 1
        line.leave(ticket)

    threads = [threading.Thread(target=ask, args=(f"u{n % 7}",)) for n in range(120)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < most <= 3
    assert line.waiting == 0
