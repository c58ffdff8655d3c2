//! Reads the registers of the institution.

use std::collections::BTreeSet;

use crate::finding::{Location, both};
use crate::load::{Loading, Reference, mark};
use crate::options::Word;
use crate::read::Reader;
use crate::registers::{Chapter, FieldKind, Register, RegisterField, RegisterState, TAGS};
use crate::tree::Value;
use crate::words::Role;

/// Most characters of a line where the file does not say it.
const LINE: usize = 200;
/// The same of a text.
const TEXT: usize = 4000;
/// Most characters that a field may be given.
const LONGEST: usize = 50_000;

/// Where each link stands, and to which register it goes.
type Links = Vec<(Location, String)>;

pub(super) fn read(loading: &mut Loading) -> Vec<Register> {
    let mut links = Links::new();
    let registers = loading.each("register", |r, references| register(r, references, &mut links));
    for (at, to) in links {
        if registers.iter().any(|r| r.code == to && r.sealed) {
            loading.findings.add(
                at,
                "link_to_sealed",
                both(
                    format!("le lien mène au registre scellé « {to} »"),
                    format!("the link goes to the sealed register “{to}”"),
                ),
                both(
                    "Liez depuis le registre scellé : ce qu’il contient ne se lit pas ailleurs.",
                    "Link from the sealed register: what it holds is read nowhere else.",
                ),
            );
        }
    }
    registers
}

fn register(r: &mut Reader<'_>, references: &mut Vec<Reference>, links: &mut Links) -> Register {
    let states = states(r);
    let fields = fields(r, references, links);
    titles(r, &fields);
    let write_at = r.place("write");
    let register = Register {
        code: r.text("code"),
        label: r.label(""),
        one: r.label("one"),
        lead: r.label("lead"),
        chapter: r
            .word("chapter", Chapter::ALL, Chapter::code)
            .unwrap_or(Chapter::Committee),
        read: r.words("read", Role::ALL, Role::code),
        write: r.words("write", Role::ALL, Role::code),
        sealed: r.flag("sealed"),
        states,
        fields,
        mark: mark(r),
    };
    if register.write.is_empty() {
        r.fault(
            write_at,
            "nobody_writes",
            both("personne ne tient le registre", "nobody keeps the register"),
            both(
                "Ajoutez write = [\"secretariat\"] ou un autre rôle.",
                "Add write = [\"secretariat\"] or another role.",
            ),
        );
    }
    if register.sealed && register.read.is_empty() {
        r.fault(
            r.at.clone(),
            "sealed_read",
            both(
                "le registre est scellé, mais chacun le lit",
                "the register is sealed, yet everybody reads it",
            ),
            both(
                "Ajoutez read = [ … ] avec les rôles qui le lisent.",
                "Add read = [ … ] with the roles that read it.",
            ),
        );
    }
    register
}

/// Reads the coded tables of a list, each code once.
fn coded<T>(
    r: &mut Reader<'_>,
    key: &'static str,
    name: &str,
    mut each: impl FnMut(&mut Reader<'_>, String) -> T,
) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let mut list = Vec::new();
    for (table, at) in r.tables(key) {
        let mut own = Reader::new(name, at.clone(), table, r.findings);
        let code = own.text("code");
        if !seen.insert(code.clone()) {
            own.fault(
                at,
                "twice",
                both(format!("« {code} » figure deux fois"), format!("“{code}” stands twice")),
                both("Donnez un autre code.", "Give another code."),
            );
        }
        list.push(each(&mut own, code));
        own.finish();
    }
    list
}

fn states(r: &mut Reader<'_>) -> Vec<RegisterState> {
    let states = coded(r, "states", "state", |own, code| {
        let at = own.place("tag");
        let tag = own.text("tag");
        if !tag.is_empty() && !TAGS.contains(&tag.as_str()) {
            let tags = TAGS.join(", ");
            own.fault(
                at,
                "unknown_word",
                both(
                    format!("« {tag} » n’est pas un mot du mécanisme"),
                    format!("“{tag}” is not a word of the mechanism"),
                ),
                both(format!("Écrivez l’un de : {tags}."), format!("Write one of: {tags}.")),
            );
        }
        RegisterState {
            code,
            label: own.label(""),
            tag,
            open: own.flag("open"),
        }
    });
    if states.is_empty() {
        r.fault(
            r.at.clone(),
            "no_state",
            both("le registre n’a aucun état", "the register has no state"),
            both(
                "Ajoutez states = [ … ] : une nouvelle ligne est au premier.",
                "Add states = [ … ]: a new line stands at the first.",
            ),
        );
    }
    states
}

fn fields(r: &mut Reader<'_>, references: &mut Vec<Reference>, links: &mut Links) -> Vec<RegisterField> {
    coded(r, "fields", "field", |own, code| {
        let kind = kind(own, references, links);
        let (due_at, due) = (own.place("due"), own.flag("due"));
        if due && kind != FieldKind::Day {
            own.fault(
                due_at,
                "due_kind",
                both(
                    "seule une date peut être une échéance",
                    "only a day can be a day by which to be done",
                ),
                both(
                    "Écrivez kind = \"day\", ou ôtez due.",
                    "Write kind = \"day\", or remove due.",
                ),
            );
        }
        RegisterField {
            code,
            label: own.label(""),
            hint: own.label_opt("hint").unwrap_or_default(),
            kind,
            required: own.flag("required"),
            title: own.flag("title"),
            list: own.flag("list"),
            due,
        }
    })
}

/// Exactly one field names a line: one that is short and always there.
fn titles(r: &mut Reader<'_>, fields: &[RegisterField]) {
    let titles: Vec<&RegisterField> = fields.iter().filter(|f| f.title).collect();
    let (code, cause, remedy) = match titles[..] {
        [one] if !one.required => (
            "title_optional",
            both(
                format!("« {} » nomme la ligne, mais peut rester vide", one.code),
                format!("“{}” names the line, yet may stay empty", one.code),
            ),
            both("Écrivez required = true.", "Write required = true."),
        ),
        [one]
            if !matches!(
                one.kind,
                FieldKind::Line { .. } | FieldKind::Choice(_) | FieldKind::Document | FieldKind::Parameter
            ) =>
        {
            (
                "title_kind",
                both(
                    format!("« {} » est d’un genre qui ne nomme rien", one.code),
                    format!("“{}” is of a kind that names nothing", one.code),
                ),
                both(
                    "Le titre est une ligne, un choix, un document ou une règle.",
                    "The title is a line, a choice, a document or a parameter.",
                ),
            )
        }
        [_] => return,
        [] => (
            "no_title",
            both("aucun champ ne nomme la ligne", "no field names the line"),
            both(
                "Écrivez title = true dans un champ.",
                "Write title = true in one field.",
            ),
        ),
        _ => (
            "two_titles",
            both("plusieurs champs nomment la ligne", "several fields name the line"),
            both(
                "Gardez title = true dans un seul champ.",
                "Keep title = true in one field.",
            ),
        ),
    };
    r.fault(r.at.clone(), code, cause, remedy);
}

fn kind(own: &mut Reader<'_>, references: &mut Vec<Reference>, links: &mut Links) -> FieldKind {
    const KINDS: &[&str] = &[
        "line",
        "text",
        "day",
        "number",
        "choice",
        "link",
        "links",
        "indicator",
        "region",
        "document",
        "parameter",
    ];
    let at = own.place("kind");
    let kind = own.text("kind");
    match kind.as_str() {
        "line" => FieldKind::Line {
            max: most_characters(own, LINE),
        },
        "text" => FieldKind::Text {
            max: most_characters(own, TEXT),
        },
        "day" => FieldKind::Day,
        "number" => number(own),
        "choice" => FieldKind::Choice(options(own)),
        "link" => FieldKind::Link(target(own, references, links)),
        "links" => FieldKind::Links(target(own, references, links)),
        "indicator" => FieldKind::Indicator,
        "region" => FieldKind::Region,
        "document" => FieldKind::Document,
        "parameter" => FieldKind::Parameter,
        // An empty one is a finding already.
        "" => FieldKind::Line { max: LINE },
        other => {
            let kinds = KINDS.join(", ");
            own.fault(
                at,
                "unknown_word",
                both(
                    format!("« {other} » n’est pas un genre de champ"),
                    format!("“{other}” is no kind of field"),
                ),
                both(format!("Écrivez l’un de : {kinds}."), format!("Write one of: {kinds}.")),
            );
            FieldKind::Line { max: LINE }
        }
    }
}

fn most_characters(own: &mut Reader<'_>, usual: usize) -> usize {
    let at = own.place("max");
    let Some(max) = own.number_opt("max") else {
        return usual;
    };
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    if (1..=LONGEST).contains(&max) {
        return max;
    }
    own.fault(
        at,
        "max",
        both(
            format!("« max » doit être entre 1 et {LONGEST}"),
            format!("“max” must be between 1 and {LONGEST}"),
        ),
        both("Corrigez le nombre.", "Correct the number."),
    );
    usual
}

fn number(own: &mut Reader<'_>) -> FieldKind {
    let at = own.place("most");
    let (least, most) = (bound(own, "least").unwrap_or(0), bound(own, "most"));
    let most = most.unwrap_or(i64::MIN);
    if most < least {
        own.fault(
            at,
            "bounds",
            both(
                "« most » manque ou est sous « least »",
                "“most” is missing or below “least”",
            ),
            both("Écrivez least = 0 et most = …", "Write least = 0 and most = …"),
        );
    }
    FieldKind::Number { least, most }
}

fn bound(own: &mut Reader<'_>, key: &str) -> Option<i64> {
    let node = own.take(key)?;
    match node.value {
        Value::Int(n) => Some(n),
        _ => {
            own.fault(
                node.at,
                "wrong_kind",
                both(
                    format!("« {key} » doit être un nombre entier"),
                    format!("“{key}” must be a whole number"),
                ),
                both("Corrigez le nombre.", "Correct the number."),
            );
            None
        }
    }
}

fn options(own: &mut Reader<'_>) -> Vec<Word> {
    let options = coded(own, "options", "option", |option, code| Word {
        code,
        label: option.label(""),
        about: option.label_opt("about"),
        mark: mark(option),
    });
    if options.is_empty() {
        own.fault(
            own.at.clone(),
            "no_options",
            both("le choix n’offre aucune réponse", "the choice offers no answer"),
            both("Ajoutez options = [ … ].", "Add options = [ … ]."),
        );
    }
    options
}

fn target(own: &mut Reader<'_>, references: &mut Vec<Reference>, links: &mut Links) -> String {
    let at = own.place("to");
    let to = own.text("to");
    if !to.is_empty() {
        references.push(Reference {
            at: at.clone(),
            kind: "register",
            code: to.clone(),
        });
        links.push((at, to.clone()));
    }
    to
}
