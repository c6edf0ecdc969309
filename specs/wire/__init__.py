"""Wire formats: what travels, read and written by the same rules on both sides."""
