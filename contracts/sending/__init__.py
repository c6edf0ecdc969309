"""The way out: what every case passes before it is sent, and how its answer is read."""
