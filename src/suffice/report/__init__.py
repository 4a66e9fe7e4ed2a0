"""A finished fit, an audit, or finished runs, to one HTML file; computes nothing."""

from suffice.report.audit_words import asked_sentence, audit_sentence, found_sentence, learnability_sentence
from suffice.report.break_even_words import break_even_sentences, rounds_sentence
from suffice.report.capability_words import ceiling_words, money_words, parts_words
from suffice.report.findings import Told, told
from suffice.report.hosted_words import hosted_sentence
from suffice.report.leads import ConfusedLabels, Leads, Suspect
from suffice.report.sentences import classify_command, command_of, next_step, verdict_sentence
from suffice.report.texts import ExampleText
from suffice.report.time_words import aging_sentence, keeping_up_sentence, time_sentence
from suffice.report.write import write_audit_report, write_completion_audit, write_report, write_run_report

__all__ = [
    "ConfusedLabels",
    "ExampleText",
    "Leads",
    "Suspect",
    "Told",
    "aging_sentence",
    "asked_sentence",
    "audit_sentence",
    "break_even_sentences",
    "ceiling_words",
    "classify_command",
    "command_of",
    "found_sentence",
    "hosted_sentence",
    "keeping_up_sentence",
    "learnability_sentence",
    "money_words",
    "next_step",
    "parts_words",
    "rounds_sentence",
    "time_sentence",
    "told",
    "verdict_sentence",
    "write_audit_report",
    "write_completion_audit",
    "write_report",
    "write_run_report",
]
