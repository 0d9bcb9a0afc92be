"""What the literature says: theorems and named mechanisms, one file each."""
