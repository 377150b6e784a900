"""What applicants do: start a draft, fill its steps, see what is missing, hand in, answer what was returned."""
