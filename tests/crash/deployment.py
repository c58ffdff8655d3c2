"""A Relais deployment of a test's own: made, filled, served, killed, looked into from outside.

Used by tests/crash, tests/markers and tests/tokens. Only the standard library of Python 3.9 or later.
"""

import http.client
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def binary():
    """The program under test: RELAIS_BIN, else the newest build there is."""
    named = os.environ.get("RELAIS_BIN")
    if named:
        return named
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [p for p in (target / "release/relais", target / "debug/relais") if p.exists()]
    if not built:
        raise SystemExit("no relais here: cargo build -p relais, or set RELAIS_BIN")
    return str(max(built, key=lambda p: p.stat().st_mtime))


def uuid7():
    """An id as a client makes it."""
    value = (int(time.time() * 1000) << 80) | random.getrandbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Postgres:
    """A private cluster of this test alone, so that it can be stopped like a power cut."""

    def __init__(self, folder):
        self.env = dict(os.environ, RELAIS_PG_DIR=str(folder))
        self.url = None

    def _run(self, verb):
        done = subprocess.run([str(ROOT / "tests/setup/postgres"), verb], env=self.env, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"postgres {verb}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self):
        self.url = self._run("start")

    def stop_immediate(self):
        self._run("stop-immediate")

    def remove(self):
        self._run("remove")


class Deployment:
    """One deployment: its folders, its accounts, its server."""

    def __init__(self, folder, postgres=None, env=None):
        self.folder = Path(folder)
        self.data, self.keys = self.folder / "data", self.folder / "keys"
        self.postgres = postgres
        self.extra = env or {}
        self.server = None
        self.port = None
        self.log = open(self.folder / "server.log", "ab")
        self.tokens, self.services, self.passwords = {}, {}, {}

    @property
    def env(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("RELAIS_")}
        env.update(RELAIS_DATA=str(self.data), RELAIS_KEYS=str(self.keys), RELAIS_LANG="fr", **self.extra)
        if self.postgres:
            env["RELAIS_DATABASE_URL"] = self.postgres.url
        return env

    def relais(self, *arguments, stdin=None, check=True):
        """Runs a command; its JSON answer."""
        done = subprocess.run(
            [binary(), *arguments, "--format", "json"], env=self.env, capture_output=True, text=True, input=stdin
        )
        self.log.write((done.stdout + done.stderr).encode())
        if check and done.returncode != 0:
            raise RuntimeError(f"relais {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
        line = done.stdout.strip().splitlines()
        try:
            answer = json.loads(line[-1]) if line else None
        except ValueError:
            answer = None
        return answer if check else (done.returncode, answer, done.stderr)

    def make(self, managers=4, dir=None):
        """Database, two invented hospitals with an agreement, accounts, one token each."""
        self.relais("init", "--drill", *(["--dir", str(dir)] if dir else []))
        mapping = ROOT / "mechanisms/cameroon/mappings/health-facilities.toml"
        # The list stands on what the ministry signed: its entries are published.
        self.relais("organisation", "safeguards", "MINSANTE", "--conduct", "2026-01-01", "--child", "2026-01-01")
        self.relais("directory", "import", str(HERE / "services.csv"), "--mapping", str(mapping))
        hospitals = [row[0] for row in self.rows("SELECT code FROM organisation WHERE code LIKE 'FS%' ORDER BY seq")]
        if len(hospitals) != 2:
            raise RuntimeError(f"two hospitals were imported, {len(hospitals)} are there")
        parties = [part for code in ["MINSANTE", *hospitals] for part in ("--party", code)]
        self.relais("agreement", "add", "--reference", "ESSAI-1", *parties, "--from", "2026-01-01")
        accounts = [(f"g.essai{n}", "MINAS", "case_manager") for n in range(managers)]
        accounts += [(f"h.essai{n}", code, "focal_point") for n, code in enumerate(hospitals)]
        accounts += [("s.essai", "MINREX", "secretariat"), ("a.essai", "MINREX", "administrator"), ("v.essai", "MINAS", "supervisor")]
        for login, organisation, role in accounts:
            made = self.relais("user", "add", login, "--organisation", organisation, "--name", f"Essai {login}", "--role", role)
            self.passwords[login] = made["password"]
            self.tokens[login] = self.relais("token", "add", login, "--label", "essai")["token"]
        for code, service, owner in self.rows(
            "SELECT s.service_type, s.id, o.code FROM service s JOIN organisation o ON o.id = s.organisation_id ORDER BY s.seq"
        ):
            login = f"h.essai{hospitals.index(owner)}" if owner in hospitals else None
            if login:
                self.services.setdefault(code, []).append((str(uuid.UUID(bytes=bytes(service))), login))

    # ---- the server ----------------------------------------------------------------------------------------------------

    def serve(self, wrap=(), work=True, wait=60):
        """Starts the server and waits until it answers; how many seconds that took."""
        self.port = free_port()
        command = [*wrap, binary(), "serve", "--listen", f"127.0.0.1:{self.port}"] + ([] if work else ["--no-work"])
        began = time.time()
        self.server = subprocess.Popen(
            command, env=self.env, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, start_new_session=True
        )
        while time.time() - began < wait:
            if self.server.poll() is not None:
                raise RuntimeError(f"the server ended at once with {self.server.returncode}; see {self.log.name}")
            try:
                if self.ask("GET", "/health")[0] == 200:
                    return time.time() - began
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def kill(self):
        """kill -9, and nothing else of it is left."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.server = None

    def stop(self):
        if self.server and self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGTERM)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.server.pid, signal.SIGKILL)
                self.server.wait()
        self.server = None

    def connect(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, verb, path, body=None, token=None, connection=None, headers=None, raw=None):
        """One request; status, headers, text."""
        own = connection is None
        connection = connection or self.connect()
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(verb, path, body=raw, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except http.client.HTTPException as e:
            raise ConnectionError(str(e)) from e
        finally:
            if own:
                connection.close()

    # ---- from outside --------------------------------------------------------------------------------------------------

    def rows(self, sql):
        """What the database holds, read without Relais: ids as bytes, numbers as int, words as str."""
        if not self.postgres:
            connection = sqlite3.connect(f"file:{self.data / 'relais.sqlite'}?mode=ro", uri=True, timeout=30)
            try:
                # The access log lies beside the database.
                connection.execute("ATTACH DATABASE ? AS looks", (f"file:{self.data / 'access.sqlite'}?mode=ro",))
                return connection.execute(sql).fetchall()
            finally:
                connection.close()
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e", "-d", self.postgres.url, "-c", sql],
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}: {sql}")
        out = []
        for line in done.stdout.strip("\n").split("\x1e"):
            if line:
                out.append(tuple(value(cell) for cell in line.split("\x1f")))
        return out

    def close(self):
        self.stop()
        self.log.close()


def value(cell):
    if cell.startswith("\\x"):
        return bytes.fromhex(cell[2:])
    try:
        return int(cell)
    except ValueError:
        return cell


class Scratch:
    """A folder that is gone afterwards; kept where the test failed, for whoever looks why."""

    def __init__(self, name):
        self.path = Path(tempfile.mkdtemp(prefix=f"relais-{name}-"))
        self.keep = False

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None and not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"kept: {self.path}")


class Count:
    """Counts checks and says each that failed."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
            print(f"ok      {name}{' — ' + detail if detail else ''}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}{' — ' + detail if detail else ''}", flush=True)
        return good

    def skip(self, name, why):
        self.skipped += 1
        print(f"skipped {name}: {why}", flush=True)

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else ""))
        return 1 if self.failed else 0


# ---- what the API is asked -------------------------------------------------------------------------------------------------


def arrival(name, age=28, **other):
    answers = {
        "F1E.01": "B-017", "F1E.02": "yes", "F1E.03": name, "F1E.04": "F", "F1E.05": str(age), "F1E.06": "alone",
        "F1E.07": "centre", "F1E.08": "Garoua", "F1E.09": "CALL", "F1E.10": "677123456", "F1E.11": "fra",
    }
    answers.update(other)
    return {"id": uuid7(), "answers": {k: [v] for k, v in answers.items()}}


def consent(classes=("identity", "contact"), **other):
    answers = {"F3.01": "fra", "F3.03": "yes", "F3.04": "yes", "F3.05": "yes", "F3.10": "SELF", "F3.40": "WRITTEN", "F3.41": "Signée"}
    answers.update(other)
    lines = [{"line": "C1", "decision": "granted"}, {"line": "C2", "decision": "granted"}]
    lines.append({"line": "C3", "decision": "granted", "classes": list(classes)})
    return {"id": uuid7(), "answers": {k: [v] for k, v in answers.items()}, "lines": lines}


def need(service="MED.03", words=""):
    return {"id": uuid7(), "service": service, "priority": "P3", "words": words}


def referral(service, words="Disponible le matin."):
    return {"id": uuid7(), "service": service, "words": words, "person_informed": True}


def act(version, command, **other):
    return {"id": uuid7(), "version": version, "command": command, **other}
