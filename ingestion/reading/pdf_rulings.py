"""Finds the ruling lines a PDF page draws, straight from PDFium, and the cells they enclose."""

import ctypes
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from pdfplumber.table import (
    cells_to_tables,
    edges_to_intersections,
    intersections_to_cells,
    merge_edges,
)

Point = tuple[float, float]
Cell = tuple[float, float, float, float]  # left, top, right, bottom; downwards from the page's foot
Edge = dict[str, float | str]

_TOLERANCE = 3  # points
_STRAIGHT = 1.0  # points that a ruling line may lean
_SHORTEST = 3.0
_MOST_EDGES = 20_000
_DEEPEST = 3


def find_grids(page: pdfium.PdfPage) -> list[list[list[Cell | None]]]:
    """Returns the rows of cells of each grid that ruling lines make, ``None`` for a joined cell.

    The grid is found as pdfplumber does it: near lines are snapped together and joined, and the
    smallest rectangles between their crossings are cells.
    """
    edges = list(_edges(page))
    if len(edges) >= _MOST_EDGES:
        return []
    merged = merge_edges(edges, _TOLERANCE, _TOLERANCE, _TOLERANCE, _TOLERANCE)
    long = [edge for edge in merged if max(edge["width"], edge["height"]) >= _SHORTEST]
    crossings = edges_to_intersections(long, _TOLERANCE, _TOLERANCE)
    return [_rows(cells) for cells in cells_to_tables(intersections_to_cells(crossings))]


def _rows(cells: Iterable[Cell]) -> list[list[Cell | None]]:
    places = sorted(cells, key=itemgetter(1, 0))
    lefts = sorted({cell[0] for cell in places})
    rows = []
    for _, row in groupby(places, key=itemgetter(1)):
        by_left = {cell[0]: cell for cell in row}
        rows.append([by_left.get(left) for left in lefts])
    return rows


def _edges(page: pdfium.PdfPage) -> Iterator[Edge]:
    count = 0
    for drawn in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=_DEEPEST):
        if not _is_visible(drawn):
            continue
        for one, two in _lines(drawn):
            edge = _edge(one, two)
            if edge is None:
                continue
            yield edge
            count += 1
            if count >= _MOST_EDGES:
                return


def _is_visible(path: pdfium.PdfObject) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    known = raw.FPDFPath_GetDrawMode(path, fill, stroke)
    return not known or bool(fill.value or stroke.value)


def _lines(path: pdfium.PdfObject) -> Iterator[tuple[Point, Point]]:
    """Yields the straight lines of a path, in the coordinates of the page."""
    for corners in _outlines(path):
        placed = [_place(path, corner) for corner in corners]
        yield from pairwise(placed)


def _outlines(path: pdfium.PdfObject) -> Iterator[list[Point]]:
    """Yields the runs of corners that are joined by straight lines."""
    run: list[Point] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(raw.FPDFPath_CountSegments(path), _MOST_EDGES)):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if raw.FPDFPathSegment_GetType(segment) != raw.FPDF_SEGMENT_LINETO:
            yield run
            run = []
        run.append((x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment):
            run.append(run[0])
    yield run


def _place(path: pdfium.PdfObject, point: Point) -> Point:
    drawn: pdfium.PdfObject | None = path
    while drawn is not None:
        point = drawn.get_matrix().on_point(*point)
        drawn = drawn.container
    return point


def _edge(one: Point, two: Point) -> Edge | None:
    """Returns a line as pdfplumber knows it, ``None`` for one that leans."""
    width, height = abs(one[0] - two[0]), abs(one[1] - two[1])
    if min(width, height) > _STRAIGHT or max(width, height) < _STRAIGHT:
        return None
    left, right = sorted((one[0], two[0]))
    bottom, top = sorted((one[1], two[1]))
    return {
        "x0": left,
        "x1": right,
        "top": -top,
        "bottom": -bottom,
        "width": width,
        "height": height,
        "orientation": "h" if width > height else "v",
    }
