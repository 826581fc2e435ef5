"""Why a file is damaged, told wholly in the reader's language."""

import pytest

from ingestion.errors import DAMAGES, Damaged


@pytest.mark.parametrize("reason", sorted(DAMAGES))
def test_a_damage_that_a_reader_finds_is_told_wholly_in_each_language(reason: str) -> None:
    failure = Damaged(name="図面.docx", reason=reason)
    ja, en = DAMAGES[reason]
    assert failure.message("ja").endswith(ja)
    assert failure.message("en").endswith(en)


def test_what_a_library_says_is_passed_on() -> None:
    assert "EOF marker" in Damaged(name="a.pdf", reason="EOF marker not found").message("ja")
