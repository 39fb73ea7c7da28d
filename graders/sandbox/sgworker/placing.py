"""Puts an array into a student's object, in every place where the one that it replaces lies.

A layer that keeps its weight and hands it on, ``self.operations = [Multiply(self.params[0])]``, has one
array in two places: what is written to one of them is read in the other.
"""

from .harvest import MAX_DEPTH, is_students


def put_everywhere(holder, old, new, depth=0, seen=None):
    """Replace `old` by `new` in what can be reached from the holder: attributes, dicts and lists."""
    seen = set() if seen is None else seen
    if depth > MAX_DEPTH or id(holder) in seen:
        return
    seen.add(id(holder))
    if isinstance(holder, dict):
        places, entries = holder, list(holder.items())[:128]
    elif isinstance(holder, (list, tuple)):
        places, entries = holder, list(enumerate(holder[:64]))
    elif is_students(type(holder)) and isinstance(getattr(holder, "__dict__", None), dict):
        places, entries = vars(holder), list(vars(holder).items())[:128]
    else:
        return
    for name, value in entries:
        if value is not old:
            put_everywhere(value, old, new, depth + 1, seen)
        elif not isinstance(places, tuple):
            places[name] = new
