"""Tells which runs of a Word document nobody would see on paper."""

from typing import Any

_TINY_HALF_POINTS = 4
_WHITE = "FFFFFF"
_OFF = frozenset({"0", "false", "off"})
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VALUE, _FILL = f"{_W}val", f"{_W}fill"
_MARKS = frozenset({f"{_W}vanish", f"{_W}webHidden", f"{_W}specVanish"})
_SIZE, _COLOR = f"{_W}sz", f"{_W}color"
_HIGHLIGHT, _SHADE, _STYLE = f"{_W}highlight", f"{_W}shd", f"{_W}tblStyle"
_FACTS, _BOX = f"{_W}rPr", f"{_W}txbxContent"
_BEHIND = (f"{_W}p", f"{_W}tc", f"{_W}tbl", _BOX)
_OWN_FACTS = (f"{_W}pPr", f"{_W}tcPr", f"{_W}tblPr")

Element = Any


def is_hidden_run(run: Element) -> bool:
    """Returns whether a run is marked as hidden, is tiny, or is white on white."""
    facts = run.find(_FACTS)
    if facts is None:
        return False
    is_white = False
    for fact in facts:
        value = fact.get(_VALUE) or ""
        if fact.tag in _MARKS and value not in _OFF:
            return True
        if fact.tag == _SIZE and _number(value) <= _TINY_HALF_POINTS:
            return True
        is_white = is_white or (fact.tag == _COLOR and value.upper() == _WHITE)
    return is_white and not _lies_on_colour(run, facts)


def _lies_on_colour(run: Element, facts: Element) -> bool:
    """Returns whether a run, its paragraph, cell or table has a colour behind it."""
    if facts.find(_HIGHLIGHT) is not None or _is_shaded(facts):
        return True
    for ancestor in run.iterancestors(*_BEHIND):
        if ancestor.tag == _BOX:
            return True  # a text box brings its own fill
        for name in _OWN_FACTS:
            own = ancestor.find(name)
            if own is not None and (_is_shaded(own) or own.find(_STYLE) is not None):
                return True
    return False


def _is_shaded(facts: Element) -> bool:
    shade = facts.find(_SHADE)
    if shade is None:
        return False
    return (shade.get(_FILL) or "auto").upper() not in {"AUTO", _WHITE}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return float("inf")
