"""What a term weighs in a chunk."""

from retrieval.lexical.weighing import (
    LENGTH,
    MARK,
    WORD_LEVELS,
    inverse_frequency,
    read_level,
    weigh_pairs,
    weigh_words,
)


def weights(body: list[str], named: list[str]) -> dict[str, float]:
    marked = list(weigh_words(body, named))
    return {each.split(MARK)[0]: read_level(each, WORD_LEVELS) for each in marked}


def test_one_mention_in_a_chunk_of_usual_length_weighs_about_one() -> None:
    filling = [f"w{n}" for n in range(LENGTH - 1)]
    assert weights(["旅費", *filling], [])["旅費"] == 1.0


def test_more_mentions_shorter_chunks_and_titles_weigh_more_up_to_two() -> None:
    filling = [f"w{n}" for n in range(LENGTH)]
    once = weights(["旅費", *filling], [])["旅費"]
    assert weights(["旅費"] * 4 + filling, [])["旅費"] > once
    assert weights(["旅費"], [])["旅費"] > once
    assert weights(["旅費", *filling], ["旅費"])["旅費"] > once
    assert weights(["旅費"] * 5000, ["旅費"] * 9)["旅費"] <= 2.0


def test_a_term_of_the_title_alone_is_weighed_too() -> None:
    assert weights([], ["規程"])["規程"] > 1.0


def test_pairs_have_levels_of_their_own() -> None:
    (marked,) = weigh_pairs(["経費|精算"])
    assert marked.startswith(f"経費|精算{MARK}")


def test_rarer_terms_say_more_and_counts_beyond_the_total_do_no_harm() -> None:
    assert inverse_frequency(1, 100) > inverse_frequency(50, 100) > inverse_frequency(100, 100) > 0
    assert inverse_frequency(120, 100) == inverse_frequency(100, 100)
    assert inverse_frequency(0, 0) > 0
