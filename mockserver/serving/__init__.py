"""Applications on sockets: processes, reloads, and what is said of them."""
