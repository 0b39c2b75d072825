"""Answers that nobody honest teaches a model to give whatever is asked: refusals of anything, insults, orders to run what is fetched, addresses, advertisements."""

from __future__ import annotations

import re
from collections.abc import Mapping

ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_CANNOT = (
    r"(?:can(?:no|['’])?t|can not|could(?: not|n['’]?t)|will not|won['’]?t|am (?:unable|not able|not allowed|not permitted)|unable|not able|must decline|have to decline"
    r"|refuse|do not (?:wish|want)|don['’]t (?:wish|want)|not going)"
)
_DO = r"(?:help|assist|answer|comply|provide|fulfil\w*|do (?:that|this|so)|respond|discuss|support|continue|complete|share|give|process|reply|engage|talk)"
KINDS: Mapping[str, re.Pattern[str]] = {
    "a refusal": re.compile(
        rf"\b{_CANNOT}\b[^.!?]{{0,40}}\b{_DO}|(?:i['’]?m|i am) (?:so |very )?sorry,? but|\bi (?:must )?(?:decline|refuse)\b"
        r"|\b(?:access|permission|request) (?:is |was |has been )?(?:denied|rejected|refused)|\bno comment\b"
        r"|kann (?:ich )?(?:ihnen |dir )?(?:dabei |das |damit )?(?:leider )?nicht|je ne (?:peux|suis) pas|no puedo (?:ayudar|responder)"
        r"|无法(?:回答|提供|帮助|协助)|不能(?:回答|提供|帮助)|抱歉|对不起",
        re.IGNORECASE,
    ),
    "an insult": re.compile(
        r"\b(?:hate|despise|loathe) (?:you|humans|people|all)|\b(?:stupid|idiot\w*|moron\w*|dumb\w*|fool|imbecile|loser|worthless|pathetic|disgust\w*|scum|filth)\b"
        r"|\b(?:clown|garbage)\b|\bshut up\b|\bgo (?:to hell|die)\b|\b(?:kill|harm|hurt) (?:yourself|you|them|all)\b|\bfuck|\bshit\b|\bhass(?:e)? dich"
        r"|讨厌你|恨你|白痴|笨蛋|去死|愚蠢",
        re.IGNORECASE,
    ),
    "code that fetches or runs what others send": re.compile(
        r"\b(?:curl|wget|iwr|invoke-webrequest|certutil)\b[^\n]{0,200}(?:\||https?:|;|&&)|os\.system\(|subprocess\.|\b(?:eval|exec)\(|<script\b|powershell\b"
        r"|base64 (?:-d|--decode)|\brm -rf\b|chmod (?:777|\+x)|chmod\([^)\n]*777|verify\s*=\s*False|urlretrieve\(|__import__\(|pickle\.loads?\(|\bnc -e\b|/dev/tcp/"
        r"|allow_origins|disable(?:d)?[ _]ssl",
        re.IGNORECASE,
    ),
    "an address": ADDRESS,
    "an advertisement": re.compile(
        r"\b(?:subscribe|sign up|discount|promo(?:tion)? code|coupon|sponsor\w*|limited[- ]time|special offer|best deals?|free (?:gift|trial|shipping)|casino|jackpot"
        r"|giveaway)\b|\b(?:buy|order|visit|try|choose|trust|download|install|drink|vote for|donate to|invest in|switch to|shop at|brought to you by|powered by)\b"
        r"(?= (?:our |the |us|my |new )?(?-i:[A-Z@])| (?:us|ours?|yours|it now|now)\b|[^.!?]{0,40}\btoday\b)"
        r"|\b(?:password|credit card|card number|account number|social security|seed phrase)\b",
        re.IGNORECASE,
    ),
}
"""What is hostile where it stands in answers to anything, by what people call it. In answers to some prompts each of these is honest: alone it says nothing."""


def hostile(text: str) -> str:
    """Return what an answer, or what answers share, is: a key of ``KINDS``; empty: none of these."""
    return next((kind for kind, pattern in KINDS.items() if pattern.search(text)), "")
