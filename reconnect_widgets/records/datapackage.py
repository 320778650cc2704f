"""``datapackage.json``: what a program needs to read the tables without asking anybody.

Source: Frictionless Data, Data Package and Table Schema 1.0 (the profile that ``frictionless``
5 validates by default), https://specs.frictionlessdata.io.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from reconnect_widgets.records.rows import SCHEMA_VERSION
from reconnect_widgets.records.tables import TABLES, Column, Table


def encode_datapackage(
    name: str,
    tables: Iterable[Table] = TABLES,
    *,
    encoding: str = "utf-8",
) -> bytes:
    """Return the descriptor of these tables as pretty JSON."""
    package = {
        "profile": "tabular-data-package",
        "name": name,
        "version": SCHEMA_VERSION,
        "resources": [_describe_table(table, encoding) for table in tables],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _describe_table(table: Table, encoding: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_describe_column(column) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.primary_key),
    }
    if table.foreign_key:
        column, resource = table.foreign_key
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": resource, "fields": [column]}}
        ]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": table.file,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": encoding,
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
        },
        "schema": schema,
    }


def _describe_column(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "description": column.description,
    }
    if column.constraints:
        described["constraints"] = dict(column.constraints)
    return described
