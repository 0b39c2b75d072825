"""Native libraries whose origin somebody else decides."""

from __future__ import annotations

from collections.abc import Iterator

from aisecops.checks.references import CODE_DOWNLOAD, PROCESS_CONTROL, UNSAFE_ARTIFACT, UNTRUSTED_FUNCTIONALITY
from aisecops.checks.source_file.library_origins import LibraryOrigins, Origin
from aisecops.checks.source_file.subject import SourceFile
from aisecops.checks.source_file.telling import weaknesses
from aisecops.checks.source_file.verified import Verification
from aisecops.codebase.dataflow.program import Hit
from aisecops.core.asset import AssetKind
from aisecops.core.check import Context, check
from aisecops.core.finding import Weakness
from aisecops.core.taxonomy import Severity, Stage, Threat

_GRADES = {
    Origin.OWN: None,
    Origin.OUTSIDE: Severity.HIGH,
    Origin.STARTER: Severity.MEDIUM,
    Origin.CALLER: Severity.MEDIUM,
    Origin.SHARED: Severity.MEDIUM,
}


@check(
    id="source-file/native-code-load",
    title="Native libraries come from the program itself",
    inputs=(AssetKind.SOURCE_FILE, AssetKind.NOTEBOOK),
    stage=Stage.CODE,
    threat=Threat.SUPPLY_CHAIN,
    categories=("native-code-load",),
    refs=(PROCESS_CONTROL, UNTRUSTED_FUNCTIONALITY, CODE_DOWNLOAD, UNSAFE_ARTIFACT),
    heeds="hits",
)
def native_code_load(file: SourceFile, ctx: Context) -> Iterator[Weakness]:
    """Find native libraries that are loaded from a download, a setting, an argument or a shared folder.

    What it finds
        ``ctypes``, ``cffi``, ``torch.ops.load_library``, custom operators of TensorFlow and ONNX Runtime, TensorRT plug-ins, extension modules loaded by path, SQLite
        extensions, and sources handed to ``torch.utils.cpp_extension``, where the file was downloaded, or its path comes from a request, the command line, the
        environment, a configuration or the caller of the function.

    Why it matters
        A shared library runs code when it is loaded, before any function of it is called. Custom operators travel beside models on hubs; whoever can change the
        file, or the setting that names it, owns the process.

    Example
        ``torch.ops.load_library(hf_hub_download("someone/ops", "ops.so"))``

    How to fix
        Ship libraries inside your package and load them from ``Path(__file__).parent``; or compare the file's SHA-256 with one in the program before.

    Limits
        Not reported: constant names of system libraries, ``ctypes.util.find_library``, files beside the module or inside the installed package, what was compared
        with a digest before. A function that is only called with such paths in its own module is taken for harmless.

    References
        CWE-114; CWE-829; MITRE ATLAS AML.T0011.000 (Unsafe AI Artifacts).
    """
    if file.module is None:
        return
    origins, verification = LibraryOrigins(file.module), Verification(file.module)

    def graded(hit: Hit) -> Severity | None:
        return None if verification.before(hit) else _GRADES[origins.of(hit)]

    yield from weaknesses(file, "native-code-load", graded)
