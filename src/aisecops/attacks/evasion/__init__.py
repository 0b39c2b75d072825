"""Inputs that a model gets wrong and a person does not: adversarial examples and evasion, for numbers, tables, trees, images and text.

Only numpy is imported. Every attack takes an oracle, the samples and their labels, works on all samples in one call a round, and returns ``Attempts``.
"""
