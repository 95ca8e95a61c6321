"""The seed of an explorer's noise, as a trait."""

import traitlets

SEEDS = 2**32


class Seed(traitlets.Int):
    """A seed of the browser's noise, from 0 to 2**32 - 1; any other is refused in words.

    Examples:
        >>> class Noisy(traitlets.HasTraits):
        ...     seed = Seed(0)
        >>> Noisy(seed=7).seed
        7
        >>> Noisy(seed=-1)
        Traceback (most recent call last):
        traitlets.traitlets.TraitError: The seed must be from 0 to 4294967295; got -1.
    """

    def validate(self, obj, value):
        seed = super().validate(obj, value)
        if not 0 <= seed < SEEDS:
            raise traitlets.TraitError(f"The seed must be from 0 to {SEEDS - 1}; got {seed}.")
        return seed
