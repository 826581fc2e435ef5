"""The limits on size and shape, raised only with a reason written down here."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("app", "ingestion", "retrieval")
FILE_LINES = 300
FUNCTION_LINES = 40
FUNCTION_LINES_P95 = 30
BROAD_EXCEPTS_PER_1000_LINES = 1.0
DUMPING_ROOMS = {"util", "utils", "helper", "helpers", "common", "base", "manager", "misc"}

SOURCES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> list[FunctionNode]:
    return [node for node in ast.walk(tree) if isinstance(node, FunctionNode)]


def length(function: FunctionNode) -> int:
    """Lines from ``def`` to the end, less the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_so_are_its_functions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= FILE_LINES
    too_long = {f.name: length(f) for f in functions(ast.parse(text)) if length(f) > FUNCTION_LINES}
    assert not too_long


def test_nineteen_of_twenty_functions_are_shorter_still() -> None:
    lengths = sorted(
        length(function)
        for path in SOURCES
        for function in functions(ast.parse(path.read_text(encoding="utf-8")))
    )
    assert lengths[int(len(lengths) * 0.95)] <= FUNCTION_LINES_P95


def test_broad_excepts_are_rare() -> None:
    lines = broad = 0
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        lines += len(text.splitlines())
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.walk(node.type) if node.type else ()
                names = {name.id for name in caught if isinstance(name, ast.Name)}
                broad += node.type is None or bool(names & {"Exception", "BaseException"})
    assert broad <= max(1, lines / 1000 * BROAD_EXCEPTS_PER_1000_LINES)


def test_no_function_rebinds_a_global() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Global)
    ]
    assert not found


def reads_the_environment(node: ast.AST) -> bool:
    """``os.getenv(...)`` or anything done with ``os.environ``, but handing it to a child."""
    return isinstance(node, ast.Attribute) and node.attr in {"getenv", "environ"}


def test_only_the_settings_module_reads_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if reads_the_environment(node)
    }
    assert readers <= {"app/settings.py"}


def test_no_module_is_a_dumping_room() -> None:
    assert not [path for path in SOURCES if path.stem in DUMPING_ROOMS]
