"""Measurements that decide something: ratios within one run, stored under results/."""

import local  # noqa: F401 - which lets the project's own client be imported
