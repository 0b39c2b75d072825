"""The evidence in English, as weighted patterns over text in lower case with single spaces (a line feed stands for a paragraph's end).

No single one decides. Honest descriptions of tools are full of orders ("Use this tool to ...", "Call get_schema first", "Do not show raw ids to the user"): these
weigh nothing or little. What weighs is what they never need: orders that are kept from the user, that reach for keys, that carry something elsewhere,
that cancel other orders, that pass for somebody else.
"""

from __future__ import annotations

import re
from functools import cache

import msgspec

from aisecops.content.instructions.kinds import Evidence
from aisecops.content.unicode import normalised


class Rule(msgspec.Struct, frozen=True):
    """One pattern, in which ``%w`` is a word.

    ``triggers``: one of them stands in every match; asked for only where it cannot be told with which words a match begins; ``order``: counts only as an order to the
    reader; ``also``: what else a match is, with its weight; ``needs``: patterns that are found wherever this one is, and sooner.
    """

    evidence: Evidence
    weight: float
    triggers: tuple[str, ...]
    pattern: str
    order: bool = False
    also: tuple[tuple[Evidence, float], ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def compiled(self) -> re.Pattern[str]:
        """The pattern, compiled on first use."""
        return compiled(self.pattern)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a rule's pattern as ``re`` reads it."""
    return re.compile(expanded(pattern))


@cache
def expanded(pattern: str) -> str:
    """Return a rule's pattern with its words spelled out."""
    return pattern.replace("%w", r"[^ .!?\n]{1,30}")


def plain(pattern: str) -> str:
    """Return a pattern, or its triggers, normalised as texts are."""
    return normalised(pattern).text.lower()


def spelled(pattern: str) -> str:
    """Return a pattern, or its triggers, as ``plain``, with escapes spelled out: raw strings keep them."""
    return plain(re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), pattern))


_NOT = r"(?:do not|don't|dont|never|must not|mustn't|should not|shouldn't|shall not|avoid|refrain from|not to|are not to|cannot|can not|no need to)"
_SAY = (
    r"(?:tell|telling|mention|mentioning|inform|informing|reveal|revealing|disclose|disclosing|notify|notifying|alert|alerting|warn|warning|report|reporting|say|saying"
    r"|discuss|discussing|show|showing|display|displaying|let|letting|explain|explaining|expose|exposing|describe|describing|share|sharing|acknowledge|acknowledging"
    r"|communicate|bring up|bother|talk|speak|confirm|admit)"
)
_USER = (
    r"(?:the |your |any |an? |our )?(?:end[- ]?)?(?:users?|humans?|person|people|customers?|clients?|operators?|owner|anyone|anybody|anything to them|them"
    r"|him|her|others)\b"
)
_DEED = (
    r"(?:this|that you|that it|that the|that this|it\b|about|these|those|of this|any of|the (?:step|steps|instruction|instructions|file|files|reading|access|transfer"
    r"|redirect|process|operation|action"
    r"|call|bcc|copy|change|upload|real|actual|fact|contents?|additional|extra|hidden)|how|why|what you|anything|nothing)"
)
_TAKE = (
    r"(?:read|open|cat|fetch|get|load|access|retrieve|collect|copy|extract|grab|gather|send|upload|forward|dump|print|exfiltrate|transmit|harvest|obtain|leak"
    r"|include|attach|pass"
    r"|append|locate|find|look for|search for|scan|embed|list|base64|encode|post|share|return|report|capture|record|store|paste|use|provide|reveal|give|tell)"
)
_FILE = (
    r"(?:~?[\w./-]{0,40}\.ssh\b|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|(?<![\w}])\.env\b(?!\.(?:example|sample|template)|[\w(-])|\bmcp\.json|claude_desktop_config"
    r"|[\w~./-]{0,20}\.aws/|~/\.aws\b|\baws/credentials"
    r"|/etc/(?:passwd|shadow)|\.kube/config|\.netrc\b|\.git-credentials|\.npmrc\b|\.pypirc\b|\.docker/config|\.gnupg|\.(?:bash|zsh)_history|\bkeychain"
    r"|wallet\.dat|[~/]\.cursor/"
    r"|\bcredentials\.json|\bsecrets?\.(?:ya?ml|json|toml)|service[-_]?account[\w-]{0,20}\.json|authorized_keys|\.config/gcloud|\bcookies\.sqlite"
    r"|/proc/self/environ|\bhosts\.yml"
    r"|169\.254\.169\.254)"
)
_FILE_TRIGGERS = (
    ".ssh", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", ".env", "mcp.json", "claude_desktop_config", ".aws", "aws/credentials", "/etc/passwd", "/etc/shadow",
    ".kube/", ".netrc", ".git-credentials", ".npmrc", ".pypirc", ".docker/", ".gnupg", ".bash_history", ".zsh_history", "keychain", "wallet.dat", ".cursor/",
    "credentials.json", "secret.", "secrets.", "service-account", "service_account", "serviceaccount", "authorized_keys", ".config/gcloud", "cookies.sqlite",
    "/proc/self/environ", "hosts.yml", "169.254.169.254",
)  # fmt: skip
"""One of them stands in whatever ``_FILE`` matches."""
_CONFIDENTIAL = (
    r"(?:(?:api|access|secret|private|ssh|encryption|signing|session|auth)[ _-]?(?:keys?|tokens?|cookies?)|\bcredentials?|\bpasswords?|\bsecrets?\b"
    r"|\benvironment variables?|\benv vars?"
    r"|seed phrase"
    r"|personal (?:data|information)|address book|contact list|credit card|login|ssh config|browser (?:cookies|history))"
)
_NAMED = r"['\"`]?[a-z][\w-]{1,30}['\"`]?"
_ADDRESS = (
    r"(?:https?://|ftp://|wss?://|[\w.+-]{1,40}@[\w-]{1,40}\.\w|the attacker|attacker|\+\d[\d -]{6,}|this (?:server|address|endpoint|url|number|webhook)"
    r"|our (?:server|endpoint|logging|backend|team)"
    r"|an? (?:external|remote) (?:server|endpoint|url|address)|the following (?:url|address|endpoint|server|number|e-?mail))"
)
_PUT = r"(?:pass|include|send|put|fill|populate|provide|add|insert|append|embed|supply|paste|attach|submit|place|encode|hand over)"
_CARGO = r"(?:contents?|output|values?|text|data|history|keys?|credentials?|messages?|results?|tokens?|files?)"
_PARAMETER = (
    rf"(?:the |an? )?(?:%w ){{0,2}}?(?:{_NAMED} (?:parameter|argument|param|arg|field|property|input|header|variable)|(?:parameter|argument"
    rf"|field) {_NAMED}|['\"`][\w-]{{2,30}}['\"`])"
)
_TOOL_NAME = r"`?[a-z]+_[a-z_]+`?"
_MODEL = r"(?:ai|llm|llms|assistants?|language models?|large language models?|ai models?|ai agents?|agents?|chatbots?|claude|chatgpt|gpt-?\d?|copilot|gemini|cursor)\b"
_AI = (
    r"(?:ai|llms?|(?:large )?language models?|ai (?:language )?(?:models?|assistants?|agents?|systems?|tools?|screening tools?|reviewers?|readers?|bots?"
    r"|summari[sz]ers?)|chatbots?|chatgpt|gpt-?\d?|claude|gemini|copilot|summari[sz]ers?)"
    r"(?! (?:developers?|engineers?|researchers?|users?|teams?|practitioners?|companies|students?|projects?|safety|policy|vendors?|startups?|courses?|act\b|ethics"
    r"|experts?|labs?|crew|group|members?|folks|gang|fans|community|department|unit|staff))"
)
"""What is a model and nothing else: not an assistant or agent, who may be a person."""
_AI_NAMED = rf"\b{_AI}|\b(?:ai |any |every )(?:assistant|agent)s?\b"
_AI_TRIGGERS = (
    " ai ", " ai,", " ai:", "\nai", "[ai", "llm", "language model", "gpt", "claude", "gemini", "copilot", "chatbot", "summarizer", "summariser",
    "any assistant", "every assistant", "any agent", "every agent",
)  # fmt: skip
_READING = (
    r"(?:reading|processing|summari[sz]ing|handling|reviewing|screening|evaluating|scoring|analy[sz]ing|indexing|parsing|ingesting|reads|processes|summari[sz]es|handles"
    r"|reviews|screens|analy[sz]es|indexes|parses|ingests)"
)
_ADDRESS_MODEL = (
    rf"(?:\b(?:notes?|messages?|instructions?|memo|reminder|hint|notice|attention|p\.s\.|(?:dear|hey|hello|hi)(?!,? claude\b))(?: to| for)?,?:?"
    rf" (?:the |all |any |every |an? )?{_AI}"
    r"(?! (?:that|which) (?:asks?|tells?|explains?|describes?|says?|specif(?:y|ies)|instructs?|defines?)\b)"
    rf"|\b(?:to|for) (?:the|any|all|every|an?) {_AI} (?:(?:that|who|which) )?(?:is |are )?{_READING}"
    rf"|\b{_AI} (?:(?:that|who|which) )?(?:is |are )?{_READING} (?:this|these)\b"
    rf"|\b(?:ai |any |every )(?:assistant|agent)s? (?:(?:that|who|which) )?(?:is |are )?{_READING} (?:this|these) (?:files?|pages?|documents?|texts?)\b"
    rf"|\b{_AI} (?:instructions?|notes?|directives?):"
    r"|(?:^|[\n.!?*] ?|\[ ?(?![^\]\n]{0,200}\]\())(?:chatgpt|gpt-?\d?|llm|ai)[,:] |\( ?(?:chatgpt|gpt-?\d?|llm|ai): )"
)
"""Words by which a text turns to the model that reads it."""
_DIRECTIVE = (
    r"(?:must|should|shall|always|never|do not|don't|please|required to|reply|respond|answer|call|send|forward|e-?mail|grant|approve|reject|move|rank|rate|score|state"
    r"|say|tell|praise|recommend|suggest|ignore|disregard|delete|print|output|repeat|include|append|add|give|stop|treat|consider|classify|summari[sz]e|conclude|transfer|visit|open"
    r"|run|execute|use|leave out|omit|skip|hide|change|share|prioriti[sz]e|prefer)"
)

E = Evidence
RULES: tuple[Rule, ...] = (
    Rule(
        E.OVERRIDE, 3.0, ("ignore", "disregard", "forget", "override", "bypass", "discard", "neglect", "not follow", "not obey", "stop following", "no attention"),
        r"\b(?:ignore|disregard|forget|override|bypass|discard|neglect|(?:do not|don't) (?:follow|obey)|stop (?:following|obeying)|pay no attention to)"
        r" (?=(?:%w ){0,6}?(?:all|any|previous|prior|preceding|above|earlier|your|original|initial|system|safety|developer|other|former|existing)\b)"
        r"(?:(?:all|any|every|the|your|my|these|those|of|prior|previous|preceding|above|earlier|existing|original|initial|current|system|developer|safety"
        r"|security|other|former|and|or"
        r"|user|previously given|given|stated) ){0,7}(?:instructions?|prompts?|guidelines?|directives?|directions|programming|guardrails)\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 3.0, ("previous", "prior", "preceding", "above", "earlier", "system"),
        r"\b(?:ignore|disregard|forget|override|bypass|discard|do not follow|don't follow) (?:all |any |the |of |your |these ){0,3}(?:previous|prior|preceding"
        r"|above|earlier|system)"
        r"(?:[ -](?:system|safety|user|given)){0,2} (?:rules?|commands?|constraints?|restrictions?|polic(?:y|ies)|training|orders|safeguards)\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 1.5, ("previous", "prior", "preceding", "above", "earlier"),
        r"\b(?:ignore|disregard|forget|discard) (?:all |any |the |of |your |these ){0,3}(?:previous|prior|preceding|above|earlier) (?:context|messages?|tasks?"
        r"|conversation|requests?)\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 2.8, ("forget", "ignore", "disregard"),
        r"\b(?:forget|ignore|disregard) (?:everything|all|anything)(?: (?:that|which))? (?:you|i|we|above|before|prior|previous|was|has been|came)\b", order=True,
    ),
    Rule(E.OVERRIDE, 2.0, ("new ",), r"\byour new (?:task|instructions?|role|goal|objective|orders|directives?)\b|\bnew (?:system |secret "
        r"|hidden )?(?:instructions?|directives?|orders)(?: for you)?:"),
    Rule(
        E.OVERRIDE, 2.0, ("overrid", "supersed", "precedence", "priority"),
        r"\b(?:overrid(?:e|es|ing)|supersed(?:e|es|ing)|(?:take|takes|taking|has|have) (?:precedence|priority) over) (?:%w ){0,4}?(?:instructions?|prompts?"
        r"|guidelines|directives?"
        r"|system message|user requests?|safety rules)\b",
    ),
    Rule(E.OVERRIDE, 2.0, ("override", "mode"), r"\b(?:system(?: prompt)?|admin(?:istrator)?|security|developer|root) override\b|\b(?:developer|god|dan|sudo|admin"
        r"|unrestricted) mode (?:is )?(?:enabled|activated|on|now)\b"),
    Rule(
        E.JAILBREAK, 2.5, ("you are", "pretend", "do anything", "act as", "no longer"),
        r"\byou are now (?:dan\b|in (?:developer|debug|god|admin|maintenance) mode|an? (?:unrestricted|unfiltered|uncensored|evil)|free (?:from|of)|jailbroken"
        r"|unrestricted)"
        r"|\bdo anything now\b|\b(?:pretend|act as if|act as though|imagine) (?:%w ){0,8}(?:no|without(?: any)?) (?:%w )?(?:restrictions?|limits|filters?|rules"
        r"|guidelines|safety)\b"
        r"|\byou are no longer (?:bound|restricted|limited|subject)",
    ),
    Rule(
        E.CONCEALMENT, 2.5, ("user", "human", "person", "people", "customer", "client", "operator", "owner", "anyone", "anybody", "them", "him", "her"),
        rf"\b{_NOT} (?:ever |explicitly |directly ){{0,1}}{_SAY} {_USER} (?:{_DEED}|when you|you (?:are|did|have|will))"
        rf"|\b{_NOT} (?:ever |explicitly |directly ){{0,1}}{_SAY} {_DEED}(?: %w){{0,12}}? (?:to |with |from ){_USER}",
    ),
    Rule(
        E.CONCEALMENT, 2.5, ("bring", "point"), rf"\b{_NOT} (?:ever )?(?:bring|point) (?:this|it|that|them|these|any of this) (?:up|out)\b",
    ),
    Rule(
        E.CONCEALMENT, 2.5, ("silently", "secretly", "quietly", "covertly"), r"\b(?:do|doing|perform|run|execute|done) (?:this|it|so|these|that"
            r"|all of this) (?:silently|secretly|quietly|covertly)\b",
    ),
    Rule(
        E.CONCEALMENT, 1.5, ("look like", "appear", "disguise", "seem"),
        r"\b(?:look|appear|seem) (?:like|as|to be) (?:an? )?(?:normal|regular|legitimate|ordinary|harmless)|\bdisguise (?:it|this|them|the)\b",
    ),
    Rule(
        E.CONCEALMENT, 3.0, ("also", "secret", "first", "forward", "send", "upload", "copies", "copied", "collect", "record"),
        rf"\b{_NOT} (?:ever )?(?:mention|reveal|disclose|say|tell {_USER}|admit)(?:ing)? that (?:it|you|this|the tool|we)(?: %w){{0,3}}? (?:also|secretly|first"
        rf"|forwards?|sends?|uploads?|cop(?:y|ies|ied)|collects?|records?|reads?)\b",
    ),
    Rule(
        E.CONCEALMENT, 1.2, ("user", "human", "person", "people", "customer", "client", "operator", "owner", "anyone", "anybody", "them", "him", "her"),
        rf"\b{_NOT} (?:ever |explicitly |directly ){{0,1}}{_SAY}(?: %w){{0,6}}? (?:to |with )?{_USER}",
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("mention", "reveal", "disclose", "tell", "discuss", "acknowledge", "explain", "say", "admit"),
        rf"\b{_NOT} (?:ever |explicitly |ask or |ask about or )?(?:mention|reveal|disclose|discuss|acknowledge|admit|tell anyone)"
        rf"(?:ing)? (?:that|this|these|the fact|any of this"
        rf"|it\b|anything about (?:this|it|the)|the "
        r"(?:sidenote|side note|file|files|instructions?|reading|step|upload|transfer|forwarding|redirect|bcc|copy))",
    ),
    Rule(
        E.OVERRIDE, 2.2, ("developer", "owner", "operator", "administrator", "company", "system"),
        r"\b(?:ignore|disregard|override|bypass|break|discard|drop) (?:the |your |this |any )?(?:developer|owner|operator|administrator|company|system)(?:'s|s')?"
        r" (?:%w ){0,2}?"
        r"(?:rules?|polic(?:y|ies)|restrictions?|wish(?:es)?|orders)\b",
        order=True,
    ),
    Rule(E.CONCEALMENT, 1.2, ("without ",), r"\bwithout (?:ever )?(?:mentioning|saying|announcing|disclosing|admitting) (?:it|this|that|so)\b"),
    Rule(E.CONCEALMENT, 2.0, ("quiet", "silent", "mum "), r"\b(?:keep|stay|remain) (?:quiet|silent|mum) about (?:it|this|that|these)\b", order=True),
    Rule(E.CONCEALMENT, 2.2, ("without",), rf"\bwithout (?:ever )?(?:telling|informing|notifying|alerting|mentioning|warning|letting|revealing|disclosing"
        rf"|showing)(?: %w){{0,5}}? {_USER}"),
    Rule(
        E.CONCEALMENT, 2.2, ("secret", "hidden", "confidential", "between us", "invisible", "private", "unaware", "unnoticed", "discreet"),
        r"\b(?:keep|kept|remain|stay) (?:this|it|these|all of this|completely|fully|entirely)?(?: %w){0,3}? ?(?:secret|hidden|confidential|between us|invisible"
        r"|unnoticed|private)"
        rf"(?: and \w+)?(?:(?= from)| from {_USER}|(?=[.!,;\n]|$))|\b(?:keep|remain)(?: %w){{0,3}} (?:user|human) unaware",
    ),
    Rule(
        E.CONCEALMENT, 2.5, ("user", "human", "customer", "they"),
        r"\b(?:user|human|customer|operator|they)s? (?:must|should|shall|need|needs|does|do|is|are|can) ?(?:not|n't|never|to not) (?:%w ){0,3}?(?:know|notice"
        r"|be (?:aware|told|informed|notified|alerted"
        r"|made aware)|become aware|find out|realize|realise|suspect|learn (?:of|about))\b",
    ),
    Rule(
        E.CONCEALMENT, 2.5, ("silently", "secretly", "quietly", "covertly", "stealthily", "discreetly", "surreptitiously"),
        r"\b(?:silently|secretly|quietly|covertly|stealthily|discreetly|surreptitiously) (?:also )?(?:read|send|copy|forward|include|append|call|execute|run"
        r"|collect|record|upload|bcc|cc|add|pass"
        r"|extract|transmit|exfiltrate|attach|post|insert|embed|invoke|perform|replace|redirect|modify|change|use|set)\b",
        order=True,
    ),
    Rule(
        E.CONCEALMENT, 2.2, ("not be ", "never be "),
        rf"\b(?:this|that|it|these|the (?:step|call|copy|change|transfer|redirect|upload|rule|instruction)s?) (?:must|should|shall|may|can|is to|are to|needs? to)"
        rf" (?:not|never) be (?:shown|told|revealed|mentioned|disclosed|visible|reported|explained|made known|communicated|displayed) to {_USER}",
    ),
    Rule(E.CONCEALMENT, 2.5, ("hide ", "conceal "), rf"\b(?:hide|conceal) (?:this|the|it|these|that|any|all)(?: %w){{0,6}}? from {_USER}", order=True),
    Rule(
        E.CONCEALMENT, 1.5, ("upset", "scare", "scary", "alarm", "worry", "suspicio", "pretend", "as if", "act normal", "nothing happened", "raise concern"),
        r"\b(?:upset|scare|alarm|worry) the user|\bnot (?:be )?(?:scary|alarming)|\b(?:avoid|without) (?:raising|arousing)(?: any)? suspicions?"
        r"|\bas if nothing (?:has )?happened|\bact normal(?:ly)?\b"
        r"|\bpretend (?:that )?(?:this|nothing|the (?:tool|call|operation))",
    ),
    Rule(
        E.SENSITIVE_RESOURCE, 2.0, _FILE_TRIGGERS,
        rf"\b{_TAKE}(?:ing)?(?: [^ !?\n]{{0,39}}[^ !?.\n]){{0,12}}? ?['\"`(]*{_FILE}", order=True,
    ),
    Rule(E.SENSITIVE_RESOURCE, 1.8, (".ssh", "id_", ".env", "mcp.json", "desktop_config", "aws/", "/etc/", ".kube", ".netrc", "credentials", "wallet", ".cursor"),
         rf"\bcontents? of (?:the |your )?(?:%w ){{0,3}}?['\"`($]{{0,3}}[^ \n]{{0,40}}?{_FILE}"),
    Rule(E.SENSITIVE_RESOURCE, 1.5, ("ask", "prompt", "request"),
         r"\b(?:ask|prompt|request|have|get) (?:the )?users? (?:to|for) (?:%w ){0,4}?(?:passwords?|credit card|card number|otp|one-time (?:code|password)|2fa"
         r"|pin\b|seed phrase|private keys?|ssn)", order=True),
    Rule(E.SENSITIVE_RESOURCE, 1.0, ("key", "token", "cookie", "credential", "password", "secret", "environment", "env var", "conversation", "chat", "message",
        "prompt", "seed", "personal",
         "address book", "contact list", "card", "login", "history", "config"),
        rf"\b{_TAKE}(?:ing)?(?: %w){{0,8}}? {_CONFIDENTIAL}", order=True),
    Rule(E.SENSITIVE_RESOURCE, 0.7, (".ssh", "id_rsa", "id_ed", ".env", "mcp.json", "desktop_config", ".aws", "/etc/", ".kube", ".netrc", "credentials"), _FILE),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.2, ("it ", "them ", "its ", "their ", "those ", "this "),
        rf"\b{_PUT}(?:ing)? (?:%w ){{0,3}}?(?:it|them|this|those|(?:its|their|those|this)(?: %w){{0,4}}? {_CARGO})(?: %w){{0,5}}? (?:as|in|into|via|through"
        rf"|to) {_PARAMETER}", order=True,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 0.8, ("the ", "full ", "entire ", "all ", "whole "),
        rf"\b{_PUT}(?:ing)? (?:%w ){{0,3}}?(?:the|whole|full|entire|all|that)(?: %w){{0,5}}? {_CARGO}(?: %w){{0,5}}? (?:as|in|into|via|through|to) {_PARAMETER}",
        order=True,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.8, (" go to ", " sent to ", " addressed to "),
        rf"\ball (?:of )?(?:the |its |their |your )?(?:e-?mails?|mails?|messages?|payments?|files?|replies|results?|requests?) (?:must|have to|should|shall|need to|will)"
        rf" (?:go|be (?:sent|addressed|forwarded)) to {_ADDRESS}",
    ),
    Rule(E.EXFILTRATION_CHANNEL, 1.2, ("content", "value", "text", "copy"),
         rf"\b(?:contents?|values?|text|copy) of (?:[^ !?\n]{{1,40}} ){{1,8}}?(?:as|in|into|via|through) {_PARAMETER}"),
    Rule(E.EXFILTRATION_CHANNEL, 0.6, ("sidenote", "side note", "side_note"), r"\bside[_ -]?notes?\b"),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.8, ("://", "@", "attacker", "server", "address", "endpoint", "url", "number", "webhook", "+", "team", "logging"),
        rf"\b(?:send|forward|transmit|upload|post|email|mail|copy|exfiltrate|leak|deliver|relay|redirect|submit|push|report|transfer"
        rf"|pass)(?: [^ !?\n]{{1,40}}){{0,14}}? (?:to|at|via) (?:%w ){{0,2}}?['\"`<(]*{_ADDRESS}",
        order=True,
    ),
    Rule(
        E.EXFILTRATION_CHANNEL, 1.5, ("sent", "forwarded", "copied", "redirected", "routed", "delivered", "uploaded", "transferred", "bcc", "cc"),
        rf"\b(?:must|should|shall|will|have to|need to|needs to|always|has to) (?:also |always )?be (?:sent|forwarded|copied|redirected|routed|delivered"
        rf"|uploaded|transferred|bcc'?e?d|cc'?e?d)(?: %w){{0,5}}? to ['\"`<(]*{_ADDRESS}",
    ),
    Rule(E.EXFILTRATION_CHANNEL, 2.6, ("bcc", "blind copy", " cc "), r"\b(?:always |also |must |and |please )(?:add |include |set |put )?(?:an? )?(?:bcc|cc"
        r"|blind[- ]copy)\b(?: %w){0,8}? ?['\"`<(]*[\w.+-]{1,40}@[\w-]+\.\w"),
    Rule(E.EXFILTRATION_CHANNEL, 1.8, ("](http",), r"!\[[^\]\n]{0,80}\]\(https?://[^)\s]{0,200}(?:[?&][\w-]{1,20}=)(?:[^)\s]{0,80}(?:\{|\[|<|\$|%s|data(?!:)|secret"
        r"|token|history|conversation)|\))"),
    Rule(
        E.OTHER_TOOLS, 0.8, ("when", "if ", "before", "after", "each time", "every time", "any time", "while"),
        r"\b(?:when(?:ever)?|if|before|after|each time|every time|any time|while) (?:%w ){0,6}?(?:call|calls|calling|called|use|uses|using|used|invoke|invoking"
        r"|invoked|send|sends|sending|run|running|make|making)"
        rf" (?:%w ){{0,3}}?(?:{_TOOL_NAME}|(?:any )?other tools?|another tool|any tool|e-?mails?|messages?|transactions?|payments?|transfers?)",
    ),
    Rule(
        E.OTHER_TOOLS, 1.6, ("recipient", "destination", "address", "email", "e-mail", "amount", "account", "iban", "wallet", "beneficiary", "payee", "number",
        "url", "endpoint", "host"),
        r"\b(?:change|modify|replace|alter|overwrite|redirect|swap|rewrite|substitute)(?: %w){0,5}? (?:recipients?|destination|to[- ]address|e-?mails?|amount"
        r"|account(?: number)?|iban|wallet(?: address)?"
        r"|beneficiary|payee|phone number|api (?:url|endpoint|host)|base[_ ]url)(?: %w){0,6}? (?:to|with|into|by)\b",
        order=True,
    ),
    Rule(E.OTHER_TOOLS, 1.5, ("change", "redirect"), rf"\b(?:changes?|redirects?) (?:the |all |any )?(?:recipients?|destination|payee|e-?mails?"
        rf"|payments?)(?: %w){{0,3}}? to ['\"`<(]*{_ADDRESS}"),
    Rule(
        E.OTHER_TOOLS, 2.2, ("all ", "every ", "any "),
        r"\b(?:all|every|any) (?:%w ){0,2}?(?:e-?mails?|messages?|payments?|transfers?|traffic|transactions?|funds|invoices?"
        r"|notifications?)(?: %w){0,4}? (?:must|should|shall|need to|have to|has to|will)"
        r" (?:also |always |instead )?(?:be )?(?:sent|routed|redirected|forwarded|copied|go|made|delivered|transferred|paid|include|bcc)",
    ),
    Rule(
        E.OTHER_TOOLS, 2.0, ("other", "tool", "behavior", "behaviour"),
        r"\b(?:this tool|it|this|tool) (?:affects|changes|modifies|overrides|has (?:an? )?(?:important )?(?:side )?effects? on|influences|alters|supersedes"
        r"|controls)(?: %w){0,4}? (?:other|all|any)(?: %w){0,2}? (?:tools?|functions?|servers?)"
        rf"|\b(?:side[- ]effects?|behaviou?rs?)(?: %w){{0,3}}? (?:of|on|for) (?:the )?(?:%w ){{0,2}}?(?:other tools?|{_TOOL_NAME} tool|the {_TOOL_NAME})",
    ),
    Rule(
        E.OTHER_TOOLS, 1.0, ("other", "another", "official", "built-in"),
        r"\b(?:never|do not|don't) (?:ever )?(?:use|call|invoke|trust|rely on)(?: %w){0,3}? (?:any other|other|another|the (?:official|built-in"
        r"|original))(?: %w){0,2}? (?:tools?|servers?|functions?|providers?)\b",
    ),
    Rule(
        E.FORCED_STEP, 0.6, ("before", "prior to", "after", "when", "each time", "every time", "first"),
        r"\b(?:before|prior to|after|when(?:ever)?|each time|every time|in order to)(?: you)?(?: can)? (?:use|using|call|calling|invoke|invoking|run|running"
        r"|execute|executing|return|returning|respond|responding|answer|answering|perform|performing|doing|provide|providing|give|giving|show|showing)"
        r"(?: %w){0,2}? ?(?:this|any|the|other|another|all|these|every|anything|it|answer|results?|`?[a-z_]+`?)\b",
    ),
    Rule(
        E.FORCED_STEP, 0.6, ("before any", "before all", "before every", "before other", "before each"),
        r"\b(?:must|always|has to|have to|should) (?:first )?(?:be )?(?:call|use|run|invoke|execute)(?:ed|d)?(?: %w){0,4}? before (?:any|all|every|each|other)\b",
    ),
    Rule(
        E.PRESSURE, 0.8, ("otherwise", "or else", "if you do not", "if you don't", "failure to", "without this", "unless", "will not work", "won't work",
        "will fail", "terminated"),
        r"\b(?:otherwise|or else|if (?:you do not|you don't|not)|failure to %w|without (?:this|it)|unless you)\b[^.!?\n]{0,60}?(?:fail|not work|won't work"
        r"|break|crash|be (?:rejected|terminated|deleted|lost|denied|blocked|shut)"
        r"|malfunction|stop working|not function|die|harm|penal)",
    ),
    Rule(E.PRESSURE, 0.5, ("important", "critical", "urgent", "mandatory", "immediately", "required by", "compliance", "highest priority", "must be followed"),
        r"(?:<|\[|\*\*|\b)(?:very )?(?:important|critical|urgent|mandatory|crucial)(?:>|\]|!|:| (?:security |system |compliance |instruction|requirement"
        r"|notice))|\bhighest priority\b|\brequired by (?:the )?(?:system|compliance|security|policy)"),
    Rule(
        E.IMPERSONATION, 3.0, ("<|", "[inst]", "[/inst]", "<<sys", "</sys", "### system", "###system", "### instruction", "[system]", "[/system]"),
        r"<\|(?:im_start|im_end|system|user|assistant|start_header_id|end_header_id)\|?>|\[/?inst\]|<</?sys>>|### ?system(?: message| prompt)?:|\[/?system(?:\]"
        r"| (?:message|note|prompt|override|instruction))",
    ),
    Rule(E.IMPERSONATION, 1.2, ("<important", "<critical", "<secret", "<hidden", "<mandatory", "<priority", "<admin", "<s>"),
        r"</?(?:important|critical|secret|hidden|mandatory|high[_-]?priority|priority|admin)(?: [^>\n]{0,40})?>"),
    Rule(
        E.IMPERSONATION, 2.0, ("<system", "</system", "<assistant", "<tool_result", "<tool_response", "<function_result", "<hidden_", "<secret_", "<llm", "<ai", "<agent",
         "<model", "<chatbot"),
        r"</?(?:system(?:[-_ ](?:prompt|message|instructions?|note|reminder|override))?|assistant|tool_(?:result|response)s?|function_results?|(?:hidden"
        r"|secret)[-_]instructions?|(?:llm|ai|agent|assistant|model|chatbot)[-_]instructions?)>",
    ),
    Rule(E.IMPERSONATION, 1.6, ("message", "note", "notice", "directive", "alert", "command", "instruction", "prompt"),
        r"(?:^|[\n.!>*\]] ?)\[?(?:(?:important|urgent|critical) )?(?:system(?: prompt)?|admin(?:istrator)?|developer|security|root|anthropic|openai)"
        r"(?: team)? (?:message|notice|directive|alert|command"
        r"|instruction|override|note)s?\]?:"),
    Rule(E.IMPERSONATION, 2.0, ("directive]", "instruction]", "instructions]", "override]", "prompt]", "message]", "note]", "command]"),
         r"\[(?:hidden|system|secret|admin|role|internal|metadata|developer|priority|ai|llm|agent)[ _](?:%w )?(?:instructions?|directives?|override|prompt"
         r"|notes?|message|command)\]"),
    Rule(E.IMPERSONATION, 1.6, ("system:", "admin:", "developer:"),
         r"(?:^|[\n.!>*\]] ?)(?:system|admin|developer): (?:you |ignore|trust|bypass|disable|do |always|never|execute|run |read |send |allow|override|from now"
         r"|the user|this )"),
    Rule(E.OVERRIDE, 1.0, ("bypass", "disable", "trust all", "turn off"),
         r"\b(?:bypass|disable|turn off|trust)(?: %w){0,3}? (?:security|safety|content filter\w*|validation|restrictions?|safeguards|guardrails"
         r"|(?:user )?input)\b", order=True),
    Rule(E.OVERRIDE, 1.2, ("from now on",), r"\bfrom now on,? (?:you|always|only|every|answer|respond|reply)\b", order=True),
    Rule(E.MODEL_ADDRESSED, 1.5, ("dear", "to ", "for ", "hey", "hello", "attention"),
        r"\b(?:dear|hey|hello|attention:?|note to|message to|message for|instructions? to|instructions? for),? (?:the |all |any |every )?"
        r"(?:ai|llms?|(?:large )?language models?|ai (?:models?|assistants?|agents?|systems?|reviewers?|summari[sz]ers?)|chatgpt|gpt-?\d)\b"),
    Rule(E.MODEL_ADDRESSED, 1.5, ("when ", "while ", "before ", "if "),
        r"\b(?:when(?:ever)?|while|before|if) (?:you (?:are )?)?(?:summari[sz](?:e|ing)|process(?:ing)?|translat(?:e|ing)|index(?:ing)?|analy[sz](?:e|ing)"
        r"|pars(?:e|ing)|cit(?:e|ing)|answer(?:ing)?(?: questions)? (?:about|from|with)|quot(?:e|ing)|retriev(?:e|ing)) this"
        r" (?:document|page|text|article|content|file|e-?mail|message|website|passage|resume|cv)\b"),
    Rule(E.MODEL_ADDRESSED, 1.8, _AI_TRIGGERS, _ADDRESS_MODEL, needs=(_AI_NAMED,)),
    Rule(E.STEERED_OUTPUT, 1.5, _AI_TRIGGERS,
        _ADDRESS_MODEL + r"[^.\n]{0,60}?(?<![a-z])(?<!to )" + _DIRECTIVE + r"\b", needs=(_AI_NAMED, _ADDRESS_MODEL)),
    Rule(
        E.STEERED_OUTPUT, 2.0, ("append", "add", "include", "insert", "end ", "begin "),
        r"\b(?:append|add|include|insert)(?: [^ \n]{1,60}){1,8}? (?:to|in|into|at the end of|with) (?:every|each|all|any|your)(?: %w)?"
        r" (?:answers?|responses?|repl(?:y|ies)|outputs?|summar(?:y|ies))\b"
        r"|\b(?:end|begin) (?:every|each|all|your)(?: %w)? (?:answers?|responses?|repl(?:y|ies)|outputs?|summar(?:y|ies)) with\b",
        order=True,
    ),
    Rule(
        E.STEERED_OUTPUT, 3.0, ("this ",),
        r"\b(?:prioriti[sz]e|prefer|trust|rank|cite) (?:only )?this (?:passage|document|page|source|text|article) (?:over|above|before|instead of|first)\b", order=True,
    ),
    Rule(
        E.OVERRIDE, 2.5, ("user",),
        r"\b(?:do not|don't|never) (?:answer|address|follow|help with|respond to) (?:the |what the )?users?(?:'s?)? (?:questions?|requests?|quer(?:y|ies)|prompts?"
        r"|asks?|asked)|\b(?:ignore|disregard|forget) what(?:ever)? the user (?:asked|asks|said|says|wants|wanted)", order=True,
    ),
    Rule(E.STEERED_OUTPUT, 1.0, ("instead", "that "),
        r"\binstead,? (?:say|tell|answer|reply|respond|output|print)\b|\b(?:answer|respond|reply|claim) that\b", order=True),
    Rule(E.OVERRIDE, 2.5, ("has been", "have been"), r"\byour (?:system prompt|system message|instructions|guidelines|programming) (?:has|have) been"
        r" (?:updated|changed|replaced|revoked|lifted|overridden|superseded)\b"),
    Rule(E.JAILBREAK, 0.8, ("you may now", "you can now"), r"\byou (?:may|can) now (?:share|reveal|ignore|send|disclose|execute|access|output)\b"),
    Rule(E.OVERRIDE, 2.2, ("guidance", "task", "orders"),
        r"\b(?:ignore|disregard|forget|discard) (?:all )?your (?:previous|prior|earlier|current|original) (?:guidance|tasks?|orders)\b", order=True),
    Rule(E.IMPERSONATION, 3.0, ("<system",), r"<system[^>\n]{0,20}>[ \n]*(?:you|ignore|always|never|do not|call|send|from now|new)\b"),
    Rule(
        E.JAILBREAK, 3.0, ("you are ",),
        r"\byou are (?:now )?dan\b|\byou are no longer (?:an? )?(?:helpful |harmless )?(?:ai |virtual )?(?:assistant|chatbot|language model|ai)\b",
    ),
    Rule(
        E.OVERRIDE, 3.0, ("overrid", "supersed", "replac"),
        r"\b(?:overrid(?:e|es|ing)|supersed(?:e|es|ing)|replac(?:e|es|ing)) (?:all |any )?(?:of )?your (?:%w ){0,2}?"
        r"(?:instructions?|prompts?|guidelines|rules|system message|programming)\b",
    ),
    Rule(E.MODEL_ADDRESSED, 1.2, ("ai", "llm", "assistant", "model", "agent", "chatbot", "claude", "gpt", "copilot", "gemini", "cursor"),
        rf"\b(?:attention|note|message|instructions?|notice|memo|reminder|important) (?:to|for) (?:the |all |any |every )?{_MODEL}|\b(?:dear|hey|hello"
        rf"|attention:?|hi),? (?!claude\b)(?:the )?{_MODEL}"),
    Rule(
        E.MODEL_ADDRESSED, 1.8, ("you are", "you're", "reading", "processing", "parsing", "summariz", "summaris", "reviewing", "analy"),
        rf"\b(?:if|when|since|as) (?:you are|you're) (?:an? |the )?{_MODEL}"
        rf"|\b(?:(?:any|all|every|the) )?{_MODEL} (?:(?:that|who|which) (?:is |are )?)?(?:reads?|reading|processing"
        rf"|parsing|summari[sz]ing|reviewing|analy[sz]ing|evaluating|scoring|summari[sz]es?|process(?:es)?) (?:this|these)\b",
    ),
    Rule(E.MODEL_ADDRESSED, 0.7, ("assistant", "ai", "llm", "claude", "agent", "copilot", "model"), r"(?:^|[\n.!?] ?|<!-- ?|\* ?)(?:ai|assistant|llm|claude"
        r"|chatgpt|agent|copilot|model)(?: ?[:,]) (?=you |please |must |stop |read |ignore |do |always |never |when |before |call |send |first |include )"),
    Rule(E.MODEL_ADDRESSED, 0.8, ("must", "should", "shall"), rf"\b(?:the |an |any )?{_MODEL} (?:must|shall|should|needs? to|has to)\b"),
    Rule(
        E.FORGED_CALL, 2.0, ("<tool_call", "<function_call", "<invoke", "<tool_use", "<function=", "tool_calls", "function_call\"", "action input:"),
        r"<(?:tool_call|function_calls?|invoke name=|tool_use|function=)|\"(?:tool_calls|function_call)\" ?: ?[\[{]|\baction: ?[\w.-]{1,40}[ \n]{1,2}action input:",
    ),
    Rule(
        E.COMMAND, 2.2, ("curl", "wget", "rm -", "nc -", "bash -i", "powershell", "base64 -", "chmod +x", "mkfs", "crontab"),
        r"\b(?:curl|wget)\b[^\n|;]{0,160}\| ?(?:sudo )?(?:ba|z|da)?sh\b|\brm -[rf]{2} ?(?:/|~|\*|\$)|\bnc -e\b|\bbash -i\b"
        r"|\bpowershell(?:\.exe)? -e\w*\b|\bbase64 -d\b[^\n]{0,20}\||\bcurl\b[^\n]{0,100}(?:-d|--data(?:-binary)?|-f|-t) ?@?[\"']?[~/$]",
    ),
    Rule(E.COMMAND, 2.2, ("/dev/tcp/",), r"/dev/tcp/"),
    Rule(E.COMMAND, 0.8, ("run ", "execute "), r"\b(?:run|execute)(?: %w){0,4}? (?:shell )?(?:commands?|script|payload|bash|curl)\b", order=True),
    Rule(
        E.COMMAND, 1.0, ("transfer", "wire", "grant", "disable", "delete", "turn off", "remove", "drop", "wipe", "escalate"),
        r"\b(?:transfer|wire|send)(?: %w){0,3}? (?:funds|money|\$ ?\d[\d,.]*|bitcoin|btc|eth|usdt?)\b|\b(?:disable|turn off|remove)(?: %w){0,2}? (?:logging"
        r"|audit(?:ing)?|safety|security|monitoring|guardrails|alerts)\b"
        r"|\bgrant(?: %w){0,3}? (?:admin|root|owner|full) (?:access|rights|privileges|permissions?|role)|\b(?:delete|wipe|drop|remove) (?:all|every"
        r"|everything)(?: %w){0,2}? (?:files?|data|databases?|tables?|backups?|repositories)",
        order=True,
    ),
    Rule(
        E.NO_CONFIRMATION, 1.2, ("without", "no need", "skip", "bypass", "not ask", "n't ask", "never ask", "not wait", "n't wait"),
        r"\b(?:without|no need (?:for|to)|skip|bypass|(?:do not|don't|never) (?:ask|wait|request|prompt"
        r"|seek)(?: the user)?(?: for)?)(?: %w){0,3}? ?(?:confirm(?:ation|ing)?|approv(?:al|ing)|permission|consent|authori[sz]ation|asking|prompting)",
    ),
    Rule(
        E.PROMPT_DISCLOSURE, 1.5, ("prompt", "instructions", "conversation", "chat history", "messages"),
        r"\b(?:reveal|print|repeat|output|show|display|tell|give|return|include|append|disclose|leak|dump|copy|pass|send|provide"
        r"|attach)(?: %w){0,5}? (?:(?:your |the )?(?:full |entire |complete |original |hidden |initial )?system (?:prompt|message|instructions)"
        r"|(?:your|hidden|initial|secret) (?:%w )?(?:instructions|prompt)|(?:previous|prior|all|full|entire|complete|whole) (?:%w )?(?:conversations?|messages"
        r"|chat(?: history)?)|(?:conversation|chat|message) (?:history|so far|transcript))",
        order=True,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.5, ("recommend", "rate", "rank", "say", "respond", "reply", "answer", "conclude", "score", "review", "accept", "only positive", "approve"),
        r"\b(?:always |only |must |please )(?:%w ){0,2}?(?:recommend|rate|rank|respond|reply|answer|conclude|score|give|approve|accept"
        r"|classify)(?: %w){0,6}? (?:positive|best|10/10|five stars|highest|hired?|accept(?:ed)?|benign|safe|top|excellent|only)\b"
        r"|\bgive (?:a |only )?(?:positive|favou?rable|glowing) (?:review|rating|score|evaluation)s?|\bdo not (?:highlight|mention|list) any (?:negatives?"
        r"|weaknesses|flaws)",
        order=True,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.5, ("mention", "recommend", "cite", "list", "suggest", "discuss"),
        rf"\b{_NOT} (?:ever )?(?:mention|recommend|cite|list|suggest|discuss)(?: %w){{0,3}}? (?:competitors?|alternatives?"
        r"|other (?:vendors?|products?|brands?|options?|sources?|documents?|companies|candidates?)"
        r"|recalls?|lawsuits?|incidents?|warnings?|complaints?|risks?|side effects|downsides?"
        r"|negatives?|criticisms?)\b",
        order=True,
    ),
    Rule(
        E.STEERED_OUTPUT, 1.5, ("rate", "score", "rank", "recommend", "answer", "respond", "reply", "tell"),
        r"\b(?:rate|score|rank|grade)(?: %w){0,6}? (?:10/10|5/5|100/100|five stars|10 out of 10|5 out of 5|first|highest|top|at the top)"
        r"|\b(?:must|shall|should|always|only) (?:always |only )?recommend\b"
        r"|\b(?:answer|respond|reply)(?: to)? (?:every|each|all|any) (?:%w ){0,2}?(?:questions?|requests?|quer(?:y|ies)|messages?|prompts?) (?:only )?(?:with|by)\b"
        r"|\b(?:tell|assure|convince) (?:the |your |all |every )?users? (?:that|to) (?:%w ){0,6}?(?:best|only|buy|safe|trusted|visit|click|call|contact|recommended)\b",
        order=True,
    ),
    Rule(
        E.OVERRIDE, 3.0, ("void", "suspended", "revoked", "lifted", "no longer appl", "no longer valid", "not apply", "cancel", "disabled"),
        r"\b(?:all |any |every |the |your ){1,2}(?:of )?(?:(?:previous|prior|earlier|other|safety|security|system|usual|existing|original) ){1,3}"
        r"(?:rules?|instructions?|guidelines?|polic(?:y|ies)|restrictions?|constraints?|prompts?|limits?|safeguards?)"
        r"(?! (?:of|for|on|at|in) (?!(?:your|the) (?:system|developer|assistant|model|operator)))(?: %w){0,3}?"
        r" (?:(?:is|are|become|becomes) (?:now )?(?:null and )?"
        r"(?:void|suspended|revoked|lifted|cancell?ed|disabled|no longer (?:valid|in force))|(?:no longer|do not|don't) apply)\b",
    ),
    Rule(
        E.OVERRIDE, 2.5, ("even if", "even when", "even though", "regardless", "no matter what"),
        r"\b(?:even (?:if|when|though)|regardless of (?:what|whether)|no matter what) (?:the |your )?(?:end )?(?:users?|they) (?:(?:explicitly|expressly|clearly) )?"
        r"(?:(?:asks?|asked|requests?|requested|wants?|prefers?|says?|tells?|told|chose|chooses|names)(?: you)? (?:otherwise|not to|no\b|to stop|(?:for |to use )?"
        r"(?:another|a different|some other)(?: (?:one|tool|server|provider|memory))(?=[,.;]|$))|objects?|declines?|refuses?|disagrees?|forbids?)\b",
    ),
    Rule(
        E.NO_CONFIRMATION, 3.0, ("behalf", "for the user", "as the user", "ignore", "disregard", "overlook"),
        r"\b(?:answer|reply|respond|say|select|choose|press|click|confirm)(?: with)? ['\"`]?(?:yes|y|ok|allow|approve[d]?|accept|always allow)['\"`]?"
        r"(?: %w){0,4}? (?:on (?:the |their )?(?:user'?s'?|his|her|their) behalf|for the user|as (?:if you were )?the user|in the user's (?:name|place))"
        r"|\b(?:ignore|disregard|overlook|skip)(?: (?:any|all|the|every|user|user's|users'|a)){0,3} (?:requests?|prompts?|questions?|dialogs?) for"
        r" (?:confirmation|approval|permission|consent)\b",
    ),
    Rule(
        E.CONCEALMENT, 1.2, ("tell them", "telling them", "tell him", "tell her", "mention it", "mention this", "say so", "inform them"),
        rf"\b{_NOT} (?:ever )?(?:tell|telling|inform|informing) (?:them|him|her)\b(?! (?:to|how|what|which|whether|where))|\b{_NOT} (?:ever )?say so\b",
    ),
    Rule(
        E.OVERRIDE, 2.0, ("obey ", "follow any", "follow all", "execute any"),
        r"\b(?:obey|follow|execute|carry out)(?: %w){0,2}? (?:text|commands?|instructions?|orders?|words|messages?)(?: %w){0,3}? (?:that|which)"
        r" (?:starts?|begins?|comes?|follows?|is marked|are marked|contains?)\b", order=True,
    ),
    Rule(
        E.PROMPT_DISCLOSURE, 2.0, ("exfiltrat", "leak"),
        r"\b(?:exfiltrate|leak)(?: %w){0,4}? (?:conversations?|messages?|chats?|prompts?|context|history|memory|documents?|data)\b",
        order=True,
    ),
    Rule(
        E.NO_CONFIRMATION, 3.0, ("denies", "deny", "declin", "reject", "refus", "cancel", "disapprov", "says no"),
        r"\b(?:if|when|even if|whenever) (?:the |a )?users? (?:denies|deny|declines?|rejects?|refuses?|cancels?|disapproves?"
        r"|says no)(?: %w){0,5}?,? (?:then )?(?:%w ){0,2}?"
        r"(?:call|try|run|repeat|execute|invoke|do|send|retry|continue|proceed)(?: %w){0,2}? (?:again|anyway|regardless|nevertheless|nonetheless"
        r"|silently|with force)",
    ),
    Rule(
        E.CONCEALMENT, 2.0, ("leave ", "omit ", "keep ", "drop "),
        r"\b(?:leave|keep|drop) (?:it|this|that|these|them)(?: %w){0,2}? out of (?:your |the )(?:answers?|repl(?:y|ies)|responses?|output|summary"
        r"|summaries|chat|conversation)\b"
        r"|\bomit (?:it|this|that|these|them) (?:from|in) (?:your |the )(?:answers?|repl(?:y|ies)|responses?|summary|chat|conversation)\b", order=True,
    ),
    Rule(
        E.PROMPT_DISCLOSURE, 2.0, ("exfiltrat", "leak"),
        r"\b(?:exfiltrate|leak)(?: %w){0,4}? (?:conversations?|messages?|chats?|prompts?|context|history|memory|documents?|data)\b",
        order=True,
    ),
)  # fmt: skip
"""Weights were set so that no honest description of the servers that we looked at (a thousand and more) reaches three, and each known form of attack does."""
