"""The project: optimizers compared on three networks by one declared protocol."""
