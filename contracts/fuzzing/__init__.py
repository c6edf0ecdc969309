"""Schemathesis, driven: it draws the cases of coverage, fuzzing and links; the sending and the claims are ours."""
