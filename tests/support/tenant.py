"""Tenants of their own for tests, with accounts by role and quick ways to make what a test needs."""
import itertools
import secrets

from .at_once import insist
from .client import Client, new_id, told
from .stack import wait_for

ROLES = (
    "callcenter operator dispatcher technician storekeeper sales billing manager admin integration portal".split()
)
PASSWORD = secrets.token_urlsafe(16)
counter = itertools.count(1)


def login(base, tenant, email, password):
    body = {"tenant": tenant, "email": email, "password": password}
    answer = insist(lambda: Client(base).post("/v1/sessions", body, expect=None))
    assert answer.status_code == 201, told(answer)
    return answer.json()["access_token"]


class Tenant:
    """A company whose data are its own, and whose accounts all have the same password."""

    def __init__(self, stack, platform, code=None, **fields):
        self.stack = stack
        self.code = code or f"t{secrets.token_hex(6)}"
        email = f"admin@{self.code}.test"
        self.row = platform.post(
            "/v1/tenants",
            {"code": self.code, "name": f"Tenant {self.code}", "admin": {"email": email, "password": PASSWORD}, **fields},
        ).json()
        self.id = self.row["id"]
        self.clients = {}
        self.admin = self.client_of(email, "admin")
        wait_for(
            "the tenant's copy in every service",
            lambda: all(self.known_in(service) for service in stack.others),
            30,
        )
        self.vocabulary("/v1/call-types", "intervention")  # the default type of calls

    @classmethod
    def known(cls, stack, platform, code, admin_email, password=PASSWORD):
        """A tenant that somebody else made."""
        tenant = cls.__new__(cls)
        tenant.stack = stack
        tenant.code = code
        tenant.row = platform.list("/v1/tenants", code=code)[0]
        tenant.id = tenant.row["id"]
        tenant.clients = {}
        tenant.admin = tenant.client_of(admin_email, "admin", password)
        return tenant

    def known_in(self, service):
        with self.stack.connect() as database:
            return database.execute(
                f"select 1 from {service}_data.tenant where tenant_id = %s", [self.id]
            ).fetchone()

    def client_of(self, email, name, password=PASSWORD):
        return Client(self.stack.gateway, lambda: login(self.stack.gateway, self.code, email, password), name)

    def account(self, *roles, **fields):
        """A new account and its client."""
        email = f"{'-'.join(roles)}{next(counter)}@{self.code}.test"
        body = {"email": email, "name": f"{roles[0].title()} {next(counter)}", "roles": list(roles), "password": PASSWORD}
        row = self.admin.post("/v1/accounts", body | fields).json()
        client = self.client_of(email, "-".join(roles))
        client.row = row
        return client

    def client(self, role):
        """The tenant's one client of a role. Technician and portal get a technician_id and customer_id of their own."""
        if role == "admin":
            return self.admin
        if role not in self.clients:
            fields = {}
            if role == "technician":
                fields["technician_id"] = self.technician_id
            if role == "portal":
                fields["customer_id"] = self.portal_customer["id"]
            self.clients[role] = self.account(role, **fields)
        return self.clients[role]

    @property
    def technician_id(self):
        if not hasattr(self, "_technician_id"):
            self._technician_id = new_id()
        return self._technician_id

    @property
    def portal_customer(self):
        if not hasattr(self, "_portal_customer"):
            self._portal_customer = self.customer(name="Customer of the portal")
        return self._portal_customer

    # Factories: what they return is the answer of the API.

    def make(self, path, body):
        answer = self.admin.post(path, body, expect=None)
        assert answer.status_code == 201, told(answer)
        return answer.json()

    def customer(self, **fields):
        return self.make("/v1/customers", {"kind": "acquired", "name": f"Customer {next(counter)}"} | fields)

    def site(self, customer=None, **fields):
        customer_id = (customer or self.customer())["id"]
        return self.make("/v1/sites", {"customer_id": customer_id, "name": f"Site {next(counter)}"} | fields)

    def contact(self, customer=None, **fields):
        customer_id = (customer or self.customer())["id"]
        return self.make("/v1/contacts", {"customer_id": customer_id, "last_name": f"Bianchi {next(counter)}"} | fields)

    def vocabulary(self, path, code, **fields):
        """The row of that code in one of the tenant's tables of codes, made when it isn't there."""
        found = [row for row in self.admin.every(path) if row["code"] == code]
        return found[0] if found else self.make(path, {"code": code, "label": code.title()} | fields)

    def call(self, customer=None, **fields):
        customer_id = (customer or self.customer())["id"]
        return self.make("/v1/calls", {"customer_id": customer_id, "subject": f"Call {next(counter)}"} | fields)

    def quick_call(self, **fields):
        return self.make("/v1/calls/quick", {"name": "Mario Rossi", "subject": f"Quick call {next(counter)}"} | fields)

    def activity(self, call=None, **fields):
        if "type_code" not in fields:
            fields["type_code"] = self.vocabulary("/v1/activity-types", "visit", kind="visit", plannable=True)["code"]
        parent = {} if "customer_id" in fields else {"call_id": (call or self.call())["id"]}
        return self.make("/v1/activities", {"subject": f"Activity {next(counter)}"} | parent | fields)

    def charge(self, call=None, **fields):
        body = {"call_id": (call or self.call())["id"], "kind": "other", "quantity": "1", "description": "Charge"}
        return self.make("/v1/charges", body | fields)

    def free_slot(self, owner="customer"):
        """The next slot of an owner's free fields; the tenant has all 99."""
        if not hasattr(self, "slots"):
            self.slots = {}
        if owner not in self.slots:
            service = {"customer": "calls", "asset": "inventory"}[owner]
            self.admin.patch(f"/v1/services/{service}/settings", {"free_field_slots": 99}, "*")
        self.slots[owner] = self.slots.get(owner, 0) + 1
        return self.slots[owner]

    def free_field(self, owner="customer", **fields):
        body = {"slot": self.free_slot(owner), "label": f"Field {next(counter)}", "type": "text"}
        return self.make(f"/v1/{owner}-free-fields", body | fields)

    def free_values(self, owner="customer"):
        """Values of one field of each type, which are defined when they are asked for first."""
        if not hasattr(self, "values"):
            self.values = {}
        if owner not in self.values:
            choices = [{"code": "gold", "label": "Gold"}, {"code": "iron", "label": "Iron"}]
            shapes = [("Perché no?", {"type": "text"}), ("-12.5", {"type": "number", "decimals": 2}),
                      ("2026-03-01", {"type": "date"}), (True, {"type": "boolean"}), ("gold", {"type": "choice", "choices": choices})]
            self.values[owner] = {str(self.free_field(owner, **shape)["slot"]): value for value, shape in shapes}
        return dict(self.values[owner])

    # What inventory owns.

    def warehouse(self, **fields):
        number = next(counter)
        return self.make("/v1/warehouses", {"code": f"W{number}", "name": f"Warehouse {number}", "kind": "stock"} | fields)

    def article(self, **fields):
        number = next(counter)
        body = {"code": f"ART{number}", "kind": "part", "description": f"Article {number}", "uom": "pcs", "stocked": True}
        return self.make("/v1/articles", body | fields)

    def copied(self, row, kind, service="inventory"):
        """A row of another service, once this one has its copy of it."""
        with self.stack.connect() as database:
            sql = f"select 1 from {service}_data.{kind} where id = %s"
            wait_for(f"the copy of the {kind}", lambda: database.execute(sql, [row["id"]]).fetchone(), 60)
        return row

    def known_article(self, **fields):
        """An article of inventory, once calls has its copy of it."""
        return self.copied(self.article(**fields), "article", "calls")

    def known_activity(self, **fields):
        """An activity of a call, once inventory has its copy of both."""
        row = self.copied(self.activity(**fields), "activity")
        self.copied({"id": row["call_id"]}, "call")
        return row

    def place(self, **fields):
        """A customer and a site of his that inventory knows."""
        customer = self.customer(**fields)
        site = self.site(customer)
        return self.copied(customer, "customer"), self.copied(site, "site")

    def model(self, **fields):
        return self.article(kind="model", tracking="serial", **fields)

    def asset(self, article=None, **fields):
        body = {"article_id": (article or self.model())["id"], "serial": f"S{next(counter)}"}
        return self.make("/v1/assets", body | fields)
