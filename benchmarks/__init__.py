"""Figures as ratios against a real `sops`: `python -m benchmarks --sops PATH`. Nothing here is a test."""
