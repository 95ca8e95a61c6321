"""What `python -m book verify` looks for, one small check at a time."""
