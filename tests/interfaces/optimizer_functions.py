# item: sgd
def sgd(w, dw, config=None):
    """CS231n の形"""
    if config is None:
        config = {}
    config.setdefault('learning_rate', 1e-2)
    next_w = w - config['learning_rate'] * dw  #! update: next_w = w + config['learning_rate'] * dw
    return next_w, config
