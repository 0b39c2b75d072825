"""What makes a model look more robust than it is, found before a number is shown."""
