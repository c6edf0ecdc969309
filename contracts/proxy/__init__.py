"""The witness between a client and a live API."""
