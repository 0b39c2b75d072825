"""What is loaded for names in sentences, and what is left out of it."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from aisecops.content.personal import entities


@pytest.mark.parametrize("there", [False, True])
def test_the_tagger_comes_without_torch_and_leaves_it_as_it_was(tmp_path, monkeypatch, there):
    (tmp_path / "spacy.py").write_text("try:\n    import torch\nexcept ImportError:\n    torch = None\n", encoding="utf-8")
    (tmp_path / "torch.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "spacy", raising=False)
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))
    if not there:
        monkeypatch.delitem(sys.modules, "torch")
    spacy = entities._spacy()
    monkeypatch.setitem(sys.modules, "spacy", spacy)  # so that it is taken away again
    assert (spacy.torch is not None) is there is ("torch" in sys.modules)
    assert importlib.import_module("torch").__name__ == "torch"
