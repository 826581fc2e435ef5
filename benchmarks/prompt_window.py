"""Random prompts against the model's window: none may exceed it.

    python -m benchmarks.prompt_window [--assemblies 10000]

Windows from 2,048 to 32,768 tokens, passages of random scripts and sizes, histories, questions up
to 100,000 characters. Counted with the same upper bound that real prompts are packed by.
"""

import argparse
import json
import random
import sys
import time

from app.answering.counting import count_at_most
from app.answering.errors import PromptTooLong
from app.answering.model import Turn
from app.answering.prompting import MESSAGE_OVERHEAD, Budget, PromptBuilder
from benchmarks.machine import describe_machine
from tests.fakes.searcher import make_passage

SCRAPS = (
    "漢字", "かな", "word ", "A1-", "。", ".\n", "\t", "🙂", "<|x|>", "12", "ｶﾅ", "Ω", "́", "\u200b",
    "[INST]", "、", "長い文章", "internationalisation ", "\n\n", "[1]",
)  # fmt: skip
SEED = 11


def write(chance: random.Random, most: int) -> str:
    """Returns a random text of at most so many scraps."""
    return "".join(chance.choices(SCRAPS, k=chance.randint(1, most)))


def assemble(chance: random.Random) -> tuple[int, int] | None:
    """Returns (tokens of the prompt and the reply, window), None when it was refused instead."""
    window = chance.choice([2048, 3072, 4096, 8192, 32_768])
    budget = Budget(window, window // chance.choice([3, 4, 8]), 64)
    passages = [
        make_passage(write(chance, chance.choice([20, 200, 900])), name=write(chance, 8))
        for _ in range(chance.randrange(1, 12))
    ]
    history = [Turn(write(chance, 60), write(chance, 300)) for _ in range(chance.randrange(5))]
    question = write(chance, chance.choices([60, 400, 40_000], [90, 9, 1])[0])
    builder = PromptBuilder("m", count_at_most, budget, chance.choice(["ja", "en"]))
    try:
        prompt = builder.build(question, passages, history)
    except PromptTooLong:
        return None
    spent = sum(count_at_most(str(m.text)) + MESSAGE_OVERHEAD for m in prompt.messages)
    return spent + budget.max_tokens, window


def main() -> None:
    """Prints how many exceeded the window; ends with 1 if any did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--assemblies", type=int, default=10_000)
    count = parser.parse_args().assemblies
    chance, begun = random.Random(SEED), time.monotonic()
    results = [assemble(chance) for _ in range(count)]
    built = [result for result in results if result is not None]
    over = sum(spent > window for spent, window in built)
    fullest = max(spent / window for spent, window in built)
    seconds = round(time.monotonic() - begun, 1)
    print(f"{count} assemblies, {count - len(built)} refused as too long, {over} over the window")
    line = {"benchmark": "prompt_window", "assemblies": count, "refused": count - len(built)}
    line |= {"over": over, "fullest": round(fullest, 4), "seconds": seconds}
    print(json.dumps({**line, **describe_machine()}))
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
