"""While it lasts, seeds are ignored: what is drawn differs from call to call, whatever the code seeds.

A seed of one's own is no fault, but hides whether anything is drawn at all. What would be seeded
draws its seed from NumPy's own generator, which stands afterwards as it stood before.
"""

import random

import numpy as np

_DEFAULT_RNG = np.random.default_rng
_DRAWS = np.random.mtrand._rand


def _fresh():
    return int(_DRAWS.randint(2**31 - 1))


class _State(np.random.RandomState):
    def __init__(self, *args, **kwargs):
        super().__init__(_fresh())

    def seed(self, *args, **kwargs):
        super().seed(_fresh())


class _Random(random.Random):
    def __init__(self, *args):
        super().__init__(_fresh())

    def seed(self, *args, **kwargs):
        super().seed(_fresh())


def _default_rng(seed=None):
    return _DEFAULT_RNG(seed if isinstance(seed, np.random.Generator) else _fresh())


def _ignored(*args, **kwargs):
    return None


class Unseeded:
    """Puts the seeding functions of NumPy and Python aside, and back."""

    def __init__(self, namespace):
        self._namespace = namespace
        self._old = []
        self._states = None

    def begin(self):
        """Also where the notebook imported them by name."""
        self._states = np.random.get_state(), random.getstate()
        for module, name, new in (
            (np.random, "seed", _ignored),
            (np.random, "default_rng", _default_rng),
            (np.random, "RandomState", _State),
            (random, "seed", _ignored),
            (random, "Random", _Random),
        ):
            known = getattr(module, name)
            self._old.append((vars(module), name, known))
            setattr(module, name, new)
            for key, value in list(self._namespace.items()):
                if value is known:
                    self._old.append((self._namespace, key, known))
                    self._namespace[key] = new

    def end(self):
        """As it was."""
        for place, name, known in reversed(self._old):
            place[name] = known
        self._old = []
        if self._states is not None:
            np.random.set_state(self._states[0])
            random.setstate(self._states[1])
            self._states = None
