"""Requests of an operation, made and read back: what would be valid, and what was really sent."""
