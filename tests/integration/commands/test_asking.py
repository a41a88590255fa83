"""A command that asks gets `--config`, `--json` and an example from one place."""

import json
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from smsgw.commands import asking
from smsgw.commands.asking import Question
from smsgw.web.documents import Document


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    """One command, whose question is answered with where it was asked."""
    monkeypatch.setattr(asking, "ask", lambda config, _: {"config": str(config)})
    group = typer.Typer()

    @group.callback()
    def several() -> None:
        """Keep the command's name."""

    @asking.asking(group, "look", "smsgw look here --deep", lambda found: typer.echo(f"people read {found['config']}"))
    def look(place: Annotated[str, typer.Argument()], *, deep: bool = False) -> Question:
        """Look at something."""

        async def question(_: object) -> Document:
            return {"place": place, "deep": deep}

        return question

    return group


def test_people_and_programs_get_their_form(app: typer.Typer) -> None:
    runner = CliRunner()

    assert runner.invoke(app, ["look", "here"]).stdout == "people read config/smsgw.toml\n"
    told = runner.invoke(app, ["look", "here", "--deep", "--config", "other.toml", "--json"]).stdout
    assert json.loads(told) == {"config": "other.toml"}


def test_help_shows_the_docstring_and_the_example(app: typer.Typer) -> None:
    told = CliRunner().invoke(app, ["look", "--help"]).stdout
    assert "Look at something." in told
    assert "Example: smsgw look here --deep" in told


def test_wrong_usage_is_two(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["look"]).exit_code == 2
