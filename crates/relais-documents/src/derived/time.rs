//! Priorities, limits, the pathway, the ladder, what answers propose.

use relais_mechanism::limits::{LadderAction, LimitOf, OnCall, Span};
use relais_mechanism::pathway::{DueKind, State};
use relais_mechanism::{ActingFor, Lang, Limits, Mechanism, Priority};

use super::{cell, code, marked, table};
use crate::model::{Block, Cell, Inline};
use crate::words::{self, say};

type ReadLimit = fn(&Limits) -> Option<Span>;

/// Limits by their name in the files, with what they are for people.
const LIMITS: &[(&str, &str, &str, ReadLimit)] = &[
    ("need", "Satisfaire le besoin", "Meet the need", |l| Some(l.need)),
    ("acknowledge", "Accuser réception", "Acknowledge", |l| {
        Some(l.acknowledge)
    }),
    ("decide", "Décider", "Decide", |l| Some(l.decide)),
    (
        "first_contact",
        "Joindre la personne, ou convenir d’une date",
        "Contact the person, or agree a date",
        |l| l.due(DueKind::FirstContact),
    ),
    ("start", "Commencer le service", "Start the service", |l| Some(l.start)),
    ("news", "Donner des nouvelles", "Give news", |l| Some(l.news)),
    ("report", "Rendre compte, après la fin", "Report, after the end", |l| {
        Some(l.report)
    }),
    ("answer", "Répondre à une question", "Answer a question", |l| {
        Some(l.answer)
    }),
    (
        "reach",
        "Retrouver une personne absente",
        "Reach a person who did not come",
        |l| Some(l.reach),
    ),
    (
        "appointment",
        "Dire si le rendez-vous a eu lieu",
        "Say whether the appointment took place",
        |l| Some(l.appointment),
    ),
    (
        "confirm",
        "Confirmer avec la personne",
        "Confirm with the person",
        |l| Some(l.confirm),
    ),
    ("dispute", "Répondre à une contestation", "Answer a dispute", |l| {
        Some(l.dispute)
    }),
    (
        "waitlist_review",
        "Revoir la liste d’attente",
        "Review the waiting list",
        |l| l.waitlist_review,
    ),
];

/// A limit of a priority in words.
pub(super) fn limit(m: &Mechanism, priority: Priority, name: &str, lang: Lang) -> Option<String> {
    let (.., read) = LIMITS.iter().find(|(n, ..)| *n == name)?;
    read(&m.limits(priority, "")).map(|s| words::span(s, lang))
}

/// The names of the limits.
pub(super) fn limit_names() -> String {
    LIMITS.iter().map(|(n, ..)| *n).collect::<Vec<_>>().join(", ")
}

/// Limits by priority.
pub(super) fn deadlines(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let mut head = vec![(say(lang, "Ce qui est dû", "What is due")).to_owned()];
    head.extend(Priority::ALL.iter().map(|p| {
        let label = m.priority(*p).map_or("", |w| w.label.get(lang));
        format!("{p} – {label}")
    }));
    let rows = LIMITS
        .iter()
        .map(|(_, fr, en, read)| {
            let mut row = vec![cell(say(lang, fr, en))];
            row.extend(Priority::ALL.iter().map(|p| {
                let none = say(lang, "sans liste d’attente", "no waiting list").to_owned();
                cell(read(&m.limits(*p, "")).map_or(none, |s| words::span(s, lang)))
            }));
            row
        })
        .collect();
    let heads: Vec<(&str, &str)> = head.iter().map(|h| (h.as_str(), h.as_str())).collect();
    let mut made = table(lang, ("Délais par priorité", "Time limits by priority"), &heads, rows);
    made.widths = vec![28, 18, 18, 18, 18];
    vec![Block::Table(made)]
}

/// The priorities and what they are for.
pub(super) fn priorities(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = Priority::ALL
        .iter()
        .filter_map(|p| {
            let word = m.priority(*p)?;
            let limits = m.limits(*p, "");
            let clock = match limits.on_call {
                OnCall::Required => say(
                    lang,
                    "jour et nuit, en heures réelles",
                    "day and night, by the clock",
                ),
                OnCall::DeclaredOrInterim => say(
                    lang,
                    "heures réelles si le service a déclaré une astreinte ; sinon mesure provisoire, et dès la prochaine ouverture",
                    "by the clock where the service has declared on-call; otherwise an interim measure, and from the next opening",
                ),
                OnCall::None => say(lang, "jours ouvrables", "working days"),
            };
            Some(vec![
                marked(format!("{p} – {}", word.label.get(lang)), word.mark.as_deref()),
                cell(word.about.as_ref().map_or("", |a| a.get(lang))),
                cell(words::span(limits.need, lang)),
                cell(clock),
            ])
        })
        .collect();
    vec![Block::Table(table(
        lang,
        ("Priorités", "Priorities"),
        &[
            ("Priorité", "Priority"),
            ("Situations", "Situations"),
            ("Besoin satisfait", "Need met"),
            ("Horloge", "Clock"),
        ],
        rows,
    ))]
}

/// Limits that services set themselves.
pub(super) fn service_limits(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .service_limits()
        .iter()
        .map(|own| {
            let services = if own.services.is_empty() {
                say(lang, "tous", "all").to_owned()
            } else {
                own.services.join(", ")
            };
            let mut limit = words::span(own.limit, lang);
            if let Some(before) = own.before {
                let hour = before.format(say(lang, "%H h %M", "%H:%M")).to_string();
                let (until, or) = (say(lang, "avant", "before"), say(lang, ", ou dans les", ", or within"));
                limit = format!("{until} {hour}{or} {limit}");
            }
            let of = match own.of {
                LimitOf::Start => say(lang, "début du service", "start of the service"),
                LimitOf::News => say(lang, "nouvelles", "news"),
            };
            vec![
                code(&own.code),
                marked(own.label.get(lang), own.mark.as_deref()),
                cell(services),
                cell(of),
                cell(limit),
            ]
        })
        .collect();
    vec![Block::Table(table(
        lang,
        ("Délais propres à certains services", "Limits of some services’ own"),
        &[
            ("Code", "Code"),
            ("Ce qui doit avoir eu lieu", "What must have happened"),
            ("Services", "Services"),
            ("Porte sur", "About"),
            ("Délai", "Limit"),
        ],
        rows,
    ))]
}

/// The ladder of reminders.
pub(super) fn ladder(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .ladder()
        .iter()
        .map(|step| {
            let told: Vec<&str> = step.tell.iter().map(|t| words::told(*t, lang)).collect();
            let done: Vec<&str> = step
                .actions
                .iter()
                .map(|a| match a {
                    LadderAction::Remind => say(lang, "rappel", "reminder"),
                    LadderAction::Escalate => say(lang, "passage à l’échelon supérieur", "passed upwards"),
                    LadderAction::ProposeReroute => {
                        say(lang, "un autre service est proposé", "another service is proposed")
                    }
                    LadderAction::Expire => say(
                        lang,
                        "le référencement échoit, le besoin revient à son détenteur",
                        "the referral expires, the need returns to its holder",
                    ),
                })
                .collect();
            vec![
                cell(format!("{} %", step.percent)),
                cell(told.join(", ")),
                cell(done.join(" ; ").replace(" ;", say(lang, " ;", ";"))),
            ]
        })
        .collect();
    vec![Block::Table(table(
        lang,
        ("Échelle des relances", "Ladder of reminders"),
        &[
            ("Part du délai passée", "Share of the limit passed"),
            ("Qui est prévenu", "Who is told"),
            ("Ce qui se passe", "What happens"),
        ],
        rows,
    ))]
}

/// Commands that people may give in every state that waits: told once, under
/// the table.
fn everywhere(m: &Mechanism) -> Vec<&str> {
    let waiting = || m.states().iter().filter(|s| s.waiting.is_some());
    let leaves = |state: &State, code: &str| m.edges().iter().any(|e| e.from == state.code && e.command == code);
    let codes = m.commands().iter().map(|c| c.code.as_str());
    codes
        .filter(|c| !BY_ITSELF.contains(c) && waiting().all(|s| leaves(s, c)))
        .collect()
}

/// What nobody does to move a referral on: the clock, and a dispute over a note.
const BY_ITSELF: &[&str] = &["time_passes", "contest"];

/// The ways out of a state: what is done, by whom where it is not the one who
/// must act, and where it leads.
fn ways(m: &Mechanism, state: &State, owner: ActingFor, lang: Lang) -> Cell {
    let everywhere = everywhere(m);
    let mut out: Cell = Vec::new();
    for edge in m.edges().iter().filter(|e| e.from == state.code) {
        let command = edge.command.as_str();
        if BY_ITSELF.contains(&command) || everywhere.contains(&command) {
            continue;
        }
        if !out.is_empty() {
            out.push(Inline::Break);
        }
        let by: Vec<&str> = edge.by.iter().map(|b| words::side(*b, lang)).collect();
        let by = if edge.by == [owner] {
            String::new()
        } else {
            format!(" ({})", by.join(", "))
        };
        let to = m.state(&edge.to).map_or("", |s| s.label.get(lang));
        out.push(Inline::text(format!("{}{by} → {to}", edge.label.get(lang))));
    }
    out
}

/// The pathway of a referral: states that wait on somebody.
pub(super) fn pathway(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .states()
        .iter()
        .filter_map(|state| {
            let waiting = state.waiting?;
            let role = m.role(waiting.role).map_or("", |w| w.label.get(lang));
            Some(vec![
                vec![Inline::Strong(cell(state.label.get(lang)))],
                vec![
                    Inline::text(words::side(waiting.owner, lang)),
                    Inline::Break,
                    Inline::Emphasis(cell(role.to_lowercase())),
                ],
                cell(words::due(waiting.due, lang)),
                ways(m, state, waiting.owner, lang),
                cell(words::when_due(waiting.when_due, lang)),
            ])
        })
        .collect();
    let mut made = table(
        lang,
        (
            "États d’un référencement : à qui de jouer",
            "States of a referral: whose move it is",
        ),
        &[
            ("État", "State"),
            ("Qui doit agir", "Who must act"),
            ("Ce qui est dû", "What is due"),
            ("Issues → état suivant", "Ways out → next state"),
            ("Délai passé", "When the limit passes"),
        ],
        rows,
    );
    made.widths = vec![14, 17, 15, 36, 18];
    let common: Vec<String> = everywhere(m)
        .iter()
        .filter_map(|code| {
            let command = m.command(code)?;
            let by = m.edges().iter().find(|e| e.command == *code)?.by.iter();
            let by: Vec<&str> = by.map(|b| words::side(*b, lang)).collect();
            Some(format!(
                "{} ({})",
                command.label.get(lang).to_lowercase(),
                by.join(", ")
            ))
        })
        .collect();
    let told = say(
        lang,
        "Dans chacun de ces états, on peut aussi :",
        "In each of these states one may also:",
    );
    vec![
        Block::Table(made),
        Block::Paragraph(cell(format!("{told} {}.", common.join(", ")))),
    ]
}

/// The states that wait on nobody.
pub(super) fn closed(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let items = m
        .states()
        .iter()
        .filter(|s| s.waiting.is_none())
        .map(|s| vec![Block::Paragraph(cell(s.label.get(lang)))])
        .collect();
    vec![Block::List { ordered: false, items }]
}

/// What the answers of the forms propose; lines that say the same stand once.
pub(super) fn triage(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for rule in m.triage() {
        let services: Vec<String> = rule
            .services
            .iter()
            .map(|s| {
                let label = m.service_type(s).map_or("", |s| s.label.get(lang));
                format!("{label} ({s})")
            })
            .collect();
        let row = vec![
            marked(rule.reason.get(lang), rule.mark.as_deref()),
            code(rule.priority.code()),
            cell(services.join(", ")),
            cell(rule.note.as_ref().map_or("", |n| n.get(lang))),
        ];
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    vec![Block::Table(table(
        lang,
        (
            "Ce que les réponses proposent ; une personne décide",
            "What the answers propose; a person decides",
        ),
        &[
            ("Constat", "Finding"),
            ("Priorité", "Priority"),
            ("Services proposés", "Services proposed"),
            ("À ne pas oublier", "To mind"),
        ],
        rows,
    ))]
}
