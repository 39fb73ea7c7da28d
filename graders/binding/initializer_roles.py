"""Names that students give to an initialiser's methods and parameters."""

from __future__ import annotations

import re

WEIGHT_METHODS = (
    r"_?w_?|_?weights?", r"(get|init|initiali[sz]e|make|gen\w*|create|set)_?w(eights?)?",
    r"w(eights?)?_?(init\w*|gen\w*)?", r"w\d?_?\w?", r"f(ilter)?_?w?",
)  # fmt: skip
BOTH_METHODS = (
    r"coefs?\w*", r"params?|parameters?", r"(get|init|initiali[sz]e|make|gen\w*|create|set)_?\w*",
    r"__call__", r"init\w*|generate|call|forward",
)  # fmt: skip
BIAS_METHODS = (
    r"_?b_?|_?bias(es)?", r"(get|init|initiali[sz]e|make|gen\w*|create|set)_?b(ias(es)?)?",
    r"b(ias(es)?)?_?(init\w*|gen\w*)?", r"b\d?_?\w?",
)  # fmt: skip

_ROLES = (
    ("sigma", r"sigma\w*|std\w*|sd|s|scale|standard_?\w*|weight_?(scale|std|init_?std)|σ|sig"),
    ("shape", r"shapes?|size|dim(ension)?s?|w_?shape"),
    (
        "in",
        r"(n_?)?(in|input|bf|prev|pre|previous|before|front)_?(ch\w*|nodes?|features?|dim\w*|size|units?|num|neurons?)?"
        r"|(n_?)?(in|input|before|prev|previous|pre)_?\w*"
        r"|fan_?in|(n_?)?(nodes?|units?|neurons?|features?|layers?|ch|chan\w*)_?(1|in\w*|bf|prev\w*|before|pre)"
        r"|n_?1|n_?\w*nodes?_?1|\w+_?bf|n_?features|rows?|channels?|chane?l|c",
    ),
    (
        "out",
        r"(n_?)?(out|output|af|next|after)_?(ch\w*|nodes?|features?|dim\w*|size|units?|num|neurons?)?"
        r"|(n_?)?(out|output|after|next)_?\w*"
        r"|fan_?out|(n_?)?(nodes?|units?|neurons?|features?|layers?|ch|chan\w*)_?(2|out\w*|af|next|after)"
        r"|n_?2|n_?\w*nodes?_?2|\w+_?af|cols?|fn|f_?num\w*|n_?filters?|filt\w*_?num\w*|num_?filt\w*|o",
    ),
    ("size", r"n|m|nodes?|n_?nodes?|d|dim|num|n_?units?|l"),
    ("seed", r"seed|random_?state|rng"),
)  # fmt: skip


def role_of(name: str) -> str:
    """sigma, shape, in, out, size, seed or nothing."""
    plain = name.strip("_").lower() or name
    for role, pattern in _ROLES:
        if re.fullmatch(pattern, plain):
            return role
    return ""
