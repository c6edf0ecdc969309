"""A request as its operation reads it: parts decoded and checked, credentials, wishes."""
