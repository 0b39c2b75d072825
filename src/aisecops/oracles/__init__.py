"""How a model is asked: the ``Oracle`` protocol, the ``Budget`` that meters it, and one adapter for each framework.

Only numpy is imported here; a framework is imported by its adapter, when a model of it is opened.
"""
