"""Puts many mutations into one program, each behind a switch.

A function that a mutation touches gets a copy with the mutation in it, and asks
first whether that mutation is on: then the copy answers in its place. So the
tests are compiled once for all of them, not once for each.

What has no such function (a trait's own, one whose arguments have no plain
names) is left to the way that compiles each mutation by itself.
"""

import re

FUNCTION = re.compile(r"(?m)^[ \t]*((?:pub(?:\([^)]*\))? )?(?:const )?fn )(\w+)")
# What the switched sources ask; the number is that of the mutation in the list.
SWITCH = """
/// Which mutation is on, by its number.
pub fn mutation(number: u32) -> bool {
    static ON: std::sync::LazyLock<Option<u32>> =
        std::sync::LazyLock::new(|| std::env::var("RELAIS_MUTATION").ok().and_then(|n| n.parse().ok()));
    *ON == Some(number)
}
"""


def closing(text, opening):
    """Where the bracket that opens here is closed, comments and texts aside."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    depth, at = 0, opening
    wanted = pairs[text[opening]]
    while at < len(text):
        sign = text[at]
        if text.startswith("//", at):
            at = text.index("\n", at)
            continue
        if sign == '"':
            at += 1
            while text[at] != '"':
                at += 2 if text[at] == "\\" else 1
        elif sign == "'" and re.match(r"'(\\.[^']*|[^'\\])'", text[at:]):
            at += re.match(r"'(\\.[^']*|[^'\\])'", text[at:]).end() - 1
        elif sign == text[opening]:
            depth += 1
        elif sign == wanted:
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise ValueError("never closed")


def arguments(listed):
    """The call's receiver and arguments, or None where one has no plain name."""
    parts, depth, part = [], 0, ""
    for sign in listed:
        depth += (sign in "(<[{") - (sign in ")>]}")
        if sign == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += sign
    parts.append(part)
    receiver, names = "", []
    for part in (p.strip() for p in parts):
        if not part:
            continue
        if re.fullmatch(r"(&(\s*'\w+)?\s*)?(mut\s+)?self", part):
            receiver = "self."
            continue
        name = re.match(r"(?:mut\s+)?(\w+)\s*:", part)
        if name is None:
            return None
        names.append(name[1])
    return receiver, ", ".join(names)


def enclosing(text, start, end):
    """The innermost function with the span in its body: (start, name's span, arguments' span, body's span)."""
    best = None
    for found in FUNCTION.finditer(text):
        if found.start() > start:
            break
        at = found.end()
        if text[at] == "<":
            at = text.index(">", at) + 1
        if text[at] != "(":
            continue
        shut = closing(text, at)
        body = re.compile(r"[{;]").search(text, shut)
        if body is None or body[0] == ";":
            continue
        last = closing(text, body.start())
        if body.start() < start and end <= last + 1:
            best = (found.start(1), found.span(2), (at + 1, shut), (body.start(), last))
    return best


def of_a_trait(text, start):
    """Whether the function that begins here stands in the impl of a trait."""
    for found in re.finditer(r"(?m)^impl\b[^{;]*\bfor\b[^{;]*\{", text):
        if found.start() < start < closing(text, found.end() - 1):
            return True
    return False


def switch(text, mutants):
    """The text with these (number, mutant) behind switches, and the numbers that are."""
    text = re.sub(r"\bconst fn\b", "fn", text)
    copies, asks, done = {}, {}, []
    for number, mutant in mutants:
        find = mutant["find"]
        if text.count(find) != 1:
            continue
        start = text.index(find)
        found = enclosing(text, start, start + len(find))
        if found is None or of_a_trait(text, found[0]):
            continue
        begin, (name_from, name_to), (args_from, args_to), (body, last) = found
        given = arguments(text[args_from:args_to])
        if given is None:
            continue
        receiver, names = given
        name = f"{text[name_from:name_to]}_m{number}"
        # A function of an impl that takes no self is called by its type.
        inside = any(m.start() < begin < closing(text, m.end() - 1) for m in re.finditer(r"(?m)^impl\b[^{;]*\{", text))
        call = f"{receiver}{name}" if receiver else f"Self::{name}" if inside else name
        copy = text[begin:name_from] + name + text[name_to : last + 1]
        copies.setdefault(last + 1, []).append(copy.replace(find, mutant["replace"], 1))
        asks.setdefault(body + 1, []).append(f" if crate::mutation({number}) {{ return {call}({names}); }}")
        done.append(number)
    for at in sorted({*copies, *asks}, reverse=True):
        added = "".join(asks.get(at, [])) + "".join("\n" + copy for copy in copies.get(at, []))
        text = text[:at] + added + text[at:]
    return text, done
