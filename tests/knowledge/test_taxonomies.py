from __future__ import annotations

import re
import subprocess
import sys

import pytest

from aisecops.checks import load_all
from aisecops.core.errors import UserError
from aisecops.core.taxonomy import Reference
from aisecops.knowledge import taxonomies

COUNTS = {
    ("cwe", "4.20"): 969,
    ("mitre-atlas", "5.6.0"): 16 + 101 + 69 + 35,  # tactics, techniques, sub-techniques, mitigations
    ("nist-ai-100-2", "E2025"): 5 + 25,  # violations, attacks
    ("owasp-agentic", "2026"): 10,
    ("owasp-agentic", "threats-1.1"): 17,
    ("owasp-llm", "1.1"): 10,
    ("owasp-llm", "2025"): 10,
    ("owasp-llm", "2026"): 10,
    ("owasp-ml", "2023"): 10,
}
"""What each framework publishes; docs/taxonomies.md says where the numbers come from."""

FORMS = {
    "cwe": r"CWE-[1-9]\d{0,3}",
    "mitre-atlas": r"AML\.(TA\d{4}|T\d{4}(\.\d{3})?|M\d{4})",
    "nist-ai-100-2": r"NISTAML\.0[1-5]\d?",
    "owasp-agentic": r"ASI(0\d|10)|T\d{1,2}",
    "owasp-llm": r"LLM(0\d|10)",
    "owasp-ml": r"ML(0\d|10)",
}


def all_entries():
    return [entry for release in taxonomies.frameworks() for entry in taxonomies.entries(release.framework, release.version)]


def test_the_releases_that_ship_are_these():
    assert {(release.framework, release.version) for release in taxonomies.frameworks()} == set(COUNTS)


@pytest.mark.parametrize(("framework", "version"), COUNTS)
def test_a_release_is_whole(framework, version):
    (release,) = [r for r in taxonomies.frameworks() if (r.framework, r.version) == (framework, version)]
    found = taxonomies.entries(framework, version)
    assert release.complete
    assert release.count == len(found) == COUNTS[framework, version]
    assert len({entry.id for entry in found}) == len(found)
    assert all(re.fullmatch(FORMS[framework], entry.id) for entry in found)


def test_atlas_has_the_parts_that_its_release_notes_count():
    ids = [entry.id for entry in taxonomies.entries("mitre-atlas", "5.6.0")]
    kinds = {"tactic": r"AML\.TA\d+", "technique": r"AML\.T\d+", "sub": r"AML\.T\d+\.\d+", "mitigation": r"AML\.M\d+"}
    assert {kind: sum(bool(re.fullmatch(form, key)) for key in ids) for kind, form in kinds.items()} == {
        "tactic": 16,
        "technique": 101,
        "sub": 69,
        "mitigation": 35,
    }
    assert {key.rsplit(".", 1)[0] for key in ids if re.fullmatch(kinds["sub"], key)} <= set(ids)


def test_every_entry_has_a_title_and_a_page():
    for entry in all_entries():
        assert entry.title == entry.title.strip() != ""
        assert entry.title.isprintable()
        assert re.fullmatch(r"https://[\w./-]+", entry.url)


def test_titles_tell_the_entries_of_a_release_apart():
    for framework, version in COUNTS:
        titles = [entry.title for entry in taxonomies.entries(framework, version)]
        assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("framework", "version", "id", "title", "url"),
    [
        ("cwe", "4.20", "CWE-502", "Deserialization of Untrusted Data", "https://cwe.mitre.org/data/definitions/502.html"),
        ("mitre-atlas", "5.6.0", "AML.T0011.000", "User Execution: Unsafe AI Artifacts", "https://atlas.mitre.org/techniques/AML.T0011.000"),
        ("mitre-atlas", "5.6.0", "AML.TA0002", "Reconnaissance", "https://atlas.mitre.org/tactics/AML.TA0002"),
        ("mitre-atlas", "5.6.0", "AML.M0013", "Code Signing", "https://atlas.mitre.org/mitigations/AML.M0013"),
        ("nist-ai-100-2", "E2025", "NISTAML.033", "Membership inference", "https://csrc.nist.gov/pubs/ai/100/2/e2025/final"),
    ],
)
def test_an_entry_says_what_it_is_and_where_to_read_on(framework, version, id, title, url):
    assert taxonomies.entry(Reference(framework, version, id)) == taxonomies.Entry(framework, version, id, title, url)


def test_the_words_of_owasp_are_not_copied():
    """CC BY-SA 4.0 would pass on to us: these are the titles of the framework, and none of ours is one of them."""
    theirs = {
        "prompt injection", "insecure output handling", "training data poisoning", "model denial of service", "supply chain vulnerabilities",
        "sensitive information disclosure", "insecure plugin design", "excessive agency", "overreliance", "model theft", "supply chain",
        "data and model poisoning", "improper output handling", "system prompt leakage", "vector and embedding weaknesses", "misinformation",
        "unbounded consumption", "hidden context exposure", "input manipulation attack", "data poisoning attack", "model inversion attack",
        "membership inference attack", "ai supply chain attacks", "transfer learning attack", "model skewing", "output integrity attack",
        "model poisoning", "agent goal hijack", "tool misuse and exploitation", "identity and privilege abuse", "unexpected code execution",
        "agentic supply chain vulnerabilities", "memory and context poisoning", "insecure inter-agent communication", "cascading failures",
        "human-agent trust exploitation", "rogue agents", "memory poisoning", "tool misuse", "privilege compromise", "resource overload",
        "cascading hallucination attacks", "human manipulation", "agent communication poisoning", "supply chain compromise",
    }  # fmt: skip
    own = [release for release in taxonomies.frameworks() if release.framework.startswith("owasp-")]
    assert len(own) == 6
    assert all(release.own_words for release in own)
    assert not {e.title.lower() for r in own for e in taxonomies.entries(r.framework, r.version)} & theirs


def test_the_terms_of_the_frameworks_travel_with_their_data():
    notices = {release.framework: release.notice for release in taxonomies.frameworks()}
    assert "The MITRE Corporation" in notices["cwe"]
    assert "hereby grants you a non-exclusive, royalty-free license" in notices["cwe"]
    assert "Apache License, Version 2.0" in notices["mitre-atlas"]


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (Reference("cwe", "4.20", "CWE-999999"), "no entry 'CWE-999999'"),
        (Reference("cwe", "3.0", "CWE-502"), "no release '3.0' of 'cwe'.*cwe-4.20"),
        (Reference("stride", "1", "S"), "no release '1' of 'stride'"),
        (Reference("../policies/baseline", "1", "x"), "no release"),
        (Reference("../taxonomies/cwe", "4.20", "CWE-502"), "no release"),
        (Reference("", "", ""), "no release"),
    ],
)
def test_what_is_not_known_is_refused(ref, message):
    assert not taxonomies.known(ref)
    with pytest.raises(UserError, match=message):
        taxonomies.entry(ref)


def test_a_release_that_is_not_known_has_no_entries():
    assert taxonomies.entries("cwe", "0") == ()


def test_every_entry_is_known():
    assert all(taxonomies.known(Reference(e.framework, e.version, e.id)) for e in all_entries())


def test_every_reference_of_every_check_is_known_and_in_force():
    checks = load_all().checks.values()
    assert checks
    unknown = sorted({(check.id, ref) for check in checks for ref in check.refs if not taxonomies.known(ref)})
    assert unknown == []
    withdrawn = [(check.id, ref.id) for check in checks for ref in check.refs if "DEPRECATED" in taxonomies.entry(ref).title]
    assert withdrawn == []


def test_importing_the_module_reads_no_data():
    """A scan that refers to entries by id must not pay for their titles."""
    code = (
        "import sys; opened = []; sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None);"
        "import aisecops.knowledge.taxonomies; print([name for name in opened if name.endswith('.json')])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
