"""The document of the gateway's own protocol by itself, and the judge that the other tests trust."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest

from tests.contract.openapi import JSON_API, Schema, nodes


def test_the_document_is_openapi_and_every_reference_in_it_leads_somewhere() -> None:
    assert JSON_API.document["openapi"] == "3.1.0"
    assert {"info", "paths", "components"} <= set(JSON_API.document)
    assert all(JSON_API.resolved(node) for _, node in nodes(JSON_API.document) if "$ref" in node)


def test_every_operation_has_a_name_of_its_own_a_summary_and_answers() -> None:
    operations = [node for _, node in nodes(JSON_API.document) if "operationId" in node]
    assert len({operation["operationId"] for operation in operations}) == len(operations) == 5
    assert all(operation["summary"] and operation["responses"] for operation in operations)
    statuses = {status for operation in operations for status in operation["responses"]}
    assert statuses <= {str(status.value) for status in HTTPStatus}


def examples() -> Iterator[tuple[str, Schema, object]]:
    for place, node in nodes(JSON_API.document):
        if "schema" not in node:
            continue
        if "example" in node:
            yield place, node["schema"], node["example"]
        for name, example in node.get("examples", {}).items():
            yield f"{place}/{name}", node["schema"], example["value"]


@pytest.mark.parametrize(("schema", "example"), [pytest.param(s, e, id=place) for place, s, e in examples()])
def test_every_example_is_of_its_schema(schema: Schema, example: object) -> None:
    assert list(JSON_API.faults(schema, example, "example")) == []


@pytest.mark.parametrize(
    ("schema", "value", "fault"),
    [
        ("Payment", {"reference": "1", "state": "accepted", "amount": "1.00", "currency": "UZS"}, "provider_reference"),
        ("Payment", {"reference": "0", "state": "refused", "amount": "1.00", "currency": "UZS"}, "reference"),
        ("Payment", {"reference": "1", "state": "done", "amount": "1.00", "currency": "UZS"}, "state"),
        ("Payment", {"reference": "1", "state": "refused", "amount": "1,00", "currency": "UZS"}, "amount"),
        ("Payment", {"reference": "1", "state": "refused", "amount": "1.00", "currency": "UZS\n"}, "currency"),
        ("Payment", {"reference": "1", "state": "refused", "amount": "1.00", "currency": "UZS", "sum": 1}, "sum"),
        ("Order", {"account": {}, "amount": "1", "currency": "UZS"}, "account"),
        ("Order", {"account": {"account": ""}, "amount": "1", "currency": "UZS"}, "account"),
        ("Found", {"found": 1}, "found"),
        ("Statement", {"payments": [{}], "complete": True}, "payments[0].reference"),
        ("Time", "2026-11-21T14:29:49", "offset"),
    ],
)
def test_the_judge_finds_what_is_wrong(schema: str, value: object, fault: str) -> None:
    """A checker that is content with everything would prove nothing."""
    assert fault in " ".join(JSON_API.faults({"$ref": f"#/components/schemas/{schema}"}, value, "it"))
