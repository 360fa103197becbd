"""Speed and size of corridor_sim, one file a subject; run all: python -m benchmarks."""
