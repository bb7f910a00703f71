"""A gateway of a test's own, with other options, in front of services that are made up."""
import http.server
import threading
import types

from .replica import replica


class Upstream:
    """An HTTP/1.1 server that answers as `answer(handler)` does, and remembers what reached it."""

    def __init__(self, answer=None, port=0):
        self.requests = []
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def any(self):
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                # A copy: one handler serves all requests of a connection.
                upstream.requests.append(
                    types.SimpleNamespace(command=self.command, path=self.path, headers=self.headers, body=self.body)
                )
                (answer or Upstream.say)(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a connection that a test broke on purpose

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def say(handler, status=200, body=b'{"said":true}', headers=()):
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def gateway(stack, **options):
    """A second gateway on the same database; options as Replica's."""
    return replica(stack, "gateway", **options)
