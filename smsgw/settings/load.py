"""Reading a configuration: four files and the environment in, one checked value out.

All mistakes are collected before anything is refused, so that one look at the list mends them all. Where a mistake
hides what others need, they are judged by a stand-in.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from smsgw.domain.catalogue import Catalogue
from smsgw.domain.money import CURRENCIES, Money, money
from smsgw.domain.secret import Secret
from smsgw.parser.words import Lexicon
from smsgw.replies.check import check
from smsgw.replies.texts import ReplyTexts
from smsgw.service.rules import Allowance, Limits, Rules
from smsgw.sessions.codes import CodePolicy
from smsgw.sessions.keys import Keyring
from smsgw.settings.catalogue import ProviderSection, read_providers
from smsgw.settings.links import link_settings
from smsgw.settings.problems import ConfigurationError, Problem, problems_of
from smsgw.settings.sections import AllowanceSection, LimitsSection, LinkSection, Settings
from smsgw.smpp.link_settings import LinkSettings

KEY_OCTETS: Final = 32
# Enough of a digest to tell keys apart in rows and logs; it says nothing of the key.
KEY_ID_LENGTH: Final = 8
TOKEN_LENGTH_MIN: Final = 16
PROVIDERS, WORDS, REPLIES = COMPANIONS = "providers.toml", "words.toml", "replies.toml"
VARIABLE: Final = "SMSGW_"
ENVIRONMENT: Final = "environment"
# Judge words and replies where smsgw.toml cannot be used: the values that make the fewest mistakes of them.
ANY_NUMBER: Final = "000"
ANY_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that the composition root needs."""

    settings: Settings
    rules: Rules
    texts: ReplyTexts
    links: Mapping[str, LinkSettings]
    providers: Mapping[str, ProviderSection]
    secrets: Mapping[str, Secret[str]]
    token: Secret[str]
    operators: Mapping[str, str] = field(repr=False)


def load(path: Path, environment: Mapping[str, str]) -> Configuration:
    """Read `smsgw.toml` at *path* and its three companions beside it.

    Raises:
        ConfigurationError: with every mistake that was found. What the protocols of its `providers` think of their
            tables is still to be asked (`app.provider_problems`).
    """
    reader = _Reader(path, environment)
    configuration = reader.read()
    if configuration is None or reader.problems:
        raise ConfigurationError(sorted(reader.problems, key=_place), reader.providers)
    return configuration


class _Reader:
    """Collects problems while it reads."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path = path
        self._environment = environment
        self.problems: list[Problem] = []
        self.providers: Mapping[str, ProviderSection] = {}

    def read(self) -> Configuration | None:
        settings = self._settings()
        sections, problems = read_providers(self._table(PROVIDERS), self._path.parent / PROVIDERS)
        self.problems += problems
        self.providers = sections
        secrets = {name: self._secret(PROVIDERS, f"{name}.secret_env", s.secret_env) for name, s in sections.items()}
        catalogue = Catalogue(tuple(section.payee(name) for name, section in sections.items()))
        lexicon = self._lexicon(catalogue, settings)
        texts = self._texts(settings)
        if settings is None:
            return None
        keyring = self._keyring(settings)
        links = {
            name: link for name, section in settings.links.items() if (link := self._link(name, section, settings))
        }
        token = self._token(settings)
        operators = self._operators(settings, token)
        limits = self._limits(settings)
        four_eyes_above = self._four_eyes_above(settings)
        if lexicon is None or texts is None or keyring is None or limits is None or four_eyes_above is None:
            return None
        rules = _rules(settings, catalogue, lexicon, keyring, _Sums(limits, four_eyes_above))
        return Configuration(
            settings=settings,
            rules=rules,
            texts=texts,
            links=links,
            providers=sections,
            secrets=secrets,
            token=token,
            operators=operators,
        )

    def _problem(self, file: str, key: str, reason: str) -> None:
        self.problems.append(Problem(str(self._path.parent / file) if file else str(self._path), key, reason))

    def _table(self, file: str) -> Mapping[str, object]:
        try:
            return tomllib.loads((self._path.parent / file).read_text(encoding="utf-8"))
        except OSError as error:
            self._problem(file, "", f"cannot be read: {error.strerror}")
        except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, a number of a thousand digits, depth
            self._problem(file, "", f"is no TOML: {error}")
        return {}

    def _settings(self) -> Settings | None:
        before = len(self.problems)
        tables = self._table(self._path.name)
        if len(self.problems) > before:
            return None
        self._variables()

        class FromFile(Settings):
            model_config = SettingsConfigDict(toml_file=self._path)

        try:
            return FromFile.model_validate({})
        except ValidationError as error:
            self.problems += [self._placed(problem) for problem in problems_of(error, str(self._path))]
            self._passwords(tables.get("links"))
        except RecursionError:
            self._problem("", "", "it is nested too deep, here or in a variable of the environment")
        return None

    def _variables(self) -> None:
        """A variable that looks like a key of ours and is none would be overlooked in silence."""
        for variable in sorted(self._environment):
            section, is_key, _ = variable.removeprefix(VARIABLE).lower().partition("__")
            if variable.startswith(VARIABLE) and is_key and section not in Settings.model_fields:
                reason = f"smsgw.toml has no section [{section}]; look for a slip of the pen"
                self.problems.append(Problem(ENVIRONMENT, variable, reason))

    def _placed(self, problem: Problem) -> Problem:
        """The problem under the name of its variable, where the value came from the environment."""
        variable = VARIABLE + problem.key.upper().replace(".", "__")
        return problem._replace(file=ENVIRONMENT, key=variable) if variable in self._environment else problem

    def _passwords(self, links: object) -> None:
        """Look for the passwords of links that could not be read whole."""
        for name, link in links.items() if isinstance(links, dict) else ():
            variable = link.get("password_env") if isinstance(link, dict) else None
            if isinstance(variable, str):
                self._secret("", f"links.{name}.password_env", variable)

    def _lexicon(self, catalogue: Catalogue, settings: Settings | None) -> Lexicon | None:
        digits = settings.otp.digits if settings else ANY_DIGITS
        try:
            return Lexicon.of(self._table(WORDS), catalogue, digits)
        except ValueError as error:
            self._problem(WORDS, "", str(error))
            return None

    def _texts(self, settings: Settings | None) -> ReplyTexts | None:
        service = settings.service if settings else None
        constants = {
            "sc": service.short_code if service else ANY_NUMBER,
            "cc": service.call_centre if service else ANY_NUMBER,
        }
        before = len(self.problems)
        tables = self._table(REPLIES)
        if len(self.problems) > before:
            return None
        try:
            texts = ReplyTexts.of(tables, constants)
        except ValueError as error:
            self._problem(REPLIES, "", str(error))
            return None
        self.problems += [Problem(p.file, p.key, p.reason) for p in check(texts, str(self._path.parent / REPLIES))]
        return texts

    def _keyring(self, settings: Settings) -> Keyring | None:
        keys = settings.keys
        if keys.master is None and keys.file is None:
            self._problem("", "keys", "a master key is needed: name a `file`, or set SMSGW_KEYS__MASTER, which wins")
            return None
        texts = [("keys", self._given(keys.master, "keys.file", keys.file))]
        texts += [("keys.previous", self._secret_file("keys.previous", file)) for file in keys.previous]
        masters = [self._master(key, text) for key, text in texts if text is not None]
        if len(masters) < len(texts) or not all(masters):
            return None
        return Keyring.from_masters({key_id(master): master for master in masters}, key_id(masters[0]))

    def _master(self, key: str, text: Secret[str]) -> bytes:
        """The octets of a master key; none, and a problem, where the text is none."""
        with suppress(ValueError):
            master = bytes.fromhex(text.reveal())
            if len(master) == KEY_OCTETS:
                return master
        reason = f"a key is {KEY_OCTETS} octets as {2 * KEY_OCTETS} hexadecimal digits; make one: openssl rand -hex 32"
        self._problem("", key, reason)
        return b""

    def _given(self, value: SecretStr | None, key: str, file: Path | None) -> Secret[str] | None:
        """A secret that was given as a value, which pydantic keeps as its own kind of secret; else that of the file."""
        return self._secret_file(key, file) if value is None else Secret(value.get_secret_value())

    def _secret_file(self, key: str, file: Path | None) -> Secret[str] | None:
        """Read a secret; None, and a problem, where others may read it too (then it is none) or nobody can."""
        if file is None:
            return None
        place = file if file.is_absolute() else self._path.parent / file
        try:
            if place.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                self._problem("", key, f"{place} can be read by others; mend it: chmod 600 {place}")
                return None
            return Secret(place.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:  # no such file, no UTF-8, no path at all
            self._problem("", key, f"{place} cannot be read: {error}")
            return None

    def _secret(self, file: str, key: str, variable: str) -> Secret[str]:
        if variable and variable not in self._environment:
            self._problem(file, key, f"the environment has no variable {variable}")
        return Secret(self._environment.get(variable, "") if variable else "")

    def _token(self, settings: Settings) -> Secret[str]:
        http = settings.http
        if http.token is None and http.token_file is None:
            self._problem(
                "", "http.token_file", "the operations API needs a token: name a file, or set SMSGW_HTTP__TOKEN"
            )
            return Secret("")
        token = self._given(http.token, "http.token_file", http.token_file)
        if token is not None and len(token) < TOKEN_LENGTH_MIN:
            self._problem(
                "", "http.token_file", f"the token has {len(token)} characters; {TOKEN_LENGTH_MIN} are the least"
            )
        return token or Secret("")

    def _operators(self, settings: Settings, token: Secret[str]) -> Mapping[str, str]:
        """The digest of each operator's token; none may be another's too, or that of [http]."""
        names = {hashlib.sha256(token.reveal().encode()).hexdigest(): "[http]"}
        for name, section in settings.operators.items():
            other = names.setdefault(section.token_sha256, name)
            if other != name:
                reason = f"this is the token of {other} too; each person has one that nobody else knows"
                self._problem("", f"operators.{name}.token_sha256", reason)
        return {name: section.token_sha256 for name, section in settings.operators.items()}

    def _four_eyes_above(self, settings: Settings) -> Money | None:
        try:
            return money(settings.money.four_eyes_above, CURRENCIES[settings.service.currency])
        except ValueError as error:
            self._problem("", "money.four_eyes_above", str(error))
            return None

    def _limits(self, settings: Settings) -> Limits | None:
        limits, before = settings.limits, len(self.problems)
        own = self._sums("limits", limits, settings.service.currency)
        levels = {
            name: own | self._sums(f"limits.levels.{name}", level, settings.service.currency)
            for name, level in limits.levels.items()
        }
        if len(self.problems) > before:
            return None
        return Limits(
            **own,
            levels={name: Allowance(**sums) for name, sums in levels.items()},
            answers_per_hour=limits.answers_per_hour,
        )

    def _sums(self, place: str, section: LimitsSection | AllowanceSection, currency: str) -> dict[str, Money]:
        """The sums that a section of limits names; what it leaves out is not there."""
        found: dict[str, Money] = {}
        for key in ("payment", "day", "month"):
            text = getattr(section, key)
            try:
                found |= {} if text is None else {key: money(text, CURRENCIES[currency])}
            except ValueError as error:
                self._problem("", f"{place}.{key}", str(error))
        return found

    def _link(self, name: str, section: LinkSection, settings: Settings) -> LinkSettings | None:
        password = self._secret("", f"links.{name}.password_env", section.password_env)
        try:
            return link_settings(name, section, password, settings.service.short_code, self._path.parent)
        except ValueError as error:
            self._problem("", f"links.{name}", str(error))
            return None


def _place(problem: Problem) -> int:
    """Where a problem stands in the list: by its file, smsgw.toml and the environment first."""
    file = Path(problem.file).name
    return COMPANIONS.index(file) + 1 if file in COMPANIONS else 0


def key_id(master: bytes) -> str:
    """The name under which rows remember which key they were made with."""
    return hashlib.sha256(b"smsgw key id" + master).hexdigest()[:KEY_ID_LENGTH]


class _Sums(NamedTuple):
    """What the rules have of sums."""

    limits: Limits
    four_eyes_above: Money


def _rules(settings: Settings, catalogue: Catalogue, lexicon: Lexicon, keyring: Keyring, sums: _Sums) -> Rules:
    return Rules(
        catalogue=catalogue,
        lexicon=lexicon,
        keyring=keyring,
        limits=sums.limits,
        four_eyes_above=sums.four_eyes_above,
        reconcile_at=time.fromisoformat(settings.settlement.reconcile_at),
        currency=CURRENCIES[settings.service.currency],
        zone=ZoneInfo(settings.service.time_zone),
        language=settings.service.language,
        code=CodePolicy(**settings.otp.model_dump()),
        regions={name: link.region for name, link in settings.links.items()},
    )


def environment() -> Mapping[str, str]:
    """The process's environment."""
    return os.environ
