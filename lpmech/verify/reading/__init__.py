"""What a file says: JSON, exact numbers, and how much a file may ask for."""
