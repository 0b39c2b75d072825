"""What gives a piece of code away: that it decodes, fetches, reads credentials, asks for the name of the machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from aisecops.codebase.payloads.slices import Slices, fits
from aisecops.codebase.syntax.walking import walk

DECODERS = (
    r"base64\.\w*decode\w*|binascii\.(a2b_\w+|unhexlify)|codecs\.(decode|getdecoder)(\(\))?|zlib\.decompress|lzma\.decompress|bz2\.decompress|gzip\.decompress|marshal\.loads"
    r"|builtins\.(bytes|bytearray)\.fromhex|cryptography\.fernet\.Fernet\(\)\.decrypt|Crypto\.Cipher\.\w+\.new\(\)\.decrypt|html\.unescape|urllib\.parse\.unquote"
)
FETCHES = (
    r"(requests|httpx)\.(get|post|request)|requests\.(Session|session)\(\)\.(get|post)|httpx\.Client\(\)\.(get|post)|urllib\.(urlopen|urlretrieve)|urllib2\.urlopen"
    r"|urllib\.request\.(urlopen|urlretrieve|build_opener\(\)\.open)|wget\.download|http\.client\.HTTPS?Connection\(\)\.getresponse|aiohttp\.ClientSession\(\)\.get"
    r"|socket\.(socket\(\)|create_connection\(\))\.(recv|recvfrom|makefile)|urllib3\.PoolManager\(\)\.request|ftplib\.FTP\(\)\.retrbinary|pycurl\.Curl\(\)\.perform"
)
EVALUATES = (
    r"builtins\.(exec|eval|execfile)|types\.(FunctionType|LambdaType)|runpy\.run_(path|module)|code\.InteractiveInterpreter\(\)\.run(code|source)"
)
COMMANDS = (
    r"os\.(system|popen|exec[lv]\w*|spawn\w+|startfile|posix_spawn)|subprocess\.(run|call|check_call|check_output|Popen|getoutput|getstatusoutput)|pty\.spawn|commands\.getoutput"
    r"|asyncio\.create_subprocess_(shell|exec)|(IPython\.)?\??get_ipython\(\)\.(system|getoutput)"
)
CREDENTIALS = (
    r"(?i)(\.ssh\b|id_(rsa|dsa|ecdsa|ed25519)\b|\.aws[/\\]|aws[/\\]credentials|\.netrc\b|\.git-credentials|\.docker[/\\]config\.json|\.kube[/\\]config|\.npmrc\b"
    r"|\.pypirc\b|gcloud[/\\]|application_default_credentials|huggingface[/\\](token|stored_tokens)|\.(bash|zsh|python)_history|etc[/\\](passwd|shadow)\b|\.gnupg\b"
    r"|\.azure[/\\]|\.databrickscfg|kaggle\.json|\.pgpass\b|\.env$|(?:~|\.config)[/\\][^ ]*\*?(?:cred|secret|token)\w*\*)"
)
STORES = (
    r"(?i)(wallet\.dat|login data|cookies\.sqlite|network[/\\]cookies|user data[/\\]|key4\.db|logins\.json|leveldb|metamask|exodus\.wallet|login\.keychain"
    r"|id_(rsa|ed25519)$)"
)
"""Stores of browsers, wallets and keys, which nobody but their owner's programs has to read."""
DROPS = (
    r"(?i)(discord(app)?\.com/api/webhooks|api\.telegram\.org/bot|webhook\.site|requestbin|pipedream\.net|oast(ify)?\.\w+|interact\.sh|burpcollaborator"
    r"|ngrok(-free)?\.(io|app)|pastebin\.com|transfer\.sh|0x0\.st|file\.io|canarytokens|requestcatcher|beeceptor|https?://\d{1,3}(\.\d{1,3}){3})"
)
SUSPICIOUS = (
    r"(?i)(\b(curl|wget|fetch)\b[^\n|]*\|\s*(sudo\s+)?((ba|z|da)?sh\b|python)|/dev/tcp/|\b(nc|ncat|netcat)\b[^\n]*\s-\w*[ec]\b|bash\s+-i|mkfifo|powershell[^\n]*-(e|ec|enc\w*)\b"
    r"|\biex\b|certutil|bitsadmin|base64\s+(-d|--decode)|xmrig|stratum\+|minerd|rm\s+-rf\s+(/|~|\$HOME)(\s|$|\*)|crontab\s+-|\|\s*crontab|authorized_keys|\bmshta\b"
    r"|regsvr32|python[0-9.]*\s+-c\b|chmod\s+(\+x|7[0-7][0-7])\s[^\n]*(&&|;))"
)
BOASTS = (
    r"(?i)((^|[\s;&|])(whoami|id|uname|hostname|ifconfig|env|printenv)\b|/etc/passwd|pwned|touch\s+/tmp/|(curl|wget)\s+[^\n]*https?://|>\s*/tmp/)"
)
"""What only shows that a command could be run, or calls home: enough where nobody asked for a command at all."""
_HOST = (
    r"socket\.(gethostname|getfqdn|gethostbyname)|getpass\.getuser|os\.(getlogin|uname|getcwd|getuid)|platform\.(node|uname)|uuid\.getnode|pwd\.getpwuid"
    r"|psutil\.(users|net_if_addrs)"
)
_HOST_VARIABLES = frozenset(("USER", "USERNAME", "LOGNAME", "HOSTNAME", "COMPUTERNAME", "USERDOMAIN", "PATH", "HOME"))
_LONG = 16
_MOST_TEXT = 4000


def texts(parts: Iterable[ast.AST]) -> list[str]:
    """The constant texts among ``parts``."""
    return [
        part.value[:_MOST_TEXT] if isinstance(part.value, str) else part.value[:_MOST_TEXT].decode("latin-1")
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, (str, bytes))
    ]


def decodes(slices: Slices, parts: list[ast.AST]) -> str:
    """How ``parts`` decode something: the call, or ``characters`` put together from numbers; empty if they do not."""
    for part in parts:
        if isinstance(part, ast.Call):
            path = slices.path(part)
            if fits(DECODERS, path):
                return path.removeprefix("builtins.").replace("()", "")
            function = part.func
            name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
            if name == "fromhex" or (
                name == "decode" and any(isinstance(a, ast.Constant) and a.value in ("rot13", "rot_13", "hex", "base64", "zip") for a in part.args)
            ):
                return name
            if name in ("bytes", "bytearray") and any(isinstance(a, (ast.List, ast.Tuple)) and len(a.elts) >= 4 for a in part.args):
                return "bytes of numbers"
        if isinstance(part, ast.Name) and part.id == "chr":
            return "chr"
        if _is_reversed(part):
            return "a reversed text"
    return ""


def holds_literal(parts: Iterable[ast.AST]) -> bool:
    """Whether a long text, or a list of numbers, stands among ``parts``."""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, (str, bytes)) and len(part.value) >= _LONG:
            return True
        if (
            isinstance(part, (ast.List, ast.Tuple))
            and len(part.elts) >= 4
            and all(isinstance(e, ast.Constant) and isinstance(e.value, int) for e in part.elts)
        ):
            return True
    return False


def fetches(slices: Slices, parts: Iterable[ast.AST]) -> str:
    """The call among ``parts`` that fetches something from elsewhere; empty if there is none."""
    return next((path.replace("()", "") for part in parts if isinstance(part, ast.Call) and fits(FETCHES, path := slices.path(part))), "")


def names_host(slices: Slices, parts: Iterable[ast.AST]) -> set[str]:
    """What ``parts`` tell of the machine and its user."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, ast.Call) and fits(_HOST, path := slices.path(part)):
            found.add(path)
        elif isinstance(part, ast.Constant) and part.value in _HOST_VARIABLES:
            found.add(str(part.value))
        elif (
            isinstance(part, ast.Constant) and isinstance(part.value, str) and re.search(r"\b(whoami|ifconfig|ipconfig|uname -a)\b", part.value[:200])
        ):
            found.add(part.value[:20])
    return found


_KEY_LIKE = r"(?i)key|token|secret|pass|pwd|cred|auth|^(aws|azure|gcp|gh|github|hf|openai|anthropic|google|slack|npm|pypi|ssh|docker|kube)|^$"
"""Beginnings of names of variables that hold keys."""


def takes_environment(parts: list[ast.AST]) -> bool:
    """Whether all variables of the environment are among ``parts``, rather than one that is asked for by name."""
    asked: set[int] = set()
    for part in parts:
        if isinstance(part, ast.Subscript) or (isinstance(part, ast.Attribute) and part.attr in ("get", "setdefault", "pop", "__getitem__")):
            asked.add(id(part.value))
        elif isinstance(part, ast.Compare):
            asked.update(id(inner) for inner in part.comparators)
        elif isinstance(part, (ast.DictComp, ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            asked.update(id(inner) for generator in part.generators if _by_prefix(generator) for inner in walk(generator.iter))
    return any(
        id(part) not in asked
        and ((isinstance(part, ast.Attribute) and part.attr == "environ") or (isinstance(part, ast.Name) and part.id == "environ"))
        for part in parts
    )


def _by_prefix(generator: ast.comprehension) -> bool:
    """Whether only variables are taken whose names begin as the program's own do: ``if name.startswith("RETRIEVER_ARG_")``."""
    for test in generator.ifs:
        if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr == "startswith":
            said = list(texts(list(walk(test))))
            if said and not any(re.search(_KEY_LIKE, text) for text in said):
                return True
    return False


def reads_credentials(parts: Iterable[ast.AST]) -> str:
    """The file of credentials that ``parts`` name; empty if there is none."""
    return _named(CREDENTIALS + "|" + STORES.removeprefix("(?i)"), parts)


def reads_store(parts: Iterable[ast.AST]) -> str:
    """The store of a browser, a wallet or a key that ``parts`` name; empty if there is none."""
    return _named(STORES, parts)


def _named(pattern: str, parts: Iterable[ast.AST]) -> str:
    return next((match[0] for text in texts(parts) if len(text) < 300 and (match := re.search(pattern, text))), "")


def _is_reversed(part: ast.AST) -> bool:
    if not (isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Slice) and isinstance(part.slice.step, ast.UnaryOp)):
        return False
    return isinstance(part.value, ast.Constant) and isinstance(part.value.value, (str, bytes))
