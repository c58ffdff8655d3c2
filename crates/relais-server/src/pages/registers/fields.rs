//! The fields of a line as a form has them: which, is the mechanism's; how each is
//! answered, is its kind's.

use relais_acts::problem::FieldProblem;
use relais_acts::registers::{FieldView, LONGEST_NOTE};
use relais_mechanism::Mechanism;
use relais_mechanism::answers::parse_date;
use relais_mechanism::registers::Values;

use super::cut;
use crate::extract::Typed;
use crate::forms::error_of;
use crate::pages::came_back::Came;
use crate::parts::{Choice, Control, Field};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;

/// What stands before a field's code in a form: a register may have a field by the name
/// of what every form says, as *version* or *note*.
const OF: &str = "f.";
/// Where the line stands.
const STATE: &str = "state";
/// Why it was changed.
const NOTE: &str = "note";
/// Lines that may be ticked.
const MOST: usize = 200;
/// Most characters of what may be chosen.
const CHOICE: usize = 100;
/// From so many characters on, a text has room for a page.
const LONG: usize = 2000;

fn name(code: &str) -> String {
    format!("{OF}{code}")
}

/// The mistakes as the form's fields name them.
pub(super) fn renamed(views: &[FieldView], wrong: &[FieldProblem]) -> Vec<FieldProblem> {
    let of = |p: &FieldProblem| FieldProblem {
        field: if views.iter().any(|v| v.code == p.field) {
            name(&p.field)
        } else {
            p.field.clone()
        },
        ..p.clone()
    };
    wrong.iter().map(of).collect()
}

fn choices(t: Text, view: &FieldView, values: &[String]) -> Vec<Choice> {
    // What somebody typed is left as it is.
    let typed = matches!(view.kind, "link" | "links");
    let choice = |(code, label): &(String, String)| Choice {
        value: code.clone(),
        label: if typed {
            cut(label, CHOICE)
        } else {
            set(&cut(label, CHOICE), t.0)
        },
        chosen: values.contains(code),
    };
    let mut choices: Vec<Choice> = view.options.iter().map(choice).collect();
    if view.kind == "links" && choices.len() > MOST {
        // What is linked already is never among what is left out.
        choices.sort_by_key(|c| !c.chosen);
        choices.truncate(MOST);
    }
    choices
}

fn field(t: Text, view: &FieldView, typed: Option<&Typed>, wrong: &[FieldProblem]) -> Field {
    let name = name(&view.code);
    let values = typed.map_or(view.values.as_slice(), |typed| typed.all(&name));
    let value = values.first().cloned().unwrap_or_default();
    let label = set(&view.label, t.0);
    let line = Field::line(t, &name, label.clone());
    let mut field = match view.kind {
        // As it is kept, or as it was typed.
        "day" => Field::day(t, &name, label)
            .hint(t.form_hint_date())
            .value(match parse_date(&value) {
                Some(on) if typed.is_none() => t.date(on),
                _ => value,
            }),
        "text" => line.value(value).with(Control::Lines {
            rows: if view.max >= LONG { 8 } else { 4 },
        }),
        "number" => line.value(value).with(Control::Line {
            kind: "text",
            mode: "numeric",
            size: "w4",
        }),
        "line" => line.value(value),
        "links" => line.with(Control::Many(choices(t, view, values))),
        _ => line.with(Control::List(choices(t, view, values))),
    };
    if view.max > 0 {
        field = field.at_most(view.max);
    }
    if !view.hint.is_empty() {
        field = field.hint(set(&view.hint, t.0));
    } else if matches!(view.kind, "link" | "links") && view.options.is_empty() {
        field = field.hint(t.registers_no_lines());
    }
    field.optional = !view.required;
    field.error = error_of(wrong, &field.name, t.0);
    field
}

/// The fields of a line: as they are kept, or as they were typed.
pub(super) fn fields(t: Text, views: &[FieldView], came: Option<&Came<'_>>, wrong: &[FieldProblem]) -> Vec<Field> {
    let typed = came.map(|c| c.typed);
    views.iter().map(|view| field(t, view, typed, wrong)).collect()
}

/// Where the line stands; none where a register has one state only.
pub(super) fn state(
    t: Text,
    states: &[(String, String)],
    now: &str,
    came: Option<&Came<'_>>,
    wrong: &[FieldProblem],
) -> Option<Field> {
    let now = came.map_or(now, |c| c.typed.one(STATE));
    let choice = |(code, label): &(String, String)| Choice {
        value: code.clone(),
        label: set(label, t.0),
        chosen: code == now,
    };
    let mut field = Field::line(t, STATE, t.registers_state()).with(Control::List(states.iter().map(choice).collect()));
    field.error = error_of(wrong, STATE, t.0);
    (states.len() > 1).then_some(field)
}

/// Why it is changed.
pub(super) fn note(t: Text, came: Option<&Came<'_>>, wrong: &[FieldProblem]) -> Field {
    let mut field = Field::line(t, NOTE, t.registers_note())
        .optional()
        .at_most(LONGEST_NOTE)
        .value(came.map_or("", |c| c.typed.one(NOTE)));
    field.error = error_of(wrong, NOTE, t.0);
    field
}

/// What a form says of each field of the register, and of no other: one that nothing
/// was typed into has no text.
///
/// # Errors
/// Where there is no such register.
pub(super) fn said(mechanism: &Mechanism, register: &str, typed: &Typed) -> Result<Values, Problem> {
    let register = mechanism
        .register(register)
        .ok_or_else(|| Problem::new(ProblemKind::NotFound))?;
    let texts = |code: &str| -> Vec<String> {
        let typed = typed.all(&name(code)).iter();
        typed.filter(|text| !text.trim().is_empty()).cloned().collect()
    };
    let said = register.fields.iter().map(|f| (f.code.clone(), texts(&f.code)));
    Ok(said.collect())
}

/// The state that a form says, and why.
pub(super) fn state_said(typed: &Typed) -> Option<String> {
    Some(typed.one(STATE)).filter(|s| !s.is_empty()).map(str::to_owned)
}

/// Why, as a form says it.
pub(super) fn note_said(typed: &Typed) -> String {
    typed.one(NOTE).to_owned()
}
