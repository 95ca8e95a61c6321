"""What is raised where a function seems to have no minimum."""


class Unbounded(ValueError):
    """The loss falls without end along a line; whoever can mend the loss may catch it.

    Examples:
        >>> issubclass(Unbounded, ValueError)
        True
    """
