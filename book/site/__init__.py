"""What `python -m book` runs: execute, verify, build and serve."""
