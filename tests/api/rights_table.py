"""What the tables of rights are written with: sets of roles, and operations on a subject (see test_rights.py)."""
from support.tenant import ROLES

# Sets of roles by what they are allowed together.
MANAGE = {"manager", "admin"}
DESK = {"operator", "dispatcher", "integration"} | MANAGE  # whole calls
STEER = DESK - {"operator"}
CUSTOMERS = DESK | {"sales", "billing"}
OFFICE = set(ROLES) - {"callcenter", "portal"}
EVERYONE = set(ROLES)
ATTACH = {"operator", "dispatcher", "technician", "storekeeper", "integration", "portal"} | MANAGE  # files to what they see


def item(path, row):
    return f"{path}/{row['id']}"


def read(path, make):
    return lambda s: s.client.get(item(path, make(s)), expect=None)


def listed(path):
    return lambda s: s.client.get(path, expect=None)


def below(path, make, tail):
    return lambda s: s.client.get(f"{item(path, make(s))}/{tail}", expect=None)


def post(path, body):
    return lambda s: s.client.post(path, body(s), expect=None)


def patch(path, make, body):
    def run(s):
        row = make(s)
        return s.client.patch(item(path, row), body, "*", expect=None)

    return run


def delete(path, make):
    return lambda s: s.client.delete(item(path, make(s)), "*", expect=None)


def act(path, make, action, body=None):
    return lambda s: s.client.act(item(path, make(s)), action, body(s) if callable(body) else body, expect=None)


def bulk(path, line):
    def run(s):
        return s.client.request(
            "POST", f"{path}/bulk", data=line(s), headers={"Content-Type": "application/x-ndjson"}
        )

    return run


def stored(path, make, body, change, write, bulk_by=None):
    """All operations on a collection that everybody of the office reads; who writes it may do so in bulk, or bulk_by."""
    return [
        ("GET", path, OFFICE, listed(path)),
        ("GET", f"{path}/{{id}}", OFFICE, read(path, make)),
        ("POST", path, write, post(path, body)),
        ("PATCH", f"{path}/{{id}}", write, patch(path, make, change)),
        ("DELETE", f"{path}/{{id}}", write, delete(path, make)),
        ("POST", f"{path}/bulk", bulk_by or write, bulk(path, lambda s: b"")),
    ]


FILE = {"data": b"file", "headers": {"Content-Type": "text/plain"}}


def attached(path, make, see, attach):
    """All operations on what is attached to a row; who attaches also changes and removes his own."""
    below = f"{path}/{{id}}/attachments"

    def post(client, row):
        return client.request("POST", f"{item(path, row)}/attachments?file_name=a.txt&visibility=public", **FILE)

    def one(method, own, tail="", **options):
        def run(s):
            row = make(s)
            made = post(s.client if own and s.role in attach else s.tenant.admin, row).json()
            return s.client.request(method, f"{item(path, row)}/attachments/{made['id']}{tail}", **options)

        return run

    return [
        ("GET", below, see, lambda s: s.client.get(f"{item(path, make(s))}/attachments", expect=None)),
        ("POST", below, attach, lambda s: post(s.client, make(s))),
        ("GET", f"{below}/{{attachment_id}}", see, one("GET", False)),
        ("GET", f"{below}/{{attachment_id}}/content", see, one("GET", False, "/content")),
        ("PATCH", f"{below}/{{attachment_id}}", attach, one("PATCH", True, headers={"If-Match": "*"}, json={"file_name": "b.txt"})),
        ("DELETE", f"{below}/{{attachment_id}}", attach, one("DELETE", True, headers={"If-Match": "*"})),
    ]
