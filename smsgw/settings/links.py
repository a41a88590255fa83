"""A table [links.NAME] made into the settings of a link: certificates read, names made into what they mean.

Rule: whatever is wrong is a ValueError that begins with the key and says how to mend it.
"""

from __future__ import annotations

import math
import re
import ssl
from pathlib import Path

from smsgw.domain.secret import Secret
from smsgw.settings.sections import LinkSection
from smsgw.settings.tls import client_context
from smsgw.smpp.constants import Status
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.policy import Reaction
from smsgw.smpp.session_settings import SessionSettings


def link_settings(
    name: str, section: LinkSection, password: Secret[str], short_code: str, folder: Path
) -> LinkSettings:
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
        validity=section.validity,
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
    if not section.tls:
        return None
    files = (section.tls_ca_file, section.tls_certificate_file, section.tls_key_file)
    return client_context(*(folder / file if file else None for file in files))
