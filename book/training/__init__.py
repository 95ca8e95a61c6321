"""Data, models and the training loop; it takes any `torch.optim.Optimizer`."""
