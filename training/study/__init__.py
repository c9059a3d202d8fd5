"""Comparisons on equal budgets: many small runs, one row each, summed up over their seeds.

`plan.py` expands a question into runs, `experiment.py` carries one out, `runner.py` goes through
all of them, `summary.py` counts.
"""
