"""The taxonomy entries that several checks refer to, each in the release that ``aisecops.knowledge.taxonomies`` ships."""

from __future__ import annotations

from aisecops.core.taxonomy import Reference

_ATLAS = "5.6.0"
_CWE = "4.20"

UNSAFE_ARTIFACT = Reference("mitre-atlas", _ATLAS, "AML.T0011.000")
MODEL_SUPPLY_CHAIN = Reference("mitre-atlas", _ATLAS, "AML.T0010.003")
EMBEDDED_MALWARE = Reference("mitre-atlas", _ATLAS, "AML.T0018.002")
OWASP_ML_SUPPLY_CHAIN = Reference("owasp-ml", "2023", "ML06")
OWASP_LLM_SUPPLY_CHAIN = Reference("owasp-llm", "2025", "LLM03")

DESERIALIZATION = Reference("cwe", _CWE, "CWE-502")
UNTRUSTED_FUNCTIONALITY = Reference("cwe", _CWE, "CWE-829")
CODE_DOWNLOAD = Reference("cwe", _CWE, "CWE-494")
INTERPRETATION_CONFLICT = Reference("cwe", _CWE, "CWE-436")
PATH_TRAVERSAL = Reference("cwe", _CWE, "CWE-22")
DATA_AMPLIFICATION = Reference("cwe", _CWE, "CWE-409")
HIDDEN_FUNCTIONALITY = Reference("cwe", _CWE, "CWE-912")
WRONG_FILE_TYPE = Reference("cwe", _CWE, "CWE-351")

MODEL_FILE_REFS = (DESERIALIZATION, UNSAFE_ARTIFACT, MODEL_SUPPLY_CHAIN, OWASP_ML_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN)
