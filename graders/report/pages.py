"""How pages are made from templates: all text is escaped, a name that is missing is an error."""

from __future__ import annotations

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined


@functools.cache
def templates(package: str) -> Environment:
    """The templates in the folder `templates` of a package; what was compiled is kept."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
