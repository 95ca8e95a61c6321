"""What a method gives to those who try fewer of its rates."""

from math import comb


def expected_best(accuracies: list[float], tries: int) -> float:
    """The best accuracy of so many rates, drawn from those tried without putting back: its mean.

    The k-th smallest of n accuracies is the best of m in C(k − 1, m − 1) of the C(n, m) draws.

    Args:
        accuracies: n of them, on validation images, one a rate.
        tries: m, from 1 to n.

    Raises:
        ValueError: `tries` is outside its range.

    Source:
        Dodge, Gururangan, Card, Schwartz and Smith, "Show Your Work: Improved Reporting of Experimental
        Results", EMNLP 2019; there with putting back.

    Examples:
        >>> [expected_best([60.0, 72.0, 10.0], tries) for tries in (1, 2, 3)]
        [47.333333333333336, 68.0, 72.0]
    """
    n = len(accuracies)
    if not 1 <= tries <= n:
        raise ValueError(f"tries must be from 1 to {n}, the number of accuracies; got {tries}.")
    ranked = enumerate(sorted(accuracies), 1)
    return sum(comb(k - 1, tries - 1) * value for k, value in ranked) / comb(n, tries)
