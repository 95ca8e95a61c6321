"""The bench of support vector machines: its examples, its kernels, and both machines on one small case."""

import torch
from sklearn.metrics import pairwise

from book.bench import support_vectors


def test_the_kernels_are_scikit_learn_s():
    X, _ = support_vectors.examples("clouds")
    gamma = support_vectors.gamma(X)
    for name, theirs in (
        ("linear", pairwise.linear_kernel(X.numpy())),
        ("rbf", pairwise.rbf_kernel(X.numpy(), gamma=gamma)),
    ):
        ours = support_vectors.kernel(name, X, X)
        torch.testing.assert_close(ours, torch.from_numpy(theirs), rtol=1e-12, atol=1e-12)


def test_mnist_is_fours_and_nines():
    X, y = support_vectors.examples("mnist")
    assert X.shape == (300, 784)
    assert sorted(y.unique().tolist()) == [-1, 1]


def test_a_row_says_how_far_they_are_apart(monkeypatch):
    monkeypatch.setattr(
        support_vectors, "interleave", lambda c: {name: [work() and 1.0] for name, work in c.items()}
    )
    row = support_vectors._row("two clouds, linear", "clouds", "linear")
    assert row["examples"] == 200
    assert 0 < row["at_C"] <= row["support_vectors"] <= 200
    assert row["alpha_apart"] < 1e-5
    assert row["decisions_apart"] < 1e-5
