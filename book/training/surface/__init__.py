"""The loss as a surface: planes through it, and networks that compute the same."""
