"""Rows to right calls, completions to the calls in them, both to a judgement; right calls to what nobody said."""
