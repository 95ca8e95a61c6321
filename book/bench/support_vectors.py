"""Support vector machines by their dual, ours beside scikit-learn's: how far are they apart?"""

import importlib
from importlib.metadata import version

import torch
from torch import Tensor

from book.bench.harness import interleave, median, one_thread, paired_ratio, record, significant
from book.optim.constrained import smo
from book.training.data.load import load

C = 1.0
CASES = {  # kernel, examples for training and for testing
    "two clouds, linear": ("clouds", "linear"),
    "two clouds, rbf": ("clouds", "rbf"),
    "MNIST 4 and 9, linear": ("mnist", "linear"),
    "MNIST 4 and 9, rbf": ("mnist", "rbf"),
}


@one_thread()
def run(store: bool) -> dict:
    """Train both on four cases, print how far they are apart, store it if asked to.

    Args:
        store: whether to write `assets/results/support-vectors.json`.
    """
    rows = [_row(name, *case) for name, case in CASES.items()]
    for row in rows:
        print(row)
    results = {"scikit-learn": version("scikit-learn"), "C": C, "rows": rows}
    return record("support-vectors", results, store)


def examples(name: str) -> tuple[Tensor, Tensor]:
    """Inputs of shape (n, d) and labels −1 and 1.

    Examples:
        >>> X, y = examples("clouds")
        >>> X.shape, y.unique()
        (torch.Size([200, 2]), tensor([-1.,  1.], dtype=torch.float64))
    """
    if name == "clouds":
        generator = torch.Generator().manual_seed(0)
        y = torch.tensor([-1.0, 1.0], dtype=torch.float64).repeat(100)
        X = torch.randn(200, 2, dtype=torch.float64, generator=generator) + 0.75 * y[:, None]
        return X, y
    train, _ = load("mnist")
    chosen = (train.labels == 4) | (train.labels == 9)
    X = train.images[chosen].flatten(1).double()[:400] / 255
    return X, torch.where(train.labels[chosen][:400] == 4, 1.0, -1.0).double()


def kernel(name: str, a: Tensor, b: Tensor) -> Tensor:
    """aᵀb for each pair of rows, or exp(−γ ‖a − b‖²) with γ = 1 / (d · variance), scikit-learn's "scale".

    Examples:
        >>> kernel("linear", torch.eye(2), torch.ones(1, 2))
        tensor([[1.],
                [1.]])
    """
    if name == "linear":
        return a @ b.T
    return (-gamma(b) * torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist") ** 2).exp()


def gamma(X: Tensor) -> float:
    """1 / (d · variance of all entries).

    Examples:
        >>> gamma(torch.tensor([[0.0, 2.0]]))
        0.5
    """
    return 1 / (X.shape[1] * float(X.var(correction=0)))


def _row(title: str, data: str, name: str) -> dict:
    SVC = importlib.import_module("sklearn.svm").SVC
    X, y = examples(data)
    K = kernel(name, X, X)
    ours = smo(K, y, C)
    machine = SVC(C=C, kernel=name, gamma=gamma(X), tol=1e-12, shrinking=False)
    theirs = machine.fit(X.numpy(), y.numpy())
    exact = K.float().double()  # what single precision keeps of the kernel
    same = SVC(C=C, kernel="precomputed", tol=1e-12, shrinking=False).fit(exact.numpy(), y.numpy())
    seconds = interleave(
        {
            "ours": lambda: smo(kernel(name, X, X), y, C, tol=1e-3),
            "theirs": lambda: SVC(C=C, kernel=name, gamma=gamma(X)).fit(X.numpy(), y.numpy()),
        }
    )
    return {
        "case": title,
        "examples": len(y),
        "features": X.shape[1],
        "support_vectors": int((ours.alpha > 0).sum()),
        "at_C": int((ours.alpha == C).sum()),
        "steps": ours.steps,
        "gap": ours.gap,
        "alpha_apart": significant(_apart(ours.alpha, _multipliers(theirs, len(y)))),
        "decisions_apart": significant(
            _apart(K @ (ours.alpha * y) + ours.bias, torch.from_numpy(theirs.decision_function(X.numpy())))
        ),
        "alpha_apart_same_kernel": significant(_apart(smo(exact, y, C).alpha, _multipliers(same, len(y)))),
        "seconds_ours": median(seconds["ours"]),
        "seconds_theirs": median(seconds["theirs"]),
        "ratio": paired_ratio(seconds["ours"], seconds["theirs"]),
    }


def _multipliers(machine, n: int) -> Tensor:
    alpha = torch.zeros(n, dtype=torch.float64)
    alpha[torch.from_numpy(machine.support_).long()] = torch.from_numpy(machine.dual_coef_[0]).abs()
    return alpha


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
