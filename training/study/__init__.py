"""Comparisons on equal budgets: `plan` expands a study's file into runs, `run` trains and measures
each of them, which gives it a row, `summary` sums the rows up over the seeds."""
