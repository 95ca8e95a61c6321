import pytest
import torch
from torch.nn.functional import cross_entropy

from book.optim import SGD
from book.training.data.long_tail import embedding, train_on_words, zipf


def test_words_come_by_their_frequency():
    task = zipf(words=50)
    words, _ = task.draw(steps=1000, batch_size=100)
    share = words.flatten().bincount(minlength=50) / words.numel()
    deviation = (task.frequencies * (1 - task.frequencies) / words.numel()).sqrt()
    assert ((share - task.frequencies).abs() < 4.5 * deviation).all()
    assert task.frequencies[0] / task.frequencies[9] == pytest.approx(10)


def test_classes_follow_by_the_words_own_probabilities():
    task = zipf(words=3, sharpness=1.0)
    words, classes = task.draw(steps=1000, batch_size=60)
    for word in range(3):
        seen = classes[words == word].bincount(minlength=10) / (words == word).sum()
        assert torch.allclose(seen.double(), task.answers[word], atol=0.02)


def test_without_an_exponent_all_words_are_equally_frequent():
    assert zipf(exponent=0.0).frequencies.unique().numel() == 1


def test_excess_is_the_expected_cross_entropy_less_the_entropy():
    task = zipf(words=20)
    model = embedding(task, seed=1)
    entropy = torch.special.entr(task.answers).sum(dim=1)
    expected = cross_entropy(model(torch.arange(20)), task.answers, reduction="none") - entropy
    assert torch.allclose(task.excess(model), expected, atol=1e-12)


def test_a_model_that_knows_the_answers_has_no_excess():
    task = zipf(words=20)
    assert torch.allclose(task.excess(lambda words: task.answers[words].log()), torch.zeros(20).double())


def test_eight_numbers_a_word_can_tell_the_answers():
    answers = zipf(words=200).answers.log()
    centred = answers - answers.mean(dim=1, keepdim=True)
    assert torch.linalg.matrix_rank(centred, rtol=1e-9) == 8


def test_a_seed_sets_everything():
    task = zipf(seed=3)
    assert torch.equal(task.answers, zipf(seed=3).answers)
    assert not torch.equal(task.answers, zipf(seed=4).answers)
    assert torch.equal(task.draw(5, seed=1)[0], task.draw(5, seed=1)[0])
    before = torch.get_rng_state()
    pairs = zip(embedding(task, seed=2).parameters(), embedding(task, seed=2).parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert torch.equal(before, torch.get_rng_state())


def test_fit_is_gradient_descent_on_the_mean_cross_entropy():
    task = zipf(words=6)
    words, classes = task.draw(steps=2, batch_size=4)
    model, twin = embedding(task), embedding(task)
    train_on_words(model, SGD(model.parameters(), lr=0.5), words, classes)
    for batch, right in zip(words, classes, strict=True):
        gradients = torch.autograd.grad(cross_entropy(twin(batch), right), list(twin.parameters()))
        with torch.no_grad():
            for x, g in zip(twin.parameters(), gradients, strict=True):
                x -= 0.5 * g
    assert all(torch.allclose(a, b) for a, b in zip(model.parameters(), twin.parameters(), strict=True))
