"""Commands: functions from a World and a request to the next World."""
