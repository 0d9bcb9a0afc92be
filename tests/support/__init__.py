"""What several test modules share: random instances and a scripted solver."""
