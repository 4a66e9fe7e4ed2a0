"""Numbers from arrays: exact bounds, paired tests, calibration; no input or output."""
