"""Passages that a model answers from, or learns to answer with: floods of one claim, passages written for one question, answers of one source against all others."""
