"""An answer from its choice to its last octet."""
