"""Another host's exporter, as good or bad as a test wants it."""
import base64
import http.server
import ssl
import threading
import time


class Host(http.server.ThreadingHTTPServer):
    def __init__(self, body, status=200, login=None, token=None, delay=0.0, certificate=None):
        self.body, self.status, self.login, self.token, self.delay = body, status, login, token, delay
        super().__init__(("127.0.0.1", 0), Answer)
        self.connections = 0
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.scheme = "https"
        self.url = f"{self.scheme}://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # A client that does not trust the certificate goes away: that is the test.

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_GET(self):
        time.sleep(self.server.delay)
        wanted = [f"Basic {base64.b64encode(self.server.login.encode()).decode()}"] if self.server.login else []
        wanted += [f"Bearer {self.server.token}"] if self.server.token else []
        status = 401 if wanted and self.headers.get("Authorization") not in wanted else self.server.status
        if self.path != "/api/v1/snapshot":
            status = 404
        body = self.server.body if status == 200 else b"no such luck\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
