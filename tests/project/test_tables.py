"""What the tables say is what scipy says of the same runs."""

from itertools import combinations
from statistics import stdev

import pytest
from scipy import stats

from book.project.comparison_file import load_comparison
from book.project.tables import against_the_best, compared, neighbours, ranked, wrong_way

ROWS = load_comparison("cnn")["results"]["rows"]
CHOSEN = {row["method"]: row["accuracies"] for row in ROWS if row["tuned"]}
TITLES = {name: name for name in CHOSEN}


def test_nesterov_and_adamw_on_the_cnn():
    """The stored runs: told apart alone, by no correction that counts what was looked at."""
    gap, half, p = compared(ROWS, "nesterov", "adamw", 0.95)
    theirs = stats.ttest_rel(CHOSEN["nesterov"], CHOSEN["adamw"])
    assert (gap - half, gap + half) == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-9)
    assert theirs.pvalue < 0.01
    alone = {
        pair: stats.ttest_rel(*(CHOSEN[name] for name in pair)).pvalue for pair in combinations(CHOSEN, 2)
    }
    order = sorted(alone.values())
    steps = [(len(order) - k) * q for k, q in enumerate(order) if q <= theirs.pvalue]
    assert p == pytest.approx(max(steps), rel=1e-6)
    assert p > 0.05


def test_each_other_method_has_a_row_with_its_verdict():
    found = {name: rest for name, *rest in against_the_best(ROWS, TITLES, 0.95)}
    assert set(found) == set(CHOSEN) - {"nesterov"}
    for row in ROWS:
        if row["tuned"] and row["method"] != "nesterov":
            assert (found[row["method"]][-1] == "worse") == (row["p"] <= 0.05)
            assert found[row["method"]][0].startswith(f"{row['to_best'][0]:+.2f} ± ".replace("-", "−"))


def test_the_ranking_is_by_the_mean():
    means = [float(mean.split(" ± ")[0]) for _, _, mean, *_ in ranked(ROWS, TITLES)]
    assert means == sorted(means, reverse=True)
    assert len(means) == 8


def test_neighbours_are_neighbours():
    found = list(neighbours(ROWS, TITLES))
    assert len(found) == len(CHOSEN) - 1
    names, gap, s_a, s_b, share = found[0]
    assert names == "nesterov, then adamw"
    d, a, b = 79.244 - 78.672, stdev(CHOSEN["nesterov"]), stdev(CHOSEN["adamw"])
    assert [gap, s_a, s_b] == [f"{d:.2f}", f"{a:.2f}", f"{b:.2f}"]
    assert share == f"{wrong_way(d, a, b):.0%}"
    assert wrong_way(d, a, b) == pytest.approx(stats.norm.cdf(-d / (a**2 + b**2) ** 0.5))
