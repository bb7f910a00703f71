"""Bytes as they are, to a socket: what no HTTP client would send."""
import http.client
import io
import json
import socket
import types


def connect(url, seconds=30):
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), seconds)


def talk(url, *pieces, seconds=60):
    """Sends the pieces one by one and reads until the server closes: its answers."""
    with connect(url, seconds) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return answers(received)


class Bytes:
    """What http.client takes for a socket."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, _):
        return self.stream


class Stream(io.BytesIO):
    def close(self):
        pass  # http.client closes what it has read one answer from; there may be another


def answers(received):
    stream, found = Stream(received), []
    while stream.tell() < len(received):
        response = http.client.HTTPResponse(Bytes(stream))
        response.begin()
        found.append(types.SimpleNamespace(status=response.status, headers=response.headers, body=response.read()))
    return found


def refusal(found, status, code):
    """Checks that there is one answer, a problem that ends the connection; returns it."""
    assert len(found) == 1, [(answer.status, answer.body[:200]) for answer in found]
    answer = found[0]
    assert answer.status == status, (answer.status, answer.body[:500])
    assert answer.headers["Content-Type"] == "application/problem+json", answer.body[:500]
    assert answer.headers["Connection"] == "close"
    body = json.loads(answer.body)
    assert body["type"].endswith(f"/{code}") and body["status"] == status and body["detail"], body
    assert body["request_id"] == answer.headers["X-Request-ID"]
    return body
