"""Many runs: side by side, stacked into one, or shared among processes."""
