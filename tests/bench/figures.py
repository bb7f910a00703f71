"""What a bench returns: rows of figures and goals."""
import statistics

ROUNDS = 7


def ratio(first, second, rounds=ROUNDS):
    """Runs both in turn, once to warm up, then in rounds; the medians, and the median of the ratios."""
    first(), second()
    pairs = [(first(), second()) for _ in range(rounds)]
    return (round(statistics.median(a for a, _ in pairs)), round(statistics.median(b for _, b in pairs)),
            round(statistics.median(a / b for a, b in pairs), 3))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def at_least(what, value, limit):
    return {"what": what, "value": value, "goal": f">= {limit:,}", "reached": value >= limit}


def at_most(what, value, limit):
    return {"what": what, "value": value, "goal": f"<= {limit:,}", "reached": value <= limit}


def table(rows):
    """Lines of text, a column for each key; rows of another kind begin a table of their own."""
    lines, begun = [], None
    for row in rows:
        if begun is None or list(row) != list(begun[0]):
            begun = [other for other in rows if list(other) == list(row)]
            widths = {key: max(len(key), *(len(str(other[key])) for other in begun)) for key in row}
            lines.append("  ".join(key.rjust(widths[key]) for key in row))
        lines.append("  ".join(str(row[key]).rjust(widths[key]) for key in row))
    return lines
