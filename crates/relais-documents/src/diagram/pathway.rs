//! The flow of a referral: where each step stands, and what it says by the
//! mechanism. An edge that the drawing has no room for is told in words under it.

use relais_mechanism::limits::{LadderAction, LadderStep};
use relais_mechanism::pathway::{Edge, State, WhenDue};
use relais_mechanism::{DueKind, Lang, Mechanism, Priority, Span};

use super::{Flow, Kind, Lane, Link, Port, Side, Step};
use crate::setting;
use crate::words::{self, say};

/// Code, title in both languages and rows of the lanes.
const LANES: &[(&str, &str, &str, usize)] = &[
    (
        "sender",
        "La personne et la structure référente",
        "The person and the sender",
        2,
    ),
    ("provider", "Le prestataire", "The provider", 2),
    ("ladder", "Relances et secrétariat", "Reminders and secretariat", 1),
];

/// The row of the ladder.
const LADDER: usize = 4;

/// Where states stand: code, row, column. `expired` stands at the end of the
/// ladder.
const PLACES: &[(&str, usize, usize)] = &[
    ("draft", 1, 0),
    ("sent", 2, 0),
    ("received", 2, 1),
    ("needs_info", 1, 1),
    ("waitlisted", 3, 1),
    ("declined", 1, 2),
    ("accepted", 2, 2),
    ("scheduled", 2, 3),
    ("no_show", 1, 3),
    ("in_service", 2, 4),
    ("reported", 1, 5),
    ("disputed", 3, 5),
    ("closed", 1, 6),
];

type At = (Side, i32);

/// The edges that are drawn: from, command, to, where they leave and arrive.
/// Places are chosen so that lines of one column keep apart; between the cells
/// that a vertical line passes, none holds a box.
pub(super) const WAYS: &[(&str, &str, &str, At, At)] = &[
    ("draft", "send", "sent", (Side::Bottom, 50), (Side::Top, 50)),
    ("sent", "acknowledge", "received", (Side::Right, 50), (Side::Left, 50)),
    ("received", "ask", "needs_info", (Side::Top, 12), (Side::Bottom, 12)),
    ("needs_info", "answer", "received", (Side::Bottom, 42), (Side::Top, 42)),
    ("received", "decline", "declined", (Side::Top, 92), (Side::Bottom, 50)),
    (
        "received",
        "waitlist",
        "waitlisted",
        (Side::Bottom, 35),
        (Side::Top, 35),
    ),
    ("received", "accept", "accepted", (Side::Right, 50), (Side::Left, 50)),
    ("waitlisted", "accept", "accepted", (Side::Top, 85), (Side::Bottom, 25)),
    (
        "waitlisted",
        "time_passes",
        "expired",
        (Side::Bottom, 60),
        (Side::Top, 30),
    ),
    ("accepted", "schedule", "scheduled", (Side::Right, 50), (Side::Left, 50)),
    (
        "accepted",
        "start",
        "in_service",
        (Side::Bottom, 70),
        (Side::Bottom, 40),
    ),
    ("scheduled", "start", "in_service", (Side::Right, 50), (Side::Left, 50)),
    ("scheduled", "no_show", "no_show", (Side::Top, 25), (Side::Bottom, 25)),
    (
        "no_show",
        "reschedule",
        "scheduled",
        (Side::Bottom, 70),
        (Side::Top, 70),
    ),
    ("no_show", "report", "reported", (Side::Right, 50), (Side::Left, 50)),
    ("in_service", "report", "reported", (Side::Top, 60), (Side::Bottom, 20)),
    ("reported", "confirm", "closed", (Side::Right, 50), (Side::Left, 50)),
    ("reported", "dispute", "disputed", (Side::Bottom, 80), (Side::Top, 80)),
    ("disputed", "report", "reported", (Side::Top, 45), (Side::Bottom, 45)),
    ("disputed", "settle", "closed", (Side::Top, 93), (Side::Bottom, 50)),
];

/// The command that nobody gives.
pub(super) const CLOCK: &str = "time_passes";

/// The pathway of a referral, from the states, edges, limits and ladder of the
/// mechanism.
#[must_use]
pub fn flow(mechanism: &Mechanism, lang: Lang) -> Flow {
    let mut steps = needs(mechanism, lang);
    for (code, row, column) in PLACES {
        steps.extend(
            mechanism
                .state(code)
                .map(|s| state(mechanism, s, (*row, *column), lang)),
        );
    }
    steps.extend(ladder(mechanism, lang));
    let mut links = ways(mechanism, &steps, lang);
    links.extend(around(&steps, lang));
    let mut flow = Flow {
        title: say(lang, "Parcours d’un référencement", "Pathway of a referral").to_owned(),
        lanes: LANES
            .iter()
            .map(|(code, fr, en, rows)| Lane {
                code: (*code).to_owned(),
                title: say(lang, fr, en).to_owned(),
                rows: *rows,
            })
            .collect(),
        notes: vec![key(mechanism, lang), undrawn(mechanism, &steps, &links, lang)],
        steps,
        links,
    };
    set(&mut flow, lang);
    flow
}

/// Gives every word its typography.
fn set(flow: &mut Flow, lang: Lang) {
    let each = |text: &mut String| *text = setting::set(text, lang);
    each(&mut flow.title);
    flow.lanes.iter_mut().for_each(|l| each(&mut l.title));
    for step in &mut flow.steps {
        each(&mut step.title);
        step.lines.iter_mut().for_each(each);
        each(&mut step.told);
    }
    flow.links.iter_mut().for_each(|l| each(&mut l.label));
    flow.notes.iter_mut().for_each(each);
}

/// The need, where everything begins, and what becomes of it where no service
/// meets it.
fn needs(m: &Mechanism, lang: Lang) -> Vec<Step> {
    let due = DueKind::Need;
    let limits = limits(m, due);
    let unmet = m.option_label("out", "unmet", lang);
    vec![
        Step {
            code: "need".to_owned(),
            kind: Kind::Need,
            lane: 0,
            row: 0,
            column: 0,
            title: say(lang, "Besoin ouvert", "Open need").to_owned(),
            lines: vec![capital(words::due(due, lang)), short(&limits, lang)],
            due: Some(due),
            told: format!("{}, {}", words::due(due, lang), long(&limits, lang)),
            limits,
        },
        Step {
            code: "unmet".to_owned(),
            kind: Kind::End,
            lane: 0,
            row: 0,
            column: 1,
            title: unmet
                .unwrap_or(say(lang, "Besoin non satisfait", "Need not met"))
                .to_owned(),
            lines: Vec::new(),
            due: None,
            limits: Vec::new(),
            told: String::new(),
        },
    ]
}

fn state(m: &Mechanism, state: &State, (row, column): (usize, usize), lang: Lang) -> Step {
    let mut step = Step {
        code: state.code.clone(),
        kind: Kind::State,
        lane: lane(row),
        row,
        column,
        title: state.label.get(lang).to_owned(),
        lines: Vec::new(),
        due: None,
        limits: Vec::new(),
        told: String::new(),
    };
    let Some(waiting) = state.waiting else {
        // A referral that the person's yes has closed ends the pathway; after any other end the need goes on.
        step.kind = if state.code == "closed" { Kind::End } else { Kind::Ended };
        if step.kind == Kind::Ended {
            step.told = returns(lang).to_owned();
            step.lines.push(capital(returns(lang)));
        }
        return step;
    };
    let due = words::due(waiting.due, lang);
    let otherwise = words::when_due(waiting.when_due, lang);
    let role = m.role(waiting.role).map_or("", |w| w.label.get(lang)).to_lowercase();
    step.due = Some(waiting.due);
    step.limits = limits(m, waiting.due);
    step.lines.push(capital(due));
    step.lines.push(short(&step.limits, lang));
    // The ladder stands in its own lane and names the states that it serves.
    if waiting.when_due != WhenDue::Ladder {
        step.lines
            .push(format!("{} {otherwise}", say(lang, "Sinon :", "Otherwise:")));
    }
    step.told = format!(
        "{role}, {due}, {} ; {} {otherwise}",
        long(&step.limits, lang),
        say(lang, "sinon", "otherwise")
    );
    if lang == Lang::En {
        step.told = step.told.replace(" ;", ";");
    }
    step
}

/// The ladder of reminders, and where it ends.
fn ladder(m: &Mechanism, lang: Lang) -> Vec<Step> {
    let share = |s: &LadderStep| format!("{} % {}", s.percent, say(lang, "du délai", "of the limit"));
    let ends = |s: &LadderStep| s.actions.contains(&LadderAction::Expire);
    let on_it = |s: &State| s.waiting.is_some_and(|w| w.when_due == WhenDue::Ladder);
    let mut steps: Vec<Step> = Vec::new();
    for rung in m.ladder().iter().filter(|s| !ends(s)) {
        let mut lines = vec![rung.label.get(lang).to_owned()];
        if steps.is_empty() {
            let states = m.states().iter().filter(|s| on_it(s));
            let states: Vec<&str> = states.map(|s| s.label.get(lang)).collect();
            lines.push(format!("{} {}", say(lang, "Pour :", "For:"), states.join(", ")));
        }
        steps.push(Step {
            code: format!("ladder_{}", rung.percent),
            kind: Kind::Ladder,
            lane: lane(LADDER),
            row: LADDER,
            column: steps.len(),
            title: share(rung),
            told: lines.join(". "),
            lines,
            due: None,
            limits: Vec::new(),
        });
    }
    if let Some(expired) = m.state("expired") {
        let mut last = state(m, expired, (LADDER, steps.len()), lang);
        last.lines.clear();
        for rung in m.ladder().iter().filter(|s| ends(s)) {
            last.lines.push(share(rung));
        }
        last.lines.push(capital(returns(lang)));
        let edges = m.edges().iter().filter(|e| e.command == CLOCK && e.to == expired.code);
        let from: Vec<&str> = edges
            .filter_map(|e| m.state(&e.from).map(|s| s.label.get(lang)))
            .collect();
        last.lines
            .push(format!("{} {}", say(lang, "Depuis :", "From:"), from.join(", ")));
        last.told = last.lines.join(". ");
        steps.push(last);
    }
    steps
}

/// The links that a command of the mechanism makes.
fn ways(m: &Mechanism, steps: &[Step], lang: Lang) -> Vec<Link> {
    let way = |(from, command, to, leaves, arrives): &(&str, &str, &str, At, At)| {
        let edge = m
            .edges()
            .iter()
            .find(|e| e.from == *from && e.command == *command && e.to == *to)?;
        Some(Link {
            from: find(steps, from)?,
            to: find(steps, to)?,
            command: edge.command.clone(),
            label: edge.label.get(lang).to_owned(),
            leaves: port(*leaves),
            arrives: port(*arrives),
        })
    };
    WAYS.iter().filter_map(way).collect()
}

/// The links around the referral: from the need to it, onto the ladder, and
/// back to the need.
fn around(steps: &[Step], lang: Lang) -> Vec<Link> {
    let rungs: Vec<&str> = steps
        .iter()
        .filter(|s| s.row == LADDER)
        .map(|s| s.code.as_str())
        .collect();
    let first = rungs.first().copied().unwrap_or_default();
    let silence = say(lang, "sans réponse", "no answer");
    let choose = say(lang, "choisir un service", "choose a service");
    let none = say(lang, "aucun service", "no service");
    let elsewhere = say(lang, "demander ailleurs", "ask elsewhere");
    let mut links: Vec<(&str, &str, &str, At, At)> = vec![
        ("need", "draft", choose, (Side::Bottom, 60), (Side::Top, 60)),
        ("need", "unmet", none, (Side::Right, 50), (Side::Left, 50)),
        ("declined", "need", elsewhere, (Side::Top, 50), (Side::Bottom, 20)),
        ("sent", first, silence, (Side::Bottom, 10), (Side::Top, 10)),
        ("received", first, silence, (Side::Bottom, 60), (Side::Top, 70)),
        ("expired", "need", returns(lang), (Side::Bottom, 50), (Side::Left, 75)),
    ];
    for pair in rungs.windows(2) {
        links.push((pair[0], pair[1], "", (Side::Right, 50), (Side::Left, 50)));
    }
    let link = |(from, to, label, leaves, arrives): (&str, &str, &str, At, At)| {
        Some(Link {
            from: find(steps, from)?,
            to: find(steps, to)?,
            command: String::new(),
            label: label.to_owned(),
            leaves: port(leaves),
            arrives: port(arrives),
        })
    };
    links.into_iter().filter_map(link).collect()
}

/// What the letters of the boxes mean.
fn key(m: &Mechanism, lang: Lang) -> String {
    let priorities: Vec<String> = Priority::ALL
        .iter()
        .map(|p| format!("{p} {}", m.priority(*p).map_or("", |w| w.label.get(lang))))
        .collect();
    format!("{}. {}.", priorities.join(", "), words::units(lang))
}

/// The edges that are not drawn, by command.
fn undrawn(m: &Mechanism, steps: &[Step], links: &[Link], lang: Lang) -> String {
    let drawn = |e: &&Edge| {
        links
            .iter()
            .any(|l| l.command == e.command && steps[l.from].code == e.from && steps[l.to].code == e.to)
    };
    let label = |code: &str| m.state(code).map_or("", |s| s.label.get(lang)).to_owned();
    let mut told: Vec<String> = Vec::new();
    for command in m.commands().iter().filter(|c| c.code != CLOCK) {
        let edges: Vec<&Edge> = m
            .edges()
            .iter()
            .filter(|e| e.command == command.code)
            .filter(|e| !drawn(e))
            .collect();
        if edges.is_empty() {
            continue;
        }
        let leaves = |s: &State| edges.iter().any(|e| e.from == s.code);
        let from = if m.states().iter().all(|s| leaves(s) == s.waiting.is_some()) {
            say(
                lang,
                "tout état qui attend quelqu’un",
                "any state that waits on somebody",
            )
            .to_owned()
        } else {
            distinct(edges.iter().map(|e| label(&e.from)))
        };
        let to = distinct(edges.iter().filter(|e| e.to != e.from).map(|e| label(&e.to)));
        let name = command.label.get(lang).to_lowercase();
        told.push(if to.is_empty() {
            format!("{name} ({from})")
        } else {
            format!("{name} ({from}) → {to}")
        });
    }
    format!(
        "{} {}.",
        say(lang, "On peut aussi :", "One may also:"),
        told.join(say(lang, " ; ", "; "))
    )
}

/// Words in their order, each once.
fn distinct(words: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once.join(", ")
}

fn returns(lang: Lang) -> &'static str {
    say(
        lang,
        "le besoin revient à son détenteur",
        "the need returns to its holder",
    )
}

pub(super) fn find(steps: &[Step], code: &str) -> Option<usize> {
    steps.iter().position(|s| s.code == code)
}

const fn port((side, at): At) -> Port {
    Port { side, at }
}

/// The lane of a row.
fn lane(row: usize) -> usize {
    let mut rows = 0;
    for (n, (.., of)) in LANES.iter().enumerate() {
        rows += of;
        if row < rows {
            return n;
        }
    }
    LANES.len() - 1
}

/// The limit of each priority that has one.
fn limits(m: &Mechanism, due: DueKind) -> Vec<(Priority, Span)> {
    Priority::ALL
        .iter()
        .filter_map(|p| Some((*p, m.limits(*p, "").due(due)?)))
        .collect()
}

/// Limits for a box: priorities that follow each other with one limit stand
/// together.
pub(super) fn short(limits: &[(Priority, Span)], lang: Lang) -> String {
    let follow = |a: Priority, b: Priority| Priority::ALL.windows(2).any(|w| w[0] == a && w[1] == b);
    let mut groups: Vec<(Priority, Priority, Span)> = Vec::new();
    for (priority, span) in limits {
        match groups.last_mut() {
            Some(group) if group.2 == *span && follow(group.1, *priority) => group.1 = *priority,
            _ => groups.push((*priority, *priority, *span)),
        }
    }
    let said: Vec<String> = groups
        .into_iter()
        .map(|(first, last, span)| {
            let span = words::short(span, lang);
            if first == last {
                format!("{first}\u{a0}{span}")
            } else {
                format!("{first}–{last}\u{a0}{span}")
            }
        })
        .collect();
    said.join("\u{a0}· ")
}

/// Limits in a sentence.
fn long(limits: &[(Priority, Span)], lang: Lang) -> String {
    let said: Vec<String> = limits
        .iter()
        .map(|(priority, span)| format!("{priority} {}", words::span(*span, lang)))
        .collect();
    said.join(", ")
}

/// With a capital at its start.
fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}
