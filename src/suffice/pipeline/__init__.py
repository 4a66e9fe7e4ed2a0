"""The only place that knows the order: prepare, run cells, choose, refit, confirm, write."""
