"""Reading the file of `serve --config`: TOML and the environment in, the settings of a simulator out.

All mistakes are collected before anything is refused, so that one look at the list mends them all.
"""

from __future__ import annotations

import math
import ssl
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from simulator.billing.provider import BillingSetup
from simulator.configuration.problems import ConfigurationError, Problem, problems_of
from simulator.configuration.sections import (
    AccountSection,
    HttpSection,
    OperatorSection,
    ProviderSection,
    SecretSection,
    judge_password,
    judge_system_id,
    stray_routes,
)
from simulator.configuration.tls import server_context
from simulator.faults.scenario import NO_TROUBLE, Scenario
from simulator.faults.scenario_reading import find_scenario
from simulator.settings import (
    AccountRules,
    OperatorSettings,
    SimulatorSettings,
    SmscSettings,
    is_loopback,
    judge_token,
)
from simulator.smsc.fates import FateSettings
from smsgw.smpp.text import Alphabet

TABLES: Final = ("http", "operators", "providers")

Table = TypeVar("Table", bound=BaseModel)


def load(path: Path, environment: Mapping[str, str]) -> SimulatorSettings:
    """Read the file at *path*. Raises ConfigurationError with every mistake that was found."""
    reader = _Reader(path, environment)
    settings = reader.read()
    if settings is None or reader.problems:
        raise ConfigurationError(reader.problems)
    return settings


class _Reader:
    """Collects problems while it reads."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path = path
        self._environment = environment
        self.problems: list[Problem] = []

    def read(self) -> SimulatorSettings | None:
        tables = self._tables()
        if tables is None:
            return None
        http = self._section("http", tables.get("http", {}), HttpSection)
        sections = self._sections("operators", tables, OperatorSection)
        billings = self._sections("providers", tables, ProviderSection)
        if not tables.get("operators"):
            self._problem("operators", 'one at least is needed: write [operators.NAME] with listen = "127.0.0.1:2775"')
        self._find_clashes(http, sections)
        operators = [one for name, section in sections.items() if (one := self._operator(name, section))]
        providers = [setup for name, section in billings.items() if (setup := self._provider(name, section))]
        token = self._token(http) if http is not None else ""
        if http is None or self.problems:
            return None
        host, port = http.listen
        return SimulatorSettings(
            operators=tuple(operators), http_host=host, http_port=port, http_token=token, providers=tuple(providers)
        )

    def _tables(self) -> Mapping[str, Any] | None:
        try:
            tables = tomllib.loads(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            self._problem("", f"cannot be read: {error.strerror}")
            return None
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number of a thousand digits, depth
            self._problem("", f"is no TOML: {error}")
            return None
        for key in tables.keys() - set(TABLES):
            self._problem(key, f"there is no such table: there are {', '.join(TABLES)}")
        return tables

    def _problem(self, key: str, reason: str) -> None:
        self.problems.append(Problem(str(self._path), key, reason))

    def _sections(self, kind: str, tables: Mapping[str, Any], model: type[Table]) -> dict[str, Table]:
        named = tables.get(kind, {})
        if not isinstance(named, dict):
            self._problem(kind, f"a table for each is needed: write [{kind}.NAME]")
            return {}
        found = {name: self._section(f"{kind}.{name}", table, model) for name, table in named.items()}
        return {name: section for name, section in found.items() if section is not None}

    def _section(self, key: str, table: object, model: type[Table]) -> Table | None:
        try:
            return model.model_validate(table)
        except ValidationError as error:
            self.problems += problems_of(error, model, str(self._path), key)
            return None

    # What no table can know of the others.

    def _find_clashes(self, http: HttpSection | None, sections: Mapping[str, OperatorSection]) -> None:
        places = [("http.listen", http.listen)] if http is not None else []
        places += [(f"operators.{name}.listen", section.listen) for name, section in sections.items()]
        listening = ((key, f"{host}:{port}") for key, (host, port) in places if port)
        self._find_twins(listening, "listens there too: give it another port")
        prefixes = (
            (f"operators.{name}.prefixes", prefix) for name, section in sections.items() for prefix in section.prefixes
        )
        self._find_twins(prefixes, "has this prefix too: leave it to one of them")

    def _find_twins(self, values: Iterable[tuple[str, str]], clash: str) -> None:
        seen: dict[str, str] = {}
        for key, value in values:
            if value in seen:
                self._problem(key, f"{value}: {seen[value]} {clash}")
            seen.setdefault(value, key)

    # Tables made into what they mean.

    def _operator(self, name: str, section: OperatorSection) -> OperatorSettings | None:
        key, (host, port) = f"operators.{name}", section.listen
        if not section.accounts and not is_loopback(host):
            self._problem(f"{key}.accounts", f"{host} can be reached from elsewhere: name who may bind")
        for code, system_id in stray_routes(section.routes, section.accounts):
            self._problem(f"{key}.routes.{code}", f"{system_id!r} is no account: add it to [{key}.accounts]")
        smsc, tls = self._smsc(key, section), self._tls(f"{key}.tls", section)
        if self.problems:
            return None
        return OperatorSettings(
            name=name,
            prefixes=tuple(section.prefixes),
            host=host,
            port=port,
            tls=tls,
            smsc=smsc,
            gateway_window=section.gateway_window,
        )

    def _smsc(self, key: str, section: OperatorSection) -> SmscSettings:
        again = section.redelivery
        return SmscSettings(
            system_id=section.system_id,
            credentials={name: self._account(f"{key}.accounts", name, one) for name, one in section.accounts.items()},
            account_rules={
                name: AccountRules(binds=frozenset(one.binds), binds_max=one.binds_max)
                for name, one in section.accounts.items()
                if one.binds or one.binds_max
            },
            routes=section.routes,
            alphabet=Alphabet(section.alphabet),
            interface_version=section.interface_version,
            decimal_ids=section.message_ids == "decimal",
            first_id=section.first_id,
            window=section.window,
            delivery_s=section.delivery_s,
            redelivery_statuses=frozenset(again.statuses),
            redelivery_delay_s=again.delay_s,
            redelivery_growth=again.growth,
            redelivery_delay_max_s=again.delay_max_s,
            attempts_max=again.attempts_max,
            response_s=again.response_s,
            ttl_s=math.inf if again.ttl_s is None else again.ttl_s,
            receipts=section.receipts.over(FateSettings(seed=section.seed)),
            scenario=self._scenario(f"{key}.scenario", section.scenario),
            seed=section.seed,
        )

    def _scenario(self, key: str, word: str) -> Scenario:
        """A ready scenario by its name, or one of a file; relative paths start where this file is."""
        try:
            is_file = (self._path.parent / word).is_file()
            return find_scenario(str(self._path.parent / word) if is_file else word) if word else NO_TROUBLE
        except (ValueError, OSError) as error:
            self._problem(key, str(error))
            return NO_TROUBLE

    def _account(self, key: str, name: str, section: AccountSection) -> str:
        password = self._secret(f"{key}.{name}", section)
        self._judge(f"{key}.{name}", judge_system_id, name)
        self._judge(f"{key}.{name}.password_env", judge_password, password)  # nobody has looked there yet
        return password

    def _judge(self, key: str, judge: Callable[[str], None], value: str) -> None:
        try:
            judge(value)
        except ValueError as error:
            self._problem(key, str(error))

    def _secret(self, key: str, section: SecretSection) -> str:
        variable = section.password_env
        return self._variable(f"{key}.password_env", variable) if variable else section.password

    def _variable(self, key: str, name: str) -> str:
        if name not in self._environment:
            self._problem(key, f"the environment has no variable {name}: set it")
        return self._environment.get(name, "")

    def _tls(self, key: str, section: OperatorSection) -> ssl.SSLContext | None:
        if section.tls is None:
            return None
        folder, tls = self._path.parent, section.tls
        files = [folder / file if file else None for file in (tls.key, tls.clients)]
        try:
            return server_context(folder / tls.certificate, *files)
        except OSError as error:
            self._problem(key, str(error))
            return None

    def _provider(self, name: str, section: ProviderSection) -> BillingSetup | None:
        key = f"providers.{name}"
        password = self._secret(key, section)
        try:
            return BillingSetup(
                name=name,
                protocol=section.protocol,
                login=section.login,
                password=password,
                dedupes=section.dedupes,
                duplicate_checked_first=section.duplicate_checked_first,
            )
        except ValueError as error:
            self._problem(key, str(error))
            return None

    def _token(self, http: HttpSection) -> str:
        key, variable = "http.token_env", http.token_env
        if not variable:
            if not is_loopback(http.listen[0]):
                self._problem(key, f"{http.listen[0]} can be reached from elsewhere: name the variable with a token")
            return ""
        token = self._variable(key, variable)
        if variable in self._environment:
            self._judge(key, judge_token, token)
        return token
