"""Questions as linear programs: formulations, and their exact canonical form."""
