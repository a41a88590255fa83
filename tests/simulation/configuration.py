"""The configuration of the simulated gateway: the shipped words and replies, two payees, one link."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from smsgw.settings.load import Configuration, load

SHORT_CODE: Final = "1400"
PORT: Final = 2775
LINK: Final = "operator"
CODE_TTL_S: Final = 120
MASTER: Final = bytes(range(32)).hex()
TOKEN: Final = "token-of-the-operations-api"
SETTINGS: Final = f"""
[service]
short_code = "{SHORT_CODE}"
call_centre = "8001003900"
language = "en"
[store]
url = "sqlite:///none.sqlite"
[otp]
ttl_s = {CODE_TTL_S}
[links.{LINK}]
host = "127.0.0.1"
port = {PORT}
system_id = "smsgw"
password_env = "SMSC_PASSWORD"
bind = "transceiver"
region = "UZ"
[limits]
answers_per_hour = 60
"""
PAYEES: Final = ("alpha", "beta")
PAYEE: Final = """
[{name}]
title = "{title}"
category = "internet"
protocol = "json"
url = "http://127.0.0.1:1/"
amount = {{ min = "500", max = "5000000", step = "1" }}
fee = {{ fixed = "0", percent = "{percent}" }}
[[{name}.account]]
pattern = "[0-9]{{6}}"
example = "100001"
"""
ENVIRONMENT: Final = {"SMSC_PASSWORD": "simpass"}


@cache
def configuration() -> Configuration:
    """Read it, once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "smsgw.toml").write_text(
            SETTINGS + f'[keys]\nmaster = "{MASTER}"\n[http]\ntoken = "{TOKEN}"\n', encoding="utf-8"
        )
        payees = "".join(
            PAYEE.format(name=name, title=name.upper(), percent=percent)
            for name, percent in zip(PAYEES, ("0", "1"), strict=True)
        )
        (folder / "providers.toml").write_text(payees, encoding="utf-8")
        for file in ("words.toml", "replies.toml"):
            (folder / file).write_text(Path("config", file).read_text(encoding="utf-8"), encoding="utf-8")
        return load(folder / "smsgw.toml", ENVIRONMENT)
