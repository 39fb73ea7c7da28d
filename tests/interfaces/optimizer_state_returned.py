# items: sgd adagrad
import numpy as np


def sgd(w, dw, config):
    w -= config["learning_rate"] * dw  #! sgd.update: w -= dw * config["learning_rate"] ** 2
    return w, config


def adagrad(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    cache = config.get("cache", np.zeros_like(w))
    cache += dw ** 2
    next_w = w - config["learning_rate"] * dw / (np.sqrt(cache) + config["epsilon"])
    config["cache"] = cache  #! adagrad.update: pass
    return next_w, config
