"""Side by side: the workbook's server and its peers, on the same page, in the same run.

`make bench` measures and writes `RESULTS.md`; nothing else does. How to read it, and what is not
measured: docs/explanation/benchmarks.md. No test asks how long anything takes.
"""
