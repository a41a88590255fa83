"""`smsgw check`, `smsgw migrate`: before the running service."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from smsgw.commands.terminal import CONFIG, ConfigOption, JsonOption, err, print_json, say, table
from smsgw.domain.secret import Secret
from smsgw.providers.http import HttpClient
from smsgw.settings.catalogue import ProviderSection
from smsgw.settings.load import Configuration, environment, load
from smsgw.settings.problems import ConfigurationError, Problem
from smsgw.store.migrate import migrate as migrate_store
from smsgw.wiring import build_providers

ANY_SECRET: Final = "any"  # noqa: S105 -- stands for a provider's secret where only its table is judged


def check(config: ConfigOption = CONFIG, *, as_json: JsonOption = False) -> None:
    """Read every file, and say all that is wrong: each mistake with its file, its key and how to mend it."""
    try:
        configuration = _checked(config)
    except ConfigurationError as error:
        if as_json:
            print_json({"good": False, "problems": [problem._asdict() for problem in error.problems]})
        raise
    if as_json:
        print_json(_summary(configuration))
    else:
        _describe(configuration)


def migrate(config: ConfigOption = CONFIG) -> None:
    """Make the tables, or bring them up to date. `smsgw run` does it too; this is for whoever wants to see it alone."""
    url = load(config, environment()).settings.store.url.get_secret_value()
    with err().status("Bringing the tables up to date ..."):
        migrate_store(url)
    say("The tables are up to date.")


def _checked(config: Path) -> Configuration:
    try:
        configuration = load(config, environment())
    except ConfigurationError as error:
        problems = [*error.problems, *_problems_of_providers(config, error.providers)]
        raise ConfigurationError(problems) from error
    problems = _problems_of_providers(config, configuration.providers)
    if problems:
        raise ConfigurationError(problems)
    return configuration


def _problems_of_providers(config: Path, sections: Mapping[str, ProviderSection]) -> list[Problem]:
    """What the protocols think of their tables. That a secret is missing has been said before."""
    try:
        asyncio.run(_try_providers(sections))
    except ConfigurationError as error:
        return [problem._replace(file=str(config.with_name(problem.file))) for problem in error.problems]
    return []


async def _try_providers(sections: Mapping[str, ProviderSection]) -> None:
    async with HttpClient() as http:
        build_providers(
            sections, {name: Secret(ANY_SECRET if s.secret_env else "") for name, s in sections.items()}, http
        )


def _summary(configuration: Configuration) -> dict[str, object]:
    return {
        "good": True,
        "short_code": configuration.settings.service.short_code,
        "links": list(configuration.links),
        "providers": {name: section.protocol for name, section in configuration.providers.items()},
    }


def _describe(configuration: Configuration) -> None:
    rules = configuration.rules
    links = ", ".join(f"{name} ({link.host}:{link.port})" for name, link in configuration.links.items())
    say(f"[green]good[/green]: short code {configuration.settings.service.short_code}, links {links}")
    rows = (
        (rule.provider.title, configuration.providers[rule.provider.name].protocol, rule.example)
        for rule in dict.fromkeys(rules.lexicon.rules.values())
    )
    table(("provider", "protocol", "a payment looks like"), rows)
