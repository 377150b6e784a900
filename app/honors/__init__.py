"""From scores to certificates: ranking, decisions, results, names confirmed, certificates issued."""
