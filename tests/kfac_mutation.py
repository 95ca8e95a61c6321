"""What `tests.mutation` changes in K-FAC, and which of its tests judge each change."""

from tests.judges import all_tests
from tests.mutants import Target, members
from tests.optim.kfac import (
    test_damping,
    test_exactness,
    test_layers,
    test_losses,
    test_memory,
    test_optimizer,
    test_rows,
)

KFAC = "book.optim.kfac"
METHODS = ("_share", "_due", "_move", "_gradients", "_natural_steps")
KFAC_TARGETS = {
    "Rows": Target(tuple(members(f"{KFAC}.rows", "Rows.give", "Rows.natural", "pays")), all_tests(test_rows)),
    "KFAC": Target(
        (
            *members(f"{KFAC}.damping", "damped_inverses", "inverse", "natural"),
            *members(f"{KFAC}.losses", "loss_scale", "exact_vectors", "sampled_vector", "_columns"),
            *members(f"{KFAC}.memory", "learned"),
            *members(f"{KFAC}.layers", "inputs_of", "slopes_of", "as_matrix", "as_tensors", "_padding"),
            *members(f"{KFAC}.optimizer", *(f"KFAC.{name}" for name in METHODS)),
        ),
        all_tests(test_damping, test_exactness, test_layers, test_losses, test_memory, test_optimizer),
    ),
}
