"""aisecops: the security pipeline for machine-learning systems."""

__version__ = "0.1.0"
