"""Uploads and jobs, as a client uses them."""
import hashlib

from .stack import wait_for

LINES = {"ndjson": "application/x-ndjson", "csv": "text/csv"}


def announce(client, collection, data, expect=201, media_type="text/csv", **fields):
    body = {"for": collection, "file_name": "file.csv", "media_type": media_type, "size": len(data)} | fields
    answer = client.post("/v1/uploads", body, expect=None if expect is None else expect)
    return answer.json() if answer.status_code == 201 else answer


def part_of(upload, data, number):
    size = upload["part_size"]
    return data[(number - 1) * size:number * size]


def send(client, upload, data, number, expect=200, **headers):
    path = f"/v1/uploads/{upload['id']}/parts/{number}"
    answer = client.request("PUT", path, expect, headers=headers, data=part_of(upload, data, number))
    return answer.json() if answer.status_code == 200 else answer


def uploaded(client, collection, data, media_type="text/csv", **fields):
    """A complete upload of the bytes."""
    row = announce(client, collection, data, media_type=media_type, sha256=hashlib.sha256(data).hexdigest(), **fields)
    for number in range(1, row["parts"] + 1):
        row = send(client, row, data, number)
    assert row["state"] == "complete"
    return row


def imported(client, collection, data, media_type="text/csv", **body):
    """The job that imports the bytes, as it was made."""
    row = uploaded(client, collection, data, media_type)
    answer = client.post(f"/v1/{collection}/imports", {"upload_id": row["id"]} | body, expect=202)
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json()['id']}"
    return answer.json()


def ended(client, job, seconds=120):
    """The job when it has ended."""
    path = f"/v1/jobs/{job['id']}"

    def look():
        row = client.get(path).json()
        return row if row["state"] not in ("queued", "running") else None

    return wait_for(f"the end of {path}", look, seconds, pause=0.1)


def errors(client, job):
    return client.every(f"/v1/jobs/{job['id']}/errors", limit=500)
