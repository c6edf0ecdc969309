"""Documents as they are written: text to plain trees with places, and where references lead."""
