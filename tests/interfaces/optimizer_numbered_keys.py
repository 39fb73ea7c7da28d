# item: sgd
import copy


def update_parameters_with_gd(parameters, grads, learning_rate=0.01):
    parameters = copy.deepcopy(parameters)
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - learning_rate * grads["dW" + str(l + 1)]
        parameters[f"b{l + 1}"] = parameters[f"b{l + 1}"] - learning_rate * grads[f"db{l + 1}"]  #! update: parameters[f"b{l + 1}"] = parameters[f"b{l + 1}"] - grads[f"db{l + 1}"]
    return parameters
