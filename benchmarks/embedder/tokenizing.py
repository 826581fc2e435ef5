"""Train the tokenizer: NFKC, lower case, cut where the script changes, then a Unigram model."""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

#: Put in front of each Latin word, so that "fit" and the end of "benefit" are not one token.
WORD_START = "▁"
UNKNOWN = "<unk>"
#: Runs of one script; what lies between them (spaces, punctuation, symbols) is dropped.
RUNS = (
    r"[\p{Han}々〆]+|\p{Hiragana}+|[\p{Katakana}ー]+"
    rf"|{WORD_START}?[\p{{Latin}}\p{{M}}]+|\p{{N}}+|[\p{{L}}\p{{M}}]+"
)


def build_tokenizer(model: models.Model) -> Tokenizer:
    """Return an untrained tokenizer with the normaliser and the script splitting around `model`."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"(?<![\p{Latin}\p{M}])(?=\p{Latin})"), WORD_START),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(RUNS), "removed", invert=True)
    return tokenizer


def train_tokenizer(texts: Iterable[str], vocabulary: int) -> Tokenizer:
    """Train a Unigram tokenizer (Kudo 2018) of at most `vocabulary` tokens on the texts."""
    tokenizer = build_tokenizer(models.Unigram())
    trainer = trainers.UnigramTrainer(
        vocab_size=vocabulary,
        unk_token=UNKNOWN,
        special_tokens=[UNKNOWN],
        max_piece_length=16,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer=trainer)
    return tokenizer
