"""Conditions: callables that are harmless only with certain arguments.

The table names the condition of a callable; whoever judges a trace evaluates it from ``Use.arguments``. An argument that the condition needs and the stream
does not tell (``Argument.kind`` is ``unknown``, or the arguments were not kept) does not meet it.
"""

from __future__ import annotations

from enum import StrEnum


class Condition(StrEnum):
    """What must hold for the arguments of a call (a closed list). Unmet: the call is blocked."""

    RECONSTRUCTOR = "reconstructor"
    """``copyreg._reconstructor(cls, base, state)``: ``cls`` is a named class allowed for ``instantiate`` and ``base`` one of ``PLAIN_BASES``: any other base has
    its ``__init__`` run with the file's state."""
    CLASS_FIRST = "class-first"
    """The first argument is a named class that the table allows for ``instantiate``: the callable runs ``cls.__new__``."""
    CALLABLE_FIRST = "callable-first"
    """``torch._tensor._rebuild_from_type_v2(func, type, args, state)``: ``func`` is a named callable allowed for ``call`` without a condition of its own, ``type`` a
    named class allowed for ``instantiate`` and ``state``."""
    ENCODE = "encode"
    """``_codecs.encode(text, encoding)``: two arguments, the second a literal of ``TEXT_ENCODINGS`` (protocols 0-2 write bytes so; the text may be long)."""
    ARRAY_MAKER = "array-maker"
    """``dill._dill._create_array(maker, args, state, ...)``: ``maker`` is numpy's ``_reconstruct``, which makes nothing but arrays, whatever ``args`` hold; these and the
    state stand in the stream."""
    SUBSCRIPT = "subscript"
    """``operator.getitem(form, types)``, as ``Union[int, str]`` is written: the first argument is named and a form of annotations (rule ``stdlib/annotation``)."""
    MEMBER = "member"
    """``getattr(cls, name)``: a named class and a literal name; ``Table.member(module, class, name, operation)`` rules on the result and on what is done with it."""
    NAMED = "named"
    """``_ufunc_reconstruct(module, name)``: two literals, which the table must allow for ``reference``."""
    IMPORT = "import"
    """``subimport(module)``, ``_import_module(module)``: one literal; ``Table.importable(module)`` rules."""
    VALUE_TYPE = "value-type"
    """``_builtin_type(name)``, ``_load_type(name)``: one literal of ``VALUE_TYPES``. What it returns may be called (a function by value: review), nothing else."""
    RESULT_FIRST = "result-first"
    """The first argument is what an earlier call of the stream made, nothing that the stream names: ``_class_setstate(cls, state)`` and its kin write attributes,
    and on a named class or function they replace the code of a library."""
    HANDLE = "handle"
    """A class whose instances hold an address in compiled code, which its ``__setstate__`` makes and its destructor frees. Nothing else may set it: the class is
    named only where it is instantiated (an instance of another class can be given this one by its state, ``__class__``, and then frees what it likes), and its
    state is a dictionary of the stream (what only looks like one may show ``__setstate__`` one address and keep another)."""
    DISTRIBUTION = "distribution"
    """A distribution of scipy, whose ``__setstate__`` runs the text ``_parse_arg_template`` of its state. Named only where it is instantiated, as with ``HANDLE``;
    the keys of its state are those that scipy writes, and that text is the one that scipy makes, whatever the shapes are called."""
    FORMULA = "formula"
    """The data of a model of statsmodels, whose ``__setstate__`` evaluates a formula of its state if the state asks for it. Named only where it is instantiated;
    without that request it is plain, and a formula of names, numbers, operators and the functions of formulas (``C``, ``np.log``) computes with a table."""
    MEMORY = "memory"
    """``joblib.Memory``: what it keeps, it unpickles from a folder when it is used. Named only where it is instantiated; its state says that it keeps nothing."""
    INSTANCE = "instance"
    """A class that calls what it holds (``numpy.vectorize``): harmless as a part of an object that the library made, so named only where it is instantiated."""
    TYPE_OF = "type-of"
    """``type(value)`` of a plain value, as pickle writes ``NoneType``. More arguments would make a class. Matters for calls only."""
    BOUNDED = "bounded"
    """A container or number that is filled from its arguments: none of these is what another call made (an endless count, a range of a billion, a decimal of a
    billion digits) nor a text with a large exponent. Pickle writes the items themselves."""
    NESTED_LOADER = "nested-loader"
    """The argument is a whole file that this call loads without restriction. Allowed only if those bytes are examined too and are clean; otherwise blocked."""


VETTED = frozenset({Condition.DISTRIBUTION, Condition.FORMULA, Condition.MEMORY})
"""The conditions on the state of instances, item by item."""
ONLY_MADE = frozenset({Condition.HANDLE, Condition.INSTANCE, *VETTED})
"""The conditions of classes that are named only where they are instantiated."""

ARRAY_MAKERS = frozenset({("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct")})
"""What a call with the condition ``ARRAY_MAKER`` may be given."""

HARMLESS_REFERENCES = frozenset({Condition.TYPE_OF, Condition.BOUNDED})
"""The conditions of what may be named anywhere: with other arguments it takes time or memory, and no more."""

PLAIN_BASES = frozenset(
    ("builtins", name) for name in ("object", "list", "dict", "tuple", "set", "frozenset", "int", "float", "complex", "str", "bytes", "bytearray")
)
"""Builtin types whose ``__new__`` and ``__init__`` do nothing but hold the state."""

TEXT_ENCODINGS = frozenset({"latin1", "latin-1", "iso-8859-1", "ascii", "utf-8", "utf8"})
"""Encodings that only turn text into bytes. Others reach codecs that decompress or that a package has registered."""

VALUE_TYPES = frozenset(
    {
        "CodeType", "FunctionType", "CellType", "MethodType", "ModuleType", "BuiltinFunctionType", "BuiltinMethodType", "GeneratorType", "TypeType", "ClassType",
        "ObjectType", "NoneType", "NotImplementedType", "EllipsisType", "PropertyType", "ClassMethodType", "StaticMethodType", "SliceType", "RangeType",
        "DictType", "ListType", "TupleType", "SetType", "FrozenSetType", "StringType", "UnicodeType", "BytesType", "IntType", "LongType", "FloatType",
        "BooleanType", "ComplexType", "MappingProxyType", "SimpleNamespace", "WrapperDescriptorType", "MethodDescriptorType", "MethodWrapperType",
        "ClassMethodDescriptorType", "type", "object", "GetSetDescriptorType", "MemberDescriptorType", "PartialType", "OrderedDictType",
    }
)  # fmt: skip
"""Names of ``types`` (and of dill's registry) that functions and classes by value are made of."""
