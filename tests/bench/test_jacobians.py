"""The benchmark of Jacobians: both modes find the matrix on paper, and the record says what was timed."""

import math

import pytest
import torch

from book.bench import BENCHES, jacobians
from book.calculus import jacobian


def test_it_is_registered():
    assert BENCHES["jacobians"] is jacobians.run


@pytest.mark.parametrize(("inputs", "outputs"), [(4, 1), (3, 3), (1, 5)])
def test_rows_and_columns_make_the_same_matrix_as_the_chain_rule(inputs, outputs):
    F, x = jacobians.network(inputs, outputs, 6), torch.linspace(-1, 1, inputs)
    (A, B, C) = next(cell.cell_contents for cell in F.__closure__ if isinstance(cell.cell_contents, list))
    first = torch.tanh(x @ A)
    second = torch.tanh(first @ B)
    wanted = C.T @ torch.diag(1 - second**2) @ B.T @ torch.diag(1 - first**2) @ A.T
    for found in (jacobians.by_rows(F, x), jacobians.by_columns(F, x), jacobian(F, x)):
        torch.testing.assert_close(found, wanted)


def test_the_benchmark_reports_what_it_ran(monkeypatch, capsys):
    monkeypatch.setattr(jacobians, "SHAPES", ((40, 1), (1, 40)))
    monkeypatch.setattr(jacobians, "HIDDEN", (4, 8))
    monkeypatch.setattr(jacobians, "LAYERS", (5, 4, 3))
    monkeypatch.setattr(jacobians, "REPEATS", 1)
    results = jacobians.run(store=False)["results"]
    shapes = [(row["inputs"], row["outputs"], row["hidden"]) for row in results["rows"]]
    assert shapes == [(40, 1, 4), (1, 40, 4), (40, 1, 8), (1, 40, 8)]
    assert all(row["one_by_one"]["ratio"] > 1 for row in results["rows"][::2])
    assert all(row["one_by_one"]["ratio"] < 1 for row in results["rows"][1::2])
    assert results["training"]["parameters"] == 5 * 4 + 4 + 4 * 3 + 3
    assert "40 → 4 →    1" in capsys.readouterr().out


def test_a_crossing_lies_between_two_shapes_or_nowhere():
    shape, ratios = [100, 1, 0.01], [10, 2, 0.5]
    assert jacobians.crossing(shape, ratios) == pytest.approx(0.1)
    assert math.isnan(jacobians.crossing(shape[:2], ratios[:2]))
