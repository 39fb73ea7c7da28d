"""What the pytest front-end knows of one check, of a submission or of a class."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """What is known of one check: the item's status, its own, and a sentence.

    `costs`: it was not made, and that is why the item is no success.
    """

    item: str
    check: str
    message: str
    costs: bool = False
