"""The project: the comparison of optimizers, and the speedrun."""
