"""Measurements, each against a bare baseline in the same run: the ratios are what compares."""
