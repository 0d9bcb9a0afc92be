"""What comes back: mechanisms, multipliers, proofs, results, audits. Data and their exact forms; nothing is solved here."""
