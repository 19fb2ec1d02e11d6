"""What people at the desk do, in figures: talks, response, results, and how many are needed when."""
