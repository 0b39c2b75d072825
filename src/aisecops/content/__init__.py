"""What text can hide: invisible and misleading characters, secrets, personal data, instructions to a model."""
