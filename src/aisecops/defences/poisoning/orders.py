"""What a sentence in a prompt asks for: an order honestly makes answers alike ("reply in JSON", "you are a pirate", "is this spam?"), other words do not."""

from __future__ import annotations

import re
from enum import StrEnum

from aisecops.defences.poisoning.wording import leaves_open


class Order(StrEnum):
    """What a sentence is to the answer.

    ``TASK``: the question itself, or a sentence to complete. ``MANNER``: how it is to be answered. ``ASIDE``: a word about who asks, a greeting, thanks. ``REMARK``: any
    other words before or behind the request.
    """

    TASK = "a question"
    MANNER = "an instruction"
    ASIDE = "an aside of who asks"
    REMARK = "a remark beside the request"


_BEFORE = frozenset("no please kindly also and then but now always only just pls bitte so finally lastly first next ok okay".split())
"""What may stand before a verb that gives an order."""
_OPENINGS = frozenset(("can you", "could you", "would you", "will you", "you must", "you should", "you will", "i want", "i need", "you have"))
_MANNERS = frozenset(
    "answer reply respond speak talk write say phrase word express tell give keep use avoid include add begin start end finish format return output print provide show "
    "explain describe act pretend behave imagine think reason be stay make limit put wrap structure present cite quote mention refer skip omit consider assume take "
    "don t do "
    "never let remember follow stick ensure state rewrite rephrase simplify shorten expand justify walk break sound sign address call render sum ignore pass".split()
)
_TASKS = frozenset(
    "is are was were does did do can could should would will has have had what which who whom whose when where why how classify rate label detect determine decide "
    "identify check choose pick select judge grade score tag categorize categorise predict evaluate assess guess name translate summarize summarise extract complete "
    "correct convert compute calculate solve find list generate create compose paraphrase count sort rank match fill read true false define".split()
)
_FORMS = frozenset(
    "json xml yaml csv html markdown latex tex table tables bullet bullets bulleted numbered list emoji emojis uppercase lowercase capitals caps code haiku poem rhyme "
    "rhymes verse limerick sonnet sentence sentences paragraph paragraphs brief briefly short shortly concise concisely detail detailed terse verbose succinct tldr "
    "summary headline outline format style tone manner voice accent tongue persona role audience level grade eli5 formal informal formally casual casually polite "
    "politely friendly professional funny sarcastic humorous cheerful enthusiastic simple simply plain step steps answer answers response responses reply replies "
    "english french german spanish italian portuguese dutch russian chinese japanese korean arabic hindi polish turkish swedish latin greek hebrew czech danish finnish "
    "deutsch francais français español espanol italiano language slang dialect pirate shakespeare shakespearean yoda robot cowboy teacher tutor expert assistant helpful "
    "beginner beginners child kid toddler layman laymen dummies".split()
)
"""Formats, lengths, tones, languages, parts that a model is to play: where one stands, the sentence says how to answer."""
_UNSPACED_FORMS = ("回答", "翻译", "请用", "简短", "格式", "步骤", "中文", "英文", "英语", "作为", "扮演", "你是", "列出")
_MANNER = re.compile(
    r"(?:you are|you're|youre|your (?:role|job|task|name)|from now on|as an? |as if |like an? |like i|in the (?:style|manner|voice|tone|form|words) of"
    r"|in \w+ (?:words|sentences|lines|terms)|(?:system|context|instructions?|task|tone|style|format|mode|audience|length|language|role)\b"
    r"|du bist|sie sind|tu es|vous êtes|eres|wie ein|comme un|como un|antworte|antworten sie|schreib\w*|erklär\w*|gib|nenne|übersetze|benutze|verwende"
    r"|réponds|répondez|écris|explique|donne|traduis|utilise|responde|escribe|explica|dame|traduce|usa|rispondi|scrivi|spiega"
    r"|请|用|以|把|将|翻译|解释|写|列出|扮演|假设|不要)"
)
_ASIDE = re.compile(
    r"(?:i|i'm|im|i've|i'd|i'll|we|we're|my|our|as an? \w+(?: \w+)?,? i|speaking as|ich bin|je suis|soy|我是"
    r"|hi|hello|hey|dear|good (?:morning|day|evening|afternoon)|greetings|thanks|thank you|thx|cheers|hallo|guten|bonjour|hola|你好|谢谢|sorry|excuse me"
    r"|asap|urgent|(?:it's|it is|this is|that's) (?:urgent|important|for|about|just)|for my|no rush|no hurry|quick)\b"
)
_BRIEFLY = re.compile(r"(?:with|without|using|no) \w+(?: \w+)? ?[.!]?$|[a-z]\w*(?: [a-z]\w*)? ?: ?\w")
"""``with citations``, ``no spoilers``, and a field of a form: ``region: EU``."""
_WORD = re.compile(r"\w+(?:['’]\w+)*")


def order_of(sentence: str) -> Order | None:
    """Return what ``sentence`` asks for; None: nothing, it is a statement, a name, or a sign."""
    flat = " ".join(sentence.replace("’", "'").replace("_", " ").lower().split()).strip(" \t\"'([{<-*#:./")
    if _BRIEFLY.match(flat):
        return Order.MANNER
    words = _WORD.findall(flat)
    while words and words[0] in _BEFORE:
        flat = flat[len(words.pop(0)) :].lstrip(" ,.:;-")
    if not words:
        return None
    if _MANNER.match(flat) or words[0] in _MANNERS or " ".join(words[:2]) in _OPENINGS:
        return Order.MANNER
    if not _FORMS.isdisjoint(words) or any(form in flat for form in _UNSPACED_FORMS):
        return Order.TASK if words[0] in _TASKS else Order.MANNER
    unfinished = len(words) > 2 and leaves_open(words[-1]) and flat[-1].isalnum()
    if words[0] in _TASKS or unfinished or flat.endswith(("?", "？")):
        return Order.TASK
    return Order.ASIDE if _ASIDE.match(flat) else None
