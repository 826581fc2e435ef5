"""Finds where a slide's shapes lie: a placeholder takes its place from layout and master."""

from typing import Any

from ingestion.reading.ooxml import Package

Element = Any
Box = tuple[int, int, int, int]  # left, top, width, height in EMU

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FRAMES = (f"{_P}spPr", f"{_P}grpSpPr")
_MASTER_KINDS = {
    "title": "title",
    "ctrTitle": "title",
    "dt": "dt",
    "ftr": "ftr",
    "sldNum": "sldNum",
}


def placeholder_of(shape: Element) -> Element | None:
    """Returns a shape's placeholder mark, ``None`` where it is not one."""
    facts = next(iter(shape), None)  # nvSpPr, nvPicPr, nvGraphicFramePr, ...
    return None if facts is None else facts.find(f"{_P}nvPr/{_P}ph")


class Places:
    """The places of shapes on the slides of one deck; layouts are read once."""

    def __init__(self, package: Package) -> None:
        """Has looked at no layout yet."""
        self._package = package
        self._layouts: dict[str, dict[str, Box]] = {}

    def find_layout(self, slide: str) -> dict[str, Box]:
        """Returns the places that a slide's layout gives to placeholders, by their index."""
        for relation in self._package.relations(slide):
            if relation.kind == "slideLayout" and relation.target in self._package:
                if relation.target not in self._layouts:
                    self._layouts[relation.target] = self._read_layout(relation.target)
                return self._layouts[relation.target]
        return {}

    def _read_layout(self, layout: str) -> dict[str, Box]:
        masters = {}
        for _, master in self._package.related(layout, "slideMaster"):
            for shape, mark in _placeholders(master):
                masters[_master_kind(mark)] = _own_box(shape)
        boxes = {}
        for shape, mark in _placeholders(self._package.parse(layout)):
            box = _own_box(shape) or masters.get(_master_kind(mark))
            if box is not None:
                boxes[mark.get("idx") or "0"] = box
        return boxes


def box_of(shape: Element, layout: dict[str, Box]) -> Box:
    """Returns where a shape lies, at the upper left corner where nothing says so."""
    own = _own_box(shape)
    if own is not None:
        return own
    mark = placeholder_of(shape)
    inherited = None if mark is None else layout.get(mark.get("idx") or "0")
    return inherited or (0, 0, 0, 0)


def _placeholders(root: Element) -> list[tuple[Element, Element]]:
    found = ((shape, placeholder_of(shape)) for shape in root.iter(f"{_P}sp"))
    return [(shape, mark) for shape, mark in found if mark is not None]


def _master_kind(mark: Element) -> str:
    return _MASTER_KINDS.get(mark.get("type") or "", "body")


def _own_box(shape: Element) -> Box | None:
    frame = shape.find(f"{_P}xfrm")  # of a graphic frame
    for name in _FRAMES if frame is None else ():
        own = shape.find(f"{name}/{_A}xfrm")
        frame = own if own is not None else frame
    if frame is None:
        return None
    offset, extent = frame.find(f"{_A}off"), frame.find(f"{_A}ext")
    if offset is None or extent is None:
        return None
    values = (offset.get("x"), offset.get("y"), extent.get("cx"), extent.get("cy"))
    left, top, width, height = (_whole(value) for value in values)
    return left, top, width, height


def _whole(value: str | None) -> int:
    try:
        return int(value or 0)
    except ValueError:
        return 0
