"""Regular expressions of `pattern` as languages: sets of characters, derivatives, what may match."""
