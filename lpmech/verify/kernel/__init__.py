"""What has to be right: the definitions, by enumeration."""
