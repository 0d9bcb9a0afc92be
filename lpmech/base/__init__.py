"""The ground: errors with their fields, exact numbers, files, how single values are read. No mechanism design."""
