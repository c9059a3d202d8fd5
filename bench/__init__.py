"""Measurements that decide something: ratios within one run, stored under results/."""
