"""What a model's answers say about the data that it was trained on: who was in it (``membership``), and what a hidden column held (``attribute``)."""
