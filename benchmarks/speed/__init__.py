"""Speed: questions x methods x phases x sizes, beside other tools, in one run (docs/speed.md)."""
