"""What who controls a mock forces on answers: other statuses, delays, broken connections."""
