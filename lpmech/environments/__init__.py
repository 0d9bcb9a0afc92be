"""Environments, one file a kind (see ``lpmech.model.Environment`` for the contract)."""
