//! The parts that pages are made of: clock, tag, row of work, relay line,
//! field, error summary. Each is a small typed template, so that a page cannot
//! forget a label or invent a state (the kit's rules 1–5 and 9).

use askama::Template;
use chrono::{DateTime, Utc};
use relais_acts::views::{self, ClockView};
use relais_casework::referral::{DueKind, State};
use relais_mechanism::words::Priority;

use crate::text::Text;

/// How far a time limit is used up; words and dial say it before colour does.
#[derive(Debug, Clone, Template)]
#[template(ext = "html", source = r#"<span class="clock{{ stage }}">{{ text }}</span>"#)]
pub(crate) struct Clock {
    stage: &'static str,
    text: String,
}

impl Clock {
    /// The chip for a running limit: below half, from half, last quarter or
    /// last day, late.
    pub(crate) fn running(t: Text, clock: &ClockView, now: DateTime<Utc>) -> Self {
        let same_day = crate::format::local(clock.due).date_naive() == crate::format::local(now).date_naive();
        let stage = match clock.percent {
            _ if clock.late => " k4",
            75.. => " k3",
            _ if same_day => " k3",
            50.. => " k2",
            _ => "",
        };
        Self {
            stage,
            text: t.due(clock.due, now),
        }
    }

    /// The dashed chip of a limit that stands still.
    pub(crate) fn paused(t: Text) -> Self {
        Self {
            stage: " off",
            text: t.clock_paused().to_owned(),
        }
    }
}

/// A state in its family's sign.
#[derive(Debug, Clone, Template)]
#[template(ext = "html", source = r#"<span class="tag{{ family }}">{{ text }}</span>"#)]
pub(crate) struct Tag {
    family: &'static str,
    text: String,
}

impl Tag {
    /// The tag of a referral's state; `served` says whether a report or an
    /// end speaks of a service rendered.
    pub(crate) fn referral(state: State, served: bool, text: impl Into<String>) -> Self {
        let family = match state {
            State::Draft => " draft",
            State::Sent | State::Received | State::Waitlisted => "",
            State::Accepted | State::Scheduled | State::InService => " go",
            State::Reported | State::Closed if served => " done",
            State::NeedsInfo | State::Disputed => " ask",
            State::Reported | State::Closed | State::Declined | State::Expired | State::NoShow => " no",
            State::Cancelled | State::Withdrawn | State::Voided | State::Ended => " end",
        };
        Self {
            family,
            text: text.into(),
        }
    }

    /// A tag of the given family: "go", "done", "ask", "no", "end", "draft" or
    /// "" for what is under way.
    pub(crate) fn plain(family: &str, text: impl Into<String>) -> Self {
        let family = match family {
            "go" => " go",
            "done" => " done",
            "ask" => " ask",
            "no" => " no",
            "end" => " end",
            "draft" => " draft",
            _ => "",
        };
        Self {
            family,
            text: text.into(),
        }
    }
}

/// A priority with its word, or its code alone where the row is narrow.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<span class="prio{% if urgent %} p1{% endif %}">{{ text }}</span>"#
)]
pub(crate) struct Prio {
    urgent: bool,
    text: String,
}

impl Prio {
    /// "P1 Urgence".
    pub(crate) fn long(t: Text, priority: Priority) -> Self {
        Self {
            urgent: priority == Priority::P1,
            text: t.priority(priority).to_owned(),
        }
    }

    /// "P3", with the word for P1 only.
    pub(crate) fn short(t: Text, priority: Priority) -> Self {
        let text = if priority == Priority::P1 {
            t.priority_p1()
        } else {
            priority.code()
        };
        Self {
            urgent: priority == Priority::P1,
            text: text.to_owned(),
        }
    }
}

impl Text {
    /// "P1 Urgence", "P1 Emergency"…
    pub(crate) fn priority(self, priority: Priority) -> &'static str {
        match priority {
            Priority::P1 => self.priority_p1(),
            Priority::P2 => self.priority_p2(),
            Priority::P3 => self.priority_p3(),
            Priority::P4 => self.priority_p4(),
        }
    }

    /// What a limit waits for, as a noun.
    pub(crate) fn due_kind(self, kind: DueKind) -> &'static str {
        match kind {
            DueKind::Need => self.due_need(),
            DueKind::Acknowledge => self.due_acknowledge(),
            DueKind::Decide => self.due_decide(),
            DueKind::Answer => self.due_answer(),
            DueKind::WaitlistReview => self.due_review(),
            DueKind::FirstContact => self.due_first_contact(),
            DueKind::Appointment => self.due_appointment(),
            DueKind::Reach => self.due_reach_person(),
            DueKind::Report => self.due_report(),
            DueKind::Confirm => self.due_confirm(),
            DueKind::Dispute => self.due_dispute(),
        }
    }
}

/// Whose move it is: a filled baton and a verb, or a hollow one and a name.
#[derive(Debug, Clone, Template)]
#[template(
    ext = "html",
    source = r#"<p class="hand{% if you %} you{% endif %}"><span><b>{{ who }}</b> {{ text }}</span></p>"#
)]
pub(crate) struct Hand {
    you: bool,
    who: String,
    text: String,
}

impl Hand {
    /// "À vous : …" or "Chez X : …".
    pub(crate) fn of(t: Text, hand: &views::Hand, text: impl Into<String>) -> Self {
        let who = if hand.yours {
            t.frame_yours().to_owned()
        } else {
            t.frame_with(&hand.organisation)
        };
        Self {
            you: hand.yours,
            who,
            text: text.into(),
        }
    }
}

/// A link that does something.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub href: String,
    pub text: String,
}

/// One row of a work list.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/row.html")]
pub(crate) struct Row {
    pub href: String,
    pub title: String,
    pub late: bool,
    pub prio: Option<Prio>,
    pub code: String,
    /// What follows the code, each separated by a middle dot.
    pub meta: Vec<String>,
    pub hand: Option<Hand>,
    pub clock: Option<Clock>,
    pub tag: Option<Tag>,
    pub action: Option<Link>,
    pub relay: Option<Relay>,
}

/// The relay line: stops on a line, the baton where the work is.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/relay.html")]
pub(crate) struct Relay {
    pub label: String,
    pub yours: bool,
    pub stops: Vec<Stop>,
}

/// One stop of the relay line.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    pub label: String,
    pub at: String,
    pub passed: bool,
    pub here: bool,
}

impl Relay {
    /// The line of a referral.
    pub(crate) fn of(t: Text, code: &str, stops: &[views::Stop], yours: bool, now: DateTime<Utc>) -> Self {
        let stops = stops
            .iter()
            .map(|s| Stop {
                label: s.label.clone(),
                at: s.at.map(|at| t.short(at, now)).unwrap_or_default(),
                passed: s.passed,
                here: s.here,
            })
            .collect();
        Self {
            label: t.referral_progress(code),
            yours,
            stops,
        }
    }
}

/// One choice of a field.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What a field is answered with.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// One line; `kind` is the input's type, `size` a width class.
    Line {
        kind: &'static str,
        mode: &'static str,
        size: &'static str,
    },
    /// Several lines.
    Lines { rows: u8 },
    /// One of a few: radio buttons.
    One(Vec<Choice>),
    /// Any of them: tick boxes.
    Many(Vec<Choice>),
    /// One of many: a list to open.
    List(Vec<Choice>),
    /// The same, its choices laid out and escaped already.
    Prepared(String),
    /// One box to tick, the label beside it.
    Tick,
}

/// A field with its label, hint, mistake and value as it was typed.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub(crate) struct Field {
    pub t: Text,
    /// The form's own code; also the `name` of the input.
    pub name: String,
    /// Which of several forms of the page the field stands in; empty when there is one.
    pub scope: &'static str,
    pub label: String,
    pub hint: String,
    pub optional: bool,
    /// Asked only in some cases, which the form decides.
    pub sometimes: bool,
    pub error: Option<String>,
    pub value: String,
    pub max: Option<u32>,
    pub control: Control,
}

impl Field {
    /// A field of one line of text.
    pub(crate) fn line(t: Text, name: &str, label: impl Into<String>) -> Self {
        Self {
            t,
            name: name.to_owned(),
            scope: "",
            label: label.into(),
            hint: String::new(),
            optional: false,
            sometimes: false,
            error: None,
            value: String::new(),
            max: None,
            control: Control::Line {
                kind: "text",
                mode: "",
                size: "",
            },
        }
    }

    /// A field for a day, as 23/11/2026.
    pub(crate) fn day(t: Text, name: &str, label: impl Into<String>) -> Self {
        Self::line(t, name, label).max(20).with(Control::Line {
            kind: "text",
            mode: "",
            size: "w10",
        })
    }

    /// With another way to answer.
    pub(crate) fn with(mut self, control: Control) -> Self {
        self.control = control;
        self
    }

    /// With a hint under the label.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// That may stay empty.
    pub(crate) fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// With what was typed.
    pub(crate) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// With at most so many characters.
    pub(crate) fn max(mut self, max: u32) -> Self {
        self.max = Some(max);
        self
    }

    /// With at most so many characters, as the acts count them.
    pub(crate) fn at_most(self, most: usize) -> Self {
        self.max(u32::try_from(most).unwrap_or(u32::MAX))
    }

    /// The id in the page: codes of forms hold a dot, which a link's fragment
    /// may carry but a style sheet reads as a class.
    pub(crate) fn id(&self) -> String {
        let name = self.name.replace('.', "-");
        if self.scope.is_empty() {
            name
        } else {
            format!("{}-{name}", self.scope)
        }
    }

    /// Ids that describe the field to a screen reader; empty when none.
    fn described(&self) -> String {
        let mut ids = Vec::new();
        if self.error.is_some() {
            ids.push(format!("{}-e", self.id()));
        }
        if !self.hint.is_empty() {
            ids.push(format!("{}-h", self.id()));
        }
        ids.join(" ")
    }

    /// Where a link from the error summary goes: the first control.
    pub(crate) fn anchor(&self) -> String {
        match &self.control {
            Control::One(choices) | Control::Many(choices) if !choices.is_empty() => format!("{}-1", self.id()),
            _ => self.id(),
        }
    }
}

/// A group of fields with its heading and one purpose line.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub title: String,
    /// Data class and purpose, said once for the group.
    pub why: String,
    pub fields: Vec<Field>,
}

/// The list of mistakes at the head of a form that came back.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/summary.html")]
pub(crate) struct Summary {
    pub t: Text,
    /// (anchor, sentence).
    pub mistakes: Vec<(String, String)>,
}

/// A mistake with its question. One that ends in a question mark takes no colon.
fn sentence(t: Text, label: &str, error: &str) -> String {
    if label.ends_with('?') {
        format!("{label} {error}")
    } else {
        t.frame_mistake(label, error)
    }
}

impl Summary {
    /// The summary of the fields' mistakes, each with its question; none when all is well.
    pub(crate) fn of<'a>(t: Text, fields: impl IntoIterator<Item = &'a Field>) -> Option<Self> {
        let mistakes: Vec<_> = fields
            .into_iter()
            .filter_map(|f| f.error.as_ref().map(|e| (f.anchor(), sentence(t, &f.label, e))))
            .collect();
        (!mistakes.is_empty()).then_some(Self { t, mistakes })
    }
}

/// A message of the page itself: the outcome of the last act, a warning.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/notice.html")]
pub(crate) struct Notice {
    /// "" (done), "warn" or "stop".
    pub kind: &'static str,
    pub title: String,
    pub text: String,
}

impl Notice {
    /// Whether it interrupts a screen reader.
    pub(crate) fn is_stop(&self) -> bool {
        self.kind == " stop"
    }

    /// The outcome of what the user just did.
    pub(crate) fn done(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind: "",
            title: title.into(),
            text: text.into(),
        }
    }

    /// Something to know before going on.
    pub(crate) fn warn(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind: " warn",
            title: title.into(),
            text: text.into(),
        }
    }

    /// A refusal: why, and what to do instead.
    pub(crate) fn stop(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            kind: " stop",
            title: title.into(),
            text: text.into(),
        }
    }
}
