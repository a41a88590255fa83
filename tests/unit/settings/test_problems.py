"""A problem reads as one line."""

from smsgw.settings.problems import ConfigurationError, Problem


def test_one_line_a_problem() -> None:
    problems = [Problem("a.toml", "x.y", "too big"), Problem("b.toml", "", "is no TOML")]

    assert str(ConfigurationError(problems)) == "a.toml: x.y: too big\nb.toml: is no TOML"
