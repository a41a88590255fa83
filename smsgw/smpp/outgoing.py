"""How a text of ours becomes submit_sm, and what the SMSC's answer means for it."""

from __future__ import annotations

from smsgw.domain.sms import Attempt, NotSubmitted, SubmitOutcome, SubmitRefused, Submitted, SubmitUnknown
from smsgw.smpp.constants import Npi, RegisteredDelivery, Status, Ton
from smsgw.smpp.link_settings import LinkSettings
from smsgw.smpp.pdu import FieldValue, Pdu
from smsgw.smpp.policy import Then, reaction_to
from smsgw.smpp.receipts import submitted_key
from smsgw.smpp.segments import split
from smsgw.smpp.tlv import Tlvs

SubmitFields = tuple[dict[str, FieldValue], Tlvs]
"""The fields and the parameters of one submit_sm."""


def submit_fields(text: str, to: str, attempt: Attempt, reference: int, settings: LinkSettings) -> list[SubmitFields]:
    """Fill each submit_sm that carries *text*; one, as long as the text fits a segment."""
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
                "validity_period": settings.validity.period(attempt.left_s, attempt.expires_at_us),
                "registered_delivery": RegisteredDelivery.SUCCESS_OR_FAILURE,
                "data_coding": segment.data_coding,
                "short_message": segment.short_message,
            },
            segment.tlvs,
        )
        for segment in split(text, settings.alphabet, settings.long_texts, reference)
    ]


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
