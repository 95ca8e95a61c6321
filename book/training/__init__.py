"""Data, models and training; it takes any `torch.optim.Optimizer`."""
