"""Run folders to one HTML file; computes nothing."""
