"""Values that a schema allows: realistic, the same for the same key."""
