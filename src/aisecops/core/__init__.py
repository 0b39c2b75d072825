"""The vocabulary of aisecops: pure types and pure functions, no file, no network, no heavy import."""
