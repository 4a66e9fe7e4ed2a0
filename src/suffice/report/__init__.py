"""A finished fit, or finished runs, to one HTML file; computes nothing."""

from suffice.report.sentences import classify_command, next_step, verdict_sentence
from suffice.report.texts import ExampleText
from suffice.report.write import write_report, write_run_report

__all__ = ["ExampleText", "classify_command", "next_step", "verdict_sentence", "write_report", "write_run_report"]
