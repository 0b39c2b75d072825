"""What outlives a run: documents that say what was examined, by whom, and what came of it."""
