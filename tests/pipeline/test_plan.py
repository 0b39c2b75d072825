from __future__ import annotations

import pytest

from aisecops.core.asset import AssetKind
from aisecops.core.check import Registry
from aisecops.core.errors import UserError
from aisecops.pipeline.plan import make_plan
from tests.pipeline.specimens import asset, honest, registry_of

FILES = [asset("b.pkl"), asset("a.pkl"), asset("n.ipynb", AssetKind.NOTEBOOK), asset("d.csv", AssetKind.DATA_SET)]


@pytest.fixture
def registry() -> Registry:
    models = registry_of({f"model-file/{name}": honest(0) for name in ("code-execution", "callables", "coverage")})
    notebooks = registry_of({"notebook/secrets": honest(1)}, kind=AssetKind.NOTEBOOK, parser=None)
    prompts = registry_of({"prompt/injection": honest(1)}, kind=AssetKind.PROMPT)
    for other in (notebooks, prompts):
        for check in other.checks.values():
            models.add(check)
        models.parsers.update(other.parsers)
    return models


def planned(registry: Registry, **request: tuple[str, ...]) -> dict[str, tuple[int, str]]:
    return {check.id: (check.planned, check.skipped) for check in make_plan(FILES, registry, **request).checks}


def test_every_asset_meets_the_checks_of_its_kind(registry: Registry) -> None:
    plan = make_plan(FILES, registry)
    models = ("model-file/callables", "model-file/code-execution", "model-file/coverage")
    assert [(task.asset.path, task.checks) for task in plan.tasks] == [("a.pkl", models), ("b.pkl", models), ("n.ipynb", ("notebook/secrets",))]
    assert planned(registry) == {
        **dict.fromkeys(models, (2, "")),
        "notebook/secrets": (1, ""),
        "prompt/injection": (0, "nothing to examine: no asset of kind prompt"),
    }


def test_an_asset_is_read_even_where_all_its_checks_are_ignored(registry: Registry) -> None:
    plan = make_plan(FILES, registry, ignore=("model-file",))
    assert [(task.asset.path, task.checks) for task in plan.tasks if task.asset.kind is AssetKind.MODEL_FILE] == [("a.pkl", ()), ("b.pkl", ())]


@pytest.mark.parametrize("word", ["model-file/code-execution", "*/code-*"])
def test_select_takes_ids_and_patterns(registry: Registry, word: str) -> None:
    chosen = planned(registry, select=(word,))
    assert chosen["model-file/code-execution"] == (2, "")
    assert {reason for name, (_, reason) in chosen.items() if name != "model-file/code-execution"} == {"not selected"}


@pytest.mark.parametrize("word", ["model-file", "model-file/", "model-file/*"])
def test_a_folder_names_its_checks(registry: Registry, word: str) -> None:
    chosen = planned(registry, select=(word,), ignore=("model-file/coverage",))
    assert chosen["model-file/coverage"] == (0, "ignored")
    assert chosen["model-file/callables"] == (2, "")
    assert chosen["notebook/secrets"] == (0, "not selected")


@pytest.mark.parametrize("request_", ["select", "ignore"])
def test_a_typing_error_is_an_error_with_the_nearest_name(registry: Registry, request_: str) -> None:
    with pytest.raises(UserError, match="did you mean 'model-file/code-execution'"):
        make_plan(FILES, registry, **{request_: ("model-file/code-exection",)})
    with pytest.raises(UserError, match="no check is named 'zzz\\*'"):
        make_plan(FILES, registry, **{request_: ("zzz*",)})


def test_the_plan_does_not_depend_on_the_order_of_assets(registry: Registry) -> None:
    assert make_plan(FILES, registry) == make_plan(FILES[::-1], registry)
