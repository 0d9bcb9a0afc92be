"""Questions with further requirements (conventions C11 to C15): every constraint as rows, from the definitions.

In the order to read it: ``instance``, ``rows``, ``claim``. Proofs of this form have ``arguments`` (docs/proof-format.md).
"""
