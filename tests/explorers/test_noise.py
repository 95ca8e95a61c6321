"""The noise of the tests' oracles, which is the browser's to the last bit, is normal."""

import statistics
from itertools import islice

import pytest

from tests.explorers.noise import normals, uniforms


@pytest.mark.long
def test_the_noise_is_normal_and_its_seed_counts():
    draws = list(islice(normals(7), 20000))
    kurtosis = statistics.mean(x**4 for x in draws)
    assert abs(statistics.mean(draws)) < 0.03
    assert abs(statistics.variance(draws) - 1) < 0.03
    assert abs(kurtosis - 2.9) < 0.15  # of the sum of twelve uniform numbers: 3 − 6/(5·12)
    assert abs(statistics.correlation(draws[:-1], draws[1:])) < 0.03
    assert list(islice(normals(8), 3)) != draws[:3]


def test_twelve_uniform_numbers_less_six_are_a_normal_one():
    draw = uniforms(5)
    assert next(normals(5)) == sum(next(draw) for _ in range(12)) - 6
