"""Classes with fit and predict: regressions, trees, clusters, neighbours, margins."""
