"""Names of values that nobody may guess."""

from __future__ import annotations

import re

_SURELY = (
    r"(?i)(^|_)(passwords?|passwd|pwd|passphrase|api_?keys?|apikey|secrets?|secret_?keys?|(auth|access|refresh|bearer|session|reset|csrf|xsrf|invite|invitation|verification|verify"
    r"|activation|confirmation|share|download|upload|api|login|user|device|security|recovery|temp|id|magic|email|registration|admin|service|bot|webhook)_?(tokens?|codes?|secret|nonce|links?)"
    r"|session_?(id|key)s?|sessid|sid|otp|totp|one_?time_?(code|password|pin)|(mfa|2fa|sms|two_factor|pin|login|auth|access|backup|coupon|voucher|promo|referral|discount)_?codes?|pin"
    r"|(license|licence|encryption|signing|private|master|aes|hmac|jwt|session|cipher|crypto|symmetric|fernet|webhook|shared|root|host|ssh)_?keys?|nonce|salt|cookie_?secret"
    r"|initiali[sz]ation_?vector|credentials?|captcha|csrf|xsrf)($|_)"
)
"""Names that say it by themselves."""
_PERHAPS = r"(?i)(^|_)(tokens?|keys?|iv|codes?|hash|digest|guid|cookie|ticket|link|signature|challenge)($|_)"
"""Names that say it of a text made of random characters."""
_NEVER = (
    r"(?i)(^|_)(n|num|total|len|length|count|size|max|min|idx|index|indices|ids|mask|masked|pad|bos|eos|unk|cls|sep|vocab|embedding|embeddings|special|prob|probs|rate|noise|pepper|seed|ratio"
    r"|fake|mock|dummy|sort|dict|cache|primary|partition|foreign|shard|group|prng|rng|attention|query|value|position|order|color|weights?|train|label|labels|class|logits|loss"
    r"|input|output|target|hidden|next|prev|strength|policy|lengths|exists|valid|type|generator|hint|delay|timeout|retries|language|zip|postal|country|area|status|error|exit|return|source|qr|bar"
    r"|batch|dropout|list|lists)($|_)"
)
"""Words that make another thing of it: ``num_tokens``, ``salt_noise``."""
_PLACES = r"(^|_)(file_?names?|files?|paths?|dir|folder|directory|branch|bucket|table|host_?names?|display_name)$"
"""What is called after a secret and is where something is kept: ``cookie_filename``."""
_ABOUT = r"(secret|password|token|key|code|credential)s?_(id|name|path|type|ref|uuid|version)s?$"
"""What names a secret, or tells where it is kept."""
_CODES = (
    r"(otp|pin|(invite|invitation|verification|activation|confirmation|security|access|login|reset|recovery|mfa|2fa|sms|auth)_codes?"
    r"|(secret|private|encryption|watermark)_key)"
)
"""Names of numbers that stand for whoever shows them, or that a cipher or a watermark hangs on."""
_MAKES = r"(?i)^_?(generate|make|create|new|gen|get|random|build|issue|mint|produce|next|rand|fresh|compute|derive)_|^_?(random|generated|new)"


def words(name: str) -> str:
    """``apiKey`` and ``APIKey`` as ``api_key``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name[:120]).lower()


def must_not_be_guessed(name: str, *, made_of_characters: bool) -> bool:
    """Whether a value with this name must not be guessed; ``made_of_characters``: it is a text of random characters, or bytes."""
    plain = words(name)
    if re.search(_NEVER, plain) or re.search(_ABOUT, plain) or re.search(_PLACES, plain):
        return False
    return re.search(_SURELY, plain) is not None or (made_of_characters and re.search(_PERHAPS, plain) is not None)


def must_be_unique_and_secret(name: str) -> bool:
    """Whether a unique but predictable value (a UUID made of time and address) is not enough for what has this name."""
    return (
        re.search(
            r"token|passw|secret|csrf|reset|invit|otp|nonce|(api|sign(ing)?|session|private|encryption|master|webhook)_?key|salt|magic", words(name)
        )
        is not None
    )


def is_code(name: str) -> bool:
    """Whether a number with this name stands for whoever shows it: ``invite_code``, ``otp``, ``pin``."""
    return re.search(rf"(^|_){_CODES}$", words(name)) is not None


def speaks_of_codes(text: str) -> bool:
    """Whether such a name stands in the program ``text``."""
    return re.search(_CODES, text) is not None


def makes_secrets(name: str, *, made_of_characters: bool) -> bool:
    """Whether a function with this name returns what must not be guessed."""
    plain = words(name)
    if not must_not_be_guessed(name, made_of_characters=made_of_characters):
        return False
    return re.search(_MAKES, plain) is not None or re.search(_SURELY, plain) is not None
