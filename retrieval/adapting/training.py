"""Train the vectors of tokens so that a query lands near its passage, starting from known ones."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.adapting.mining import mine
from retrieval.adapting.pairing import Material
from retrieval.adapting.tokens import Places, TokenRows
from retrieval.ports import Vectors

if TYPE_CHECKING:
    import torch

_FAR = -1e4  # a score that no softmax counts
_SMALLEST_BATCH, _STEPS_OF_A_PASS = 64, 8
_USUAL_STEPS = 500  # those that the rate was chosen at


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run depends on besides its material.

    Attributes:
        epochs: Passes over all pairs, where the steps allow as many.
        batch: Pairs of one step at most; each is a wrong answer for all others.
        together: Pairs of one document that are put into the same batch.
        temperature: Divides cosines in the loss.
        rate: Learning rate (Adam) of a run of 500 steps, in shares of a component's usual size.
        keep: Share of the tokens of a text that a step sees.
        reach: Share of the way from the known vectors to the learned ones that is gone.
        most_steps: What bounds the time.
        seed: Of everything that is left to chance.
    """

    epochs: int = 5
    batch: int = 256
    together: int = 2
    temperature: float = 0.03
    rate: float = 0.01
    keep: float = 0.7
    reach: float = 0.5
    most_steps: int = 4_000
    seed: int = 7

    def scale_rate(self, steps: int) -> float:
        """Returns the highest learning rate: less where many steps add up, at most twice."""
        return self.rate * min(2.0, math.sqrt(_USUAL_STEPS / steps))

    def size_batch(self, pairs: int) -> int:
        """Returns the pairs of one step: fewer where there are few, so that steps are not."""
        return min(self.batch, max(min(pairs, _SMALLEST_BATCH), pairs // _STEPS_OF_A_PASS))

    def count_steps(self, pairs: int) -> int:
        """Returns how many steps so many pairs take."""
        return min(self.most_steps, self.epochs * max(1, pairs // self.size_batch(pairs)))


def tune(
    vectors: Vectors, material: Material, recipe: Recipe, advance: Callable[[int, int], None]
) -> Vectors:
    """Returns tuned token vectors; those of tokens that occur nowhere stay as they are.

    Args:
        vectors: One row a token, as they are now.
        material: What to learn from.
        recipe: How to learn.
        advance: Called with (steps done, steps in all) before each step; raises what ends the run.
    """
    # Imported here because only who trains pays for it: the server never does.
    import torch
    from torch import nn

    torch.manual_seed(recipe.seed)
    chance = np.random.default_rng(recipe.seed)
    steps = recipe.count_steps(len(material.usable))
    wrong = mine(material, vectors, lambda: advance(0, steps), recipe.seed)
    size = float(np.sqrt(np.mean(np.square(vectors))))
    known = torch.from_numpy(vectors / size)
    bag = nn.EmbeddingBag.from_pretrained(known, freeze=False, mode="sum")
    highest = recipe.scale_rate(steps)
    optimizer = torch.optim.Adam(bag.parameters(), lr=highest, fused=True)
    batches = _order(material, recipe, chance)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums come out the same, and a busy machine is not waited for
    try:
        for step in range(steps):
            advance(step, steps)
            optimizer.param_groups[0]["lr"] = highest * _rate(step, steps)
            loss = _measure(
                bag, material, _Batch.of(material, next(batches), wrong), recipe, chance
            )
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
    finally:
        torch.set_num_threads(threads)
    learned: Vectors = bag.weight.detach().numpy() * np.float32(size)
    return _hold_back(learned, vectors, material.passages, recipe.reach)


def _hold_back(learned: Vectors, vectors: Vectors, passages: TokenRows, reach: float) -> Vectors:
    """Returns vectors that go a share of the way to what was learned (Wortsman et al. 2022).

    A token that few passages have goes less far: one that a single passage has, half as far. What
    means nothing goes on meaning nothing.
    """
    counts = passages.count_texts(len(vectors)).astype(np.float32)
    share = np.float32(reach) * counts / (counts + 1)
    held: Vectors = vectors + (learned - vectors) * share[:, None]
    held[~vectors.any(axis=1)] = 0.0
    return held


def contrast(
    queries: "torch.Tensor", passages: "torch.Tensor", same: "torch.Tensor", temperature: float
) -> "torch.Tensor":
    """Returns the symmetric InfoNCE loss (van den Oord et al. 2018).

    Args:
        queries: One row a query.
        passages: Their right passages in the same order, then any number of wrong ones.
        same: Marks passages that are not to count as wrong for a query.
        temperature: Divides cosines.
    """
    import torch
    from torch import nn

    queries = nn.functional.normalize(queries, dim=1)
    passages = nn.functional.normalize(passages, dim=1)
    scores = (queries @ passages.T / temperature).masked_fill(same, _FAR)
    target = torch.arange(len(scores))
    forwards = nn.functional.cross_entropy(scores, target)
    return (forwards + nn.functional.cross_entropy(scores[:, : len(scores)].T, target)) / 2


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pairs, and the passages they are told apart from: the right ones first, in their order."""

    pairs: Places
    passages: Places
    same: NDArray[np.bool_]

    @classmethod
    def of(cls, material: Material, pairs: Places, wrong: Places) -> "_Batch":
        rights, hard = material.rights[pairs], wrong[pairs].ravel()
        passages = np.concatenate([rights, hard[hard >= 0]])
        same = material.texts[rights][:, None] == material.texts[passages][None, :]
        # Were texts of two languages wrong answers to each other, they would be driven apart.
        foreign = material.japanese[rights][:, None] != material.japanese[passages][None, :]
        same |= foreign
        np.fill_diagonal(same, val=False)
        return cls(pairs, passages, same)


def _measure(
    bag: "torch.nn.EmbeddingBag",
    material: Material,
    batch: _Batch,
    recipe: Recipe,
    chance: np.random.Generator,
) -> "torch.Tensor":
    import torch

    def embed(rows: TokenRows, places: Places) -> torch.Tensor:
        ids, offsets = rows.gather(places, recipe.keep, chance)
        embedded: torch.Tensor = bag(torch.from_numpy(ids), torch.from_numpy(offsets))
        return embedded

    queries = embed(material.queries, batch.pairs)
    passages = embed(material.passages, batch.passages)
    return contrast(queries, passages, torch.from_numpy(batch.same), recipe.temperature)


def _rate(step: int, steps: int) -> float:
    """Returns the share of the highest rate: rising for a twentieth, then falling as a cosine."""
    return min((step + 1) / (0.05 * steps + 1), 0.5 + 0.5 * math.cos(math.pi * step / steps))


def _order(material: Material, recipe: Recipe, chance: np.random.Generator) -> Iterator[Places]:
    """Gives batches without end, pass after pass, pairs of one document side by side."""
    usable = material.usable
    documents = material.documents[material.rights[usable]]
    size = recipe.size_batch(len(usable))
    while True:
        shuffled = chance.permutation(len(usable))
        by_document = usable[shuffled[np.argsort(documents[shuffled], kind="stable")]]
        groups = np.array_split(by_document, max(1, len(by_document) // recipe.together))
        order = np.concatenate([groups[place] for place in chance.permutation(len(groups))])
        for start in range(0, len(order) - size + 1, size):
            yield order[start : start + size]
