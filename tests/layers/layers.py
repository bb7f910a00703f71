"""The layers hold: includes point down, a third-party header stays in its module, one service owns a path.

layers.py ROOT

The table of modules is libs/common/CMakeLists.txt: a module may include its own headers, those of what it DEPENDS on
(and what that depends on), and of what it names as PRIVATE. A service may include the modules it links.
"""
import json
import pathlib
import re
import sys

# Headers that are not C's, POSIX's or glibc's, and the folders that may include them.
THIRD_PARTY = {
    r"ulfius\.h|microhttpd\.h": ["libs/common/server"],
    r"libpq-fe\.h": ["libs/common/pg"],
    r"librdkafka/.*": ["libs/common/bus"],
    r"jansson\.h": ["libs/common/json"],
    r"gnutls/.*|jwt\.h|rhonabwy\.h": ["libs/common/token"],
    r"curl/.*": ["libs/common/rest"],
    r"sodium\.h": ["libs/common/secret"],
    r"phonenumbers/.*": ["libs/common/phone/library"],
    r"cairo.*\.h|pango/.*": ["libs/common/print/printer"],
    r"zlib\.h": ["services/gateway"],
    r"cmocka\.h": ["*/tests"],
}
SYSTEM = set("""assert ctype dlfcn errno fcntl inttypes limits locale malloc math netdb poll pthread regex semaphore setjmp signal spawn
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib string strings threads time unistd
    arpa/inet linux/filter netinet/in netinet/tcp sys/ioctl sys/prctl sys/random sys/resource sys/socket
    sys/stat sys/time sys/types sys/un sys/wait""".split())
CXX = {"exception", "string", "cstring"}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
KEYWORDS = {"DEPENDS", "PRIVATE", "PUBLIC", "SQL"}


def calls(text, function):
    """The arguments of each call of a CMake function."""
    text = re.sub(r"#.*", "", text)
    return [match.split() for match in re.findall(rf"\b{function}\(([^)]*)\)", text)]


def grouped(words):
    """Arguments behind each keyword: {"DEPENDS": […], …}."""
    groups, key = {}, None
    for word in words:
        if word in KEYWORDS:
            key = word
        elif key:
            groups.setdefault(key, []).append(word)
    return groups


class Modules:
    def __init__(self, cmake):
        self.faults = []
        self.depends, self.private = {}, {}
        for name, *rest in calls(cmake, "aftercare_module"):
            groups = grouped(rest)
            self.depends[name] = groups.get("DEPENDS", [])
            self.private[name] = [word for word in groups.get("PRIVATE", []) if "::" not in word]
        order = list(self.depends)
        for place, name in enumerate(order):
            for other in self.depends[name] + self.private[name]:
                if other in order[place:] or (other not in order and other in self.depends[name]):
                    self.faults.append(f"{name} depends on {other}, which doesn't stand above it in the table")

    def reach(self, names):
        """The modules whose headers are seen by whoever links these."""
        seen, left = set(), list(names)
        while left:
            name = left.pop()
            if name in self.depends and name not in seen:
                seen.add(name)
                left += self.depends[name]
        return seen

    def seen_by(self, name):
        return self.reach([name, *self.private[name]])


def sources(folder):
    return sorted(path for kind in ("*.c", "*.h", "*.cc") for path in folder.rglob(kind))


def includes(path):
    return INCLUDE.findall(path.read_text(encoding="utf-8"))


def is_test(path):
    return "tests" in path.parts or "fuzz" in path.parts


def may_include(path, folders):
    """Whether a file (relative to the root) is in one of the folders."""
    return any(str(path.parent).startswith(folder) or (folder == "*/tests" and is_test(path)) for folder in folders)


def system_fault(path, header):
    for pattern, folders in THIRD_PARTY.items():
        if re.fullmatch(pattern, header):
            return None if may_include(path, folders) else f"<{header}> belongs in {', '.join(folders)}"
    if header.removesuffix(".h") in SYSTEM or (path.suffix == ".cc" and header in CXX):
        return None
    return f"<{header}> is in no list of {pathlib.Path(__file__).name}: say where it may be included"


def headers_check(root, modules):
    """The module of each header, and faults. Names are unique because all folders are searched alike."""
    owners, faults = {}, []
    for name in modules.depends:
        for path in (root / "libs/common" / name).glob("*.h"):
            if path.name in owners:
                faults.append(f"{path.name} is both in {owners[path.name]} and {name}")
            owners[path.name] = name
            if not re.match(rf"/\*\s*\*?\s*{path.stem}:", path.read_text(encoding="utf-8")):
                faults.append(f"{path.relative_to(root)} does not open with a comment that says what {path.stem} is for")
    return owners, faults


def includes_check(root, folder, seen, owners):
    """Faults of the files of one folder that sees the modules `seen`."""
    for path in sources(folder):
        relative = path.relative_to(root)
        for kind, header in includes(path):
            if kind == "<":
                fault = system_fault(relative, header)
                if fault:
                    yield f"{relative}: {fault}"
                continue
            name = pathlib.PurePath(header).name
            own = (folder / name).exists() or (path.parent / header).exists() or list(folder.rglob(name))
            made = re.fullmatch(r"(\w+)_(sql|migrations)\.h", name)
            if own or made or owners.get(name) in seen:
                continue
            if is_test(relative) and owners.get(name) in ("backing", "fuzz"):
                continue
            yield f"{relative}: \"{header}\" of {owners.get(name, 'nowhere')} is not among what it links"


def unknown_folders(root, modules):
    for folder in sorted((root / "libs/common").iterdir()):
        if folder.is_dir() and list(folder.glob("*.[ch]")) and folder.name not in modules.depends:
            yield f"libs/common/{folder.name} is in no row of the table of modules"


def service_seen(folder, modules):
    """A service links the module service, and what it names beside."""
    cmake = (folder / "CMakeLists.txt").read_text(encoding="utf-8")
    return modules.reach({"service", *(word for words in calls(cmake, "aftercare_service") for word in words)})


SHARED = {"services", "uploads", "jobs"}


def segments(document):
    """First segments of the paths under /v1 that a description claims; some belong to all."""
    return {path.split("/")[2] for path in document["paths"] if path.startswith("/v1/")} - SHARED


def paths_check(root):
    claimed = {}
    table = root / "services/gateway/segments.c"
    rows = re.findall(r'\{ "([^"]+)", SERVICE_(\w+) \}', table.read_text(encoding="utf-8")) if table.exists() else []
    routed = dict(rows)
    for (before, _), (after, _) in zip(rows, rows[1:]):
        if before >= after:
            yield f"{table.relative_to(root)}: {after} stands behind {before}, but the table is searched by halves"
    for path in sorted((root / "docs/openapi").glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for place in document["paths"]:
            match = re.match(r"/v1/services/([^/]+)", place)
            if match and match.group(1) != path.stem:
                yield f"{path.stem} claims {place}"
        for segment in sorted(segments(document)):
            if segment in claimed:
                yield f"/v1/{segment} is claimed by {claimed[segment]} and {path.stem}"
            claimed[segment] = path.stem
            if routed and path.stem != "gateway" and routed.get(segment, "").lower() != path.stem:
                yield f"/v1/{segment} is of {path.stem}, but the gateway passes it to {routed.get(segment, 'nobody')}"


def check(root):
    modules = Modules((root / "libs/common/CMakeLists.txt").read_text(encoding="utf-8"))
    owners, faults = headers_check(root, modules)
    faults += modules.faults
    faults += unknown_folders(root, modules)
    for name in modules.depends:
        faults += includes_check(root, root / "libs/common" / name, modules.seen_by(name), owners)
    for folder in sorted(path.parent for path in (root / "services").glob("*/CMakeLists.txt")):
        faults += includes_check(root, folder, service_seen(folder, modules), owners)
    faults += paths_check(root)
    return faults, len(modules.depends), len(owners)


def main():
    faults, modules, headers = check(pathlib.Path(sys.argv[1]))
    print("\n".join(faults))
    print(f"{modules} modules, {headers} headers, {len(faults)} faults")
    sys.exit(bool(faults) or modules < 2)


if __name__ == "__main__":
    main()
