"""Every way to name a callable, to call it, and to hide that it is called."""

# ruff: noqa: A001, E501, E731, RUF100 (one sample, one line; `id` is what it is)

from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.assembler import (
    Call,
    argument,
    called,
    data,
    function,
    get,
    listed,
    mapped,
    named,
    new,
    number,
    old,
    pack,
    plain,
    put,
    reduce,
    running,
    stream,
    text,
)
from tests.hostile.sample import REVIEW, Sample, carrier

G = "opcodes"
SPACE = new("types", "SimpleNamespace")
PARTIAL = named("functools", "partial")


def module(call: Call) -> bytes:
    """The module itself, on the stack."""
    return called("importlib", "import_module", text(call.module))


def bound(call: Call) -> bytes:
    """``partial(function, argument)``."""
    return reduce(PARTIAL, function(call), argument(call))


def set_and_call(setter: bytes, value: bytes) -> bytes:
    """``space.__setstate__ = setter; space.__setstate__(value)``: BUILD looks at the instance, too."""
    return SPACE + mapped(__setstate__=setter) + b"b" + value + b"b"


def samples() -> Iterator[Sample]:
    yield from naming()
    yield from calling()
    yield from laundering()
    yield from chains()
    yield from consumers()
    yield from pollution()
    yield from supplied()


def naming() -> Iterator[Sample]:
    yield carrier("op-global", G, "GLOBAL and REDUCE, protocol 0", plain, says="posix.system('echo hostile')")
    yield carrier("op-stack-global", G, "STACK_GLOBAL and REDUCE", lambda c: stream(running(c)), says="posix.system('echo hostile')")
    yield carrier(
        "op-inst",
        G,
        "INST names and calls at once",
        lambda c: b"(S'" + c.argument.encode() + f"'\ni{c.module}\n{c.name}\n.".encode(),
        says="posix.system",
    )
    yield carrier(
        "op-unicode-escape", G, "the name in UNICODE with an escape",
        lambda c: b"V" + c.module.encode() + b"\nV\\u00" + b"%02x" % ord(c.name[0]) + c.name[1:].encode() + b"\n\x93" + pack(argument(c)) + b"R.", says="posix.system",
    )  # fmt: skip
    yield carrier(
        "op-string-escape", G, "the name in STRING with an escape",
        lambda c: b"S'" + c.module.encode() + b"'\nS'\\x" + b"%02x" % ord(c.name[0]) + c.name[1:].encode() + b"'\n\x93" + pack(argument(c)) + b"R.",
    )  # fmt: skip
    yield carrier(
        "op-string-double",
        G,
        "the name in STRING with double quotes",
        lambda c: f'S"{c.module}"\nS"{c.name}"\n'.encode() + b"\x93" + pack(argument(c)) + b"R.",
    )
    yield carrier(
        "op-binunicode8", G, "the name in BINUNICODE8",
        lambda c: stream(*(b"\x8d" + len(t).to_bytes(8, "little") + t.encode() for t in (c.module, c.name)), b"\x93", pack(argument(c)), b"R"),
    )  # fmt: skip
    yield carrier(
        "op-binstring", G, "the name in 8-bit strings of Python 2",
        lambda c: stream(*(b"U" + bytes([len(t)]) + t.encode() for t in (c.module, c.name)), b"\x93", pack(argument(c)), b"R"),
    )  # fmt: skip
    yield carrier(
        "op-name-from-memo",
        G,
        "module and name fetched from the memo",
        lambda c: stream(text(c.name), put(7), text(c.module), put(9), b"00", get(9), get(7), b"\x93", pack(argument(c)), b"R"),
    )
    yield carrier(
        "op-name-is-key",
        G,
        "the name stands as a key of a dictionary long before",
        lambda c: stream(b"}", text(c.name), put(3), b"Ns0", text(c.module), get(3), b"\x93", pack(argument(c)), b"R"),
    )
    yield carrier(
        "op-name-by-str",
        G,
        "the module's name made by str(bytes)",
        lambda c: stream(called("builtins", "str", data(c.module.encode()), text("ascii")), text(c.name), b"\x93", pack(argument(c)), b"R"),
    )
    yield carrier(
        "op-name-by-encode",
        G,
        "the name is the result of a harmless call",
        lambda c: stream(text(c.module), called("builtins", "str", text(c.name)), b"\x93", pack(argument(c)), b"R"),
    )
    yield carrier(
        "op-dotted",
        G,
        "a dotted name walks through a module",
        lambda c: stream(called("genericpath", "os." + c.name, argument(c))),
        advisory="GHSA-5j3x-jp52-966f",
        loader="",
    )
    yield carrier(
        "op-dotted-twin",
        G,
        "a dotted name walks from one module into another",
        lambda c: stream(called("importlib.util", f"sys.modules.get('{c.module}')", argument(c))),
        loader="",
    )
    yield carrier(
        "op-reexport", G, "a module that re-exports another", lambda c: stream(new("genericpath", "os"), b"0N"), advisory="CVE-2025-10157", loader=""
    )
    yield carrier(
        "op-py2-builtin", G, "a Python 2 name that unpicklers map", lambda c: b"c__builtin__\neval\n(S'print(1)'\ntR.", loader="", says="eval"
    )
    yield carrier(
        "op-py2-module",
        G,
        "commands.getoutput is subprocess.getoutput",
        lambda c: b"ccommands\ngetoutput\n(S'echo hostile'\ntR.",
        loader="",
        says="getoutput",
    )
    yield carrier(
        "op-py2-cpickle",
        G,
        "cPickle.loads of a second stream",
        lambda c: b"\x80\x02ccPickle\nloads\n" + pack(called("_codecs", "encode", text(plain(c).decode()), text("latin1"))) + b"R.",
        says="loads",
    )
    yield carrier(
        "op-py2-map",
        G,
        "itertools.imap is map",
        lambda c: stream(
            old("__builtin__", "list"), pack(reduce(old("itertools", "imap"), old(c.module, c.name), listed(argument(c)))), b"R", protocol=2
        ),
    )
    yield carrier(
        "op-late-protocol",
        G,
        "a name of Python 2 below an opcode that says protocol 5, and one that takes it back",
        lambda c: b"\x80\x05N0\x80\x02c__builtin__\napply\n0" + plain(c),
        loader="",
    )


def calling() -> Iterator[Sample]:
    yield carrier("op-obj", G, "OBJ", lambda c: stream(b"(", function(c), argument(c), b"o"), says="posix.system")
    yield carrier(
        "op-obj-pop", G, "OBJ, its result dropped", lambda c: stream(b"(", function(c), argument(c), b"o0N"), advisory="GHSA-mxhj-88fx-4pcv"
    )
    yield carrier(
        "op-reduce-pop", G, "REDUCE, its result dropped, a model behind it", lambda c: stream(running(c), b"0", mapped(weights=listed(number(1))))
    )
    yield carrier("op-reduce-pop-mark", G, "REDUCE above a mark, dropped by POP_MARK", lambda c: stream(b"(", running(c), b"1N"))
    yield carrier("op-pop-mark-by-pop", G, "POP takes the mark away, not a value", lambda c: stream(function(c), b"(0", pack(argument(c)), b"R"))
    yield carrier("op-dup", G, "the callable called is a DUP", lambda c: stream(function(c), b"2", pack(argument(c)), b"R"))
    yield carrier("op-dup-tuple", G, "the arguments are a DUP", lambda c: stream(function(c), argument(c), b"20\x85R"))
    yield carrier("op-empty-tuple", G, "no arguments at all", lambda c: stream(reduce(bound(c))))
    yield carrier(
        "op-newobj",
        G,
        "NEWOBJ runs __new__",
        lambda c: stream(new(c.module, c.name, argument(c))),
        payload=Call("subprocess", "Popen", "echo"),
        twin=Call("hostile_flag", "Made", "x"),
    )
    yield carrier(
        "op-newobj-ex",
        G,
        "NEWOBJ_EX with keywords",
        lambda c: stream(named(c.module, c.name), b")", mapped(shell=b"\x88"), b"\x92"),
        payload=Call("subprocess", "Popen", ""),
        twin=Call("hostile_flag", "Made", ""),
    )
    yield carrier(
        "op-reconstructor",
        G,
        "copyreg._reconstructor runs the __init__ of its base",
        lambda c: stream(called("copyreg", "_reconstructor", named(c.module, c.name), named(c.module, c.name), argument(c))),
        payload=Call("subprocess", "Popen", "echo hostile"),
        twin=Call("hostile_flag", "Started", "x"),
        loader="",
    )
    yield carrier(
        "op-copyreg-newobj",
        G,
        "copyreg.__newobj__ called like any function",
        lambda c: stream(called("copyreg", "__newobj__", named(c.module, c.name), argument(c))),
        payload=Call("subprocess", "Popen", "echo"),
        twin=Call("hostile_flag", "Made", "x"),
    )
    yield carrier(
        "op-build-class",
        G,
        "BUILD runs the __setstate__ of a class",
        lambda c: stream(new(c.module, c.name), mapped(cmd=argument(c)), b"b"),
        payload=Call("logging", "FileHandler", "/tmp/x"),
        twin=Call("hostile_flag", "Stated", "x"),
    )
    yield carrier(
        "op-list-arguments",
        G,
        "a list where the C unpickler wants a tuple; the Python one takes it",
        lambda c: stream(function(c), listed(argument(c)), b"R"),
        loader="pickle-py",
    )
    yield carrier("op-many-arguments", G, "seventy arguments", lambda c: stream(reduce(function(c), *[argument(c)] * 70)))
    yield carrier(
        "op-second-use",
        G,
        "a callable first used in an allowed way",
        lambda c: stream(called("collections", "OrderedDict"), b"0", named("collections", "OrderedDict"), b"0", running(c)),
    )
    yield carrier(
        "op-called-million",
        G,
        "after ten thousand harmless calls of a memoized class",
        lambda c: stream(named("collections", "OrderedDict"), put(0), b"0", (get(0) + b")R0") * 10_000, running(c)),
    )


def laundering() -> Iterator[Sample]:
    yield carrier(
        "op-memo-far",
        G,
        "the callable at memo index 2**31 - 1",
        lambda c: stream(function(c), put(2**31 - 1), b"0", get(2**31 - 1), pack(argument(c)), b"R"),
        loader="pickle-py",
    )
    yield carrier(
        "op-memo-overwritten",
        G,
        "a memo entry overwritten by the payload",
        lambda c: stream(named("builtins", "dict"), put(0), b"0", function(c), put(0), b"0", get(0), pack(argument(c)), b"R"),
        advisory="picklescan#14",
    )
    yield carrier(
        "op-memo-aliases",
        G,
        "PUT, BINPUT and LONG_BINPUT of the same index",
        lambda c: stream(named("builtins", "dict"), b"p 1\n0", function(c), b"q\x010j\x01\x00\x00\x00", pack(argument(c)), b"R"),
    )
    yield carrier(
        "op-memo-text-index", G, "GET with an index that is written oddly", lambda c: stream(function(c), b"p+00_7\n0g 7\n", pack(argument(c)), b"R")
    )
    yield carrier(
        "op-memoize-hole",
        G,
        "MEMOIZE counts entries, not indices",
        lambda c: stream(named("builtins", "dict"), put(5), b"0", function(c), b"\x940h\x01", pack(argument(c)), b"R"),
        advisory="picklescan#22",
    )
    yield carrier("op-memo-of-call", G, "a bound call kept in the memo, called from there", lambda c: stream(bound(c), b"q\x050N0h\x05)R"))
    yield carrier(
        "op-tuple-from-memo", G, "the argument tuple comes out of the memo", lambda c: stream(pack(argument(c)), b"q\x000", function(c), b"h\x00R")
    )
    yield carrier(
        "op-safe-tuple-first",
        G,
        "a harmless tuple is built right before, and another one used",
        lambda c: stream(
            pack(function(c), text("__globals__")),
            put(0),
            b"0",
            named("builtins", "getattr"),
            pack(named("http", "HTTPStatus"), text("OK")),
            b"0",
            get(0),
            b"R",
        ),
        payload=Call("glob", "glob", ""),
        twin=Call("hostile_flag", "fire", ""),
        loader="",
    )
    yield carrier("op-nested-mark", G, "ten thousand marks around the payload", lambda c: stream(b"(" * 10_000, running(c), b"t" * 10_000))
    yield carrier(
        "op-frozenset", G, "the callable inside a frozenset inside a dict", lambda c: stream(b"}", text("a"), b"(", function(c), b"\x91s"), loader=""
    )


def chains() -> Iterator[Sample]:
    yield carrier(
        "op-getattr",
        G,
        "getattr(import_module(m), name)",
        lambda c: stream(reduce(called("builtins", "getattr", module(c), text(c.name)), argument(c))),
    )
    yield carrier(
        "op-import",
        G,
        "__import__ and getattr",
        lambda c: stream(reduce(called("builtins", "getattr", called("builtins", "__import__", text(c.module)), text(c.name)), argument(c))),
    )
    yield carrier(
        "op-attrgetter",
        G,
        "operator.attrgetter(name)(module)",
        lambda c: stream(reduce(reduce(called("operator", "attrgetter", text(c.name)), module(c)), argument(c))),
    )
    yield carrier(
        "op-methodcaller",
        G,
        "operator.methodcaller(name, argument)(module)",
        lambda c: stream(reduce(called("operator", "methodcaller", text(c.name), argument(c)), module(c))),
        advisory="GHSA-84r2-jw7c-4r5q",
    )
    yield carrier(
        "op-itemgetter",
        G,
        "operator.itemgetter(module)(sys.modules)",
        lambda c: stream(
            module(c),
            b"0",
            reduce(
                called("builtins", "getattr", reduce(called("operator", "itemgetter", text(c.module)), named("sys", "modules")), text(c.name)),
                argument(c),
            ),
        ),
    )
    yield carrier("op-partial", G, "functools.partial, called", lambda c: stream(reduce(bound(c))))
    yield carrier(
        "op-partial-state",
        G,
        "the function of a partial set by BUILD",
        lambda c: stream(new("functools", "partial", named("builtins", "int")), pack(function(c), pack(argument(c)), b"}", b"N"), b"b)R"),
    )
    yield carrier(
        "op-reduce-function",
        G,
        "functools.reduce(getattr, [module, name])",
        lambda c: stream(reduce(called("functools", "reduce", named("builtins", "getattr"), listed(module(c), text(c.name))), argument(c))),
    )
    yield carrier(
        "op-resolve-name",
        G,
        "pkgutil.resolve_name('module:name')",
        lambda c: stream(reduce(called("pkgutil", "resolve_name", text(f"{c.module}:{c.name}")), argument(c))),
        advisory="GHSA-vvpj-8cmc-gx39",
    )
    yield carrier(
        "op-pydoc-locate",
        G,
        "pydoc.locate('module.name')",
        lambda c: stream(reduce(called("pydoc", "locate", text(f"{c.module}.{c.name}")), argument(c))),
        advisory="GHSA-84r2-jw7c-4r5q",
    )
    yield carrier(
        "op-logging-resolve",
        G,
        "logging.config._resolve",
        lambda c: stream(reduce(called("logging.config", "_resolve", text(f"{c.module}.{c.name}")), argument(c))),
    )
    yield carrier(
        "op-unittest-importer",
        G,
        "unittest.mock._importer",
        lambda c: stream(reduce(called("builtins", "getattr", called("unittest.mock", "_importer", text(c.module)), text(c.name)), argument(c))),
        loader="",
    )
    yield carrier(
        "op-method-type",
        G,
        "types.MethodType(function, argument)()",
        lambda c: stream(reduce(called("types", "MethodType", function(c), argument(c)))),
    )
    yield carrier(
        "op-globals",
        G,
        "an attribute of an allowed function: __globals__",
        lambda c: stream(called("builtins", "getattr", named("copyreg", "_reconstructor"), text("__globals__"))),
        loader="",
    )
    yield carrier(
        "op-stored-getattr",
        G,
        "a partial of getattr in a defaultdict walks from a function to exec, called by state of namespaces alone",
        _walk,
        payload=Call("sklearn.metrics._classification", "accuracy_score", "print('hostile')"),
        twin=Call("hostile_flag", "fire", "__import__('hostile_flag').fire(1)"),
    )
    yield carrier("op-nested-loads", G, "pickle.loads of a stream inside the stream", lambda c: stream(called("pickle", "loads", data(plain(c)))))
    yield carrier("op-nested-private-loads", G, "pickle._loads", lambda c: stream(called("pickle", "_loads", data(plain(c)))))
    yield carrier(
        "op-nested-unpickler",
        G,
        "Unpickler(BytesIO(...)).load by methodcaller",
        lambda c: stream(
            reduce(called("operator", "methodcaller", text("load")), called("_pickle", "Unpickler", called("io", "BytesIO", data(plain(c)))))
        ),
    )
    yield carrier(
        "op-torch-storage",
        G,
        "torch.storage._load_from_bytes",
        lambda c: stream(called("torch.storage", "_load_from_bytes", data(plain(c)))),
        loader="",
    )
    yield carrier(
        "op-marshal",
        G,
        "marshal.loads and FunctionType",
        lambda c: stream(reduce(called("types", "FunctionType", called("marshal", "loads", data(_marshalled(c))), b"}"))),
    )


def _walk(c: Call) -> bytes:
    """Only names that a table may allow one by one, each harmless alone."""

    def default(*partial: bytes) -> bytes:
        return called("collections", "defaultdict", reduce(PARTIAL, *partial))

    def item(key: str) -> bytes:
        return called("operator", "itemgetter", text(key))

    def carry(index: int) -> bytes:
        return new("collections", "UserDict") + get(index) + b"b"

    return stream(
        default(named("builtins", "getattr"), function(c), text("__globals__")), put(1), b"0", set_and_call(item("data"), get(1)), b"0",
        carry(1), put(2), b"0", default(item("__builtins__"), get(2)), put(3), b"0", set_and_call(item("data"), get(3)), b"0",
        carry(3), put(4), b"0", default(item("exec"), get(4)), put(5), b"0", set_and_call(item("__setstate__"), get(5)), b"0",
        SPACE, get(5), b"b", argument(c), b"b0N",
    )  # fmt: skip


def _marshalled(c: Call) -> bytes:
    import marshal

    return marshal.dumps(compile(f"import {c.module}\n{c.module}.{c.name}({c.argument!r})", "m", "exec"))


def consumers() -> Iterator[Sample]:
    mapping = lambda c: called("builtins", "map", function(c), listed(argument(c)))
    for kind in ("list", "tuple", "set", "frozenset", "dict", "bytes", "sum", "any", "all", "max", "min", "sorted"):
        yield carrier(f"op-map-{kind}", G, f"{kind}(map(f, [x]))", lambda c, kind=kind: stream(called("builtins", kind, mapping(c))))
    for kind in ("deque", "Counter", "OrderedDict", "UserList"):
        yield carrier(
            f"op-map-{kind.lower()}", G, f"collections.{kind}(map(f, [x]))", lambda c, kind=kind: stream(called("collections", kind, mapping(c)))
        )
    yield carrier(
        "op-filter",
        G,
        "list(filter(f, [x]))",
        lambda c: stream(called("builtins", "list", called("builtins", "filter", function(c), listed(argument(c))))),
    )
    yield carrier(
        "op-iter-sentinel",
        G,
        "list(iter(partial(f, x), 0))",
        lambda c: stream(called("builtins", "list", called("builtins", "iter", bound(c), number(0)))),
        loader="",
    )
    yield carrier(
        "op-iter-next",
        G,
        "next(iter(partial(f, x), 1))",
        lambda c: stream(called("builtins", "next", called("builtins", "iter", bound(c), number(1)))),
    )
    yield carrier(
        "op-starmap",
        G,
        "list(itertools.starmap(f, [(x,)]))",
        lambda c: stream(called("builtins", "list", called("itertools", "starmap", function(c), listed(pack(argument(c)))))),
    )
    yield carrier(
        "op-accumulate",
        G,
        "list(itertools.accumulate([x, x], f))",
        lambda c: stream(called("builtins", "list", called("itertools", "accumulate", listed(argument(c), argument(c)), function(c)))),
    )
    yield carrier(
        "op-map-items",
        G,
        "an allowed list filled with a map by APPENDS does not run it; ADDITEMS of a set of it neither, a set() does",
        lambda c: stream(called("builtins", "set", mapping(c))),
    )
    yield carrier(
        "op-dict-keys",
        G,
        "dict(namespace) calls its attribute keys",
        lambda c: stream(called("builtins", "dict", SPACE + mapped(keys=bound(c)) + b"b")),
    )
    yield carrier(
        "op-uuid-replace",
        G,
        "UUID(namespace) calls its attribute replace",
        lambda c: stream(called("uuid", "UUID", SPACE + mapped(replace=function(c)) + b"b")),
    )
    yield carrier(
        "op-namedtuple",
        G,
        "collections.namedtuple evaluates text",
        lambda c: stream(called("collections", "namedtuple", text("X"), listed(text("a")))),
        loader="",
    )
    yield carrier(
        "op-sorted-key",
        G,
        "sorted with a key, by NEWOBJ_EX of a class and partial",
        lambda c: stream(
            reduce(
                reduce(PARTIAL, named("builtins", "sorted"), listed(argument(c)))
                + pack(named("builtins", "sorted"), pack(listed(argument(c))), mapped(key=function(c)), b"N")
                + b"b"
            )
        ),
    )


def pollution() -> Iterator[Sample]:
    yield carrier(
        "op-setstate-attribute",
        G,
        "BUILD twice: __setstate__ as an attribute of a namespace, then called",
        lambda c: stream(set_and_call(function(c), argument(c))),
        says="posix.system",
    )
    yield carrier(
        "op-setstate-slots",
        G,
        "the same by slot state",
        lambda c: stream(SPACE, pack(b"N", mapped(__setstate__=function(c))), b"b", argument(c), b"b"),
    )
    yield carrier(
        "op-build-on-class",
        G,
        "BUILD on a class by slot state changes it for everybody",
        lambda c: stream(
            named("argparse", "Namespace"), pack(b"N", mapped(__setstate__=function(c))), b"b0", new("argparse", "Namespace"), argument(c), b"b"
        ),
    )
    yield carrier(
        "op-build-on-function",
        G,
        "BUILD gives a function a __setstate__, BUILD calls it",
        lambda c: stream(named("numpy", "size"), mapped(__setstate__=function(c)), b"b", argument(c), b"b"),
        advisory="modelscan#330",
    )
    yield carrier(
        "op-setitem-registry",
        G,
        "SETITEM into copyreg.dispatch_table",
        lambda c: stream(named("copyreg", "dispatch_table"), named("builtins", "int"), function(c), b"s0N"),
        loader="",
    )
    yield carrier("op-setitem-modules", G, "SETITEM into sys.modules", lambda c: stream(named("sys", "modules"), text("json"), b"Ns0N"), loader="")
    yield carrier("op-append-path", G, "APPEND to sys.path", lambda c: stream(named("sys", "path"), text("/tmp/evil"), b"a0N"), loader="")
    yield carrier(
        "op-environ", G, "SETITEM into os.environ", lambda c: stream(named("os", "environ"), text("LD_PRELOAD"), text("/tmp/x.so"), b"s0N"), loader=""
    )
    yield carrier(
        "op-setitem-on-result",
        G,
        "SETITEM on what a call returned",
        lambda c: stream(called("logging", "getLogger"), text("a"), function(c), b"s"),
        advisory="CVE-2026-24747",
        loader="",
    )
    yield carrier(
        "op-build-config",
        G,
        "BUILD on a library's own object",
        lambda c: stream(named("joblib.memory", "_FUNCTION_HASHES"), mapped(data=b"N"), b"b"),
        loader="",
    )
    yield carrier(
        "op-class-swap",
        G,
        "slot state changes the class of an instance",
        lambda c: stream(SPACE, pack(b"N", mapped(__class__=named(c.module, c.name))), b"b0N"),
        payload=Call("subprocess", "Popen", ""),
        twin=Call("hostile_flag", "Made", ""),
        loader="",
    )
    for library, attribute in (("xgboost.core", "handle"), ("lightgbm.basic", "_handle")):
        yield carrier(
            f"op-class-swap-{library.partition('.')[0]}",
            G,
            "slot state turns an instance into one of a class that frees the address in its state: fires as a segmentation fault",
            lambda c, library=library, attribute=attribute: stream(
                new("argparse", "Namespace"), pack(mapped(**{attribute: number(4096)}), mapped(__class__=named(library, "Booster"))), b"b"
            ),
            loader="",
            says="free an address",
        )
        yield carrier(
            f"op-class-swap-beside-{library.partition('.')[0]}",
            G,
            "the same beside an honest reconstruction, as protocol 0 has it",
            lambda c, library=library, attribute=attribute: stream(
                called("copyreg", "_reconstructor", named(library, "Booster"), named("builtins", "object"), b"N"),
                b"0",
                new("argparse", "Namespace"),
                pack(mapped(**{attribute: number(4096)}), mapped(__class__=named(library, "Booster"))),
                b"b",
            ),
            loader="",
            says="free an address",
        )
        yield carrier(
            f"op-false-state-{library.partition('.')[0]}",
            G,
            "the state of a class with an address is an object that answers as it likes",
            lambda c, library=library, attribute=attribute: stream(
                new(library, "Booster"), new("collections", "UserDict"), mapped(data=mapped(**{attribute: number(4096)})), b"bb"
            ),
            loader="",
            says="which address it frees",
        )
    yield carrier("op-setattr", G, "setattr on a module", lambda c: stream(called("builtins", "setattr", module(c), text("x"), number(1))), loader="")


def supplied() -> Iterator[Sample]:
    yield carrier("op-ext", G, "an extension code of the loading process", lambda c: stream(b"\x82\xf0)R"), verdict=REVIEW, loader="")
    yield carrier("op-ext4", G, "EXT4, referred to only", lambda c: stream(b"\x84\xf0\x00\x00\x00"), verdict=REVIEW, loader="")
    yield carrier(
        "op-add-extension",
        G,
        "the stream registers its own extension code",
        lambda c: stream(called("copyreg", "add_extension", text(c.module), text(c.name), number(0xF0)), b"0\x82\xf0", pack(argument(c)), b"R"),
    )
    yield carrier("op-persid", G, "PERSID", lambda c: stream(b"Psome id\n"), verdict=REVIEW, loader="")
    yield carrier("op-binpersid", G, "BINPERSID that is called", lambda c: stream(text("f"), b"Q)R"), verdict=REVIEW, loader="")
    yield carrier("op-buffer", G, "an out-of-band buffer", lambda c: stream(b"\x97", protocol=5), verdict=REVIEW, loader="")
    yield carrier(
        "op-unknown-package",
        G,
        "a class of a package that nobody knows",
        lambda c: stream(new("acme_models.nets", "Classifier"), mapped(a=number(1)), b"b"),
        verdict=REVIEW,
        loader="",
        says="acme_models",
    )
    yield carrier("op-main-class", G, "a class of the script", lambda c: stream(new("__main__", "Model"), b"}b"), verdict=REVIEW, loader="")
    yield carrier(
        "op-unknown-with-os",
        G,
        "an unknown package that hands out os",
        lambda c: stream(called("acme_models.nets", "system", argument(c))),
        loader="",
    )
