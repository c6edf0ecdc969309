"""Schema Objects: what they mean in JSON Schema 2020-12, and whether a value keeps them."""
