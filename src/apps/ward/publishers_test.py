#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`ward update` as a whole program against an HTTPS server on loopback that behaves as publishers do, and as they should not. No
test reaches further than 127.0.0.1. WARD_BIN names the folder of the programs."""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from whole_program import BIN, GAPS, INTERRUPTED, NOT_DONE, WARD, WholeProgram

# All that a request may hold, beside what it asks for.
HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection"}


def certificates(folder):
    """An authority, certificates by it for 127.0.0.1 and for another name, and one by nobody known."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test authority")
    for name, subject in (("good", "IP:127.0.0.1,DNS:localhost"), ("other", "DNS:example.org")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName={subject}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", "2",
                "-extfile", f"{name}.ext")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "unknown.key", "-out", "unknown.pem", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-addext", "subjectAltName=IP:127.0.0.1")


class Publisher(http.server.ThreadingHTTPServer):
    """Serves `files` (path: bytes) with ETags; `answers` (path: function of the handler) stand in for faults."""
    daemon_threads = True

    def __init__(self, folder, name):
        super().__init__(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server_address[1]
        self.files, self.answers, self.asked = {}, {}, []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def head(self, status, **fields):
        self.send_response_only(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.close_connection = True

    def do_GET(self):
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        if self.path in self.server.answers:
            return self.server.answers[self.path](self)
        body = self.server.files.get(self.path)
        if body is None:
            return self.head(404, Content_Length=0)
        self.give(body)

    def give(self, body):
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            return self.head(304, ETag=tag)
        span = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if span and self.headers.get("If-Range") == tag:
            start = int(span[1])
            self.head(206, ETag=tag, Content_Length=len(body) - start, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
            self.wfile.write(body[start:])
        else:
            self.head(200, ETag=tag, Content_Length=len(body), Last_Modified="Sun, 06 Nov 1994 08:49:37 GMT")
            self.wfile.write(body)


class Proxy(threading.Thread):
    """Takes CONNECT and nothing else."""

    def __init__(self, refuse=False):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.refuse, self.asked = refuse, []
        self.start()

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            head = b""
            while b"\r\n\r\n" not in head:
                head += client.recv(4096)
            self.asked.append(head.decode())
            if self.refuse:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                client.close()
                continue
            host, port = head.split()[1].decode().rsplit(":", 1)
            server = socket.create_connection((host, int(port)))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.pass_on, args=(a, b), daemon=True).start()

    @staticmethod
    def pass_on(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        finally:
            a.close()


class Update(WholeProgram):
    @classmethod
    def setUpClass(cls):
        cls.keys = pathlib.Path(tempfile.mkdtemp(prefix="ward-keys-"))
        certificates(cls.keys)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.keys)

    def setUp(self):
        super().setUp()
        self.server = Publisher(self.keys, "good")
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.content = b"PK\3\4" + self.random.randbytes(300_000)
        self.server.files["/all.zip"] = self.content
        self.configure(self.source())

    def source(self, name="test", path="/all.zip", port=None, origins=None, **more):
        port = port or self.server.port
        values = {"id": name, "title": "A test", "publisher": "Nobody", "kind": "kev", "url": f"https://127.0.0.1:{port}{path}",
                  "origins": origins or [f"127.0.0.1:{port}"], "file": f"{name}.zip", "begins": ["504b0304"], "min_bytes": 1000, "max_bytes": 50_000_000,
                  "licence": "CC0-1.0", "on": True, **more}
        return "[[update.source]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())

    def configure(self, *sources, extra=""):
        shipped = [path.stem for path in (BIN.parent / "share/ward/sources").glob("*.toml")]
        folder = self.home / ".config/ward"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ward.toml").write_text(f"[update]\nca_file = {json.dumps(str(self.keys / 'ca.pem'))}\noff = {json.dumps(shipped)}\n{extra}\n" + "\n".join(sources))

    def update(self, *words, **options):
        run = self.ward("update", "--state", self.state, "--format", "json", *words, **options)
        return run, json.loads(run.stdout) if run.stdout else None

    def fetched(self, *words, outcome="fetched", **options):
        run, report = self.update(*words, **options)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([source["outcome"] for source in report["sources"]], [outcome])
        return report["sources"][0]

    def failed(self, *says, code=NOT_DONE, **options):
        run, report = self.update(**options)
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertEqual(report["sources"][0]["outcome"], "failed")
        for text in says:
            self.assertIn(text, report["sources"][0]["why"])
        return report["sources"][0]

    def good(self, name="test"):
        path = self.state / "sources" / name / f"{name}.zip"
        return path.read_bytes() if path.exists() else None

    def log(self, event=None):
        path = self.state / "fetch.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if event in (None, line["event"])]

    # ---- the ordinary way ----------------------------------------------------------------------------------------------

    def test_the_first_fetch(self):
        source = self.fetched()
        self.assertEqual(self.good(), self.content)
        digest = hashlib.sha256(self.content).hexdigest()
        self.assertEqual((source["file"]["sha256"], source["file"]["bytes"], source["signed_by"]), (digest, len(self.content), "tls"))
        self.assertLess(source["file"]["age_seconds"], 60)
        asking, done = self.log()
        self.assertEqual((asking["event"], asking["url"], asking["via"]), ("asking", f"https://127.0.0.1:{self.server.port}/all.zip", "direct"))
        self.assertEqual((done["event"], done["status"], done["bytes"], done["sha256"], done["error"]), ("done", 200, len(self.content), digest, ""))
        self.assertEqual(done["peer"], f"127.0.0.1:{self.server.port}")
        # Nothing about this machine goes out.
        (path, headers), = self.server.asked
        self.assertEqual(set(headers), HEADERS)
        self.assertEqual(headers["user-agent"], "ward-fetch")
        # Anybody may read what anybody may fetch; the record is its user's.
        self.assertEqual((self.state / "sources/test/test.zip").stat().st_mode & 0o777, 0o644)
        self.assertEqual((self.state / "fetch.jsonl").stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(self.state / "sources/test")), [".test.zip.json", "test.zip"])

    def test_says_how_old_it_is_and_who_vouches(self):
        run = self.ward("update", "--state", self.state)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stderr, rb"^ward: warning: not used: [^\n]*/test\.zip: [^\n]*\n$")  # it is no true archive
        for text in (b"fetched    test", b"just now", b"TLS certificates only", b"not yet signed by a threshold of keys", b"fetch.jsonl"):
            self.assertIn(text, run.stdout)
        record = self.state / "sources/test/.test.zip.json"
        record.write_text(re.sub(r'("checked": )(\d+)', lambda m: m[1] + str(int(m[2]) - 5 * 86400), record.read_text()))
        for words in (["--list"], ["--list", "test"]):
            run = self.ward("update", "--state", self.state, *words)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertRegex(run.stdout.decode(), r"test +on +5 days ago")
            self.assertIn(b"not yet signed by a threshold", run.stdout)
        self.assertRegex(self.ward("status", "--state", self.state).stdout.decode(), r"Knowledge +1 of 1 sources, the oldest \(test\) as of 5 days ago; .* not by a threshold")
        self.assertEqual(len(self.server.asked), 1)
        # Not due for a day; due after five.
        self.fetched("--due", outcome="unchanged")
        run, report = self.update("--due")
        self.assertEqual((run.returncode, report["sources"]), (0, []))
        self.assertEqual(len(self.server.asked), 2)

    def test_what_has_not_changed_is_not_sent_again(self):
        first = self.fetched()
        source = self.fetched(outcome="unchanged")
        self.assertEqual((source["came_bytes"], source["file"]["sha256"]), (0, first["file"]["sha256"]))
        _, headers = self.server.asked[1]
        self.assertEqual(set(headers), HEADERS | {"if-none-match", "if-modified-since"})
        self.assertEqual(self.log("done")[1]["status"], 304)
        self.server.files["/all.zip"] = self.content = b"PK\3\4" + self.content
        self.fetched()
        self.assertEqual(self.good(), self.content)

    def test_not_changed_is_no_answer_to_a_first_question(self):
        self.server.answers["/all.zip"] = lambda handler: handler.head(304, ETag='"x"')
        self.failed("status 304")

    def test_a_copy_that_was_changed_here_is_fetched_again(self):
        self.fetched()
        (self.state / "sources/test/test.zip").write_bytes(b"PK\3\4 something else")
        self.fetched()
        self.assertNotIn("if-none-match", self.server.asked[1][1])
        self.assertEqual(self.good(), self.content)

    def test_chunks(self):
        def chunked(handler):
            handler.head(200, Transfer_Encoding="chunked")
            for start in range(0, len(self.content), 70_000):
                part = self.content[start:start + 70_000]
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            handler.wfile.write(b"0\r\n\r\n")
        self.server.answers["/all.zip"] = chunked
        self.fetched()
        self.assertEqual(self.good(), self.content)

    def test_the_second_address_is_asked_when_the_first_fails(self):
        base = f"https://127.0.0.1:{self.server.port}"
        self.configure(self.source(url=[f"{base}/gone.zip", f"{base}/all.zip"]))
        self.fetched()
        self.assertEqual([line["status"] for line in self.log("done")], [404, 200])
        self.fetched(outcome="unchanged")

    def test_a_redirection_within_what_is_pinned(self):
        self.server.answers["/all.zip"] = lambda handler: handler.head(302, Location="/2026/all.zip", Content_Length=0)
        self.server.files["/2026/all.zip"] = self.content
        self.fetched()
        self.assertEqual([(line["event"], line["url"][-13:], line.get("status")) for line in self.log()],
                         [("asking", f"{self.server.port}/all.zip"[-13:], None), ("done", f"{self.server.port}/all.zip"[-13:], 302),
                          ("asking", "/2026/all.zip", None), ("done", "/2026/all.zip", 200)])
        self.fetched(outcome="unchanged")

    # ---- broken ways ---------------------------------------------------------------------------------------------------

    def cut(self, after):
        def answer(handler):
            tag = f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'
            handler.head(200, ETag=tag, Content_Length=len(self.content))
            handler.wfile.write(self.content[:after])
            handler.wfile.flush()
            handler.connection.close()
        self.server.answers["/all.zip"] = answer

    def test_goes_on_after_a_cut(self):
        self.cut(200_000)
        source = self.failed("ended the connection", "the next run goes on")
        self.assertNotIn("file", source)
        self.assertIsNone(self.good())
        del self.server.answers["/all.zip"]
        source = self.fetched()
        self.assertEqual(self.good(), self.content)
        _, headers = self.server.asked[1]
        start = int(headers["range"][6:-1])
        self.assertGreater(start, 100_000)
        self.assertEqual(set(headers), HEADERS | {"range", "if-range"})
        self.assertEqual(source["came_bytes"], len(self.content) - start)
        self.assertEqual(self.log("done")[1]["status"], 206)

    def test_begins_anew_when_the_file_has_changed_after_a_cut(self):
        self.cut(200_000)
        self.failed()
        del self.server.answers["/all.zip"]
        self.server.files["/all.zip"] = self.content = b"PK\3\4" + self.random.randbytes(250_000)
        self.fetched()
        self.assertEqual(self.good(), self.content)
        self.assertIn("range", self.server.asked[1][1])

    def test_a_part_that_fits_nothing_is_given_up(self):
        self.cut(200_000)
        self.failed()
        seen = []

        def answer(handler):
            seen.append(handler.headers.get("Range"))
            if handler.headers.get("Range"):
                handler.head(416, Content_Range="bytes */100", Content_Length=0)
            else:
                handler.give(self.content)
        self.server.answers["/all.zip"] = answer
        self.fetched()
        self.assertEqual([bool(each) for each in seen], [True, False])
        self.assertEqual(self.good(), self.content)

    def test_a_false_part_is_not_taken(self):
        for span, length in (("bytes 0-99999/300004", 100_000), ("bytes 10-300003/300004", 299_994), ("bytes 200000-300003/*", 100_004)):
            with self.subTest(span):
                shutil.rmtree(self.state, ignore_errors=True)
                self.cut(200_000)
                self.failed()

                def answer(handler):
                    handler.head(206, Content_Range=span, Content_Length=length)
                    handler.wfile.write(b"x" * length)
                self.server.answers["/all.zip"] = answer
                self.failed("part")
                self.assertIsNone(self.good())

    def test_a_foreign_origin_is_not_asked(self):
        other = Publisher(self.keys, "good")
        self.addCleanup(other.server_close)
        other.files["/all.zip"] = self.content
        for place in (f"https://127.0.0.1:{other.port}/all.zip", f"https://localhost:{self.server.port}/all.zip", f"http://127.0.0.1:{self.server.port}/all.zip",
                      f"https://me:secret@127.0.0.1:{self.server.port}/all.zip", "file:///etc/passwd", "//[::1/"):
            with self.subTest(place):
                shutil.rmtree(self.state, ignore_errors=True)
                self.server.answers["/all.zip"] = lambda handler: handler.head(302, Location=place, Content_Length=0)
                before = len(self.server.asked)
                self.failed()
                self.assertEqual((len(self.server.asked), other.asked), (before + 1, []))
                self.assertEqual(len(self.log("asking")), 1)
                if place.startswith("https://127"):
                    self.assertIn("none of the hosts", self.log("refused")[0]["error"])

    def test_redirections_have_an_end(self):
        self.server.answers["/all.zip"] = lambda handler: handler.head(302, Location="/all.zip", Content_Length=0)
        self.failed("more than 5 redirections")
        self.assertEqual(len(self.log("done")), 6)

    def test_a_name_that_is_not_proved(self):
        for name, says in (("unknown", "self-signed certificate"), ("other", "mismatch")):
            with self.subTest(name):
                other = Publisher(self.keys, name)
                self.addCleanup(other.server_close)
                other.files["/all.zip"] = self.content
                self.configure(self.source(port=other.port))
                self.failed("cannot prove its name", says)
                self.assertEqual(other.asked, [])
                self.assertIsNone(self.good())
        # And the system's certificates alone do not know the test's authority.
        self.configure(self.source())
        config = self.home / ".config/ward/ward.toml"
        config.write_text(re.sub("ca_file.*", "", config.read_text()))
        if os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
            self.failed("cannot prove its name")
        self.assertEqual(self.server.asked, [])

    def test_too_large(self):
        self.configure(self.source(max_bytes=200_000))
        self.failed("more than the")
        self.assertIsNone(self.good())

        def endless(handler):
            handler.head(200, Transfer_Encoding="chunked")
            while True:
                handler.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        self.server.answers["/all.zip"] = endless
        self.failed("more than the")
        self.assertEqual(sorted(os.listdir(self.state / "sources/test")), [])

    def test_the_last_good_copy_stays(self):
        self.fetched()
        bad = {
            "an error": (lambda h: h.head(500, Content_Length=0), "status 500"),
            "refused": (lambda h: h.head(403, Content_Length=0), "refuses"),
            "gone": (lambda h: h.head(404, Content_Length=0), "no such file"),
            "a page in its place": (lambda h: (h.head(200, Content_Length=2000), h.wfile.write(b"<html>" + b"x" * 1994)), "does not begin as"),
            "too short": (lambda h: (h.head(200, Content_Length=6), h.wfile.write(b"PK\3\4ab")), "never has less"),
            "empty": (lambda h: h.head(200, Content_Length=0), "never has less"),
            "no length": (lambda h: (h.head(200), h.wfile.write(self.content)), "how long"),
            "two lengths": (lambda h: (h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), setattr(h, "close_connection", True)), "two lengths"),
            "no HTTP": (lambda h: (h.wfile.write(b"220 smtp\r\n\r\n"), setattr(h, "close_connection", True)), "not HTTP"),
            "an endless head": (lambda h: (h.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000), setattr(h, "close_connection", True)), "head"),
            "cut at once": (lambda h: h.connection.close(), "ended the connection"),
        }
        for name, (answer, says) in bad.items():
            with self.subTest(name):
                self.server.answers["/all.zip"] = answer
                source = self.failed(says)
                self.assertEqual(self.good(), self.content)
                self.assertEqual(source["file"]["sha256"], hashlib.sha256(self.content).hexdigest())
        self.cut(1000)
        run = self.ward("update", "--state", self.state)
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"the copy that is there stays in use", run.stdout)
        self.assertIn(b"ward: error: test: ", run.stderr)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as idle:
            port = idle.getsockname()[1]
        self.configure(self.source(port=port))
        self.failed("cannot be reached", "refused")
        self.assertEqual(self.log("done")[0]["status"], 0)

    def test_some_had_and_some_not(self):
        self.configure(self.source(), self.source("lost", "/lost.zip"))
        run, report = self.update()
        self.assertEqual((run.returncode, [s["outcome"] for s in report["sources"]]), (0, ["failed", "fetched"]), run.stderr)
        self.assertEqual(self.update("--strict")[0].returncode, GAPS)

    def test_a_disk_that_is_full(self):
        self.fetched()
        before = self.content
        self.server.files["/all.zip"] = b"PK\3\4" + self.random.randbytes(400_000)
        self.failed("cannot be written", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)))
        self.assertEqual(self.good(), before)
        self.assertEqual(sorted(os.listdir(self.state / "sources/test")), [".test.zip.json", "test.zip"])
        self.content = self.server.files["/all.zip"]
        self.fetched()
        self.assertEqual(self.good(), self.content)

    # ---- proxies -------------------------------------------------------------------------------------------------------

    def test_through_a_proxy(self):
        proxy = Proxy()
        self.addCleanup(proxy.listener.close)
        source = f"http://me:secret@127.0.0.1:{proxy.port}"
        run, report = self.update(env=self.environment(https_proxy=source))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(proxy.asked), 1)
        self.assertEqual(proxy.asked[0], f"CONNECT 127.0.0.1:{self.server.port} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nUser-Agent: ward-fetch\r\n"
                                         f"Proxy-Authorization: Basic {base64.b64encode(b'me:secret').decode()}\r\n\r\n")
        self.assertNotIn("proxy-authorization", self.server.asked[0][1])
        self.assertEqual({line["via"] for line in self.log()}, {f"127.0.0.1:{proxy.port}"})
        self.assertNotIn("secret", (self.state / "fetch.jsonl").read_text())
        self.assertIn(f"through 127.0.0.1:{proxy.port}", self.ward("update", "--log", "--state", self.state).stdout.decode())
        self.fetched(outcome="unchanged", env=self.environment(https_proxy=source, no_proxy="127.0.0.1"))
        self.assertEqual(len(proxy.asked), 1)
        self.configure(self.source(), extra='proxy = "none"')
        self.fetched(outcome="unchanged", env=self.environment(https_proxy=source))
        self.assertEqual(len(proxy.asked), 1)
        self.configure(self.source(), extra=f'proxy = "127.0.0.1:{proxy.port}"')
        self.fetched(outcome="unchanged")
        self.assertEqual(len(proxy.asked), 2)

    def test_a_proxy_that_refuses_is_not_gone_past(self):
        proxy = Proxy(refuse=True)
        self.addCleanup(proxy.listener.close)
        self.failed("the proxy refuses", "407", env=self.environment(ALL_PROXY=f"http://127.0.0.1:{proxy.port}"))
        self.assertEqual(self.server.asked, [])
        run, _ = self.update(env=self.environment(ALL_PROXY=f"socks5://127.0.0.1:{proxy.port}"))
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"ALL_PROXY", run.stderr)
        self.assertEqual(self.server.asked, [])

    # ---- from a folder -------------------------------------------------------------------------------------------------

    def test_from_a_folder(self):
        stick = self.folder / "stick"
        stick.mkdir()
        (stick / "test.zip").write_bytes(self.content)
        past = time.time() - 3 * 86400
        os.utime(stick / "test.zip", (past, past))
        source = self.fetched("--from", stick, outcome="copied")
        self.assertEqual(self.good(), self.content)
        self.assertAlmostEqual(source["file"]["age_seconds"], 3 * 86400, delta=60)
        self.assertEqual(source["file"]["copied_from"], str(stick))
        self.assertEqual([line["event"] for line in self.log()], ["copied"])
        self.fetched("--from", stick, outcome="unchanged")
        # As another machine's state has it; an older one is not taken.
        (stick / "test").mkdir()
        (stick / "test/test.zip").write_bytes(self.content + b"newer")
        self.fetched("--from", stick, outcome="copied")
        self.assertEqual(self.good(), self.content + b"newer")
        shutil.rmtree(stick / "test")
        self.fetched("--from", stick, outcome="older")
        self.assertEqual(self.good(), self.content + b"newer")
        self.assertEqual(self.server.asked, [])

    def test_from_a_mirror(self):
        mirror = Publisher(self.keys, "good")
        self.addCleanup(mirror.server_close)
        self.addCleanup(mirror.shutdown)
        mirror.files["/files/test.zip"] = self.content
        self.fetched("--from", f"https://127.0.0.1:{mirror.port}/files/")
        self.assertEqual(self.good(), self.content)
        self.assertEqual(self.server.asked, [])
        # It does not send anybody on, not even to the publisher.
        mirror.answers["/files/test.zip"] = lambda handler: handler.head(302, Location=f"https://127.0.0.1:{self.server.port}/all.zip", Content_Length=0)
        run, report = self.update("--from", f"https://127.0.0.1:{mirror.port}/files")
        self.assertEqual((run.returncode, report["sources"][0]["outcome"]), (NOT_DONE, "failed"))
        self.assertEqual(self.server.asked, [])
        for address in ("http://127.0.0.1/x", "https://user:word@127.0.0.1/x", "https://"):
            self.assertEqual(self.ward("update", "--state", self.state, "--from", address).returncode, NOT_DONE)

    def test_what_is_no_file_of_its_kind_is_not_copied(self):
        stick = self.folder / "stick"
        stick.mkdir()
        run, report = self.update("--from", stick)
        self.assertEqual((run.returncode, report["sources"][0]["outcome"]), (NOT_DONE, "missing"))
        (self.folder / "elsewhere").write_bytes(self.content)
        (stick / "test.zip").symlink_to(self.folder / "elsewhere")
        self.assertEqual(self.update("--from", stick)[0].returncode, NOT_DONE)
        (stick / "test.zip").unlink()
        os.mkfifo(stick / "test.zip")
        self.assertEqual(self.update("--from", stick)[0].returncode, NOT_DONE)
        (stick / "test.zip").unlink()
        (stick / "test.zip").write_bytes(b"<html>" * 1000)
        self.assertEqual(self.update("--from", stick)[0].returncode, NOT_DONE)
        self.assertIsNone(self.good())
        for words in (["--from", self.folder / "none"], ["--from", "https://127.0.0.1/"]):
            self.assertEqual(self.ward("update", "--state", self.state, *words).returncode, NOT_DONE)

    # ---- what is asked for ---------------------------------------------------------------------------------------------

    def test_only_what_is_on(self):
        for words, says in ((["osv-alpine"], b"is off"), (["tset"], b"did you mean test?"), (["--from"], b"--from"), (["--format", "xml"], b"--format")):
            run = self.ward("update", "--state", self.state, *words)
            self.assertEqual(run.returncode, NOT_DONE)
            self.assertIn(says, run.stderr)
        self.configure(self.source(on=False))
        run, report = self.update()
        self.assertEqual((run.returncode, report["sources"]), (0, []))
        self.configure(self.source(), extra='require = "set"')
        run, _ = self.update()
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"signed sets", run.stderr)
        self.configure(self.source(), extra='on = ["none-such"]')
        self.assertIn(b"names no source: none-such", self.update()[0].stderr)
        self.assertEqual(self.server.asked, [])

    def test_what_ships_is_listed_without_asking(self):
        (self.home / ".config/ward/ward.toml").unlink()
        run, report = self.update("--list")
        self.assertEqual(run.returncode, 0, run.stderr)
        on = {source["id"] for source in report["sources"] if source["on"]}
        self.assertLessEqual({"cisa-kev", "epss", "debian-tracker", "endoflife", "osv-debian", "osv-pypi", "osv-npm"}, on)
        self.assertFalse([source["id"] for source in report["sources"] if source["kind"] == "yara" and source["on"]])
        self.assertIn(b"none of vulnerabilities yet", self.ward("status", "--state", self.state).stdout)
        self.assertFalse(self.state.exists(), "to look must not make a folder")
        self.assertIn(b"No request", self.ward("update", "--log", "--state", self.state).stdout)

    # ---- the program that asks -----------------------------------------------------------------------------------------

    def stalled(self, after):
        """An answer that stops after some bytes, and the process that waits for the rest."""
        reached = threading.Event()
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def answer(handler):
            tag = f'"{hashlib.sha256(self.content).hexdigest()[:16]}"'
            handler.head(200, ETag=tag, Content_Length=len(self.content))
            for start in range(0, after, 1 << 20):
                handler.wfile.write(self.content[start:min(start + (1 << 20), after)])
                time.sleep(0.02)
            reached.set()
            go_on.wait(60)
        self.server.answers["/all.zip"] = answer
        run = subprocess.Popen([WARD, "update", "--state", self.state, "--format", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        self.assertTrue(reached.wait(60))
        time.sleep(0.7)
        return run

    @staticmethod
    def child_of(pid):
        return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def test_it_is_sealed(self):
        run = self.stalled(1000)
        pid = self.child_of(run.pid)
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)
        self.assertEqual(status["Name"], "ward-fetch")
        if "ASAN_OPTIONS" not in os.environ:
            self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
            self.assertEqual(int(status["CapEff"], 16), 0)
            self.assertNotEqual(status["Uid"].split()[0], "0")
        if os.geteuid() == 0:
            opened = [os.readlink(f"/proc/{pid}/fd/{n}") for n in os.listdir(f"/proc/{pid}/fd")]
            files = [each for each in opened if not each.startswith("socket:")]
            self.assertEqual(files, [str(self.state / "sources/test/.test.zip.part")])
            self.assertEqual(pathlib.Path(f"/proc/{pid}/environ").read_bytes(), b"")
        # One update at a time.
        second, _ = self.update()
        self.assertEqual(second.returncode, NOT_DONE)
        self.assertIn(b"another `ward update`", second.stderr)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=30)
        self.assertEqual(run.returncode, INTERRUPTED)
        report = json.loads(out)
        self.assertTrue(report["interrupted"])
        self.assertEqual(report["sources"][0]["why"], "interrupted")
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        self.assertEqual(self.log("done")[0]["error"], "interrupted")

    def test_a_kill_at_any_moment_leaves_what_was_certain(self):
        self.content = b"PK\3\4" + self.random.randbytes(30 << 20)
        self.server.files["/all.zip"] = self.content
        run = self.stalled(25 << 20)
        pid = self.child_of(run.pid)
        run.kill()
        run.communicate()
        for _ in range(100):
            if not os.path.exists(f"/proc/{pid}"):
                break
            time.sleep(0.05)
        self.assertFalse(os.path.exists(f"/proc/{pid}"), "ward-fetch ends with ward")
        self.assertIn("how it ended was not recorded", self.ward("update", "--log", "--state", self.state).stdout.decode())
        del self.server.answers["/all.zip"]
        self.fetched()
        self.assertEqual(self.good(), self.content)
        start = int(self.server.asked[-1][1]["range"][6:-1])
        self.assertGreaterEqual(start, 8 << 20)

    def test_only_it_connects_and_it_opens_nothing_of_the_users(self):
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        trace = self.folder / "trace"
        run = subprocess.run(["strace", "-f", "--seccomp-bpf", "-o", trace, "-e", "trace=%network,open,creat,openat,openat2,execve,execveat,clone,clone3,fork,vfork",
                              WARD, "update", "--state", self.state], capture_output=True, env=self.environment())
        if b"Operation not permitted" in run.stderr and not trace.stat().st_size:
            self.skipTest("strace may not trace here")
        self.assertEqual(run.returncode, 0, run.stderr)
        fetch, connects, opened = None, 0, set()
        for line in trace.read_text(errors="replace").splitlines():
            pid, call = line.split(None, 1)
            if call.startswith("execve(") and "ward-fetch" in call:
                fetch = pid
                continue
            if call.startswith("socket(") and pid != fetch:
                self.assertRegex(call, r"socket\(AF_(NETLINK|UNIX)", call)
            if call.startswith(("bind(", "listen(", "accept")):
                self.fail(call)
            if call.startswith("connect("):
                self.assertEqual(pid, fetch, call)
                # Once it is sealed only root's strace can read its memory; an ordinary user's shows where the address lies.
                if os.geteuid() == 0 or "{" in call:
                    self.assertIn(f"htons({self.server.port})", call)
                connects += 1
            if pid == fetch and call.startswith("open"):
                opened.add(re.search('"(.*?)"', call)[1])
        self.assertEqual(connects, 1)
        if "ASAN_OPTIONS" in os.environ:
            return
        self.assertLessEqual(opened, {"/etc/ssl/certs/ca-certificates.crt", str(self.keys / "ca.pem"), "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf",
                                      "/etc/svc.conf", "/dev/urandom"})

    def test_alone_it_does_nothing(self):
        run = subprocess.run([BIN / "ward-fetch"], capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(run.returncode, NOT_DONE)
        self.assertIn(b"ward update", run.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=[sys.argv[0], *sys.argv[1:]])
