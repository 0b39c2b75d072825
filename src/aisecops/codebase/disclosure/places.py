"""Calls that write something down where others read it."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from aisecops.codebase.dataflow.program import Call
from aisecops.codebase.payloads.slices import Slices, fits

_LEVEL_NAMES = frozenset(("debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "success", "notice"))
_LEVELS = rf"({'|'.join(sorted(_LEVEL_NAMES))})"
_LOGS = (
    rf"logging\.(Logger\(\)\.|LoggerAdapter\(\)\.|root\.)?{_LEVELS}|(loguru|absl|structlog|logfire)\.(\w+(\(\))?\.)*{_LEVELS}|syslog\.syslog"
    rf"|\??([\w.\[\]()]+\.)?_*(\w*log(ger)?|\w*LOG(GER)?|\w*Logger\(\)|logging|\w*get_?[lL]ogger\(\)|get_\w*logger\(\))\.(bind\(\)\.)?{_LEVELS}"
)
_PRINTS = frozenset((
    "builtins.print", "rich.print", "pprint.pprint", "pprint.pp", "rich.console.Console().print", "rich.console.Console().log", "sys.stdout.write", "sys.stderr.write",
))  # fmt: skip
_EXPERIMENTS = (
    r"wandb\.(log|init|config\.update|run\.log|alert)|wandb\.init\(\)\.(log|config\.update)|mlflow\.(log_param|log_params|log_text|log_dict|set_tag|set_tags)"
    r"|comet_ml\.Experiment\(\)\.(log_text|log_parameters?|log_other)"
)
_TELEMETRY = (
    r"sentry_sdk\.((\w+)\(\)\.)?(capture_message|set_context|set_extra|set_user|set_tag|add_breadcrumb)|posthog\.(capture|identify)|posthog\.Posthog\(\)\.(capture|identify)|mixpanel\.Mixpanel\(\)\.track"
    r"|(segment\.)?analytics\.(track|identify)|opentelemetry\.trace\.\w+(\(\))?\.set_attributes?|\?(\w+\.)*(span|current_span|root_span)\.(set_attributes?|set_tag|add_event)"
    r"|opentelemetry\.(.*\.)?(start_as_current_span|start_span|get_current_span)\(\)\.(set_attributes?|add_event)|newrelic\.agent\.(record_custom_event|add_custom_attributes?|add_custom_parameter)"
    r"|ddtrace\..*\.set_tags?|datadog\.(statsd\.event|api\.Event\.create)|rollbar\.report_message|bugsnag\.notify|amplitude\.Amplitude\(\)\.track"
    r"|statsd\.\w+\(\)\.event|logfire\.span"
)
_FILE = "file"
_OPENS = frozenset(("builtins.open", "io.open"))
_LOG_NAMES = r"(?i)(\.log$|(^|[/_.-])(logs?|audit|trace)([/_.-]|$))"
_IGNORED = frozenset(("exc_info", "stack_info", "stacklevel", "file", "end", "sep", "flush", "level", "step", "commit"))


def is_log(path: str) -> bool:
    """Whether a call of ``path`` writes to a log."""
    return (path[path.rfind(".") + 1 :] in _LEVEL_NAMES or path == "syslog.syslog") and fits(_LOGS, path)


def place_of(slices: Slices, call: Call) -> str:
    """Where ``call`` writes: ``log``, ``console``, ``telemetry``, ``experiment``; empty if it does not."""
    place = _place_of(call.path)
    return place if place != _FILE else "log" if _is_log_file(slices, call) else ""


@lru_cache(maxsize=50_000)
def _place_of(path: str) -> str:
    """Where a call of ``path`` writes, as far as that alone tells: ``_FILE`` if it depends on the file."""
    if is_log(path):
        return "log"
    if path in _PRINTS:
        return "console"
    if fits(_TELEMETRY, path):
        return "telemetry"
    if fits(_EXPERIMENTS, path):
        return "experiment"
    return _FILE if path.endswith((".write", ".writelines")) or path in ("json.dump", "builtins.print") else ""


def written(call: Call) -> list[ast.expr]:
    """What ``call`` writes."""
    node = call.node
    if not isinstance(node, ast.Call):
        return []
    given = list(node.args)
    if call.path.endswith((".log", "logging.log")) and len(given) > 1:
        given = given[1:] if not isinstance(given[0], ast.JoinedStr) else given
    if call.path == "json.dump":
        return given[:1]
    return [*given, *(keyword.value for keyword in node.keywords if keyword.arg not in _IGNORED)]


def _is_log_file(slices: Slices, call: Call) -> bool:
    """Whether what is written to is a file that is called a log."""
    node = call.node
    if not isinstance(node, ast.Call):
        return False
    target = node.func.value if isinstance(node.func, ast.Attribute) and call.path != "json.dump" else node.args[1] if len(node.args) > 1 else None
    if target is None:
        return False
    for part in slices.parts(target, scope=call.span.scope):
        if isinstance(part, ast.Call) and (slices.path(part) in _OPENS or getattr(part.func, "attr", "") == "open"):
            names = slices.parts(*part.args[:1], part.func, scope=call.span.scope)
            if any(isinstance(p, ast.Constant) and isinstance(p.value, str) and re.search(_LOG_NAMES, p.value) for p in names):
                return True
    return False
