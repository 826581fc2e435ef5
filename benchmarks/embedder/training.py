"""Train one vector per token, so that the mean over a query lands near the mean over its text."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from benchmarks.embedder.sources import Pair
from retrieval.adapting.tokens import TokenRows
from retrieval.adapting.training import contrast


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a training run depends on besides its pairs.

    Attributes:
        dimension: Length of the vectors.
        epochs: Passes over all pairs.
        batch: Pairs per step; each is the negative of all others.
        cluster: Pairs of one page that are put into the same batch (harder negatives).
        temperature: Divides cosines in the loss.
        rate: Highest learning rate (Adam), reached after 5 % of the steps, then cosine decay.
        dropout: Share of tokens left out of each text.
        seed: Of every random choice.
    """

    dimension: int = 256
    epochs: int = 6
    batch: int = 1024
    cluster: int = 2
    temperature: float = 0.05
    rate: float = 0.02
    dropout: float = 0.3
    seed: int = 7


def order_batches(
    groups: NDArray[np.int64], recipe: Recipe, random_source: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Shuffle the pairs in clusters of one page, then cut the order into batches."""
    shuffled = random_source.permutation(len(groups))
    by_group = shuffled[np.argsort(groups[shuffled], kind="stable")]
    clusters = np.array_split(by_group, max(1, len(by_group) // recipe.cluster))
    order = np.concatenate([clusters[place] for place in random_source.permutation(len(clusters))])
    for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
        yield order[start : start + recipe.batch]


def number(values: list[str]) -> NDArray[np.int64]:
    """Give equal values equal numbers."""
    numbers: dict[str, int] = {}
    return np.asarray([numbers.setdefault(value, len(numbers)) for value in values])


class TokenPairs:
    """Training pairs as token ids; pairs with an empty side are left out."""

    def __init__(self, tokenizer: Tokenizer, pairs: list[Pair]) -> None:
        """Tokenize both sides of all pairs."""
        self.vocabulary: int = tokenizer.get_vocab_size()
        self.queries = TokenRows.of(tokenizer, [pair.query for pair in pairs])
        self.documents = TokenRows.of(tokenizer, [pair.document for pair in pairs])
        self.usable = np.flatnonzero((self.queries.lengths > 0) & (self.documents.lengths > 0))
        self.groups = number([pair.group for pair in pairs])
        # The end of a text tells it apart also where a title or a gap was put into a copy of it.
        self.texts = number([pair.document[-120:] for pair in pairs])

    def start_weights(self, dimension: int) -> torch.Tensor:
        """Random directions scaled by a / (a + p), smooth inverse frequency (Arora et al. 2017)."""
        counts = np.bincount(self.documents.ids, minlength=self.vocabulary) + 1.0
        scale = torch.from_numpy((1e-3 / (1e-3 + counts / counts.sum())).astype(np.float32))
        return torch.randn(self.vocabulary, dimension) * scale[:, None]


def train_vectors(
    pairs: TokenPairs, recipe: Recipe, announce: Callable[[int, float], None]
) -> NDArray[np.float32]:
    """Train and return one vector per token.

    Args:
        pairs: What to learn from.
        recipe: How to learn.
        announce: Called with (epoch, mean loss) after each epoch.
    """
    torch.manual_seed(recipe.seed)
    random_source = np.random.default_rng(recipe.seed)
    bag = nn.EmbeddingBag.from_pretrained(pairs.start_weights(recipe.dimension), freeze=False)
    steps = recipe.epochs * (len(pairs.usable) // recipe.batch)
    optimizer = torch.optim.Adam(bag.parameters(), lr=recipe.rate, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(step / (0.05 * steps), 0.5 + 0.5 * math.cos(math.pi * step / steps)),
    )
    keep = 1 - recipe.dropout
    for epoch in range(1, recipe.epochs + 1):
        losses = []
        for batch in order_batches(pairs.groups[pairs.usable], recipe, random_source):
            rows = pairs.usable[batch]
            loss = contrast(
                bag(*map(torch.from_numpy, pairs.queries.gather(rows, keep, random_source))),
                bag(*map(torch.from_numpy, pairs.documents.gather(rows, keep, random_source))),
                mark_same(pairs.texts[rows]),
                recipe.temperature,
            )
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        announce(epoch, float(np.mean(losses)))
    vectors: NDArray[np.float32] = bag.weight.detach().numpy()
    return vectors


def mark_same(texts: NDArray[np.int64]) -> torch.Tensor:
    """Mark which documents of a batch are the same text as another one, beside themselves."""
    same = torch.from_numpy(texts[:, None] == texts[None, :])
    return same.fill_diagonal_(fill_value=False)
