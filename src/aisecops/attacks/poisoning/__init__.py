"""Poisoning: what somebody with write access to a few rows of the training data can teach a model, as generators with the truth beside them."""
