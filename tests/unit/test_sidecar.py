"""The sidecar: who may read what, and a clear refusal where that is not clear."""

import unicodedata
from pathlib import Path

import pytest

from ingestion.errors import SidecarInvalid
from ingestion.sidecar import SIDECAR_NAME, Rule, Ruling, Sidecar, read_sidecar
from retrieval.model import Access

_DEFAULT = Ruling(Access(), "全社")


def _write(folder: Path, text: str) -> Path:
    (folder / SIDECAR_NAME).write_text(text, encoding="utf-8")
    return folder


def test_without_a_sidecar_there_are_no_rules(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path) == Sidecar()


def test_rules_and_people_are_read(tmp_path: Path) -> None:
    sidecar = read_sidecar(
        _write(
            tmp_path,
            """
            [[rule]]
            path = "人事/**"
            allow = ["group:hr", "user:hanako"]
            deny = ["group:interns"]
            owner = "人事部 佐藤 花子"
            tags = ["人事"]
            [[people]]
            id = "hanako"
            name = "佐藤 花子"
            name_en = "Hanako Sato"
            groups = ["staff", "hr"]
            """,
        )
    )
    ruling = sidecar.rule_on("人事/規程.docx", _DEFAULT)
    assert ruling.access == Access(
        frozenset({"group:hr", "user:hanako"}), frozenset({"group:interns"})
    )
    assert (ruling.department, ruling.owner, ruling.tags) == ("全社", "人事部 佐藤 花子", ("人事",))
    assert sidecar.people[0].groups == ("staff", "hr")


def test_a_later_rule_sets_only_the_fields_it_names() -> None:
    sidecar = Sidecar(
        (
            Rule("**", allow=frozenset({"everyone"}), owner="総務"),
            Rule("経理/**", allow=frozenset({"group:accounting"})),
        )
    )
    ruling = sidecar.rule_on("経理/予算.xlsx", _DEFAULT)
    assert (ruling.access.allow, ruling.owner) == (frozenset({"group:accounting"}), "総務")


def test_where_no_rule_matches_the_default_holds() -> None:
    assert Sidecar((Rule("a/**", owner="A"),)).rule_on("b/c.txt", _DEFAULT) == _DEFAULT


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("**", "a/b/c.txt", True),
        ("*", "a.txt", True),
        ("*.pdf", "a/b.pdf", False),
        ("**/*.pdf", "a/b.pdf", True),
        ("**/*.pdf", "b.pdf", True),
        ("人事/制限", "人事/制限/給与.xlsx", True),
        ("人事/制限/", "人事/制限/給与.xlsx", True),
        ("人事/制限", "人事/制限解除.txt", False),
        ("人事/就業規則_*", "人事/就業規則_2024年版.docx", True),
        ("a?.txt", "ab.txt", True),
        ("a.txt", "abtxt", False),
        ("a/*", "a/b\nc.txt", True),
    ],
)
def test_patterns_cover_what_they_say(pattern: str, path: str, matches: bool) -> None:
    ruling = Sidecar((Rule(pattern, owner="X"),)).rule_on(path, _DEFAULT)
    assert (ruling.owner == "X") is matches


def test_a_name_in_decomposed_letters_is_covered_all_the_same() -> None:
    path = unicodedata.normalize("NFD", "ガイド/秘.txt")
    ruling = Sidecar((Rule("ガイド/**", owner="X"),)).rule_on(path, _DEFAULT)
    assert ruling.owner == "X"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ('[[rule]]\nallow = ["everyone"]', "rule[1].path", "None"),
        ('[[rule]]\npath = "a"\nallow = "everyone"', "rule[1].allow", "everyone"),
        ('[[rule]]\npath = "a"\nallow = ["hr"]', "rule[1].allow", "hr"),
        ('[[rule]]\npath = "a"\ndeny = ["group: hr"]', "rule[1].deny", "group: hr"),
        ('[[rule]]\npath = "a"\nalow = ["everyone"]', "rule[1].alow", "everyone"),
        ('[[rule]]\npath = "a"\n[[rule]]\npath = 3', "rule[2].path", "3"),
        ('[[people]]\nname = "x"', "people[1].id", "None"),
        ('rules = "a"', "rules", "a"),
        ('rule = "a"', "rule", "a"),
        ("[[rule]\n", "TOML", "line 1"),
    ],
)
def test_a_mistake_is_refused_naming_file_field_and_value(
    tmp_path: Path, text: str, field: str, value: str
) -> None:
    with pytest.raises(SidecarInvalid) as raised:
        read_sidecar(_write(tmp_path, text))
    for language in ("ja", "en"):
        message = raised.value.message(language)  # type: ignore[arg-type]
        assert SIDECAR_NAME in message
        assert field in message
        assert value in message


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / SIDECAR_NAME).write_bytes("[[rule]]\npath='人事'".encode("cp932"))
    with pytest.raises(SidecarInvalid, match="UTF-8"):
        read_sidecar(tmp_path)
