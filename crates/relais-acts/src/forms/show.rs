//! An answer as it would be typed, and in words.

use chrono::Datelike;
use relais_mechanism::form::{FactorPart, Field, Section};
use relais_mechanism::{Answer, Answers, Lang, Mechanism};

use crate::share;
use crate::views::Fact;

/// The answer as a browser would send it.
pub(super) fn typed(mechanism: &Mechanism, field: &Field, answer: &Answer, lang: Lang) -> Vec<String> {
    match answer {
        // A list too long to be shown is written in words.
        Answer::One(_) | Answer::Many(_) if field.options.as_ref().is_some_and(|l| l.typed) => {
            vec![options(field, answer, lang)]
        }
        Answer::One(code) => vec![code.clone()],
        Answer::Many(codes) => codes.clone(),
        Answer::Bool(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        _ => vec![words(mechanism, field, answer, lang)],
    }
}

/// The options chosen, in words.
fn options(field: &Field, answer: &Answer, lang: Lang) -> String {
    let list = field.options.as_ref();
    let name = |code: &String| {
        list.and_then(|l| l.choice(code))
            .map_or_else(|| code.clone(), |c| c.label.get(lang).to_owned())
    };
    answer.chosen().iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The answer in words.
pub(super) fn words(mechanism: &Mechanism, field: &Field, answer: &Answer, lang: Lang) -> String {
    let day = |d: chrono::NaiveDate| format!("{:02}/{:02}/{}", d.day(), d.month(), d.year());
    match answer {
        Answer::Text(text) if field.kind == relais_mechanism::form::FieldKind::Phone => {
            mechanism.country().phone.display(text)
        }
        Answer::Text(text) if field.kind == relais_mechanism::form::FieldKind::Place => {
            share::place_name(mechanism, text, lang)
        }
        Answer::Text(text) => text.clone(),
        Answer::Int(n) => n.to_string(),
        Answer::Decimal(n) => n.to_string(),
        Answer::Bool(yes) => mechanism
            .option_label("yn", if *yes { "yes" } else { "no" }, lang)
            .unwrap_or_default()
            .to_owned(),
        Answer::Date(date) => day(*date),
        Answer::DateTime(at) => {
            let local = at.with_timezone(&mechanism.local());
            format!("{} {}", day(local.date_naive()), local.format("%H:%M"))
        }
        Answer::One(_) | Answer::Many(_) => options(field, answer, lang),
    }
}

/// A section in words: each question that was answered; a factor on one line.
pub(super) fn facts(mechanism: &Mechanism, section: &Section, answers: &Answers, lang: Lang) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    let mut factor = "";
    for field in &section.fields {
        let Some(answer) = answers.get(&field.code) else {
            continue;
        };
        let text = words(mechanism, field, answer, lang);
        match &field.factor {
            None => facts.push(Fact {
                label: field.label.get(lang).to_owned(),
                value: Some(text),
            }),
            Some(of) => {
                let part = match (of.part, lang) {
                    (FactorPart::Risk, Lang::Fr) => format!("risque\u{a0}: {}", text.to_lowercase()),
                    (FactorPart::Risk, Lang::En) => format!("risk: {}", text.to_lowercase()),
                    (FactorPart::Protection, Lang::Fr) => format!("protection\u{a0}: {}", text.to_lowercase()),
                    (FactorPart::Protection, Lang::En) => format!("protection: {}", text.to_lowercase()),
                    (FactorPart::Evidence, _) => text,
                };
                match facts.last_mut().filter(|_| factor == of.code) {
                    Some(Fact { value: Some(line), .. }) => {
                        line.push_str("\u{a0}; ");
                        line.push_str(&part);
                    }
                    _ => facts.push(Fact {
                        label: of.label.get(lang).to_owned(),
                        value: Some(part),
                    }),
                }
                factor = &of.code;
            }
        }
    }
    facts
}
