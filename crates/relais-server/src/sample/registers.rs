//! The registers of the institution: as many as the mechanism has, lines in each state,
//! one line in the middle of its thread.

use relais_acts::registers::{
    BlankView, FieldView, LineRow, LineView, Proposed, RegisterChangeView, RegisterCount, RegisterHead, RegisterView,
    RegistersView,
};
use relais_mechanism::Label;
use relais_mechanism::registers::Chapter;

use super::*;

/// Lines of a full page.
pub(crate) const ROWS: usize = 20;

fn say(lang: Lang, fr: &str, en: &str) -> String {
    Label::of(fr, en).get(lang).to_owned()
}

fn decision(lang: Lang, office: bool) -> RegisterHead {
    RegisterHead {
        code: "decision".to_owned(),
        label: say(lang, "Décisions", "Decisions"),
        one: say(lang, "Décision", "Decision"),
        lead: say(
            lang,
            "Ce qu'une instance a décidé, qui en répond et pour quand. Une décision n'est pas une signature.",
            "What a body decided, who answers for it and by when. A decision is not a signature.",
        ),
        chapter: Chapter::Committee,
        may_write: office,
        sealed: false,
        mark: Some("P".to_owned()),
    }
}

fn row(lang: Lang, n: usize, register: &str) -> LineRow {
    let open = !n.is_multiple_of(4);
    LineRow {
        id: id(900 + u128::try_from(n).unwrap_or(0)),
        register: register.to_owned(),
        one: say(lang, "Point de l'ordre du jour", "Agenda item"),
        title: say(
            lang,
            "Publier chaque trimestre les <b>délais</b> d'essai mesurés, région par région, avec leur borne",
            "Publish each quarter the measured trial <b>delays</b>, region by region, with their bound",
        ),
        state: if open { "open" } else { "done" }.to_owned(),
        state_says: if open {
            say(lang, "à exécuter", "to be carried out")
        } else {
            say(lang, "exécutée", "carried out")
        },
        tag: if open { "ask" } else { "done" }.to_owned(),
        open,
        cells: vec![
            say(
                lang,
                "Secrétariat technique d'essai, avec les points focaux des dix régions du pays",
                "Trial technical secretariat, with the focal points of the ten regions of the country",
            ),
            "30/11/2026".to_owned(),
            String::new(),
        ],
        due: NaiveDate::from_ymd_opt(2026, 11, if n.is_multiple_of(2) { 12 } else { 30 }),
        late: open && n.is_multiple_of(2),
    }
}

/// All registers; late lines and proposals where there is much to do.
pub(crate) fn all(lang: Lang, busy: bool, office: bool) -> RegistersView {
    let count = |n: usize| RegisterCount {
        head: RegisterHead {
            code: format!("register_{n}"),
            label: say(lang, "Changements de règles", "Changes of the rules"),
            ..decision(lang, office)
        },
        open: 1204,
        all: 10_392,
        late: if busy { n } else { 0 },
    };
    // Twenty-one of them, as the region has.
    let counts = |chapter: &Chapter| {
        let n = if *chapter == Chapter::Committee { 5 } else { 4 };
        (*chapter, (0..n).map(&count).collect())
    };
    RegistersView {
        now: now(),
        chapters: Chapter::ALL.iter().map(counts).collect(),
        late: (0..12)
            .filter(|_| busy)
            .map(|n| row(lang, 2 * n + 2, "decision"))
            .collect(),
        proposals: (0..12)
            .filter(|_| busy && office)
            .map(|n| Proposed {
                indicator: format!("A{n:02}"),
                label: say(lang, "Taux de dérogation au consentement", "Consent override rate"),
                value: "4,2 %".to_owned(),
                bound: say(lang, "2 % au plus", "2 % at most"),
            })
            .collect(),
    }
}

/// A mechanism that says no register.
pub(crate) fn nothing() -> RegistersView {
    RegistersView {
        now: now(),
        chapters: Vec::new(),
        late: Vec::new(),
        proposals: Vec::new(),
    }
}

/// The lines of a register, a full page or none.
pub(crate) fn lines(lang: Lang, full: bool, office: bool) -> RegisterView {
    let state = |code: &str, fr: &str, en: &str| {
        let n = if full { 40 } else { 0 };
        (code.to_owned(), say(lang, fr, en), n)
    };
    RegisterView {
        now: now(),
        head: decision(lang, office),
        columns: vec![
            say(lang, "Qui en répond", "Who answers for it"),
            say(lang, "Échéance", "Due"),
            say(lang, "Numéro du procès-verbal", "Number of the minutes"),
        ],
        rows: (1..=ROWS).filter(|_| full).map(|n| row(lang, n, "decision")).collect(),
        states: vec![
            state("open", "à exécuter", "to be carried out"),
            state("done", "exécutée", "carried out"),
            state("dropped", "abandonnée", "dropped"),
        ],
        state: (!full).then(|| "dropped".to_owned()),
        page: 1,
        more: full,
    }
}

fn field(lang: Lang, code: &str, kind: &'static str, required: bool) -> FieldView {
    let (kept, text): (&str, &str) = match kind {
        "day" => ("2026-11-30", "30/11/2026"),
        "number" => ("40", "40"),
        "line" | "text" => ("Essai\nde <i>texte</i>", "Essai\nde <i>texte</i>"),
        _ => ("o1", "Essai"),
    };
    let lined = matches!(kind, "link" | "links");
    let options = if matches!(kind, "line" | "text" | "day" | "number") {
        0
    } else {
        6
    };
    FieldView {
        code: code.to_owned(),
        label: say(lang, "Champ d'essai du registre", "Trial field of the register"),
        hint: if required {
            say(
                lang,
                "Une institution ou une fonction, pas une personne.",
                "An institution or a function, not a person.",
            )
        } else {
            String::new()
        },
        kind,
        max: match kind {
            "line" => 300,
            "text" => 20_000,
            _ => 0,
        },
        required,
        options: (0..options)
            .map(|n| (format!("o{n}"), format!("Essai <u>d'option</u> n° {n}")))
            .collect(),
        values: vec![kept.to_owned()],
        shown: vec![(text.to_owned(), lined.then(|| ("agenda".to_owned(), id(950))))],
    }
}

/// A field of every kind; `version` and `note` are names that a register may give too.
fn fields(lang: Lang) -> Vec<FieldView> {
    [
        ("title", "line"),
        ("version", "line"),
        ("note", "text"),
        ("due", "day"),
        ("present", "number"),
        ("sector", "choice"),
        ("agenda", "link"),
        ("depends", "links"),
        ("indicator", "indicator"),
        ("region", "region"),
        ("document", "document"),
        ("parameter", "parameter"),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (code, kind))| field(lang, code, kind, n.is_multiple_of(3)))
    .collect()
}

fn states(lang: Lang) -> Vec<(String, String)> {
    vec![
        ("open".to_owned(), say(lang, "à exécuter", "to be carried out")),
        ("done".to_owned(), say(lang, "exécutée", "carried out")),
    ]
}

/// The form of a new line; `sealed` as the interviews are.
pub(crate) fn blank(lang: Lang, sealed: bool) -> BlankView {
    let mut fields = fields(lang);
    for field in &mut fields {
        field.values.clear();
        field.shown.clear();
    }
    BlankView {
        now: now(),
        head: RegisterHead {
            sealed,
            ..decision(lang, true)
        },
        fields,
        states: states(lang),
    }
}

/// A line in the middle of its thread, or one that stands alone.
pub(crate) fn one(lang: Lang, office: bool, thread: bool) -> LineView {
    let near = |n: usize, register: &str| row(lang, n, register);
    LineView {
        now: now(),
        head: decision(lang, office),
        row: row(lang, 2, "decision"),
        fields: fields(lang),
        states: states(lang),
        comes_from: (5..8).filter(|_| thread).map(|n| near(n, "agenda")).collect(),
        leads_to: (9..13).filter(|_| thread).map(|n| near(n, "action")).collect(),
        indicators: if thread {
            vec![(
                "A05".to_owned(),
                say(lang, "Taux de dérogation au consentement", "Consent override rate"),
            )]
        } else {
            Vec::new()
        },
        next: ["action", "rule_change"]
            .into_iter()
            .filter(|_| office)
            .map(|register| {
                (
                    register.to_owned(),
                    say(lang, "Action", "Action"),
                    "decision".to_owned(),
                )
            })
            .collect(),
        history: (0..12)
            .filter(|_| thread)
            .map(|n| RegisterChangeView {
                at: now() - TimeDelta::days(n),
                by: "C. Unité Essai".to_owned(),
                state_says: say(lang, "à exécuter", "to be carried out"),
                note: say(lang, "Report demandé en session", "Put off at the session"),
                lines: vec![(
                    say(lang, "Échéance", "Due"),
                    "30/11/2026".to_owned(),
                    "31/12/2026".to_owned(),
                )],
            })
            .collect(),
        version: 3,
    }
}
