"""Random conversations with a server, in which every answer is judged by those before it."""
