"""The product as a process with demonstration accounts, its HTTP and its tables: what the drills here share."""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request


class Product:
    def __init__(self, binary, folder, port, log="error"):
        self.folder, self.base = folder, f"http://127.0.0.1:{port}"
        self.command = [binary, "serve", "--demo"]
        # a drill asks more often than people do
        self.env = dict(os.environ, MOFANG_DATA=folder, MOFANG_LISTEN=f"127.0.0.1:{port}", MOFANG_LOG=log, MOFANG_RATE_SIGNED_IN="1000000")
        self.out = open(os.path.join(folder, "out"), "ab+")

    def start(self):
        """A process of it, which may not be ready yet."""
        return subprocess.Popen(self.command, env=self.env, stdout=self.out, stderr=subprocess.STDOUT)

    def call(self, method, path, token=None, body=None, key=None):
        """The status and the body of an answer."""
        request = urllib.request.Request(self.base + path, method=method, data=None if body is None else json.dumps(body).encode())
        if body is not None:
            request.add_header("content-type", "application/json")
        if token:
            request.add_header("authorization", "Bearer " + token)
        if key:
            request.add_header("idempotency-key", key)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"null")

    def ready(self):
        """Returns once it can do its work; gives up after two minutes."""
        until = time.time() + 120
        while time.time() < until:
            try:
                if self.call("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the product is not ready")

    def sign_in(self, name, call=None):
        """The token of a demonstration account, and who it is."""
        self.out.flush()
        with open(self.out.name) as told:
            passwords = dict(re.findall(r"(\S+)@demo\.example\s+(\S+)", told.read()))
        status, body = (call or self.call)("POST", "/v1/sign-ins", body={"email": f"{name}@demo.example", "password": passwords[name]})
        assert status == 201, body
        return body["access_token"], body["user"]

    def psql(self, *args):
        """What `psql` prints."""
        command = [os.environ.get("PSQL", "psql"), "-h", os.path.join(self.folder, "run"), "-U", "mofang", "mofang", "-XAtq", "-v", "ON_ERROR_STOP=1", *args]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
