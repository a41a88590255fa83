"""What is written of requests that failed."""

from __future__ import annotations

import pytest
from aiohttp.http_exceptions import BadHttpMessage

from simulator.api.problems import LOG


@pytest.mark.parametrize(("error", "count"), [(RuntimeError("ours"), 1), (BadHttpMessage("theirs"), 0)])
def test_only_a_fault_of_ours_is_written_with_its_trace(
    caplog: pytest.LogCaptureFixture, error: Exception, count: int
) -> None:
    LOG.error("Error handling request", exc_info=error)
    assert len(caplog.records) == count


def test_what_has_no_trace_is_written(caplog: pytest.LogCaptureFixture) -> None:
    LOG.error("Unhandled exception")
    assert caplog.messages == ["Unhandled exception"]
