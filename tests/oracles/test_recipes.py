"""What is trained again starts as the model did: with the same kinds of columns, and from new weights."""

from __future__ import annotations

import numpy as np
import pytest

from aisecops.oracles.recipes import undrawn, untrained


@pytest.mark.parametrize("said", ["fit", "constructor", "pipeline"])
def test_categorical_columns_of_catboost_are_remembered_wherever_they_were_said(said):
    catboost, pd = pytest.importorskip("catboost"), pytest.importorskip("pandas")
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    rows, y = pd.DataFrame({"age": rng.integers(18, 80, 60), "job": rng.choice(["clerk", "nurse"], 60)}), rng.integers(0, 2, 60)
    own = {} if said == "fit" else {"cat_features": ["job"]}
    model = catboost.CatBoostClassifier(iterations=2, verbose=0, thread_count=1, allow_writing_files=False, **own)
    model = make_pipeline("passthrough", model) if said == "pipeline" else model
    model.fit(rows, y, **({"cat_features": ["job"]} if said == "fit" else {}))
    again = untrained(untrained(model)).fit(rows, y)  # its clone can be cloned, too
    assert np.array_equal(again.predict_proba(rows), model.predict_proba(rows))


def test_weights_that_nothing_draws_anew_are_named_and_norms_do_not_hide_them():
    torch = pytest.importorskip("torch")
    from torch import nn

    plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 4), nn.MultiheadAttention(4, 2))
    before = torch.get_rng_state()
    assert undrawn(plain) == ""
    assert torch.equal(before, torch.get_rng_state())
    assert "ParametrizationList" in undrawn(nn.Sequential(nn.utils.parametrizations.spectral_norm(nn.Linear(4, 4))))
    assert undrawn(nn.Sequential(nn.utils.spectral_norm(nn.Linear(4, 4)))) == "weight_orig of the layer Linear"

    class Scale(nn.Module):
        def __init__(self):
            super().__init__()
            self.by = nn.Parameter(torch.ones(3))

    assert undrawn(Scale()) == "by of the layer Scale"
