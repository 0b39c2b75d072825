"""Tests of the methods that mask a table."""
