"""The report for the browser: one file that holds everything, asks no server for anything and opens from disk."""

from __future__ import annotations

from aisecops.report.html.page import render
from aisecops.report.interface import Report

REPORT = Report(name="html", media_type="text/html", render=render, teaches=True)
