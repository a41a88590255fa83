"""A table [links.NAME] made into the settings of a link: certificates read, names made into what they mean.

Rule: whatever is wrong is a ValueError that begins with the key and says how to mend it.
"""

from __future__ import annotations

import math
import re
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from smsgw.settings.sections import LinkSection
from smsgw.smpp.constants import Status
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.policy import Reaction
from smsgw.smpp.session_settings import SessionSettings

Value = TypeVar("Value")


def link_settings(name: str, section: LinkSection, password: str, short_code: str, folder: Path) -> LinkSettings:
    """Make the settings of link *name*; relative paths start at *folder*. Raises ValueError."""
    return LinkSettings(
        name=name,
        host=section.host,
        port=section.port,
        system_id=section.system_id,
        password=password,
        system_type=section.system_type,
        bind=section.bind,
        sessions=section.sessions,
        rate=section.rate,
        source=short_code,
        source_ton=section.source_ton,
        source_npi=section.source_npi,
        alphabet=section.alphabet,
        long_texts=section.long_texts,
        message_id_form=section.message_id_form,
        receipt_pattern=re.compile(section.receipt_pattern, re.IGNORECASE) if section.receipt_pattern else None,
        retry_status=_status(section.retry_status),
        statuses={_status(name): Reaction(row.then, row.wait_s) for name, row in section.statuses.items()},
        timestamp_tlv=section.timestamp_tlv,
        prefixes=section.prefixes,
        connect_s=section.connect_s,
        tls=_tls(section, folder),
        session=_session(section),
    )


def _status(name: str) -> int:
    return int(name) if name.isdigit() else Status[name]


def _session(section: LinkSection) -> SessionSettings:
    return SessionSettings(
        window=section.window,
        inbound_window=section.inbound_window,
        session_init_s=section.session_init_s,
        enquire_link_interval_s=section.enquire_link_s,
        enquire_link_timeout_s=section.enquire_link_response_s,
        inactivity_s=section.inactivity_s or math.inf,
        response_s=section.response_s,
        pdu_read_s=section.pdu_read_s,
    )


def _tls(section: LinkSection, folder: Path) -> ssl.SSLContext | None:
    """TLS that verifies the SMSC's certificate and its host name, with a certificate of our own where one is named."""
    if not section.tls:
        return None
    if section.tls_ca_file is None:
        context = ssl.create_default_context()
    else:
        place = folder / section.tls_ca_file
        context = _read("tls_ca_file", place, lambda: ssl.create_default_context(cafile=place))
    if section.tls_certificate_file is not None:
        _load_ours(context, folder / section.tls_certificate_file, folder / (section.tls_key_file or ""))
    return context


def _load_ours(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Load our certificate and its key, which may stand in one file; *key* is a folder then."""
    secret = certificate if key.is_dir() else key
    name = "tls_certificate_file" if key.is_dir() else "tls_key_file"
    if _read(name, secret, secret.stat).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ValueError(f"{name}: {secret} can be read by others; mend it: chmod 600 {secret}")
    _read("tls_certificate_file", certificate, certificate.stat)
    _read(name, secret, lambda: context.load_cert_chain(certificate, secret, password=_no_passphrase))


def _no_passphrase() -> str:
    """Nobody is there to type one: without this, OpenSSL would ask at the terminal and wait."""
    raise ValueError("the key has a passphrase; store it without one, readable by its owner only")


def _read(key: str, place: Path, read: Callable[[], Value]) -> Value:
    try:
        return read()
    except (OSError, ValueError) as error:
        raise ValueError(f"{key}: {place}: {getattr(error, 'strerror', None) or error}") from None
