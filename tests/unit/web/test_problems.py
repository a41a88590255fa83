"""Problems carry what RFC 9457 asks for."""

from http import HTTPStatus

import pytest

from smsgw.web.problems import Problem, conflicting, missing, wrong


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (wrong("limit: 1 to 5"), HTTPStatus.UNPROCESSABLE_ENTITY),
        (missing("no_payment", "there is no payment 1"), HTTPStatus.NOT_FOUND),
        (conflicting("other_under_key", "take a new key"), HTTPStatus.CONFLICT),
    ],
)
def test_a_problem_has_all_members(problem: Problem, status: HTTPStatus) -> None:
    assert problem.document() == {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": problem.detail,
        "reason": problem.reason,
    }
