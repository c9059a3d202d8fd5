"""Comparisons on equal budgets: a study is a question and the training runs that answer it.

`plan.py` expands a study's file into runs, `run.py` trains and measures each of them, which gives
it a row, `summary.py` sums the rows up over the seeds.
"""
