"""Judging a run by a policy: rules, waivers, baseline, and a reason in words for every outcome."""
