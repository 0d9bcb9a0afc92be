"""What has to be right: the question, mechanisms and bounds, from the definitions, by enumeration.

In the order to read it: ``environments``, ``instance``, ``mechanism``, ``multipliers``, ``lagrangian``, ``claim``.
"""
