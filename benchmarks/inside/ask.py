"""Asks the project in this process, through all of its middleware, and counts its queries.

Takes a list of ``load.Question``. Returns for each the ``status``, the ``queries`` without those
that begin and end transactions, the ``body``, and for a GET the ``plan`` of the last query: the
types of its nodes with the tables and indexes they read.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def ask(question: dict[str, Any]) -> dict[str, Any]:
    client = Client(headers={"authorization": f"Bearer {question['token']}"})
    with CaptureQueriesContext(connection) as captured:
        response = client.generic(
            question["method"],
            question["path"],
            b"" if question["body"] is None else json.dumps(question["body"]).encode(),
            content_type="application/json",
            secure=True,
            headers={"host": settings.ALLOWED_HOSTS[0], "x-forwarded-proto": "https"},
        )
    queries = [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(TRANSACTION)
    ]
    reads = question["method"] == "GET"
    return {
        "status": response.status_code,
        "queries": queries,
        "body": response.content.decode(),
        "plan": list(plan_of(queries[-1])) if reads else [],
    }


def plan_of(query: str) -> Iterator[str]:
    """https://www.postgresql.org/docs/current/sql-explain.html"""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
        [[plans]] = cursor.fetchall()
    nodes = [plans[0]["Plan"]]
    for node in nodes:
        nodes += node.get("Plans", [])
        index = node.get("Index Name")
        using = f"using {index}" if index else ""
        yield " ".join(filter(None, [node["Node Type"], node.get("Relation Name"), using]))


if __name__ == "__main__":
    print(json.dumps([ask(question) for question in json.load(sys.stdin)]))
