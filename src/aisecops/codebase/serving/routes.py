"""Routes: which function of a program answers which address, and whether that matters."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import msgspec

from aisecops.codebase.dataflow.linking import Program
from aisecops.codebase.dataflow.program import Bound, Function, Instance, Module, Span
from aisecops.codebase.serving.bodies import Definition, whole_function
from aisecops.codebase.serving.evidence import last_name
from aisecops.codebase.syntax.walking import children

APPS = frozenset(
    (
        "fastapi.FastAPI() fastapi.applications.FastAPI() flask.Flask() flask.app.Flask() quart.Quart() starlette.applications.Starlette() "
        "sanic.Sanic() bottle.Bottle() aiohttp.web.Application() litestar.Litestar() robyn.Robyn() falcon.App() falcon.asgi.App() "
        "connexion.FlaskApp() connexion.App() ninja.NinjaAPI() apiflask.APIFlask() flask_openapi3.OpenAPI() blacksheep.Application() responder.API() "
        "chalice.Chalice() microdot.Microdot() tornado.web.Application() fastapi_offline.FastAPIOffline() bentoml.Service()"
    ).split()
)
ROUTERS = frozenset(
    (
        "fastapi.APIRouter() fastapi.routing.APIRouter() flask.Blueprint() quart.Blueprint() sanic.Blueprint() aiohttp.web.RouteTableDef() "
        "ninja.Router() starlette.routing.Router() robyn.SubRouter() flask_restx.Namespace() flask_restx.Api() flask_restful.Api() "
        "flask_smorest.Blueprint()"
    ).split()
)
_DECORATING = frozenset(("litestar", "litestar.handlers"))
"""Libraries whose own functions decorate what answers; the application takes these in."""
METHODS = frozenset(("get", "post", "put", "patch", "delete", "route", "api_route", "websocket", "websocket_route", "api_operation", "doc", "api"))
_ADDERS = {
    "add_api_route": (0, 1),
    "add_route": (0, 1),
    "add_url_rule": (0, 2),
    "add_post": (0, 1),
    "add_get": (0, 1),
    "add_put": (0, 1),
    "add_delete": (0, 1),
}
"""Methods that register a function: where the address and the function stand among the arguments."""
_RESPONDERS = frozenset(("on_post", "on_put", "on_patch", "on_delete", "on_get", "on_websocket"))
_ROUTE_CLASSES = frozenset(
    (
        "starlette.routing.Route starlette.routing.WebSocketRoute fastapi.routing.APIRoute aiohttp.web.post aiohttp.web.get aiohttp.web.put "
        "aiohttp.web.delete"
    ).split()
)
_CHAINS = frozenset(("langserve.add_routes", "langserve.server.add_routes"))
"""Calls that serve a chain of a library's."""
SOCKETS = frozenset(("websockets.serve", "websockets.server.serve", "websockets.asyncio.server.serve", "websockets.sync.server.serve"))
"""Servers that take the function that answers, then the host."""
_HARMLESS = (
    r"(?i)^(health(z|check|_check)?|live(z|ness)?|ready(z|ness)?|alive|ping|heartbeat|status|version|info|about|metrics?|docs?|redoc|openapi(\.json)?|favicon(\.ico)?"
    r"|robots\.txt|static|assets|login|log_in|logout|signin|sign_in|signup|sign_up|token|oauth2?|callback|verify|auth|authenticate|home|index|root|main|echo|hello|help"
    r"|schema)$"
)
_MATTERS = (
    r"(?i)^(predict(ion)?s?|infer(ence)?s?|generat(e|ion|or)s?|complet(e|ions?)|chat|chats?_?completions?|embed(ding)?s?|encode|classif(y|ication|ier)"
    r"|detect(ion|or)?s?|scor(e|ing|es)|rank|rerank|segment(ation)?|summari[sz](e|ation)|translat(e|ion)|transcri(be|ption|pt)s?|synthesi[sz]e|tts|stt|asr|ocr|caption"
    r"|vqa|moderate|recommend(ation)?s?|forecast|answer|ask|question|qa|rag|retriev(e|al)|query|prompt|llm|gpt|agents?|invoke|invocations?|infill|diffusion|img2img"
    r"|txt2img|imagine|models?|run|execute|exec|eval|evaluate|shell|command|cmd|sql|train|training|retrain|finetune|fine_tune|fit|load|reload|unload|deploy|undeploy"
    r"|promote|rollback|register_model|swap|switch|delete|remove|drop|purge|wipe|reset|clear|upload|ingest|import|export|admin|administration|debug|internal|console"
    r"|config|settings|shutdown|restart|stop|kill|update|patch|install|weights|checkpoints?|datasets?|index_documents|explain|analy[sz]e|process|review|secrets?"
    r"|env|environ|logs|dump|pickle|adapters?|lora|jobs?|users|keys|features?)$"
)
_VERBS = (
    r"(run_|get_|make_)?(predict|prediction|infer|inference|generate|embed|classify|summarize|transcribe|translate)"
    r"(_(text|image|audio|rows|batch|response|answer|proba))?"
)
"""Functions that run a model, by the names that people give them."""
_THINGS = frozenset(
    "model models dataset datasets users jobs job features feature keys info weights checkpoint checkpoints agent agents process logs review".split()
)
"""Words that may as well name what is looked at: ``GET /models``."""
_CHANGES = frozenset("delete put patch remove add create update upload register load set switch".split())
_RUNS = frozenset(
    (
        "predict predict_proba predict_on_batch generate generate_text generate_content generate_content_async infer inference invoke ainvoke astream "
        "stream_chat transcribe translate embed_query embed_documents acomplete chat_completion text_generation create_completion "
        "create_chat_completion rmtree unlink remove system popen check_output exec eval forward decision_function partial_fit run_inference apredict "
        "arun score_samples feature_extraction load_state_dict save_pretrained"
    ).split()
)
"""Methods that run or change a model, or the machine."""
_MODELS = (
    r"(?i)^_?(model|pipe|pipeline|classifier|generator|llm|predictor|net|network|summarizer|translator|detector|recognizer|sess|ort_session|chain|agent"
    r"|qa|qa_chain|clf|regressor|estimator|booster|reader)$"
)
_COMPLETIONS = r"(chat\.completions|completions|messages|responses|embeddings|images|audio\.\w+|chat)\.(create|parse|stream|complete)$"
_MOST_NODES = 3000


class Route(msgspec.Struct, frozen=True):
    """A function of the project that answers an address, or a chain that a library serves there (no function).

    ``owner`` is the access path of what it is registered at, ``registration`` the decorator or call by which, where there is one. ``matters`` says what it does
    that not everybody should be able to do; empty for health checks, pages and the like.
    """

    address: str
    function: Function | None
    node: Definition | None
    owner: str
    registration: ast.Call | None
    span: Span
    matters: str

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name if self.function is not None else self.matters


def routes(module: Module, program: Program) -> Iterator[Route]:
    """Yield the routes that the functions of ``module`` are registered for."""
    for function in module.functions:
        node = function.node
        if isinstance(node, ast.Lambda):
            continue
        for decorator, value in zip(node.decorator_list, function.decorators, strict=False):
            owner, _, method = value.path.removesuffix("()").rpartition(".")
            if isinstance(decorator, ast.Call) and method in METHODS and (_serves(owner) or owner in _DECORATING):
                yield from route(_address(module, decorator), function, program, owner, decorator, _span(module, function, decorator))
                break
    yield from _added(module, program)


def _added(module: Module, program: Program) -> Iterator[Route]:
    for call in module.calls:
        owner, _, method = call.path.rpartition(".")
        places = (
            (1, 0)
            if call.path in SOCKETS
            else (0, 1)
            if call.path in _ROUTE_CLASSES
            else _ADDERS.get(method)
            if _serves(owner.removesuffix(".router"))
            else None
        )
        if not isinstance(call.node, ast.Call) or call.form != "call":
            continue
        if call.path in _CHAINS:
            path = call.arguments.get("path", 2)
            yield Route((path.text or "") if path is not None else "", None, None, owner, call.node, call.span, "chain")
        if places is None:
            continue
        given = call.arguments
        function = given.get("endpoint", places[1]) or given.get("view_func") or given.get("handler", places[1]) or given.get("ws_handler")
        ref = function.ref if function is not None else None
        if isinstance(ref, Bound):
            ref = ref.function
        if isinstance(ref, Instance):  # Falcon's resources
            for responder in (responder for name, responder in ref.cls.methods.items() if name in _RESPONDERS):
                yield from route("", responder, program, owner, call.node, call.span, words=f"/{ref.cls.name}")
        if isinstance(ref, Function):
            address = given.get("path", places[0]) or given.get("rule", places[0])
            text = (address.text or "") if address is not None else ""
            yield from route(text, ref, program, owner, call.node, call.span)


def _serves(owner: str) -> bool:
    return owner in APPS or owner in ROUTERS or re.match(r"\?(\w+\.)*\w*(app|router|bp|blueprint|api|server|application)$", owner) is not None


def route(
    address: str, function: Function, program: Program, owner: str, registration: ast.Call | None, span: Span, words: str = ""
) -> Iterator[Route]:
    """Yield the route that ``function`` is; ``words`` tell of it where there is no address."""
    node = whole_function(function, program)
    if node is not None:
        yield Route(address, function, node, owner, registration, span, matters(address or words, node))


def _address(module: Module, decorator: ast.Call) -> str:
    candidates = [*decorator.args[:1], *(k.value for k in decorator.keywords if k.arg in ("path", "rule", "uri"))]
    for candidate in candidates:
        if isinstance(candidate, ast.Constant) and isinstance(candidate.value, str):
            return candidate.value
        if isinstance(candidate, ast.Name) and (text := module.member(candidate.id).text):
            return text
    return ""


def _span(module: Module, function: Function, decorator: ast.expr) -> Span:
    """From the decorator to the line of ``def``."""
    span = Span(module.path, decorator, function.qualname)
    span.end_line = max(function.node.lineno, span.end_line)
    return span


def matters(address: str, node: Definition) -> str:
    """Return what the route does that not everybody should be able to do: by its address, by what its function calls, by its name; empty if nothing is known."""
    words = [word.lower().replace("-", "_") for word in re.split(r"[/{}<>:]+", address) if word]
    if words and re.match(_HARMLESS, words[-1]):
        return ""
    told = _telling(words)
    if acts := [word for word in told if word not in _THINGS]:
        return acts[-1]
    if run := runs(node):
        return run
    own = node.name.lower()
    if not words and re.match(_HARMLESS, own):
        return ""
    named = [word for word in _telling([own]) if word not in ("config", "settings") or not own.startswith("get_")]
    if named := [word for word in named if word not in _THINGS and word not in ("query", "run")]:
        return named[0]
    return told[-1] if told and not _CHANGES.isdisjoint(own.split("_")) else ""


def _telling(words: list[str]) -> list[str]:
    return [part for word in words for part in dict.fromkeys((word, *word.split("_"))) if re.match(_MATTERS, part)]


def runs(node: ast.AST) -> str:
    """Return the call in the code of ``node`` that runs a model or changes the machine; empty if there is none."""
    left = _MOST_NODES
    todo = [node]
    while todo and left:
        part = todo.pop()
        left -= 1
        if isinstance(part, ast.Call) and (found := _run(part)):
            return found
        todo += children(part)
    return ""


def _run(call: ast.Call) -> str:
    function = call.func
    name = last_name(function)
    if isinstance(function, ast.Attribute):
        text = ast.unparse(function)[-80:]
        owner = text.rpartition(".")[0]
        if name in _RUNS and not (name in ("remove", "forward") and owner != "os"):
            return name
        if re.search(_COMPLETIONS, text):
            return name
        if name == "run" and re.search(r"(?i)sess(ion)?$", owner):
            return name
        return name if owner == "self" and re.match(_MODELS, name) else ""
    return name if name in ("exec", "eval") or re.match(_MODELS, name) or re.fullmatch(_VERBS, name) else ""
