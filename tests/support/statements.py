"""The statements that a service runs for a request, read from PostgreSQL's own log: what is explained and measured is
what runs now, not what ran when the test was written."""
import contextlib
import re
import time

ENTRY = r"\[(\d+)\] {service}@.*?LOG:  execute [^:]+: (.*?)(?:\n[^\t][^\n]*DETAIL:  parameters: (.*))?"
LOGGING = {"log_statement": "all", "log_parameter_max_length": -1, "log_error_verbosity": "default"}
SETTLE_SECONDS = 0.5  # a backend learns of the new configuration before its next statement


@contextlib.contextmanager
def logged(stack):
    """While it is open, PostgreSQL logs every statement, and its values too."""
    with stack.connect() as database:
        for name, value in LOGGING.items():
            database.execute(f"alter system set {name} = '{value}'")
        database.execute("select pg_reload_conf()")
        time.sleep(SETTLE_SECONDS)
        try:
            yield
        finally:
            for name in LOGGING:
                database.execute(f"alter system reset {name}")
            database.execute("select pg_reload_conf()")


def pipelines(stack, service):
    """X-Request-ID -> what the requests of that id ran: a list of pipelines, each a list of (sql, values)."""
    found, running = {}, {}  # backend -> the pipeline that it runs now
    entry = re.compile(ENTRY.format(service=service), re.DOTALL)
    for text in re.split(r"\n(?=\d{4}-\d\d-\d\d [^\n]*LOG: )", stack.log("postgres").rstrip()):
        match = entry.fullmatch(text[text.find("["):])
        if not match:
            continue
        backend, sql, detail = match.groups()
        values = re.findall(r"\$\d+ = (NULL|'(?:[^']|'')*')", detail or "")
        values = [None if value == "NULL" else value[1:-1].replace("''", "'") for value in values]
        if "set_config('app.request'" in sql:  # who_calls begins each pipeline
            running[backend] = []
            found.setdefault(values[3], []).append(running[backend])
        if backend in running:
            running[backend].append((sql, values))
    return found
