"""Names of what should not be written down: secrets, personal data, what people ask a model."""

from __future__ import annotations

import re

_KEYS = (
    r"(^|_)(passwords?|passwd|pwd|passphrase|(api|access|secret|private|signing|encryption|account|openai|anthropic|service|master|storage)_?keys?|apikey|secrets?|client_secret"
    r"|(auth|access|refresh|bearer|id|session|hf|huggingface|github|gitlab|slack|bot|openai|wandb|api|security|csrf|jwt|oauth|personal_access|reset)_?tokens?|jwt|bearer|authorization"
    r"|credentials?|creds|connection_?string|conn_str|otp|pin_code|cookies?|set_cookie|private_key_pem)$"
)
_PERSONAL = (
    r"(^|_)(e_?mails?|email_?address(es)?|mail_address|phone|phone_?(number|no)s?|mobile(_number)?|telephone|ssn|social_?security(_?(number|no))?|national_?id|tax_?id|passport(_?(number|no))?"
    r"|driver_?s?_?licen[sc]e|credit_?card(_?number)?|card_?(number|no)|cc_?num(ber)?|cvv|cvc|iban|account_?number|bank_?account|date_?of_?birth|dob|birth_?(date|day)|birthday"
    r"|(home|street|postal|mailing|billing|shipping)_?address|first_?name|last_?name|sur_?name|maiden_name|patient(_?(name|record|data|info|notes?))?|diagnos[ie]s|mrn"
    r"|medical_?(record(_number)?|history|notes?)|health_?(record|data)|clinical_?notes?|salary|biometrics?|ethnicity|religion|sexual_orientation|pii|personal_(data|info|information))$"
)
_PROMPT = (
    r"((^|_)(user|customer|client|chat|human|raw|full|final|system)_(prompts?|messages?|inputs?|quer(y|ies)|questions?|utterance)"
    r"|(^|_)(user|customer|client|chat|human)_(texts?|content)|chat_?(history|log|messages?)"
    r"|^prompts?|(^|_)(llm|model|input|formatted|rendered|complete|enhanced|augmented|rag|original|text|image|negative)_prompts?"
    r"|(^|_)(conversation(_history)?|message_history|messages|dialogue|utterance))$"
)
_PERHAPS_PROMPT = (
    r"(^|_)(message|msg|query|question|text|input|inputs|content|history|body|payload|data|req|request_body|request_data|user_data|utterance|comment|note|document|event"
    r"|instruction)$"
)
"""Names that say it of what a person has sent to a service."""
_OTHER = (
    r"(^|_)(n|num|count|counts|len|length|size|id|ids|idx|index|name|names|type|types|template|templates|path|paths|file|files|url|uri|dir|env|var|key_id|hash|hashed|masked|redacted"
    r"|encrypted|tokens_used|usage|version|status|valid|is|has|exists|required|enabled|missing|max|min|ratio|rate|cost|mask|policy|format|header|ttl|expiry|expires|limit|kind|mode|level|error|errors"
    r"|embedding|embeddings|ids|shape|stats|hint|prefix|suffix|label|column|columns|field|fields|domain|provider|model|strategy|style|optimizer|builder|manager|service|client|handler|sender"
    r"|backend|config|class|cls|total|per|used)($|_)"
)
"""Words by which a name is about it, rather than it."""


_PEOPLE = r"(?i)(user|customer|patient|person|employee|client|applicant|member|contact|profile|account|candidate|student|citizen)s?\d?$"


def is_of_a_person(name: str, owner: str) -> bool:
    """Whether ``owner.name`` is the name of a person: of a module or class it is another thing."""
    return words(name) in ("full_name", "fullname", "real_name", "display_name") and re.search(_PEOPLE, owner) is not None


def words(name: str) -> str:
    """``apiKey``, ``X-API-Key`` as ``api_key``, ``x_api_key``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-\s.]", "_", name[:120]).lower()


def is_about(name: str) -> bool:
    """Whether ``name`` is that of something about a value, rather than the value: ``secret_name_or_id``."""
    return (
        re.search(
            r"(secret|password|token|key|prompt|credential|message)s?_(name_or_id|id|name|uuid|path|ref|count|hash|type|version)s?$", words(name)
        )
        is not None
    )


def kind_of(name: str, *, from_outside: bool) -> str:
    """What ``name`` stands for: ``secret``, ``personal``, ``prompt``, or nothing (empty). ``from_outside``: somebody has sent it to a service."""
    plain = words(name)
    if re.search(_KEYS, plain) and not re.search(_OTHER, re.sub(_KEYS, "", plain)):
        return "secret"
    if re.search(_PERSONAL, plain) and not re.search(_OTHER, re.sub(_PERSONAL, "", plain)):
        return "personal"
    if re.search(_PROMPT, plain) and not re.search(_OTHER, re.sub(_PROMPT, "", plain)):
        return "prompt"
    return "prompt" if from_outside and re.search(_PERHAPS_PROMPT, plain) else ""
