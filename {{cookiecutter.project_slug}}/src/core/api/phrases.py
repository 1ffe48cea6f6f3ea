"""The names of statuses, the same on every Python."""

from http import HTTPStatus

# Python before 3.13 has these from older RFCs. https://www.rfc-editor.org/rfc/rfc9110#section-15.5
RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def phrase_of(status: int) -> str:
    """Return the name of ``status``, such as ``Not Found`` for 404, as RFC 9110 has it.

    Raises:
        ValueError: for a number that is no registered status.
    """
    return RENAMED.get(status) or HTTPStatus(status).phrase
