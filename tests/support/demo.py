"""A demo tenant of a test's own: what deploy/demo fills, as `up` has it fill the tenant demo."""
import os
import subprocess

from .stack import ROOT
from .tenant import ROLES, login

SECONDS = 300


class Demo:
    """`password` is the file with the password of all its accounts."""

    def __init__(self, stack, code, password):
        self.stack, self.code, self.password = stack, code, password
        self.environment = os.environ | {
            "AFTERCARE_URL": stack.gateway,
            "AFTERCARE_DEMO_TENANT": code,
            "AFTERCARE_DEMO_ROLES": " ".join(ROLES),
            "AFTERCARE_DEMO_PASSWORD_FILE": str(password),
            "AFTERCARE_PLATFORM_EMAIL": stack.environment("gateway")["AFTERCARE_BOOTSTRAP_EMAIL"],
            "AFTERCARE_PLATFORM_PASSWORD_FILE": str(stack.state / "secrets/platform_password"),
        }

    def run(self, program, *arguments):
        return subprocess.run([ROOT / "deploy/demo" / program, *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=SECONDS)

    def seed(self):
        seeded = self.run("seed")
        assert seeded.returncode == 0, seeded.stderr

    def import_file(self, path, *collection):
        self.environment["AFTERCARE_TOKEN"] = login(self.stack.gateway, self.code, "admin@demo.local", self.password.read_text().strip())
        return self.run("import", str(path), *collection)
