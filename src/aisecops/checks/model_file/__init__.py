"""Model files: what loading one would do, without loading it."""

from aisecops.checks.model_file import (
    archive_escape,
    code_execution,
    computed_callable,
    file_operator,
    function_by_value,
    loader_supplied,
    mislabelled,
    parser_disagreement,
    resource_bomb,
    stored_callable,
    subject,
    unaccounted_bytes,
    unexamined,
    unknown_callable,
)

__all__ = [
    "archive_escape",
    "code_execution",
    "computed_callable",
    "file_operator",
    "function_by_value",
    "loader_supplied",
    "mislabelled",
    "parser_disagreement",
    "resource_bomb",
    "stored_callable",
    "subject",
    "unaccounted_bytes",
    "unexamined",
    "unknown_callable",
]
