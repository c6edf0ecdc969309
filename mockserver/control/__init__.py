"""Control of a running mock: clock, records, overrides, scenarios, and a log of what was asked."""
