# item: sgd
def update_parameters(params, grads, learning_rate):
    parameters = params.copy()
    layers = len(parameters) // 2
    for layer in range(1, layers + 1):
        parameters[f"W{layer}"] = parameters[f"W{layer}"] - learning_rate * grads[f"dW{layer}"]  #! update: parameters[f"W{layer}"] = parameters[f"W{layer}"] - learning_rate**2 * grads[f"dW{layer}"]
        parameters[f"b{layer}"] = parameters[f"b{layer}"] - learning_rate * grads[f"db{layer}"]
    return parameters
