"""Checks every PDF of a folder with qpdf and poppler; the last line counts, as ./test reads it."""

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


def headings(path):
    """The titles of the headings in the tree of tags, in its order, as `pdfinfo -struct-text` tells them."""
    found, depth, inside = [], None, []
    for line in said("pdfinfo", "-struct-text", path).splitlines():
        indent = len(line) - len(line.lstrip())
        if depth is not None and indent > depth:
            quoted = line.strip()
            if quoted.startswith('"'):
                inside.append(quoted.strip('"'))
            continue
        if depth is not None:
            found.append("".join(inside))
            depth, inside = None, []
        if re.match(r"\s*H[1-6]\b", line):
            depth = indent
    if depth is not None:
        found.append("".join(inside))
    return found


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
    told = headings(path)
    assert told and told[0], "no title in the tree"
    whole, at = letters(text), 0
    for heading in told:
        assert letters(heading), "an empty heading"
        at = whole.find(letters(heading), at)
        assert at >= 0, f"not in its place: {heading}"
        at += 1
    return len(told)


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.pdf"))
    failed = 0

    def tried(path):
        try:
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
