"""Archives that are a model of a format which nothing here reads yet: what their own loader would do is not examined, whatever the members are.

What stands in them is read like the members of any archive, and a pickle among them judged. But such a loader also obeys a configuration: it imports and calls
what a JSON or YAML file names, evaluates expressions, or runs source that comes along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from aisecops.formats.artifact import Format

NO_PARSER = "aisecops does not read its configuration yet: examine it with a tool of its own, or leave it out with --exclude"
_KERAS = {"config.json", "metadata.json"}
_SKOPS = b'"__loader__"'


def unparsed(names: Iterable[str], content: Callable[[str], bytes]) -> tuple[Format, str] | None:
    """Return the format of the archive whose members have these ``names``, and what to call it; None if it is none of these.

    ``content`` gives the content of a member.
    """
    known = {name.removeprefix("./") for name in names}
    last = {name.rpartition("/")[2] for name in known}
    if known >= _KERAS:
        return Format.KERAS, "a Keras model"
    if "schema.json" in known and _is_skops(content("schema.json")):
        return Format.SKOPS, "a skops model"
    if "MAR-INF/MANIFEST.json" in known:
        return Format.TORCH_SERVE, "a TorchServe archive, which carries the code that serves it"
    if "model_config.yaml" in last:
        return Format.NEMO, "a NeMo model"
    if "archive_format" in last and any(name.rpartition("/")[0].endswith("models") for name in known):
        return Format.TORCH_EXPORT, "a program of torch.export, whose expressions are evaluated"
    if "MLmodel" in last:
        return Format.MLFLOW, "an MLflow model"
    return (Format.SAVED_MODEL, "a TensorFlow SavedModel") if "saved_model.pb" in last else None


def _is_skops(schema: bytes) -> bool:
    """Whether a ``schema.json`` is one of skops: each node names its loader. An escape may hide the name, and honest ones have none in their keys."""
    return _SKOPS in schema or rb"\u00" in schema
