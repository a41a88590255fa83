"""What leaves a transaction after its commit: calls for this node's settlement worker, texts for its sender."""

from __future__ import annotations

from collections.abc import Callable

from smsgw.domain.calls import ProviderCall
from smsgw.domain.sms import OutboundSms
from smsgw.store.batch import Job

OnCall = Callable[[ProviderCall], None]
OnSms = Callable[[OutboundSms], None]


class Handover:
    """Gives committed rows to whoever has subscribed; without a subscriber they wait to be claimed."""

    __slots__ = ("_on_call", "_on_sms")

    def __init__(self) -> None:
        self._on_call: OnCall | None = None
        self._on_sms: OnSms | None = None

    def subscribe(self, on_call: OnCall, on_sms: OnSms) -> None:
        """From now on give calls and texts to these; they are called on the event loop and must not block."""
        self._on_call, self._on_sms = on_call, on_sms

    def give(self, job: Job) -> None:
        """Hand over what a committed job has written."""
        if self._on_call is not None:
            for call in job.calls:
                self._on_call(call)
        if self._on_sms is not None:
            for sms in job.texts:
                self._on_sms(sms)
