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
PROCESS_CONTROL = Reference("cwe", _CWE, "CWE-114")
DATA_AMPLIFICATION = Reference("cwe", _CWE, "CWE-409")
HIDDEN_FUNCTIONALITY = Reference("cwe", _CWE, "CWE-912")
HOMOGLYPHS = Reference("cwe", _CWE, "CWE-1007")
WRONG_FILE_TYPE = Reference("cwe", _CWE, "CWE-351")

MODEL_FILE_REFS = (DESERIALIZATION, UNSAFE_ARTIFACT, MODEL_SUPPLY_CHAIN, OWASP_ML_SUPPLY_CHAIN, OWASP_LLM_SUPPLY_CHAIN)

# What a program offers to whoever reaches it, says to whoever reads its logs, and takes from whoever it trusts
CERTIFICATE_VALIDATION = Reference("cwe", _CWE, "CWE-295")
HOST_MISMATCH = Reference("cwe", _CWE, "CWE-297")
CLEARTEXT_TRANSMISSION = Reference("cwe", _CWE, "CWE-319")
MISSING_AUTHENTICATION = Reference("cwe", _CWE, "CWE-306")
EXPOSED_RESOURCE = Reference("cwe", _CWE, "CWE-668")
ACTIVE_DEBUG_CODE = Reference("cwe", _CWE, "CWE-489")
PERMISSIVE_CROSS_DOMAIN = Reference("cwe", _CWE, "CWE-942")
WEAK_RANDOM_VALUES = Reference("cwe", _CWE, "CWE-330")
WEAK_PRNG = Reference("cwe", _CWE, "CWE-338")
COMMAND_INJECTION = Reference("cwe", _CWE, "CWE-78")
HARDCODED_CREDENTIALS = Reference("cwe", _CWE, "CWE-798")
CLEARTEXT_STORAGE = Reference("cwe", _CWE, "CWE-312")
SECRETS_IN_LOGS = Reference("cwe", _CWE, "CWE-532")
PRIVATE_DATA_EXPOSED = Reference("cwe", _CWE, "CWE-359")
EMBEDDED_MALICIOUS_CODE = Reference("cwe", _CWE, "CWE-506")
SOFTWARE_SUPPLY_CHAIN = Reference("mitre-atlas", _ATLAS, "AML.T0010.001")
PUBLIC_FACING_APPLICATION = Reference("mitre-atlas", _ATLAS, "AML.T0049")
INFERENCE_API_ACCESS = Reference("mitre-atlas", _ATLAS, "AML.T0040")
COMMAND_INTERPRETER = Reference("mitre-atlas", _ATLAS, "AML.T0050")
UNSECURED_CREDENTIALS = Reference("mitre-atlas", _ATLAS, "AML.T0055")
EXFILTRATION = Reference("mitre-atlas", _ATLAS, "AML.T0025")
REVERSE_SHELL = Reference("mitre-atlas", _ATLAS, "AML.T0072")
SENSITIVE_DISCLOSURE = Reference("owasp-llm", "2025", "LLM02")
UNBOUNDED_CONSUMPTION = Reference("owasp-llm", "2025", "LLM10")

# Language models and agents

OWASP_PROMPT_INJECTION = Reference("owasp-llm", "2025", "LLM01")
OWASP_OUTPUT_HANDLING = Reference("owasp-llm", "2025", "LLM05")
OWASP_EXCESSIVE_AGENCY = Reference("owasp-llm", "2025", "LLM06")
OWASP_UNBOUNDED_CONSUMPTION = Reference("owasp-llm", "2025", "LLM10")
AGENT_GOAL_HIJACK = Reference("owasp-agentic", "2026", "ASI01")
AGENT_TOOL_MISUSE = Reference("owasp-agentic", "2026", "ASI02")
AGENT_PRIVILEGES = Reference("owasp-agentic", "2026", "ASI03")
AGENT_SUPPLY_CHAIN = Reference("owasp-agentic", "2026", "ASI04")
AGENT_CODE_EXECUTION = Reference("owasp-agentic", "2026", "ASI05")
PROMPT_INJECTION = Reference("mitre-atlas", _ATLAS, "AML.T0051")
INDIRECT_PROMPT_INJECTION = Reference("mitre-atlas", _ATLAS, "AML.T0051.001")
AGENT_TOOL_INVOCATION = Reference("mitre-atlas", _ATLAS, "AML.T0053")
AGENT_RESOURCE_CONSUMPTION = Reference("mitre-atlas", _ATLAS, "AML.T0034.002")
AGENT_TOOL_POISONING = Reference("mitre-atlas", _ATLAS, "AML.T0110")
AGENT_EXFILTRATION = Reference("mitre-atlas", _ATLAS, "AML.T0086")
AGENT_DATA_DESTRUCTION = Reference("mitre-atlas", _ATLAS, "AML.T0101")
OUTPUT_VALIDATION = Reference("cwe", _CWE, "CWE-1426")
PROMPT_NEUTRALIZATION = Reference("cwe", _CWE, "CWE-1427")
EVAL_INJECTION = Reference("cwe", _CWE, "CWE-95")
COMMAND_INJECTION = Reference("cwe", _CWE, "CWE-78")
SQL_INJECTION = Reference("cwe", _CWE, "CWE-89")
CROSS_SITE_SCRIPTING = Reference("cwe", _CWE, "CWE-79")
REQUEST_FORGERY = Reference("cwe", _CWE, "CWE-918")
TEMPLATE_INJECTION = Reference("cwe", _CWE, "CWE-1336")
UNNECESSARY_PRIVILEGES = Reference("cwe", _CWE, "CWE-250")
MISSING_AUTHORIZATION = Reference("cwe", _CWE, "CWE-862")
NO_LIMITS = Reference("cwe", _CWE, "CWE-770")
EXCESSIVE_ITERATION = Reference("cwe", _CWE, "CWE-834")

# What a model answers to inputs that were made to mislead it
EVADE_MODEL = Reference("mitre-atlas", _ATLAS, "AML.T0015")
CRAFT_ADVERSARIAL_DATA = Reference("mitre-atlas", _ATLAS, "AML.T0043")
BLACK_BOX_OPTIMISATION = Reference("mitre-atlas", _ATLAS, "AML.T0043.001")
OWASP_ML_INPUT_MANIPULATION = Reference("owasp-ml", "2023", "ML01")
ADVERSARIAL_PERTURBATION = Reference("cwe", _CWE, "CWE-1039")
NIST_EVASION = Reference("nist-ai-100-2", "E2025", "NISTAML.022")

EVASION_REFS = (EVADE_MODEL, CRAFT_ADVERSARIAL_DATA, OWASP_ML_INPUT_MANIPULATION, ADVERSARIAL_PERTURBATION, NIST_EVASION)

# What a model gives away: who and what it was trained on, and itself

MEMBERSHIP_INFERENCE = Reference("mitre-atlas", _ATLAS, "AML.T0024.000")
MODEL_INVERSION = Reference("mitre-atlas", _ATLAS, "AML.T0024.001")
MODEL_EXTRACTION = Reference("mitre-atlas", _ATLAS, "AML.T0024.002")
OWASP_ML_INVERSION = Reference("owasp-ml", "2023", "ML03")
OWASP_ML_MEMBERSHIP = Reference("owasp-ml", "2023", "ML04")
OWASP_ML_THEFT = Reference("owasp-ml", "2023", "ML05")

# What somebody puts into training data

POISON_TRAINING_DATA = Reference("mitre-atlas", _ATLAS, "AML.T0020")
OWASP_ML_DATA_POISONING = Reference("owasp-ml", "2023", "ML02")
OWASP_LLM_DATA_POISONING = Reference("owasp-llm", "2025", "LLM04")
