"""What makes a model harder to attack, and the measure of how much it does."""
