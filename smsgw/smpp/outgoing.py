"""How a text of ours becomes submit_sm, and what the SMSC's answer means for it."""

from __future__ import annotations

from typing import Final

from smsgw.domain.sms import NotSubmitted, SubmitOutcome, SubmitRefused, Submitted, SubmitUnknown
from smsgw.smpp.constants import Npi, RegisteredDelivery, Status, Ton
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.policy import Then, reaction_to
from smsgw.smpp.receipts import submitted_key
from smsgw.smpp.segments import split
from smsgw.smpp.tlv import Tlvs

# SMPP 3.4, 7.1.1.2: a relative validity has two digits for days; longer lives are the SMSC's own default.
VALIDITY_S_MAX: Final = 63 * 24 * 3600


def submit_fields(
    text: str, to: str, validity_s: int, reference: int, settings: LinkSettings
) -> list[tuple[dict[str, FieldValue], Tlvs]]:
    """Make the fields and parameters of each submit_sm that carries *text*; one, as long as the text fits a segment."""
    return [
        (
            {
                "source_addr_ton": settings.source_ton,
                "source_addr_npi": settings.source_npi,
                "source_addr": settings.source.encode("latin-1"),
                "dest_addr_ton": Ton.INTERNATIONAL,
                "dest_addr_npi": Npi.ISDN,
                "destination_addr": to.removeprefix("+").encode("ascii"),
                "esm_class": segment.esm_class,
                "validity_period": relative_validity(validity_s),
                "registered_delivery": RegisteredDelivery.SUCCESS_OR_FAILURE,
                "data_coding": segment.data_coding,
                "short_message": segment.short_message,
            },
            segment.tlvs,
        )
        for segment in split(text, settings.alphabet, settings.long_texts, reference)
    ]


def relative_validity(validity_s: int) -> bytes:
    """A relative validity_period, `YYMMDDhhmmss000R`: relative, because the two clocks differ (SMPP 3.4, 7.1.1.2)."""
    left = min(max(1, validity_s), VALIDITY_S_MAX)
    minutes, seconds = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    months, days = divmod(days, 30)
    return f"00{months:02d}{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R".encode()


def outcome_of(response: Pdu, settings: LinkSettings) -> SubmitOutcome:
    """Read a submit_sm_resp (or the generic_nack in its place)."""
    if response.status == Status.ESME_ROK:
        message_id = response.octets("message_id").decode("latin-1")
        return Submitted(submitted_key(message_id, settings.message_id_form))
    reaction = reaction_to(response.status, settings.statuses)
    return SubmitRefused(response.status, temporary=reaction.then is not Then.FAIL, retry_after_s=reaction.wait_s)


def worst_of(outcomes: list[SubmitOutcome]) -> SubmitOutcome:
    """What several segments come to: the first that is not simply submitted, else the first id.

    Of a text that has left in part, "not submitted" is not true: unknown is.
    """
    worst = next((outcome for outcome in outcomes if not isinstance(outcome, Submitted)), outcomes[0])
    is_partial = isinstance(worst, NotSubmitted) and worst != outcomes[0]
    return SubmitUnknown() if is_partial else worst
