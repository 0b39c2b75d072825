"""Poisoning found in training data, without a model of it: what the trigger is, which rows carry it, and how sure that is."""
