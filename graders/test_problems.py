"""Where pytest finds the problems: `graders.pytest_plugin` turns this file into one item a check.

``pytest graders --submission PATH`` collects items named ``sprint/item/check``.
"""
