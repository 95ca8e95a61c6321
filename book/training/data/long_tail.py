"""A long-tailed task: a thousand words, a few seen all the time, most of them hardly ever."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


@dataclass(frozen=True)
class LongTail:
    """Each word has its own probabilities of what follows; a model with one embedding a word learns them.

    Args:
        frequencies: how often each word comes, falling, shape (N,); they add up to 1.
        answers: for each word the probability of each of C classes to follow, shape (N, C).
    """

    frequencies: Tensor
    answers: Tensor

    def draw(self, steps: int, batch_size: int = 32, seed: int = 0) -> tuple[Tensor, Tensor]:
        """Draw words by their frequency, and to each a class by its probabilities.

        Returns:
            Words and classes, each of shape (steps, batch_size): one row a step.

        Examples:
            >>> words, classes = zipf().draw(steps=5, batch_size=3)
            >>> words.shape, classes.shape
            (torch.Size([5, 3]), torch.Size([5, 3]))
        """
        generator = torch.Generator().manual_seed(seed)
        words = torch.multinomial(self.frequencies, steps * batch_size, True, generator=generator)
        classes = torch.multinomial(self.answers[words], 1, generator=generator)
        return words.view(steps, batch_size), classes.view(steps, batch_size)

    @torch.no_grad()
    def excess(self, model: nn.Module) -> Tensor:
        """For each word the cross-entropy above the least possible one, shape (N,): exact, without a sample.

        Examples:
            >>> task = zipf()
            >>> bool((task.excess(embedding(task)) > 0).all())
            True
        """
        logs = model(torch.arange(len(self.answers))).log_softmax(dim=-1)
        return (self.answers * (self.answers.log() - logs)).sum(dim=-1)


def zipf(
    words: int = 1000, exponent: float = 1.0, sharpness: float = 15.0, classes: int = 10, seed: int = 0
) -> LongTail:
    """Words whose frequency falls like 1 / rank^exponent; the exponent 0 makes all of them equally frequent.

    The answers are the softmax of a random matrix of rank 8, so that eight numbers a word can tell them.

    Args:
        words: N.
        exponent: 1 is Zipf's law.
        sharpness: by how much the matrix is multiplied; the larger, the more certain is each answer.
        classes: C.
        seed: of the answers.

    Source:
        Zipf, "Human Behavior and the Principle of Least Effort", 1949.

    Examples:
        >>> task = zipf(words=100)
        >>> f"{task.frequencies[0] / task.frequencies[99]:.0f}"
        '100'
    """
    generator = torch.Generator().manual_seed(seed)
    options = {"generator": generator, "dtype": torch.float64}
    left, right = torch.randn(words, 8, **options), torch.randn(8, classes, **options)
    frequencies = torch.arange(1, words + 1, dtype=torch.float64) ** -exponent
    return LongTail(frequencies / frequencies.sum(), (sharpness * left @ right / 8**0.5).softmax(dim=-1))


def embedding(task: LongTail, width: int = 8, sparse: bool = False, seed: int = 0) -> nn.Sequential:
    """An embedding of small random entries and one linear layer, in float64: words (B,) to logits (B, C).

    Args:
        task: says how many words and classes there are.
        width: the length of each word's vector.
        sparse: whether the embedding's gradient lists only the words of the batch.
        seed: of the first weights.

    Examples:
        >>> model = embedding(zipf())
        >>> model(torch.tensor([3, 1, 4])).shape
        torch.Size([3, 10])
    """
    generator = torch.Generator().manual_seed(seed)
    words, classes = task.answers.shape
    table = 0.1 * torch.randn(words, width, generator=generator, dtype=torch.float64)
    linear = nn.utils.skip_init(nn.Linear, width, classes, dtype=torch.float64)
    with torch.no_grad():
        linear.get_parameter("weight").uniform_(-(width**-0.5), width**-0.5, generator=generator)
        linear.get_parameter("bias").zero_()
    return nn.Sequential(nn.Embedding(words, width, _weight=table, sparse=sparse), linear)


def train_on_words(
    model: nn.Module, optimizer: torch.optim.Optimizer, words: Tensor, classes: Tensor
) -> None:
    """Take one step down the mean cross-entropy for each row of what `LongTail.draw` drew.

    Args:
        model: maps words (B,) to logits (B, C).
        optimizer: over the model's parameters.
        words, classes: shape (steps, B).

    Examples:
        >>> from book.optim import AdaGrad
        >>> task = zipf()
        >>> model = embedding(task)
        >>> before = task.frequencies @ task.excess(model)
        >>> train_on_words(model, AdaGrad(model.parameters(), lr=0.3), *task.draw(steps=100))
        >>> bool(task.frequencies @ task.excess(model) < before / 2)
        True
    """
    for batch, right in zip(words, classes, strict=True):
        optimizer.zero_grad()
        cross_entropy(model(batch), right).backward()
        optimizer.step()
