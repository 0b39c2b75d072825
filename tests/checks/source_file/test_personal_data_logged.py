"""What must not be written down, and what may."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisecops.codebase.disclosure.names import is_of_a_person, kind_of
from aisecops.workflows.scan import ScanRequest, scan
from tests.checks.source_file.marked import wrong


def test_secrets_personal_data_and_prompts_in_logs_are_found_and_no_counts(tmp_path: Path) -> None:
    assert wrong("logs", tmp_path, "personal-data-logged") == []


def test_what_is_logged_does_not_enter_the_record(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import logging\npassword = input()\nlogging.info('login with hunter22 %s', password)\n")
    (finding,) = scan(ScanRequest(paths=(str(tmp_path),), jobs=1, cache=False, select=("source-file/personal-data-logged",))).findings
    assert "hunter22" not in repr(finding)
    assert finding.evidence["names"] == ["password"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("api_key", "secret"),
        ("OPENAI_API_KEY", "secret"),
        ("accessToken", "secret"),
        ("X-API-Key", "secret"),
        ("api_key_name", ""),
        ("max_tokens", ""),
        ("token", ""),
        ("password_length", ""),
        ("email", "personal"),
        ("patientName", "personal"),
        ("email_template", ""),
        ("phone_model", ""),
        ("user_prompt", "prompt"),
        ("messages", "prompt"),
        ("prompt_tokens", ""),
        ("prompt_id", ""),
        ("message", ""),
        ("prompt", "prompt"),
        ("upgrade_prompt", ""),
        ("full_name", ""),
    ],
)
def test_names_tell_what_a_value_is(name: str, kind: str) -> None:
    assert kind_of(name, from_outside=False) == kind


def test_what_somebody_sends_to_a_service_is_a_prompt_by_a_weaker_name() -> None:
    assert kind_of("message", from_outside=True) == "prompt"
    assert kind_of("item_id", from_outside=True) == ""


def test_a_full_name_is_personal_where_it_is_a_persons() -> None:
    assert is_of_a_person("full_name", "patient")
    assert not is_of_a_person("full_name", "extension")
