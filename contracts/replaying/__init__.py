"""A conversation once more: as requests for another try, as commands for a reader's shell."""
