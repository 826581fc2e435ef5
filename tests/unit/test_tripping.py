"""The circuit breaker, on a clock of its own."""

from app.answering.tripping import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def trip(clock: Clock) -> Breaker:
    breaker = Breaker(failures=3, rest_s=30, clock=clock)
    for _ in range(3):
        assert breaker.enter()
        breaker.fail()
    return breaker


def test_failures_in_a_row_stop_the_questions_for_a_while() -> None:
    clock = Clock()
    breaker = trip(clock)
    assert not breaker.enter()
    assert breaker.rest() == 30
    clock.now += 29.5
    assert breaker.rest() == 1


def test_a_success_in_between_counts_from_nought_again() -> None:
    breaker = Breaker(failures=2, rest_s=30, clock=Clock())
    for _ in range(3):
        assert breaker.enter()
        breaker.fail()
        assert breaker.enter()
        breaker.succeed()
    assert breaker.rest() == 0


def test_after_the_rest_one_question_tries_and_its_success_opens_for_all() -> None:
    clock = Clock()
    breaker = trip(clock)
    clock.now += 31
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeed()
    assert breaker.enter()
    assert breaker.enter()


def test_a_failed_try_begins_another_rest() -> None:
    clock = Clock()
    breaker = trip(clock)
    clock.now += 31
    assert breaker.enter()
    breaker.fail()
    assert breaker.rest() == 30


def test_a_try_that_was_given_up_lets_the_next_one_try() -> None:
    clock = Clock()
    breaker = trip(clock)
    clock.now += 31
    assert breaker.enter()
    breaker.withdraw()
    assert breaker.enter()
