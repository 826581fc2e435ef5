"""`kura sources` and `kura ingest NAME`, as an administrator types them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.cli.program import app
from ingestion.errors import SourceInvalid
from retrieval.errors import Invalid
from tests.integration.console import write


class Console:
    """Types commands on a state folder of its own, in this process."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str) -> Result:
        environment = {"KURA_HOME": str(self.home), "KURA_READERS": "1"}
        return CliRunner().invoke(app, arguments, env=environment)

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - any JSON value
        done = self.run(*arguments, "--json")
        assert done.stdout, done.exception
        return json.loads(done.stdout)

    def refuse(self, *arguments: str) -> Invalid:
        """Returns the usage error that a command ends with."""
        error = self.run(*arguments).exception
        assert isinstance(error, Invalid)
        return error


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path / "home")


def mbox(path: Path) -> Path:
    path.write_bytes(
        b"From a@example.com Mon Jan  1 00:00:00 2024\nFrom: a@example.com\nSubject: Parking\n"
        b"Content-Type: text/plain\n\nThe parking lot is closed on Monday for repairs.\n\n"
    )
    return path


def test_a_source_of_any_kind_is_added_ingested_shown_and_removed(
    console: Console, tmp_path: Path
) -> None:
    box = mbox(tmp_path / "box")
    added = console.run(
        *("sources", "add", "post", "--kind", "mbox", "--location", str(box)),
        *("--allow", "everyone", "--owner", "hanako", "--tag", "mail", "--schedule", "off"),
    )
    assert added.exit_code == 0, added.stderr
    plan = console.json("ingest", "post", "--plan")
    assert len(plan[0]["add"]) == 1
    assert console.json("sources", "list")["sources"][0]["documents"] == 0
    assert console.run("ingest", "post").exit_code == 0
    shown = console.json("sources", "show", "post")
    assert (shown["kind"], shown["owner"], shown["tags"]) == ("mbox", "hanako", ["mail"])
    assert (shown["schedule"], shown["next_run_at"]) == ("off", None)
    assert shown["last_run"]["state"] == "succeeded"
    assert shown["documents"] >= 1
    assert "parking lot" in console.run("search", "parking").stdout.lower()
    assert console.run("sources", "remove", "post").exit_code == 0
    assert console.json("sources", "list") == {"sources": []}
    assert (console.home / "mirrors").is_dir()
    console.run("reset", "--yes")
    assert not (console.home / "mirrors").exists()


def test_a_maildir_that_is_ingested_by_its_path_stays_a_maildir(
    console: Console, tmp_path: Path
) -> None:
    (tmp_path / "post" / "cur").mkdir(parents=True)
    (tmp_path / "post" / "new").mkdir()
    place = str(tmp_path / "post")
    console.run("sources", "add", "post", "--kind", "maildir", "--location", place)
    assert console.run("ingest", place, "--plan").exit_code == 0
    assert console.json("sources", "show", "post")["kind"] == "maildir"


def test_a_file_that_names_no_source_takes_none_along(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", {"a.txt": "text"})
    console.run("sources", "add", "r", "--location", str(folder))
    (tmp_path / "sources.toml").write_text("")
    error = console.refuse("sources", "apply", str(tmp_path / "sources.toml"), "--remove-unlisted")
    assert error.code == "sources-file-empty"
    assert len(console.json("sources", "list")["sources"]) == 1


def test_adding_again_changes_only_what_is_named(console: Console, tmp_path: Path) -> None:
    folder = write(tmp_path / "rules", {"a.txt": "text"})
    console.run("sources", "add", "r", "--location", str(folder), "--owner", "hanako")
    changed = console.run("sources", "add", "r", "--schedule", "0 5 * * *", "--allow", "everyone")
    assert changed.exit_code == 0, changed.stderr
    shown = console.json("sources", "show", "r")
    assert (shown["owner"], shown["schedule"], shown["allow"]) == (
        "hanako",
        "0 5 * * *",
        ["everyone"],
    )
    assert "hanako" in console.run("sources", "show", "r").stdout


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--schedule", "soon"], "soon"),
        (["--allow", "staff"], "staff"),
        (["--kind", "loader", "--location", "a.B"], "sources file"),
        (["--kind", "ftp"], "ftp"),
        (["--set", "depth"], "KEY=VALUE"),
        (["--set", "depth=3"], "settings.depth"),
        (["--location", "nowhere/at/all"], "nowhere"),
    ],
)
def test_what_cannot_be_used_is_named(
    console: Console, tmp_path: Path, options: list[str], word: str
) -> None:
    error = console.refuse("sources", "add", "x", "--location", str(tmp_path), *options)
    assert word in error.message("en")
    assert console.json("sources", "list") == {"sources": []}


def test_a_file_of_two_folders_of_which_one_is_broken_brings_the_other_in(
    console: Console, tmp_path: Path
) -> None:
    good = write(tmp_path / "good", {"a.txt": "日当は 2,500 円です。"})
    file = tmp_path / "my.toml"
    file.write_text(
        f'[[source]]\nname = "good"\nlocation = "{good}"\nallow = ["everyone"]\n'
        f'[[source]]\nname = "gone"\nlocation = "{tmp_path}/gone"\n'
    )
    assert console.json("sources", "apply", str(file), "--plan")["added"] == ["good", "gone"]
    assert console.json("sources", "list") == {"sources": []}
    applied = console.json("sources", "apply", str(file))
    assert applied["added"] == ["good", "gone"]
    done = console.run("ingest")
    assert done.exit_code == 1
    assert "gone" in done.stderr
    by_name = {each["name"]: each for each in console.json("sources", "list")["sources"]}
    assert by_name["good"]["documents"] == 1
    assert by_name["gone"]["last_run"]["error"]["code"] == "source-unavailable"
    assert "gone" in console.run("ingest", "--plan").stderr
    file.write_text(f'[[source]]\nname = "good"\nlocation = "{good}"\n')
    applied = console.json("sources", "apply", str(file))
    assert (applied["changed"], applied["unlisted"]) == ({"good": ["access"]}, ["gone"])
    assert applied["removed"] == []
    said = console.run("sources", "apply", str(file)).stdout
    assert "  gone" in said
    removed = console.json("sources", "apply", str(file), "--remove-unlisted")
    assert removed["removed"] == ["gone"]
    assert [each["name"] for each in console.json("sources", "list")["sources"]] == ["good"]


def test_a_broken_file_is_named_by_apply_ingest_and_doctor(
    console: Console, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    text = '[[source]]\nname = "x"\nlocation = "/srv/x"\nallow = ["hr"]\n'
    (home / "sources.toml").write_text(text)
    error = console.refuse("sources", "apply")
    assert isinstance(error, SourceInvalid)
    for word in ("sources.toml", "'x'", "allow", "'hr'", "group:NAME"):
        assert word in error.message("en")
    folder = write(tmp_path / "rules", {"a.txt": "text of a rule"})
    console.run("sources", "add", "r", "--location", str(folder))
    ingested = console.run("ingest")
    assert ingested.exit_code == 0
    assert "sources.toml" in ingested.stderr
    finding = console.json("doctor", "--only", "sources")["findings"][0]
    assert (finding["name"], finding["status"]) == ("sources", "fail")
    assert "'hr'" in finding["message"]
    (home / "sources.toml").write_text(text.replace("hr", "group:hr"))
    assert console.json("sources", "apply")["added"] == ["x"]
    assert "sources.toml" in console.run("sources", "remove", "x").stderr
    (home / "sources.toml").unlink()
    assert console.run("doctor", "--only", "sources").exit_code == 0
