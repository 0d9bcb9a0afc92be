"""Bilateral trade in whole numbers, as closed forms reckon with it: one trade, many in arrays, ironed values."""
