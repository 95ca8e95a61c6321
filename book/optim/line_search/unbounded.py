"""What is raised where a function seems to have no minimum."""

WITHOUT_END = (
    "The loss still falls where it has reached {:g}; it seems to have no minimum. Add a penalty, or check "
    "the sign of the loss."
)


class Unbounded(ValueError):
    """The loss still falls far along a line; whoever can mend the loss may catch it.

    Examples:
        >>> issubclass(Unbounded, ValueError)
        True
    """
