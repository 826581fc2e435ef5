"""Puts the shapes of a slide into the order a person reads them in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ingestion.reading.slide_places import Box

_MOST_NESTED = 12
Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class _Placed:
    number: int
    left: int
    top: int
    right: int
    bottom: int


def order_shapes(shapes: Sequence[Shape], box_of: Callable[[Shape], Box]) -> list[Shape]:
    """Returns the shapes from top to bottom, columns from left to right.

    The slide is cut along its empty bands, across first, then down, and so on in each part
    (recursive X-Y cut). What overlaps goes by its upper left corner.
    """
    if len(shapes) < 2:
        return list(shapes)
    placed = [_place(number, box_of(shape)) for number, shape in enumerate(shapes)]
    return [shapes[each.number] for each in _cut(placed, 0)]


def _place(number: int, box: Box) -> _Placed:
    left, top, width, height = box
    return _Placed(number, left, top, left + width, top + height)


def _cut(placed: Sequence[_Placed], depth: int) -> list[_Placed]:
    if len(placed) < 2 or depth >= _MOST_NESTED:
        return sorted(placed, key=lambda each: (each.top, each.left))
    for first, last in ((_top, _bottom), (_left, _right)):
        parts = _split(placed, first, last)
        if len(parts) > 1:
            return [each for part in parts for each in _cut(part, depth + 1)]
    return sorted(placed, key=lambda each: (each.top, each.left))


def _split(
    placed: Sequence[_Placed], first: Callable[[_Placed], int], last: Callable[[_Placed], int]
) -> list[list[_Placed]]:
    """Returns the groups between which nothing lies in one direction."""
    groups: list[list[_Placed]] = []
    reach = 0
    for each in sorted(placed, key=first):
        if not groups or first(each) >= reach:
            groups.append([])
            reach = last(each)
        groups[-1].append(each)
        reach = max(reach, last(each))
    return groups


def _top(each: _Placed) -> int:
    return each.top


def _bottom(each: _Placed) -> int:
    return each.bottom


def _left(each: _Placed) -> int:
    return each.left


def _right(each: _Placed) -> int:
    return each.right
