"""What people see: words, tables, figures, reports, exports. Nothing is decided here."""
