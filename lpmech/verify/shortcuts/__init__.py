"""Shorter ways to what the kernel shows, each a theorem of ``docs/proof-format.md`` and tested against the kernel.

``taxation``: DSIC, written out in full. ``trade*``: compact proofs of bilateral trade. ``buyers*``: compact proofs with
identical buyers. ``interim*``: proofs by interim payments. ``symmetric*``: proofs up to relabelling identical agents.
``two_sided``: what the compact ones of trade share.
"""
