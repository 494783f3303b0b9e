"""Benchmarks: every figure as a ratio to a bare yardstick measured in the same run."""
