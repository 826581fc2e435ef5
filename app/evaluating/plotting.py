"""Plots as inline SVG: nothing is loaded, and they print as they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

WIDTH = 760
_LABEL_WIDTH = 270
_NUMBER_WIDTH = 170
_LABEL_PLACES = 36
_ROW_HEIGHT = 24
_TOP, _BOTTOM = 10, 26
_CURVE_HEIGHT = 220
_LEFT = _LABEL_WIDTH
_RIGHT = WIDTH - _NUMBER_WIDTH


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a plot: a value with its interval.

    Attributes:
        detail: What stands behind the number, e.g. a count.
        heading: Whether it only names the rows below it.
    """

    label: str
    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    detail: str = ""
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """The span of a plot, and where it is marked."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def place(self, value: float) -> float:
        """Returns the horizontal position of a value; beyond the span it is the edge's."""
        inside = min(max(value, self.low), self.high)
        return _LEFT + (inside - self.low) / (self.high - self.low) * (_RIGHT - _LEFT)


SHARES = Axis(0, 1, (0, 0.25, 0.5, 0.75, 1))


def span_differences(dots: Sequence[Dot]) -> Axis:
    """Returns an axis around zero that holds all these intervals."""
    reach = max([0.05, *(abs(edge) for dot in dots for edge in (dot.low, dot.high))])
    return Axis(-reach, reach, (-reach, 0, reach))


def plot_dots(title: str, dots: Sequence[Dot], axis: Axis = SHARES) -> str:
    """Returns a plot of values with their intervals, one below the other."""
    bottom = _TOP + _ROW_HEIGHT * len(dots)
    parts = [_draw_tick(axis, tick, bottom) for tick in axis.ticks]
    for row, dot in enumerate(dots):
        parts.append(_draw_dot(dot, _TOP + _ROW_HEIGHT * (row + 0.5), axis))
    return _frame(title, bottom + _BOTTOM, parts)


def _draw_tick(axis: Axis, tick: float, bottom: float) -> str:
    x = axis.place(tick)
    name = f"{tick:+.2f}" if axis.low < 0 else f"{tick:g}"
    return (
        f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom:.1f}"/>'
        f'<text class="tick" x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{name}</text>'
    )


def _draw_dot(dot: Dot, y: float, axis: Axis) -> str:
    label = (
        f'<text class="{"head" if dot.heading else "label"}" x="{_LEFT - 10}" y="{y + 4:.1f}" '
        f'text-anchor="end">{escape(_shorten(dot.label))}</text>'
    )
    if dot.heading:
        return label
    low, high, x = axis.place(dot.low), axis.place(dot.high), axis.place(dot.value)
    number = f"{dot.value:+.3f}" if axis.low < 0 else f"{dot.value:.3f}"
    return (
        f"{label}"
        f'<line class="whisker" x1="{low:.1f}" y1="{y:.1f}" x2="{high:.1f}" y2="{y:.1f}"/>'
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>'
        f'<text class="number" x="{_RIGHT + 12}" y="{y + 4:.1f}">{number}'
        f'<tspan class="detail" dx="6">{escape(dot.detail)}</tspan></text>'
    )


def _shorten(label: str) -> str:
    """Cuts a label that would leave the plot; a full-width character takes two places."""
    places = 0
    for position, character in enumerate(label):
        places += 2 if east_asian_width(character) in "WF" else 1
        if places > _LABEL_PLACES:
            return f"{label[:position]}…"
    return label


def plot_curve(title: str, values: Sequence[float], marks: Sequence[tuple[str, float]]) -> str:
    """Returns how many of the values, as a share, are at most so large (milliseconds).

    Args:
        title: Of the plot.
        values: At least one.
        marks: Names of values to be marked, with them.
    """
    ordered = sorted(values)
    high = max(ordered[-1], 1.0)
    axis = Axis(0, high, (0, high / 4, high / 2, high * 3 / 4, high))
    bottom = _TOP + _CURVE_HEIGHT
    points = [(0.0, 0.0)]
    for place, value in enumerate(ordered, 1):
        points += [(value, points[-1][1]), (value, place / len(ordered))]
    line = " ".join(f"{axis.place(x):.1f},{bottom - y * _CURVE_HEIGHT:.1f}" for x, y in points)
    parts = []
    for tick in axis.ticks:
        x = axis.place(tick)
        parts.append(
            f'<line class="grid" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}"/>'
            f'<text class="tick" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
            f"{tick:.0f} ms</text>"
        )
    parts.append(f'<polyline class="curve" points="{line}"/>')
    for row, (name, value) in enumerate(marks):
        x = axis.place(value)
        parts.append(
            f'<line class="mark" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{bottom}"/>'
            f'<text class="number" x="{_RIGHT + 12}" y="{_TOP + 14 + 20 * row}">'
            f"{escape(name)} {value:.0f} ms</text>"
        )
    return _frame(title, bottom + _BOTTOM, parts)


def _frame(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title>'
        f"{''.join(parts)}</svg>"
    )
