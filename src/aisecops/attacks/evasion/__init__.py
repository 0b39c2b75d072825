"""Inputs that a model gets wrong and a person does not: adversarial examples and evasion, for numbers, tables, trees, images and text.

Only numpy is imported. Every attack works on all samples in one call a round and returns ``Attempts``. Attacks on numbers (``catalogue.ATTACKS`` names them,
with what each needs and knows) have one signature::

    attack(oracle, samples, y, *, space, norm, epsilon=None, queries=1000, seed=0, starts=None, target=None) -> Attempts

``samples`` are (n, ...), ``y`` their labels (n,), numbered as ``oracle.classes``; a sample that the model gets wrong already is found at distance 0 for one query.
``space`` says where points may lie: every query is projected into it, what is returned is what was asked. Attacks for the nearest evasion stop with a sample at
``epsilon``, if given; attacks at a fixed distance need it. ``queries`` is the most to ask for one sample, gradients included; a ``Metered`` oracle's budget is
shared out evenly. ``starts`` are samples, some of other classes, that attacks by labels walk from. ``target`` (n,) is the label to reach, None: any but ``y``.
A missing value (NaN) stays missing.
"""
