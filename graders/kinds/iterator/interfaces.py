"""What students write as iterators of mini-batches, around the reference: the audit's interfaces."""

from __future__ import annotations

from graders.kinds.sources import class_name, filled, reference_of
from graders.specs import ItemSpec


def interfaces(spec: ItemSpec) -> dict[str, str]:
    """Sources by name, the one for the mutants first."""
    values = {"Name": class_name(spec), "Reference": reference_of(spec)}
    return {
        "as in the text": filled(
            """
            class <Name>:
                def __init__(self, X, y, batch_size=20, seed=0):
                    self.batches = <Reference>(X, y, batch_size, seed)
                def __len__(self):
                    return len(self.batches)
                def __getitem__(self, item):
                    return self.batches[item]
                def __iter__(self):
                    return iter(self.batches)
            """,
            **values,
        ),
        "a counter and __next__": filled(
            """
            class <Name>:
                def __init__(self, x, y, batch_size=10, seed=None):
                    self.all = <Reference>(x, y, batch_size, 0 if seed is None else seed)
                def __iter__(self):
                    self.counter = 0
                    return self
                def __next__(self):
                    if self.counter >= len(self.all):
                        raise StopIteration
                    self.counter += 1
                    return self.all[self.counter - 1]
            """,
            **values,
        ),
        "a generator": filled(
            """
            def get_mini_batch(X, y, batch_size, seed=1):
                yield from <Reference>(X, y, batch_size, seed)
            """,
            **values,
        ),
    }
