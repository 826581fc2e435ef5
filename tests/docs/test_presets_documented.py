"""The table of models in the manual is the one the code has."""

from pathlib import Path

import pytest

from app.answering.presets import GIB, PRESETS, Precision, Preset

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
WINDOW = 8192


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_a_models_row_says_what_the_code_computes(preset: Preset) -> None:
    sizes = [f"{preset.weigh(precision, WINDOW) / GIB:.1f}" for precision in Precision]
    cells = [
        *(preset.title, f"`{preset.name}`", f"{preset.parameters:g}B", *sizes),
        *(f"{preset.window:,}", preset.licence, preset.remark),
    ]
    assert f"| {' | '.join(cells)} |" in PAGE
