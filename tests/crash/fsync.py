"""No answer to a write leaves before the fsync that follows the write to the journal, nor before that of a new key,
also while others read; an answer to a read leaves after its row of the access log is written, and the disk has that
row soon after: seen from outside, by strace."""

import json
import re
import shutil
import subprocess
import threading
import time

from deployment import Deployment, Scratch, arrival, consent, need, referral

JOURNAL, LOOKS, KEYS = "relais.sqlite-wal", "access.sqlite-wal", "subjects.keys"
CALLS = "read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync"
LINE = re.compile(r"^(?:\[pid\s+)?(\d+)\]?\s+(?P<at>\d+\.\d+)\s+(?:<\.\.\. (?P<resumed>\w+) resumed>(?P<rest>.*)|(?P<call>\w+)\((?P<args>.*))$")


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
        #: Answers to looks at cases, as (when, whether the journal was written since the question); when it was synced.
        self.looks, self.synced, self.looking = [], [], {}
        for line in open(path, errors="replace"):
            match = LINE.match(line.rstrip("\n"))
            if not match:
                continue
            pid, self.at = match.group(1), float(match.group("at"))
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
        file = re.match(r"^\d+<[^>]*/(relais\.sqlite-wal|access\.sqlite-wal|subjects\.keys)>", text)
        socket = re.search(r"^\d+<(TCP(?:v6)?:\[[^\]]*\])>", text)
        if call in ("pwrite64", "pwritev", "write", "writev") and file:
            if began:
                self.events.append(("wrote", file.group(1)))
                if file.group(1) == LOOKS:
                    self.looking = dict.fromkeys(self.looking, True)
        elif call in ("fsync", "fdatasync") and file:
            if ended and re.search(r"=\s*0\s*$", text):
                self.events.append(("synced", file.group(1)))
                if file.group(1) == LOOKS:
                    self.synced.append(self.at)
        elif socket and call in ("read", "readv", "recvfrom", "recvmsg"):
            if ended and '"POST /' in text:
                self.events.append(("asked", socket.group(1)))
            elif ended and '"GET /api/v1/cases' in text:
                self.looking[socket.group(1)] = False
        elif socket and call in ("write", "writev", "sendto", "sendmsg"):
            if began and re.search(r'"HTTP/1\.1 (201|303) ', text):
                self.events.append(("answered", socket.group(1)))
            elif began and '"HTTP/1.1 200' in text and socket.group(1) in self.looking:
                self.looks.append((self.at, self.looking.pop(socket.group(1))))

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

    def looked(self, within):
        """Answers to looks; those that left before their row was written, and those that no sync followed in time."""
        early = sum(not written for _, written in self.looks)
        late = sum(not any(at <= sync <= at + within for sync in self.synced) for at, _ in self.looks)
        return len(self.looks), early, late

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


def looks(world, rounds, client=0):
    """The sender's list of cases, again and again; how many were answered."""
    connection = world.connect(60)
    for _ in range(rounds):
        status, _, text = world.ask("GET", "/api/v1/cases", token=world.tokens[f"g.essai{client % 4}"], connection=connection)
        if status != 200:
            raise RuntimeError(f"/api/v1/cases: {status} {text[:200]!r}")
    connection.close()
    return rounds


def traced(folder, env, load):
    """Runs a load under strace; what was acknowledged and the trace."""
    world = Deployment(folder, env=env)
    try:
        world.make()
        out = folder / "trace"
        wrap = ["strace", "-f", "-ttt", "-yy", "-s", "24", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", str(out)]
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


def mixed(world):
    """Eight write, four look; then the looks alone, which the disk must have although nothing else happens."""
    done, seen = [], []
    threads = [threading.Thread(target=lambda n=n: done.append(writes(world, 5, n))) for n in range(8)]
    threads += [threading.Thread(target=lambda n=n: seen.append(looks(world, 25, n))) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.append(looks(world, 10))
    time.sleep(2)
    return sum(done), sum(seen)


def check(count):
    why = can_trace()
    if why:
        count.skip("strace: no answer before its fsync", why)
        count.skip("strace: reads among writes", why)
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
        (scratch.path / "mixed").mkdir()
        (done, seen), trace = traced(scratch.path / "mixed", {}, mixed)
        answers, early = trace.together()
        good = done == answers == 160 and early == 0
        count.check("strace: no answer before its fsync, among readers", good, f"{answers} answers of {done} seen, {early} too soon")
        # One second, and what strace and a busy machine add.
        answers, early, late = trace.looked(within=2.0)
        good = seen == answers == 110 and early == late == 0
        said = f"{answers} looks of {seen} seen, {early} answered before their row, {late} not synced in time"
        count.check("strace: a look is answered after its row, and synced within a second or two", good, said)
        (scratch.path / "off").mkdir()
        done, trace = traced(scratch.path / "off", {"RELAIS_SQLITE_SYNCHRONOUS": "off"}, lambda w: writes(w, 5))
        answers, early = trace.one_by_one()
        good = answers == done == 20 and early == answers
        count.check("strace: the check fails without synchronous writes", good, f"{early} of {answers} answers found too soon")
        scratch.keep = count.failed > 0
