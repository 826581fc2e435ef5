"""Settings are checked before anything starts, and a fault is one sentence."""

from pathlib import Path

import pytest

from app.meanings import MEANINGS
from app.settings import (
    PREFIX,
    Settings,
    UnreadableFile,
    WrongSetting,
    find_unknown,
    load_settings,
)

WRONG = {
    "KURA_PORT": "abc",
    "KURA_HOST": "two words",
    "KURA_ALLOW_DOWNLOADS": "perhaps",
    "KURA_CHAT_URL": "localhost:11434",
    "KURA_NUM_CTX": "12",
    "KURA_MAX_ANSWER_TOKENS": "9000",
    "KURA_ANSWER_TIMEOUT_S": "0",
    "KURA_READERS": "0",
    "KURA_LOG_LEVEL": "loud",
    "KURA_LANGUAGE": "fr",
    "KURA_ALLOWED_ORIGINS": "https://a.example/path",
    "KURA_TRUSTED_HOSTS": "https://kura.example",
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(PREFIX + field.upper(), raising=False)
    monkeypatch.setenv("KURA_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("name", "value"), WRONG.items())
def test_a_wrong_setting_is_named_with_its_value_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting) as caught:
        load_settings()
    for language, allowed in (("en", "allowed_en"), ("ja", "allowed_ja")):
        message = caught.value.message(language)  # type: ignore[arg-type]
        assert name in message
        assert value in message
        assert getattr(MEANINGS[name.removeprefix(PREFIX).lower()], allowed) in message
        assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KURA_CHAT_URL", "http://ollama:port"),
        ("KURA_CHAT_URL", "http://:11434"),
        ("KURA_ALLOWED_ORIGINS", "*"),
        ("KURA_ALLOWED_ORIGINS", "intra.example"),
        ("KURA_TRUSTED_HOSTS", "two words"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSetting, match=name):
        load_settings()


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    monkeypatch.delenv("KURA_HOME")
    expected = load_settings()
    monkeypatch.setenv(PREFIX + field.upper(), "")
    assert load_settings() == expected


def test_a_file_written_by_windows_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfKURA_PORT=1002\r\nKURA_PROT=1\r\n")
    assert load_settings().port == 1002
    assert [unknown.name for unknown in find_unknown()] == ["KURA_PROT"]


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("# 日本語\nKURA_PORT=1002\n".encode("shift_jis"))
    for read in (load_settings, find_unknown):
        with pytest.raises(UnreadableFile) as caught:
            read()
        assert str(tmp_path / ".env") in caught.value.message("ja")
        assert "UTF-8" in caught.value.message("en")


def test_a_line_that_is_no_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KURA_READERS=3\nKURA_PORT 1002\n")
    with pytest.raises(UnreadableFile, match="line 2"):
        load_settings()


def test_every_setting_is_explained() -> None:
    assert set(MEANINGS) == set(Settings.model_fields)


def test_the_environment_wins_over_the_working_folder_and_that_over_the_state_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".env").write_text("KURA_PORT=1001\nKURA_READERS=3\nKURA_MODEL=m\n")
    (tmp_path / ".env").write_text("KURA_PORT=1002\nKURA_READERS=4\n")
    monkeypatch.setenv("KURA_PORT", "1003")
    settings = load_settings()
    assert (settings.port, settings.readers, settings.model) == (1003, 4, "m")


def test_an_option_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURA_PORT", "1003")
    assert load_settings(port=1004, host=None).port == 1004


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURA_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    assert load_settings().allowed_origins == ("https://a.example", "https://b.example")


def test_an_unknown_variable_is_found_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KURA_PROT", "1")
    (tmp_path / ".env").write_text("KURA_ZZZZZZ=1\nOTHER=2\n")
    found = {unknown.name: unknown.nearest for unknown in find_unknown()}
    assert found == {"KURA_PROT": "KURA_PORT", "KURA_ZZZZZZ": None}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("localhost", False),
        ("0.0.0.0", True),  # noqa: S104
        ("10.0.0.5", True),
        ("kura.example.co.jp", True),
    ],
)
def test_only_loopback_is_closed_to_the_network(host: str, expected: bool) -> None:
    assert load_settings(host=host).open_to_network is expected


@pytest.mark.parametrize(
    ("value", "expected"), [("ja_JP.UTF-8", "ja"), ("en_US.UTF-8", "en"), ("C", "en")]
)
def test_the_console_speaks_the_systems_language(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("LC_ALL", value)
    assert load_settings().language == expected


def test_the_state_folder_is_an_absolute_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KURA_HOME", "state")
    assert load_settings().home == Path.cwd() / "state"
