"""Code as text and as syntax: read, never imported and never run."""
