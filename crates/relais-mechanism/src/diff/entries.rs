//! A mechanism as a list of coded entries, ready to be compared.

mod country;
mod registers;
mod time;

use std::collections::BTreeSet;
use std::fmt::Display;

use super::{Entry, Kind, Value};
use crate::form::{Field, Form, Required, Section};
use crate::limits::Span;
use crate::mechanism::Mechanism;
use crate::options::Word;
use crate::phone::PhonePlan;
use crate::words::{Label, Lang};

/// Every entry of the mechanism.
pub(super) fn of(m: &Mechanism) -> Vec<Entry> {
    let mut list = header(m);
    list.extend(time::deadlines(m));
    list.extend(time::limits(m));
    list.extend(time::rules(m.rules()));
    list.extend(taxonomy(m));
    list.extend(words_of(m));
    list.extend(m.forms().iter().flat_map(form));
    list.extend(options(m));
    list.extend(triage(m));
    list.extend(pathway(m));
    list.extend(institution(m));
    list.extend(registers::of(m));
    list.extend(country::people(m));
    list.extend(country::land(m));
    list.extend(texts(m));
    list.extend(meanings(m));
    list
}

/// The limits of each priority and the rules, alone.
pub(super) fn figures(m: &Mechanism) -> Vec<Entry> {
    let mut list = time::deadlines(m);
    list.extend(time::rules(m.rules()));
    list
}

fn entry(what: Kind, code: impl Into<String>, main: Value, more: Vec<(&'static str, Value)>) -> Entry {
    Entry {
        what,
        code: code.into(),
        main,
        more,
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn words(label: &Label) -> Value {
    Value::Words(label.clone())
}

fn words_or_none(label: Option<&Label>) -> Value {
    Value::Words(label.cloned().unwrap_or_default())
}

fn number(value: impl Display) -> Value {
    Value::Text(value.to_string())
}

fn maybe(value: Option<impl Display>) -> Value {
    Value::Text(value.map(|v| v.to_string()).unwrap_or_default())
}

fn flag(yes: bool) -> Value {
    text(if yes { "yes" } else { "no" })
}

fn all<T: Display>(values: &[T]) -> Value {
    Value::Text(values.iter().map(T::to_string).collect::<Vec<_>>().join(", "))
}

fn point(coordinates: Option<(f64, f64)>) -> Value {
    maybe(coordinates.map(|(lat, lon)| format!("{lat}, {lon}")))
}

fn span(length: Span) -> Value {
    Value::Text(length.written())
}

fn span_or_none(length: Option<Span>) -> Value {
    length.map_or_else(|| text(""), span)
}

fn header(m: &Mechanism) -> Vec<Entry> {
    let country = m.country();
    vec![
        entry(
            Kind::Header,
            "mechanism",
            words(m.label()),
            vec![
                ("version", text(m.version())),
                ("regime", text(m.regime().code())),
                ("s4_basis", text(m.s4_basis().unwrap_or_default())),
            ],
        ),
        entry(
            Kind::Header,
            "country",
            words(&country.label),
            vec![
                ("country_code", text(&country.code)),
                ("time_zone", text(&country.time_zone)),
                ("utc_offset", number(country.utc_offset_seconds / 60)),
                ("currency", text(&country.currency)),
                ("currency_label", words(&country.currency_label)),
                ("phone", text(phone(&country.phone))),
            ],
        ),
    ]
}

/// A numbering plan on one line.
fn phone(plan: &PhonePlan) -> String {
    let groups: Vec<String> = plan.groups.iter().map(usize::to_string).collect();
    let blocks: Vec<String> = plan
        .blocks
        .iter()
        .map(|b| {
            let mobile = if b.mobile { ", mobile" } else { "" };
            format!("{} ({}–{}{mobile})", b.starts.join("/"), b.digits.0, b.digits.1)
        })
        .collect();
    format!("+{} ; {} ; {}", plan.country, groups.join("-"), blocks.join(", "))
}

fn word(what: Kind, word: &Word, mut more: Vec<(&'static str, Value)>) -> Entry {
    more.push(("about", words_or_none(word.about.as_ref())));
    more.push(("mark", maybe(word.mark.as_ref())));
    entry(what, &word.code, words(&word.label), more)
}

fn taxonomy(m: &Mechanism) -> Vec<Entry> {
    let categories = m.categories().iter().map(|c| {
        entry(
            Kind::Category,
            &c.code,
            words(&c.label),
            vec![
                ("discreet", words(&c.discreet)),
                ("door", words_or_none(c.door.as_ref())),
                ("dimension", text(c.dimension.code())),
                ("priority", text(c.priority.code())),
                ("min_sensitivity", text(c.min_sensitivity.code())),
                ("provisional", flag(c.provisional)),
            ],
        )
    });
    let services = m.services().iter().map(|s| {
        entry(
            Kind::Service,
            &s.code,
            words(&s.label),
            vec![
                ("discreet", words(&s.discreet)),
                ("dimension", text(s.dimension.code())),
                ("priority", text(s.priority.code())),
                ("min_sensitivity", text(s.min_sensitivity.code())),
                ("confidential", flag(s.confidential)),
                ("cash", flag(s.cash)),
                ("mark", maybe(s.mark.as_ref())),
            ],
        )
    });
    categories.chain(services).collect()
}

/// The closed words that a mechanism labels, and the regimes of sharing.
fn words_of(m: &Mechanism) -> Vec<Entry> {
    let regimes = m.regimes.values().map(|r| {
        entry(
            Kind::Regime,
            r.regime.code(),
            words(&r.label),
            vec![
                ("about", words(&r.about)),
                ("up_to", text(r.up_to.code())),
                ("priorities", all(&r.priorities)),
                ("priorities_in_categories", all(&r.priorities_in_categories)),
                ("categories", all(&r.categories)),
            ],
        )
    });
    let agreements = m.agreement_kinds().iter().map(|w| word(Kind::Agreement, w, Vec::new()));
    let roles = m.roles.values().map(|w| word(Kind::Role, w, Vec::new()));
    let classes = m
        .classes
        .values()
        .map(|(w, level)| word(Kind::Class, w, vec![("sensitivity", text(level.code()))]));
    let purposes = m.purposes.values().map(|w| word(Kind::Purpose, w, Vec::new()));
    regimes
        .chain(agreements)
        .chain(roles)
        .chain(classes)
        .chain(purposes)
        .collect()
}

fn form(form: &Form) -> Vec<Entry> {
    let given: Vec<&str> = form.given.iter().map(|g| g.code.as_str()).collect();
    let mut list = vec![entry(
        Kind::Form,
        &form.code,
        words(&form.label),
        vec![
            ("who", words(&form.who)),
            ("when", words(&form.when)),
            ("given", all(&given)),
            ("due", span_or_none(form.due)),
            ("due_urgent", span_or_none(form.due_urgent)),
        ],
    )];
    for section in &form.sections {
        list.push(entry(
            Kind::Section,
            format!("{}/{}", form.code, section.code),
            words(&section.label),
            vec![
                ("class", text(section.class.code())),
                ("purpose", text(section.purpose.code())),
                ("provisional", flag(section.provisional)),
            ],
        ));
        list.extend(section.fields.iter().map(|f| field(section, f)));
    }
    list
}

fn field(section: &Section, f: &Field) -> Entry {
    let required = match &f.required {
        Required::Always => "always".to_owned(),
        Required::When(condition) => format!("when {}", condition.text()),
        Required::Optional => "optional".to_owned(),
    };
    let constraint = f.constraint.as_ref();
    entry(
        Kind::Field,
        &f.code,
        words(&f.label),
        vec![
            ("section", text(&section.code)),
            ("hint", words_or_none(f.hint.as_ref())),
            ("type", text(f.kind.code())),
            ("required", text(required)),
            ("relevant", maybe(f.relevant.as_ref().map(|e| e.text()))),
            ("constraint", maybe(constraint.map(|c| c.expression.text()))),
            ("constraint_message", words_or_none(constraint.map(|c| &c.message))),
            ("options", maybe(f.options.as_ref().map(|l| l.code.as_str()))),
            ("sensitivity", text(f.sensitivity.code())),
            ("class", text(f.class.code())),
            ("purpose", text(f.purpose.code())),
            ("provisional", flag(f.provisional)),
            ("max_length", number(f.max_length)),
            ("min_length", number(f.min_length)),
            ("kept", flag(f.kept)),
            (
                "factor",
                maybe(f.factor.as_ref().map(|x| format!("{}, {}", x.code, x.level))),
            ),
            ("mark", maybe(f.mark.as_ref())),
        ],
    )
}

/// Lists that are made of other entries: their options are told there.
const DERIVED: &[&str] = &["svc", "data_class", "priority"];

fn options(m: &Mechanism) -> Vec<Entry> {
    let mut entries = Vec::new();
    for list in m.option_lists().filter(|l| !DERIVED.contains(&l.code.as_str())) {
        let typed = vec![("typed", flag(list.typed))];
        entries.push(entry(Kind::List, &list.code, text(&list.code), typed));
        entries.extend(list.choices.iter().map(|c| {
            let code = format!("{}/{}", list.code, c.code);
            entry(Kind::Choice, code, words(&c.label), Vec::new())
        }));
    }
    entries
}

fn triage(m: &Mechanism) -> Vec<Entry> {
    m.triage()
        .iter()
        .map(|t| {
            entry(
                Kind::Triage,
                &t.code,
                words(&t.reason),
                vec![
                    ("when", text(t.when.text())),
                    ("priority", text(t.priority.code())),
                    ("services", all(&t.services)),
                    ("note", words_or_none(t.note.as_ref())),
                    ("mark", maybe(t.mark.as_ref())),
                ],
            )
        })
        .collect()
}

fn pathway(m: &Mechanism) -> Vec<Entry> {
    let states = m.states().iter().map(|s| {
        let waiting = s
            .waiting
            .map(|w| format!("{}, {}, {}, {}", w.owner, w.role, w.due, w.when_due));
        entry(
            Kind::State,
            &s.code,
            words(&s.label),
            vec![("waiting", maybe(waiting)), ("priorities", all(&s.priorities))],
        )
    });
    let edges = m.edges().iter().map(|e| {
        let code = format!("{}/{}/{}", e.from, e.command, e.to);
        entry(Kind::Edge, code, words(&e.label), vec![("by", all(&e.by))])
    });
    let commands = m.commands().iter().map(|w| word(Kind::Command, w, Vec::new()));
    states.chain(edges).chain(commands).collect()
}

fn institution(m: &Mechanism) -> Vec<Entry> {
    let stages = m.stages().iter().map(|s| {
        entry(
            Kind::Stage,
            &s.code,
            words(&s.label),
            vec![
                ("actors", words(&s.actors)),
                ("input", words(&s.input)),
                ("output", words(&s.output)),
                ("forms", all(&s.forms)),
                ("deadline", words(&s.deadline)),
                ("mark", maybe(s.mark.as_ref())),
            ],
        )
    });
    let actors = m
        .raci_actors()
        .iter()
        .map(|a| entry(Kind::Actor, &a.code, words(&a.label), Vec::new()));
    let lines = m.raci().iter().map(|l| {
        entry(
            Kind::Responsibility,
            &l.code,
            words(&l.label),
            vec![
                ("responsible", all(&l.responsible)),
                ("accountable", all(&l.accountable)),
                ("consulted", all(&l.consulted)),
                ("informed", all(&l.informed)),
                ("mark", maybe(l.mark.as_ref())),
            ],
        )
    });
    let indicators = m.indicators().iter().map(|i| {
        entry(
            Kind::Indicator,
            &i.code,
            words(&i.label),
            vec![
                ("unit", text(i.unit.code())),
                ("target", maybe(i.target)),
                ("alert", maybe(i.alert)),
                ("frequency", text(i.frequency.code())),
            ],
        )
    });
    stages.chain(actors).chain(lines).chain(indicators).collect()
}

/// Templates of documents and notices: which text changed, not how.
fn texts(m: &Mechanism) -> Vec<Entry> {
    let documents = m.document_codes().into_iter().map(|code| {
        let template = |lang| m.document(code, lang).map(|t| t.text.as_str());
        written(Kind::Document, code, template(Lang::Fr), template(Lang::En))
    });
    let names: BTreeSet<&str> = m.notices.keys().map(|(name, _)| name.as_str()).collect();
    let notices = names
        .into_iter()
        .map(|name| written(Kind::Notice, name, m.notice(name, Lang::Fr), m.notice(name, Lang::En)));
    documents.chain(notices).collect()
}

fn written(what: Kind, code: &str, fr: Option<&str>, en: Option<&str>) -> Entry {
    let title = |text: Option<&str>| {
        let first = text.and_then(|t| t.lines().next()).unwrap_or_default();
        first.strip_prefix("# ").unwrap_or(code).to_owned()
    };
    let label = Label {
        fr: title(fr),
        en: title(en),
    };
    entry(
        what,
        code,
        Value::Words(label),
        vec![("text_fr", maybe(fr.map(print))), ("text_en", maybe(en.map(print)))],
    )
}

/// What tells one text from another: its lines and the beginning of its hash.
fn print(text: &str) -> String {
    let hash: String = crate::load::sha256(text).chars().take(8).collect();
    format!("{hash} ({})", text.lines().count())
}

fn meanings(m: &Mechanism) -> Vec<Entry> {
    m.meanings()
        .iter()
        .map(|x| {
            entry(
                Kind::Meaning,
                &x.code,
                text(&x.code),
                vec![
                    ("services", all(&x.services)),
                    ("targets", all(&x.targets)),
                    ("language", maybe(x.language.as_ref())),
                    ("place", maybe(x.place.as_ref())),
                    ("sense", maybe(x.sense)),
                    ("words_fr", all(&x.fr)),
                    ("words_en", all(&x.en)),
                ],
            )
        })
        .collect()
}
