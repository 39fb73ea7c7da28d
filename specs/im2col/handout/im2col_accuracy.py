# %%
rng = np.random.default_rng(0)
kernels = rng.uniform(-0.1, 0.1, (16, 9))
weights = rng.uniform(-0.01, 0.01, (10, 16 * 26 * 26))
images = X_train[:400].reshape(-1, 28, 28)
one_hot_labels = np.eye(10)[y_train[:400]]
weights, kernels = back_propagation_cnn(images, one_hot_labels, kernels, weights, 3)

# %%
guesses = [cnn(image, kernels, weights) for image in X_test[:200].reshape(-1, 28, 28)]
print("accuracy", np.mean(np.array(guesses) == y_test[:200]))
