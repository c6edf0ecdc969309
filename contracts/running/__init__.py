"""From settings to a Run: what is planned, asked, judged and put together."""
