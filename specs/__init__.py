"""Machine-readable problem specs: one YAML file an item, one sprint.yaml a sprint."""
