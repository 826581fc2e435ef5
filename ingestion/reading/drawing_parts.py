"""Reads what an Office drawing shows from parts of its own: charts and SmartArt diagrams."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from lxml import etree

from ingestion.reading.ooxml import Package
from retrieval.model import Block, BlockKind

_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TITLE = f"{_CHART}chart/{_CHART}title"
_VALUES = (f"{_CHART}val", f"{_CHART}yVal")
_NAMES = (f"{_CHART}cat", f"{_CHART}xVal")
_MOST_POINTS = 5_000

Element = Any


class Drawings:
    """The charts and diagrams that one part shows."""

    def __init__(self, package: Package, part: str) -> None:
        """Looks where the part leads, and at nothing else yet."""
        self._package = package
        self._targets = {each.key: each.target for each in package.relations(part)}

    def blocks(self, element: Element, page: int | None = None) -> Iterator[Block]:
        """Yields what the drawings anchored in an element show; a damaged one shows nothing."""
        for root in self._roots(element):
            is_chart = root.tag == f"{_CHART}chartSpace"
            text = _show_chart(root) if is_chart else _show_diagram(root)
            kind = BlockKind.TABLE if is_chart else BlockKind.LIST
            if text:
                yield Block(kind, text, page=page)

    def titles(self, element: Element) -> Iterator[str]:
        """Yields the titles of charts, whose figures stand in the cells of their workbook."""
        for root in self._roots(element):
            title = _said(root.find(_TITLE))
            if title:
                yield title

    def _roots(self, element: Element) -> Iterator[Element]:
        for reference in element.iter(f"{_DIAGRAM}relIds", f"{_CHART}chart"):
            name = "id" if reference.tag == f"{_CHART}chart" else "dm"
            target = self._targets.get(reference.get(f"{_RELATION}{name}"), "")
            if target in self._package:
                with suppress(etree.XMLSyntaxError):
                    yield self._package.parse(target)


def _show_diagram(root: Element) -> str:
    lines = ("".join(point.itertext()).strip() for point in root.iter(f"{_DIAGRAM}t"))
    return "\n".join(f"- {line}" for line in lines if line)


def _show_chart(root: Element) -> str:
    """Returns a row for each series, under the categories of the first."""
    series = list(root.iter(f"{_CHART}ser"))
    if not series:
        return ""
    rows = [[_said(root.find(_TITLE)), *_points(series[0], _NAMES)]]
    for each in series:
        name = each.find(f"{_CHART}tx")
        said = "" if name is None else " ".join(_cached(name))
        rows.append([said, *_points(each, _VALUES)])
    return "\n".join("\t".join(row) for row in rows if any(row))


def _said(title: Element | None) -> str:
    if title is None:
        return ""
    return "".join(text.text or "" for text in title.iter(_TEXT)) or " ".join(_cached(title))


def _points(series: Element, kinds: tuple[str, ...]) -> list[str]:
    """Returns a series' points in their places, "" for a gap."""
    found = next((part for kind in kinds for part in series.iterchildren(kind)), None)
    if found is None:
        return []
    places: dict[int, str] = {}
    for point in found.iter(f"{_CHART}pt"):
        place = point.get("idx") or ""
        if place.isdecimal() and int(place) < _MOST_POINTS:
            level = places.get(int(place))
            said = _number(point.findtext(f"{_CHART}v") or "")
            places[int(place)] = f"{said} {level}" if level else said
    return [places.get(place, "") for place in range(max(places, default=-1) + 1)]


def _cached(element: Element) -> list[str]:
    return [" ".join((value.text or "").split()) for value in element.iter(f"{_CHART}v")]


def _number(value: str) -> str:
    """Returns a number as a person would write it, anything else as it is."""
    try:
        return f"{float(value):.10g}"
    except ValueError:
        return " ".join(value.split())
