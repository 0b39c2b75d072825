"""Which loaders would take a file, and what each would do with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from aisecops.core.asset import FileVerdict, LoaderVerdict
from aisecops.core.text import inert
from aisecops.formats.artifact import Format, Part
from aisecops.formats.loading.concern import Concern, ConcernKind
from aisecops.knowledge.callables import torch_weights_only_allows

PICKLE_LOAD = "pickle.load"
JOBLIB_LOAD = "joblib.load"
TORCH_LOAD = "torch.load(weights_only=False)"
TORCH_WEIGHTS_ONLY = "torch.load(weights_only=True)"
TORCH_JIT_LOAD = "torch.jit.load"
NUMPY_LOAD = "numpy.load"
NUMPY_ALLOW_PICKLE = "numpy.load(allow_pickle=True)"
PANDAS_READ_PICKLE = "pandas.read_pickle"
UNPACK = "unpack"

_RESTRICTED = (TORCH_WEIGHTS_ONLY, NUMPY_LOAD)
"""Loaders that refuse what they do not know: what they refuse does not run, and says nothing about the other loaders of the file."""

_TAKES: dict[Format, tuple[str, ...]] = {
    Format.PICKLE: (PICKLE_LOAD, JOBLIB_LOAD, TORCH_LOAD, TORCH_WEIGHTS_ONLY, NUMPY_ALLOW_PICKLE),
    Format.JOBLIB: (JOBLIB_LOAD, PICKLE_LOAD),
    Format.NPY: (NUMPY_LOAD, NUMPY_ALLOW_PICKLE),
    Format.NPZ: (NUMPY_LOAD, NUMPY_ALLOW_PICKLE),
    Format.TORCH_ZIP: (TORCH_LOAD, TORCH_WEIGHTS_ONLY),
    Format.TORCH_SCRIPT: (TORCH_JIT_LOAD, TORCH_LOAD),
    Format.TORCH_LEGACY: (TORCH_LOAD, TORCH_WEIGHTS_ONLY),
    Format.TORCH_TAR: (TORCH_LOAD, TORCH_WEIGHTS_ONLY),
    Format.ZIP: (UNPACK, PANDAS_READ_PICKLE),
    Format.TAR: (UNPACK, PANDAS_READ_PICKLE),
}
SUPPLIES_PERSISTENT_IDS = frozenset({Format.TORCH_ZIP, Format.TORCH_SCRIPT, Format.TORCH_LEGACY, Format.TORCH_TAR})
"""Formats whose loader supplies tensor storage for persistent ids, and checks them."""
_MOST_VERDICTS = 256
"""Verdicts that are remembered: most files have the same."""
_COMPRESSED = frozenset({Format.GZIP, Format.BZIP2, Format.XZ, Format.LZMA, Format.ZLIB, Format.LZ4})


def loader_verdicts(root: Part, concerns: Sequence[Concern], incomplete: bool) -> tuple[LoaderVerdict, ...]:
    """The verdict of each loader that takes ``root``, in a fixed order; nothing for formats that no parser of ours reads."""
    unrestricted = overall(concerns, incomplete)
    restricted = overall([concern for concern in concerns if concern.kind not in _RUN_BY_PICKLE], incomplete) if concerns else unrestricted
    return tuple([_verdict(name, unrestricted, restricted, _refusal(name, root)) for name in _takers(root)])


@lru_cache(_MOST_VERDICTS)
def _verdict(name: str, unrestricted: FileVerdict, restricted: FileVerdict, refused: str) -> LoaderVerdict:
    return LoaderVerdict(name=name, verdict=restricted if refused else unrestricted, note=refused)


def overall(concerns: Sequence[Concern], incomplete: bool) -> FileVerdict:
    """The worst plausible verdict, that of a loader which refuses nothing: one that refuses what it does not know never makes it milder."""
    return FileVerdict.worst(*(concern.verdict for concern in concerns), FileVerdict.INCOMPLETE if incomplete else FileVerdict.CLEAN)


def _takers(root: Part) -> tuple[str, ...]:
    inner = root
    while inner.format in _COMPRESSED and len(inner.parts) == 1:
        inner = inner.parts[0]
    if inner is root:
        return _TAKES.get(root.format, ())
    return tuple(dict.fromkeys((JOBLIB_LOAD, PANDAS_READ_PICKLE, *_TAKES.get(inner.format, ()))))


_RUN_BY_PICKLE = frozenset(
    {
        ConcernKind.CODE_EXECUTION,
        ConcernKind.STORED_CALLABLE,
        ConcernKind.COMPUTED_CALLABLE,
        ConcernKind.UNKNOWN_CALLABLE,
        ConcernKind.FUNCTION_BY_VALUE,
        ConcernKind.LOADER_SUPPLIED,
    }
)


def _refusal(name: str, root: Part) -> str:
    """Why a restricted loader refuses the file; empty if it does not, or is not restricted."""
    if name not in _RESTRICTED:
        return ""
    for part in root.walk():
        for trace in part.traces:
            if name == NUMPY_LOAD:
                return "refuses: it holds pickled objects"
            for named in trace.globals:
                if not torch_weights_only_allows(*named.resolved):
                    return f"refuses: {inert('.'.join(named.resolved), 120)} is not on its list"
    return ""
