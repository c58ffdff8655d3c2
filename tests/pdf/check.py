"""Checks every PDF of a folder with qpdf and poppler; the last line counts, as ./test reads it."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def said(*command):
    """What a program says, its warnings apart."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stdout[-300:]}{done.stderr[-300:]}")
    return done.stdout


def letters(text):
    """Words without what a line's end or a space of any width makes of them."""
    return re.sub(r"\s+", "", text)


def tree(path):
    """The elements of the tree of tags, in its order."""
    objects = json.loads(said("qpdf", "--json=2", "--json-key=qpdf", path))["qpdf"][1]

    def found(what):
        reference = isinstance(what, str) and what.endswith(" R")
        return objects[f"obj:{what}"]["value"] if reference else what

    root = found(objects["trailer"]["value"]["/Root"])
    waiting = [found(root["/StructTreeRoot"])]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, dict):
            continue
        if "/S" in here:
            yield here
        children = found(here.get("/K", []))
        children = children if isinstance(children, list) else [children]
        waiting.extend(found(child) for child in reversed(children))


def text_string(value):
    """A text of the file as it is meant: qpdf marks what it could decode."""
    return value.removeprefix("u:") if isinstance(value, str) else ""


def check(path):
    said("qpdf", "--check", path)
    info = said("pdfinfo", path)
    assert re.search(r"^Tagged:\s+yes$", info, re.M), "not tagged"
    assert re.search(r"^Title:\s+\S", info, re.M), "no title"
    assert int(re.search(r"^Pages:\s+(\d+)$", info, re.M)[1]) >= 1, "no page"
    faces = said("pdffonts", path).splitlines()[2:]
    assert faces, "no face"
    for face in faces:
        columns = face.split()
        # name, type, encoding, emb, sub, uni, object, generation; the type may be of two words.
        assert columns[-5:-2] == ["yes", "yes", "yes"], f"not embedded, cut and mapped: {face}"
    text = said("pdftotext", path, "-")
    assert "\ufffd" not in text, "a sign without meaning"
    elements = list(tree(path))
    told = [text_string(e.get("/T")) for e in elements if re.fullmatch(r"/H[1-6]", e["/S"])]
    assert told and told[0], "no title in the tree"
    for element in elements:
        if element["/S"] == "/Figure":
            assert text_string(element.get("/Alt")), "a figure without words"
        if element["/S"] == "/TH":
            assert "/Scope" in json.dumps(element.get("/A")), "a head of a table without its scope"
    whole, at = letters(text), 0
    for heading in told:
        assert letters(heading), "an empty heading"
        at = whole.find(letters(heading), at)
        assert at >= 0, f"not in its place: {heading}"
        at += 1
    return len(told)


def read_aloud(path):
    """The words of the tree as poppler gathers them are the words of the pages, but for their heads and feet. Of the
    smallest file alone: poppler takes long over it."""
    lines = said("pdfinfo", "-struct-text", path).splitlines()
    told = "".join(line.strip()[1:-1] for line in lines if line.strip().startswith('"'))
    whole = letters(said("pdftotext", path, "-"))
    assert len(letters(told)) > 0.85 * len(whole), f"{len(letters(told))} letters told of {len(whole)}"


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.pdf"))
    failed = 0

    smallest = min(paths, key=lambda p: p.stat().st_size, default=None)

    def tried(path):
        try:
            if path == smallest:
                read_aloud(path)
            return path, check(path), None
        except AssertionError as wrong:
            return path, 0, wrong

    with ThreadPoolExecutor(2) as pool:
        for path, count, wrong in pool.map(tried, paths):
            if wrong:
                failed += 1
                print(f"FAILED {path.name}: {wrong}")
            else:
                print(f"ok {path.name}: {count} headings in order")
    # A folder without a file proves nothing.
    if not paths:
        failed = 1
        print(f"FAILED no PDF in {sys.argv[1]}")
    print(f"{len(paths) - failed if paths else 0} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
