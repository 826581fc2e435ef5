"""The table of known models, and which of them fit a machine."""

import pytest

from app.answering.fitting import Machine, find_fitting, look_at_machine
from app.answering.presets import GIB, PRESETS, SUGGESTED, Precision, Preset, find_preset


def test_memory_is_weights_and_cache_and_buffers() -> None:
    elyza = find_preset("hf.co/elyza/Llama-3-ELYZA-JP-8B-GGUF")
    assert elyza is not None
    # 8.03e9 x 2 bytes, 128 KiB of keys and values for each token, half a GiB beside
    assert elyza.weigh(Precision.FP16, 8192) == 16_060_000_000 + 8192 * 128 * 1024 + GIB // 2
    assert elyza.weigh(Precision.Q4, 8192) == pytest.approx(4.92e9 + GIB + GIB // 2, rel=0.001)


def test_a_window_beyond_the_models_own_costs_no_more() -> None:
    elyza = find_preset("hf.co/elyza/Llama-3-ELYZA-JP-8B-GGUF")
    assert elyza is not None
    assert elyza.weigh(Precision.Q4, 8192) == elyza.weigh(Precision.Q4, 100_000)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.title)
def test_finer_weights_take_more_and_names_find_their_preset(preset: Preset) -> None:
    sizes = [preset.weigh(precision, 8192) for precision in Precision]
    assert sizes == sorted(sizes, reverse=True)
    assert find_preset(preset.name) is preset
    assert preset.licence


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("qwen3:4b-instruct-2507-q4_K_M", "Qwen3 4B"),
        ("qwen3:30b-a3b-instruct", "Qwen3 30B-A3B"),
        ("qwen3:8b-q8_0", "Qwen3 8B"),
        ("hf.co/elyza/Llama-3-ELYZA-JP-8B-GGUF:latest", "Llama-3-ELYZA-JP-8B"),
        ("hf.co/elyza/Llama-3-ELYZA-JP-8B-GGUF:Q4_K_M", "Llama-3-ELYZA-JP-8B"),
    ],
)
def test_tags_of_precision_do_not_matter(name: str, title: str) -> None:
    preset = find_preset(name)
    assert preset is not None
    assert preset.title == title


@pytest.mark.parametrize("name", ["qwen3:4b", "qwen3", "nomic-embed-text:latest", ""])
def test_other_models_are_not_taken_for_known_ones(name: str) -> None:
    assert find_preset(name) is None


def test_a_gpu_decides_where_there_is_one() -> None:
    small = Machine(memory=64 * GIB, gpu=8 * GIB)
    fitting = find_fitting(small, 8192)
    assert fitting
    assert all(fit.size <= 8 * GIB for fit in fitting)
    assert max(fit.preset.parameters for fit in fitting) < 10


def test_the_finest_precision_that_fits_is_named() -> None:
    by_title = {fit.preset.title: fit for fit in find_fitting(Machine(0, 24 * GIB), 8192)}
    assert by_title["Qwen3 8B"].precision is Precision.FP16
    assert by_title["Qwen3 14B"].precision is Precision.Q8
    assert by_title["Qwen3 30B-A3B"].precision is Precision.Q4


def test_nothing_fits_where_there_is_no_room() -> None:
    assert find_fitting(Machine(2 * GIB, 0), 8192) == []


def test_this_machine_has_memory() -> None:
    assert look_at_machine().memory > 0
    assert find_preset(SUGGESTED) is not None
