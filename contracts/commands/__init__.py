"""What a user types, and what is shown at the terminal."""
