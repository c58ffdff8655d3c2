"""No answer to a write leaves before the fsync that follows the write to the journal, nor before that of a new key:
seen from outside, by strace."""

import json
import re
import shutil
import subprocess
import threading
import time

from deployment import Deployment, Scratch, arrival, consent, need, referral

JOURNAL, KEYS = "relais.sqlite-wal", "subjects.keys"
CALLS = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync"
LINE = re.compile(r"^(?:\[pid\s+)?(\d+)\]?\s+(?:<\.\.\. (?P<resumed>\w+) resumed>(?P<rest>.*)|(?P<call>\w+)\((?P<args>.*))$")


def can_trace():
    """Whether strace may look at a child here."""
    if not shutil.which("strace"):
        return "strace is not installed"
    done = subprocess.run(["strace", "-f", "-e", "trace=write", "-o", "/dev/null", "true"], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip().splitlines()[-1:]}"


class Trace:
    """Events in the order in which they were seen: ("asked", socket), ("wrote", file), ("synced", file), ("answered", socket)."""

    def __init__(self, path):
        self.events, open_calls = [], {}
        for line in open(path, errors="replace"):
            match = LINE.match(line.rstrip("\n"))
            if not match:
                continue
            pid = match.group(1)
            if match.group("resumed"):
                call, begun = open_calls.pop(pid, (match.group("resumed"), ""))
                self.note(call, begun + match.group("rest"), ended=True, began=False)
            elif match.group("args").endswith("<unfinished ...>"):
                open_calls[pid] = (match.group("call"), match.group("args"))
                self.note(match.group("call"), match.group("args"), ended=False, began=True)
            else:
                self.note(match.group("call"), match.group("args"), ended=True, began=True)

    def note(self, call, text, ended, began):
        # What is received counts from its end, what is sent from its beginning: the strictest reading of both. A write
        # to the journal counts from its beginning, a sync from its end and only when it succeeded.
        file = re.match(r"^\d+<[^>]*/(relais\.sqlite-wal|subjects\.keys)>", text)
        socket = re.search(r"^\d+<(TCP(?:v6)?:\[[^\]]*\])>", text)
        if call in ("pwrite64", "pwritev", "write", "writev") and file:
            if began:
                self.events.append(("wrote", file.group(1)))
        elif call in ("fsync", "fdatasync") and file:
            if ended and re.search(r"=\s*0\s*$", text):
                self.events.append(("synced", file.group(1)))
        elif socket and call in ("read", "readv", "recvfrom", "recvmsg"):
            if ended and '"POST /' in text:
                self.events.append(("asked", socket.group(1)))
        elif socket and call in ("write", "writev", "sendto", "sendmsg"):
            if began and re.search(r'"HTTP/1\.1 (201|303) ', text):
                self.events.append(("answered", socket.group(1)))

    def one_by_one(self):
        """With one request at a time: answers, and answers that left too soon."""
        answers = early = 0
        wrote, unsynced = set(), set()
        for what, which in self.events:
            if what == "asked":
                wrote = set()
            elif what == "wrote":
                wrote.add(which)
                unsynced.add(which)
            elif what == "synced":
                unsynced.discard(which)
            else:
                answers += 1
                early += JOURNAL not in wrote or bool(unsynced)
        return answers, early

    def together(self):
        """With many at a time: between request and answer a write to the journal and, after it, a sync."""
        answers = early = 0
        asked = {}
        for what, socket in self.events:
            if socket == KEYS:
                continue
            if what == "asked":
                asked[socket] = "asked"
            elif what == "wrote":
                asked = {s: "wrote" if state == "asked" else state for s, state in asked.items()}
            elif what == "synced":
                asked = {s: "synced" if state == "wrote" else state for s, state in asked.items()}
            elif socket in asked:
                answers += 1
                early += asked.pop(socket) != "synced"
        return answers, early


def writes(world, rounds, client=0):
    """The sender's writes, one after the other; how many were acknowledged."""
    token, done = world.tokens[f"g.essai{client % 4}"], 0
    connection = world.connect(60)

    def post(path, body):
        nonlocal done
        status, _, text = world.ask("POST", path, body, token, connection)
        if status != 201:
            raise RuntimeError(f"{path}: {status} {text[:200]!r}")
        done += 1
        return json.loads(text)

    for n in range(rounds):
        case = arrival(f"Essai Trace{client} Tour{n}")
        post("/api/v1/cases", case)
        post(f"/api/v1/cases/{case['id']}/consents", consent())
        asked = need()
        post(f"/api/v1/cases/{case['id']}/needs", asked)
        post(f"/api/v1/needs/{asked['id']}/referrals", referral(world.services["MED.03"][0][0]))
    connection.close()
    return done


def traced(folder, env, load):
    """Runs a load under strace; what was acknowledged and the trace."""
    world = Deployment(folder, env=env)
    try:
        world.make()
        out = folder / "trace"
        wrap = ["strace", "-f", "-yy", "-s", "24", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(out)]
        world.serve(wrap=wrap, work=False)
        done = load(world)
        world.stop()
        return done, Trace(out)
    finally:
        world.close()


def many(world):
    done = []
    threads = [threading.Thread(target=lambda n=n: done.append(writes(world, 5, n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def check(count):
    why = can_trace()
    if why:
        count.skip("strace: no answer before its fsync", why)
        count.skip("strace: the check fails without synchronous writes", why)
        return
    with Scratch("strace") as scratch:
        (scratch.path / "one").mkdir()
        done, trace = traced(scratch.path / "one", {}, lambda w: writes(w, 15))
        answers, early = trace.one_by_one()
        keys = sum(event == ("wrote", KEYS) for event in trace.events)
        good = done == answers == 60 and early == 0 and keys > 0
        count.check("strace: no answer before its fsync, one at a time", good, f"{answers} answers of {done} seen, {early} too soon; {keys} writes of new keys")
        (scratch.path / "many").mkdir()
        done, trace = traced(scratch.path / "many", {}, many)
        answers, early = trace.together()
        good = done == answers == 160 and early == 0
        count.check("strace: no answer before its fsync, eight at a time", good, f"{answers} answers of {done} seen, {early} too soon")
        (scratch.path / "off").mkdir()
        done, trace = traced(scratch.path / "off", {"RELAIS_SQLITE_SYNCHRONOUS": "off"}, lambda w: writes(w, 5))
        answers, early = trace.one_by_one()
        good = answers == done == 20 and early == answers
        count.check("strace: the check fails without synchronous writes", good, f"{early} of {answers} answers found too soon")
        scratch.keep = count.failed > 0
