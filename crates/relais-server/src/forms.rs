//! A mechanism's form on screen: each section a group with one purpose line,
//! each field named by its code, everything typed kept when it comes back.

use chrono::NaiveDate;
use relais_acts::commands::RawAnswers;
use relais_acts::problem::FieldProblem;
use relais_mechanism::Mechanism;
use relais_mechanism::answers::parse_date;
use relais_mechanism::form::{Field as Question, FieldKind, Form, Required, Section};
use relais_mechanism::words::Lang;

use crate::extract::Typed;
use crate::parts::{Choice, Control, Field, Group, Summary};
use crate::problem::set;
use crate::text::{Text, both};

/// Options beyond this number open as a list.
const MOST_BUTTONS: usize = 8;

/// The groups of a form, with what was typed and what is wrong with it.
pub(crate) fn groups(
    t: Text,
    mechanism: &Mechanism,
    form: &Form,
    skip: &[&str],
    typed: &RawAnswers,
    wrong: &[FieldProblem],
) -> Vec<Group> {
    form.sections
        .iter()
        .map(|section| Group {
            title: set(section.label.get(t.0), t.0),
            why: purpose_line(t, mechanism, section),
            fields: section
                .fields
                .iter()
                .filter(|q| !q.kind.is_filled_by_system() && !skip.contains(&q.code.as_str()))
                .map(|q| field(t, q, typed, wrong))
                .collect(),
        })
        .filter(|group| !group.fields.is_empty())
        .collect()
}

/// "Donnée : identité (S2). But : …": the class and the purpose, once.
pub(crate) fn purpose_line(t: Text, mechanism: &Mechanism, section: &Section) -> String {
    let name = |word: Option<&relais_mechanism::options::Word>, code: &str| {
        word.map_or_else(|| code.to_owned(), |w| w.label.get(t.0).to_owned())
    };
    t.form_purpose(
        name(mechanism.class(section.class), section.class.code()),
        mechanism.class_sensitivity(section.class),
        name(mechanism.purpose(section.purpose), section.purpose.code()),
    )
}

/// One question of a form.
pub(crate) fn field(t: Text, question: &Question, typed: &RawAnswers, wrong: &[FieldProblem]) -> Field {
    let values = typed.get(&question.code).map_or(&[][..], Vec::as_slice);
    let choices = || -> Vec<Choice> {
        question.options.as_ref().map_or_else(Vec::new, |list| {
            list.choices
                .iter()
                .map(|c| Choice {
                    value: c.code.clone(),
                    label: set(c.label.get(t.0), t.0),
                    chosen: values.contains(&c.code),
                })
                .collect()
        })
    };
    let typed_list = question.options.as_ref().is_some_and(|list| list.typed);
    let control = match question.kind {
        FieldKind::Bool => Control::One(yes_no(t, values)),
        // A list too long to be shown is answered in words.
        FieldKind::One if typed_list => Control::Line {
            kind: "text",
            mode: "",
            size: "",
        },
        FieldKind::Many if typed_list => Control::Lines { rows: 2 },
        FieldKind::One => {
            let choices = choices();
            if choices.len() > MOST_BUTTONS {
                Control::List(choices)
            } else {
                Control::One(choices)
            }
        }
        FieldKind::Many => Control::Many(choices()),
        FieldKind::LongText => Control::Lines { rows: 3 },
        FieldKind::Rows => Control::Lines { rows: 2 },
        FieldKind::Int => Control::Line {
            kind: "text",
            mode: "numeric",
            size: "w4",
        },
        FieldKind::Decimal => Control::Line {
            kind: "text",
            mode: "decimal",
            size: "w4",
        },
        FieldKind::Phone => Control::Line {
            kind: "tel",
            mode: "tel",
            size: "w10",
        },
        FieldKind::Date | FieldKind::DateTime => Control::Line {
            kind: "text",
            mode: "",
            size: "w10",
        },
        _ => Control::Line {
            kind: "text",
            mode: "",
            size: "",
        },
    };
    let hint = match &question.hint {
        Some(hint) => set(hint.get(t.0), t.0),
        None => match question.kind {
            FieldKind::Date => t.form_hint_date().to_owned(),
            FieldKind::DateTime => t.form_hint_moment().to_owned(),
            FieldKind::Phone => t.form_hint_phone().to_owned(),
            FieldKind::Place => t.form_hint_place().to_owned(),
            _ => String::new(),
        },
    };
    let long = matches!(control, Control::Line { .. } | Control::Lines { .. });
    Field {
        t,
        name: question.code.clone(),
        scope: "",
        label: set(question.label.get(t.0), t.0),
        hint,
        optional: question.required == Required::Optional && question.relevant.is_none(),
        sometimes: question.relevant.is_some() || matches!(question.required, Required::When(_)),
        error: error_of(wrong, &question.code, t.0),
        value: values.first().cloned().unwrap_or_default(),
        max: long.then(|| u32::try_from(question.max_length).unwrap_or(u32::MAX)),
        control,
    }
}

/// Yes and no, with what was chosen.
pub(crate) fn yes_no(t: Text, values: &[String]) -> Vec<Choice> {
    [("yes", t.frame_yes()), ("no", t.frame_no())]
        .into_iter()
        .map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen: values.iter().any(|v| v == value),
        })
        .collect()
}

/// What is wrong with a field, in the user's language.
pub(crate) fn error_of(wrong: &[FieldProblem], field: &str, lang: Lang) -> Option<String> {
    wrong
        .iter()
        .find(|p| p.field == field)
        .map(|p| set(p.message.get(lang), lang))
}

/// Puts each mistake beside its field; the summary has them all, also those
/// that no field of the page shows.
pub(crate) fn mark<'a>(
    t: Text,
    fields: impl IntoIterator<Item = &'a mut Field>,
    wrong: &'a [FieldProblem],
) -> Option<Summary> {
    let marked = fields.into_iter().map(|field| {
        field.error = error_of(wrong, &field.name, t.0);
        &*field
    });
    summary(t, marked, wrong)
}

/// The summary of a page that came back: the mistakes of its fields, each with its question, then those that no field of
/// the page shows; none where all is well.
pub(crate) fn summary<'a>(
    t: Text,
    shown: impl IntoIterator<Item = &'a Field>,
    wrong: &'a [FieldProblem],
) -> Option<Summary> {
    let shown: Vec<&Field> = shown.into_iter().collect();
    let mut mistakes = Summary::of(t, shown.iter().copied()).map_or_else(Vec::new, |s| s.mistakes);
    mistakes.extend(elsewhere(wrong, shown, t.0));
    (!mistakes.is_empty()).then_some(Summary { t, mistakes })
}

/// A mistake of what was typed, found before the acts are asked at all.
pub(crate) fn mistake(field: &str, code: &str, sentence: fn(Text) -> &'static str) -> FieldProblem {
    FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: both(sentence),
    }
}

/// The day that was typed in a field that may stay empty; words that are no
/// day are a mistake.
pub(crate) fn day_if_any(typed: &Typed, field: &str, wrong: &mut Vec<FieldProblem>) -> Option<NaiveDate> {
    let asked = Some(typed.one(field)).filter(|day| !day.is_empty())?;
    let day = parse_date(asked);
    if day.is_none() {
        wrong.push(mistake(field, "not_a_date", Text::form_no_date));
    }
    day
}

/// The choices of one of the mechanism's lists.
pub(crate) fn choices_of(t: Text, mechanism: &Mechanism, list: &str, chosen: &str) -> Vec<Choice> {
    let choices = mechanism
        .option_list(list)
        .map_or(&[][..], |list| list.choices.as_slice());
    choices
        .iter()
        .map(|c| Choice {
            value: c.code.clone(),
            label: set(c.label.get(t.0), t.0),
            chosen: c.code == chosen,
        })
        .collect()
}

/// Mistakes that no field of the page shows: they stand in the summary alone.
pub(crate) fn elsewhere<'a>(
    wrong: &'a [FieldProblem],
    shown: impl IntoIterator<Item = &'a Field>,
    lang: Lang,
) -> Vec<(String, String)> {
    let names: Vec<&str> = shown.into_iter().map(|f| f.name.as_str()).collect();
    wrong
        .iter()
        .filter(|p| !names.contains(&p.field.as_str()))
        .map(|p| ("main".to_owned(), set(p.message.get(lang), lang)))
        .collect()
}
