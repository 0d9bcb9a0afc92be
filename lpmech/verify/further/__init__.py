"""Questions with further requirements (conventions C11 to C15): every constraint as rows, from the definitions.

In the order to read it: ``instance``, ``rows``, ``mechanism``, ``multipliers``, ``claim``. Proofs of this form have
``arguments`` (docs/proof-format.md).
"""
