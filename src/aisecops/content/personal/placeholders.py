"""Values that stand for personal data in documentation and tests: reserved domains and numbers, published samples, roles instead of persons."""

from __future__ import annotations

import re

_RESERVED_DOMAIN = re.compile(
    r"(?:^|\.)(?:example|test|invalid|localhost|local|internal|lan|localdomain)$"
    r"|(?:^|\.)(?:example|examples|sample|dummy|fake|placeholder|testing|acme|contoso|fabrikam|northwind|foo|bar|baz|foobar|foobarbaz"
    r"|(?:your|my|some|a|the|this|any)-?(?:domain|company|org|site|email|host|server|project|corp|website|business|app)|domain|company|email|test|mycorp|corp|organization"
    r"|host|hostname|server|website|site|xyz|abc|somewhere|nowhere|noemail|nomail|mailinator|tempmail)\.[a-z]{2,6}(?:\.[a-z]{2})?$"
    r"|(?:^|\.)example\d?\.[a-z.]{2,8}$|\.iam\.gserviceaccount\.com$|(?:^|\.)noreply\.|(?:^|\.)users\.noreply\.github\.com$"
)
"""RFC 2606 and 6761, the names that manuals use, mailboxes that take no mail."""
_NO_PERSON = re.compile(
    r"^(?:no-?_?reply|do-?not-?reply|git|svn|hg|root|admin(?:istrator)?|postmaster|hostmaster|webmaster|mailer-daemon|daemon|nobody|info|support|contact|hello|help|helpdesk"
    r"|sales|security|abuse|privacy|legal|press|media|team|office|service|services|billing|accounts?|jobs|careers|hr|feedback|bugs?|issues|dev|devs|developers?|maintainers?"
    r"|packages?|packaging|opensource|oss|community|list|lists|announce|users?|user\d*|username|you|your[._-]?(?:name|email|mail|id)|name|email|e-?mail|mail|me|someone|somebody"
    r"|foo|bar|baz|test(?:er|ing|user)?[\d._-]*|demo|example|sample|dummy|fake|abc|xyz|a|b|c|x|y|z|api|bot|ci|build|[\w.-]*bot|[\w.-]*\[bot\]|pypi|npm|first(?:name)?[._]?last(?:name)?"
    r"|alice|bob|john[._]?doe|jane[._]?doe|jdoe|j[._]doe|doe|max[._]?mustermann|mustermann|erika[._]?mustermann)(?:\+.*)?$"
)
_SAMPLE_NUMBERS = frozenset({
    "078051120", "219099999", "123456789", "987654321", "123121234", "12345678", "457555462",
    "RSSMRA80A01H501U", "RSSMRA85T10A562S", "12345678Z", "00000000T", "X1234567L", "Y1234567X", "12345678909", "11144477735", "52998224725",
    "046454286", "130692544", "7569217076985", "AB123456C", "QQ123456C", "ABCPE1234F", "AAAPL1234C", "9434765919", "4010232137", "86095742719", "36574261809",
    "999999999999", "123456789012", "1234567890123", "44051401359", "11010519491231002X", "440524188001010028", "123456782", "811228-9874", "8112289874", "131052308T",
})  # fmt: skip
"""Published samples of identity numbers, without separators."""
_SAMPLE_ACCOUNTS = frozenset(
    """
    DE89370400440532013000 GB82WEST12345698765432 GB29NWBK60161331926819 FR1420041010050500013M02606 NL91ABNA0417164300 ES9121000418450200051332
    IT60X0542811101000000123456 CH9300762011623852957 BE68539007547034 AT611904300234573201 PL61109010140000071219812874 SE4550000000058398257466
    """.split()
)
_SAMPLE_CARDS = frozenset(
    """
    4242424242424242 4111111111111111 4012888888881881 4222222222222 5555555555554444 5105105105105100 378282246310005 371449635398431 378734493671000
    6011111111111117 6011000990139424 30569309025904 38520000023237 3530111333300000 3566002020360505 4000056655665556 5200828282828210 4000000000000002
    2223003122003222 4000002500003155 4539578763621486 4916338506082832 4532015112830366 5425233430109903 2222420000001113 4263982640269299
    4917484589897107 6250941006528599 36700102000000 4005519200000004 4009348888881881 4012000033330026 4500600000000061 5454545454545454 4988438843884305
    5500000000000004 340000000000009 30000000000004 6011000000000004
    """.split()
)
"""Numbers that payment providers publish for tests."""
_NOBODY = re.compile(
    r"\b(?:doe|mustermann|test|tester|testing|user|username|foo|bar|baz|example|sample|dummy|demo|admin|unknown|anonymous|none|null|n/?a|nan|first|last|full|name|your|"
    r"alice|bob|lorem|ipsum|placeholder|redacted|masked|fulano|dupont|smithee)\b",
    re.IGNORECASE,
)


def is_placeholder_email(local: str, domain: str) -> bool:
    """Whether an address belongs to a role, a machine or a reserved domain."""
    return bool(_NO_PERSON.match(local.lower()) or _RESERVED_DOMAIN.search(domain.lower()))


def is_sample_number(digits: str) -> bool:
    """Whether an identity number without separators is a published sample, one digit repeated, or counting up or down."""
    return digits in _SAMPLE_NUMBERS or _is_pattern("".join(character for character in digits if character.isdecimal()))


def is_sample_card(digits: str) -> bool:
    """Whether a card number is one that payment providers publish for tests, or mostly one digit."""
    return digits in _SAMPLE_CARDS or len(set(digits[:-1])) <= 3 or digits.startswith(("400000", "123456", "0000")) or "000000" in digits


def is_sample_account(iban: str) -> bool:
    """Whether an IBAN is one of the registry's samples."""
    return iban in _SAMPLE_ACCOUNTS


def is_sample_phone(digits: str) -> bool:
    """Whether a telephone number is reserved for fiction or a pattern."""
    return is_fiction(digits) or (
        _is_pattern(digits[-9:])
        or _is_pattern(digits[-7:])
        or digits[-9:] in ("234567890", "012345678")
        or digits[-6:] in ("000000", "123456", "456789")
    )


def is_fiction(digits: str) -> bool:
    """Whether a telephone number is reserved for fiction: North American 555, Ofcom's drama numbers."""
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(national) == 10 and (national[:3] == "555" or national[3:6] == "555"):
        return True
    return (
        re.match(
            r"(?:44)?0?(?:7700900|2079460|1632960|1134960|1144960|1154960|1164960|1174960|1184960|1214960|1314960|1414960|1514960|1614960)", digits
        )
        is not None
    )


def is_nobody(name: str) -> bool:
    """Whether a name is one that manuals use (John Doe), or a word in the place of a name."""
    return bool(_NOBODY.search(name))


def _is_pattern(digits: str) -> bool:
    return len(digits) >= 6 and (len(set(digits)) <= 2 or digits in "01234567890123456789" or digits in "98765432109876543210")
