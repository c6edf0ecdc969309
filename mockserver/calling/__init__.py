"""Requests that the mock sends itself: callbacks and webhooks."""
