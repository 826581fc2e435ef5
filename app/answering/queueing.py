"""The queue in front of the model: so many at a time, and fair among those who ask."""

import threading
from collections import deque
from dataclasses import dataclass, field

from app.answering.errors import QueueFull


@dataclass(eq=False, slots=True)
class Ticket:
    """One question's place.

    Attributes:
        asker: Who asks; turns go round among askers.
        called: Set once its turn has come.
    """

    asker: str
    called: threading.Event = field(default_factory=threading.Event)


class Line:
    """Lets a few questions at a time to the model. Safe to share between threads.

    Askers take turns: whoever has ten questions waiting is called once, then everybody else, then
    again. Nobody may take more than half of the places, so that there is room for others.
    """

    def __init__(self, parallel: int, most_waiting: int, patience_s: float) -> None:
        """Begins empty.

        Args:
            parallel: How many may be at the model at the same time.
            most_waiting: How many may wait.
            patience_s: Seconds that one may wait; kept for those who do.
        """
        self.patience_s = patience_s
        self._parallel = parallel
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._served: set[Ticket] = set()
        self._queues: dict[str, deque[Ticket]] = {}  # in the order of their next turns

    @property
    def waiting(self) -> int:
        """How many wait."""
        with self._lock:
            return self._count()

    def join(self, asker: str) -> Ticket:
        """Returns a place, already called when nobody is before it; ``leave`` gives it back.

        Raises:
            QueueFull: There is none.
        """
        ticket = Ticket(asker)
        with self._lock:
            if not self._queues and len(self._served) < self._parallel:
                self._serve(ticket)
                return ticket
            waiting, own = self._count(), len(self._queues.get(asker, ()))
            if waiting >= self._most_waiting or own >= max(1, self._most_waiting // 2):
                raise QueueFull(waiting=waiting)
            self._queues.setdefault(asker, deque()).append(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Gives a place back, whether its turn had come or not."""
        with self._lock:
            if ticket in self._served:
                self._served.discard(ticket)
            elif ticket in (queue := self._queues.get(ticket.asker, deque())):
                queue.remove(ticket)
                if not queue:
                    del self._queues[ticket.asker]
            self._call()

    def position(self, ticket: Ticket) -> int:
        """Returns when it will be called: 1 is next, 0 has been called."""
        with self._lock:
            queue = self._queues.get(ticket.asker, deque())
            if ticket not in queue:
                return 0
            own = queue.index(ticket)
            position, before = own + 1, True
            for asker, others in self._queues.items():
                if asker == ticket.asker:
                    before = False
                else:
                    position += min(len(others), own + before)
            return position

    def _call(self) -> None:
        while self._queues and len(self._served) < self._parallel:
            asker = next(iter(self._queues))
            queue = self._queues.pop(asker)
            self._serve(queue.popleft())
            if queue:
                self._queues[asker] = queue  # behind everybody else

    def _serve(self, ticket: Ticket) -> None:
        self._served.add(ticket)
        ticket.called.set()

    def _count(self) -> int:
        return sum(len(queue) for queue in self._queues.values())
