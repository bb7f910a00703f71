"""Files sent in parts, and the jobs that import them."""
import hashlib
import json
import sys
import time

POLL_SECONDS = 0.2
TELL_SECONDS = 2  # between lines of progress where there is no terminal
ENDED = ("done", "failed", "cancelled")


def upload(api, collection, name, media, data):
    """The complete upload of the bytes. One that was broken off is gone on with: parts that arrived stay."""
    digest = hashlib.sha256(data).hexdigest()
    open_ones = api.request("GET", f"/v1/uploads?state=open&for={collection}&limit=500")["items"]
    row = next((row for row in open_ones if row["sha256"] == digest), None) or api.request(
        "POST", "/v1/uploads", {"for": collection, "file_name": name, "media_type": media, "size": len(data), "sha256": digest})
    size = row["part_size"]
    for number in row["missing"]:
        part = data[(number - 1) * size:number * size]
        row = json.loads(api.exchange("PUT", f"/v1/uploads/{row['id']}/parts/{number}", part, "application/octet-stream"))
    return row


def tell(job, began, last=False):
    """Progress: on a terminal one line that grows, else a line now and then."""
    failed = f", {job['errors']} failed" if job["errors"] else ""
    line = f"  {job['done']:>7} of {job['total'] or '?'}{failed} in {time.monotonic() - began:.1f} s"
    terminal = sys.stdout.isatty()
    print(("\r" if terminal else "") + line, end="" if terminal and not last else "\n", flush=True)


def follow(api, job, began):
    """Waits for the end of a job and tells how far it is; it is cancelled when we are interrupted."""
    path = f"/v1/jobs/{job['id']}"
    told = began if sys.stdout.isatty() else time.monotonic()
    try:
        while job["state"] not in ENDED:
            time.sleep(POLL_SECONDS)
            job = api.request("GET", path)
            if sys.stdout.isatty() or time.monotonic() - told >= TELL_SECONDS:
                tell(job, began)
                told = time.monotonic()
    except KeyboardInterrupt:
        job = api.request("POST", f"{path}/actions/cancel", {})
    tell(job, began, last=True)
    return job


def errors(api, job):
    """What lines of a job break, in order."""
    text = api.exchange("GET", f"/v1/jobs/{job['id']}/errors", None, None, "application/x-ndjson")
    return [json.loads(line) for line in text.splitlines()]


def import_all(api, collection, name, media, data, began):
    """The ended job that imports the bytes."""
    row = upload(api, collection, name, media, data)
    return follow(api, api.request("POST", f"/v1/{collection}/imports", {"upload_id": row["id"]}), began)
