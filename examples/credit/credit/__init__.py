"""A small credit-risk project: the data, the training, nothing else."""
