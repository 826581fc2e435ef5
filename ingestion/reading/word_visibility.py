"""Tells which runs of a Word document nobody would see on paper."""

from typing import Any

from docx.oxml.ns import qn

_TINY_HALF_POINTS = 4
_WHITE = "FFFFFF"
_OFF = frozenset({"0", "false", "off"})

Element = Any


def is_hidden_run(run: Element) -> bool:
    """Returns whether a run is marked as hidden, is tiny, or is white on white."""
    facts = run.find(qn("w:rPr"))
    if facts is None:
        return False
    for tag in (qn("w:vanish"), qn("w:webHidden"), qn("w:specVanish")):
        mark = facts.find(tag)
        if mark is not None and (mark.get(qn("w:val")) or "") not in _OFF:
            return True
    size = facts.find(qn("w:sz"))
    if size is not None and _number(size.get(qn("w:val"))) <= _TINY_HALF_POINTS:
        return True
    color = facts.find(qn("w:color"))
    is_white = color is not None and (color.get(qn("w:val")) or "").upper() == _WHITE
    return is_white and not _lies_on_colour(run, facts)


def _lies_on_colour(run: Element, facts: Element) -> bool:
    """Returns whether a run, its paragraph, cell or table has a colour behind it."""
    if facts.find(qn("w:highlight")) is not None or _is_shaded(facts):
        return True
    for ancestor in run.iterancestors(qn("w:p"), qn("w:tc"), qn("w:tbl"), qn("w:txbxContent")):
        if ancestor.tag == qn("w:txbxContent"):
            return True  # a text box brings its own fill
        for name in ("w:pPr", "w:tcPr", "w:tblPr"):
            own = ancestor.find(qn(name))
            if own is not None and (_is_shaded(own) or own.find(qn("w:tblStyle")) is not None):
                return True
    return False


def _is_shaded(facts: Element) -> bool:
    shade = facts.find(qn("w:shd"))
    if shade is None:
        return False
    return (shade.get(qn("w:fill")) or "auto").upper() not in {"AUTO", _WHITE}


def _number(value: str | None) -> float:
    try:
        return float(value or "")
    except ValueError:
        return float("inf")
