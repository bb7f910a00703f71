"""One collection as the tests of the conventions know it."""
import itertools

number = itertools.count(1)


def address(city="Bergamo"):
    return {"street": "Via Roma 12", "postcode": "24121", "city": city, "province": "BG", "country": "IT"}


def unique(prefix):
    return f"{prefix}{next(number)}"


class Resource:
    """path: the collection; body(tenant): a full body; change(tenant): a merge patch that changes something.

    text: a free text field, changeable. needs: fields without which a body is refused, beside the required ones.
    """

    def __init__(self, path, body, change, text, needs=(), deletable=True, bulk=True, service="calls"):
        self.path = path
        self.body = body
        self.change = change
        self.text = text
        self.needs = set(needs)
        self.deletable = deletable
        self.bulk = bulk
        self.service = service

    def __repr__(self):
        return self.path

    def create(self, tenant, **fields):
        body = {name: value for name, value in (self.body(tenant) | fields).items() if value is not ...}
        return tenant.admin.post(self.path, body).json()
