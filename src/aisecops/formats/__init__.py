"""What a hostile file says, without running it."""
