"""One training run: the loop, what it keeps, how it goes on after a stop."""
