import pytest
import torch
from torch import Generator, nn
from torch.func import hessian

from book.optim.kfac.losses import check_loss, exact_vectors, loss_scale, sampled_vector
from tests.cases import each
from tests.optim.kfac.blocks import labels, normal

LOSSES = [nn.CrossEntropyLoss, nn.MSELoss, nn.BCEWithLogitsLoss]


def problem(loss, *places):
    output = normal(0, 3, 4, *places)
    if loss is nn.CrossEntropyLoss:
        return output, labels(1, 3, *places, classes=4)
    return output, normal(1, 3, 4, *places) if loss is nn.MSELoss else labels(
        1, 3, 4, *places, classes=2
    ).double()


@each("reduction", ["mean", "sum"])
@each("places", [(), (2,), (2, 3)])
@each("loss", LOSSES)
def test_the_vectors_make_up_the_hessian_of_the_loss(loss, places, reduction):
    output, y = problem(loss, *places)
    function = loss(reduction=reduction)
    H = hessian(lambda f: function(f, y))(output).reshape(3, output[0].numel(), 3, output[0].numel())
    vectors = torch.stack([v.flatten(1) for v in exact_vectors(function, output)])
    assert len(vectors) == output[0].numel()
    for n in range(3):
        S = vectors[:, n].T
        torch.testing.assert_close(loss_scale(function, output) * S @ S.T, H[n, :, n], rtol=1e-10, atol=1e-12)


def test_an_output_of_one_number_an_example():
    assert [v.tolist() for v in exact_vectors(nn.MSELoss(), torch.zeros(2))] == [
        pytest.approx([2**0.5, 2**0.5])
    ]
    assert loss_scale(nn.MSELoss(), torch.zeros(2)) == 0.5


@pytest.mark.parametrize("places", [(), (2,)])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_sampled_vector_is_a_gradient_on_a_drawn_label(loss, places):
    """Its mean is 0 and its covariance the Hessian; for classes it is p less one corner of the simplex."""
    output = problem(loss, *places)[0][:1].repeat(20_000, *(1 for _ in (4, *places)))
    v = sampled_vector(loss(), output, Generator().manual_seed(0))
    assert v.shape == output.shape
    flat = v.flatten(1)
    assert float(flat.mean(0).abs().max()) < 0.03
    exact = torch.stack([e[0].flatten() for e in exact_vectors(loss(), output[:1])], dim=1)
    assert float((flat.T @ flat / len(flat) - exact @ exact.T).abs().max()) < 0.06
    if loss is nn.CrossEntropyLoss:
        corner = output.softmax(1) - v
        assert torch.allclose(corner.sum(1), torch.ones_like(corner[:, 0]))
        assert torch.allclose(corner, corner.round())


def test_draws_follow_the_generator():
    output = normal(0, 50, 4)
    first, again, other = (
        sampled_vector(nn.CrossEntropyLoss(), output, Generator().manual_seed(seed)) for seed in (0, 0, 1)
    )
    assert first.equal(again)
    assert not first.equal(other)


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (
            nn.NLLLoss(),
            TypeError,
            r"K-FAC takes CrossEntropyLoss, MSELoss or BCEWithLogitsLoss .* got NLLLoss\(\)",
        ),
        (nn.MSELoss, TypeError, r"got MSELoss itself, not an instance"),
        (nn.functional.cross_entropy, TypeError, r"got cross_entropy itself, not an instance|got <function"),
        (nn.MSELoss(reduction="none"), ValueError, r"reduction 'mean' or 'sum'; got 'none'"),
        (nn.CrossEntropyLoss(weight=torch.ones(2)), ValueError, "without class weights"),
        (nn.BCEWithLogitsLoss(pos_weight=torch.ones(2)), ValueError, "without class weights"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_other_losses_are_refused(loss, error, message):
    with pytest.raises(error, match=message):
        check_loss(loss)


def test_label_smoothing_moves_the_labels_and_not_the_curvature():
    loss = nn.CrossEntropyLoss(label_smoothing=0.2)
    output, y = problem(nn.CrossEntropyLoss)
    H = hessian(lambda f: loss(f, y))(output)[0, :, 0]
    S = torch.stack([v[0] for v in exact_vectors(check_loss(loss), output)], dim=1)
    torch.testing.assert_close(S @ S.T / 3, H)
