//! Lines and fields in words.

use std::collections::HashMap;

use chrono::NaiveDate;
use relais_mechanism::amend;
use relais_mechanism::registers::{FieldKind, Register, RegisterField, RegisterState, Values};
use relais_mechanism::{Lang, Mechanism};
use relais_network::UserId;
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::registers::RegisterLineRecord;
use uuid::Uuid;

use super::kept::{all, opened};
use super::{CHOICES, FieldView, Line, LineRow, RegisterHead, read_by};
use crate::desk::Viewer;
use crate::problem::ActError;
use crate::say::date;
use crate::share::place_name;

/// A value in words, with the line that it links to.
pub(super) type Shown = (String, Option<(String, Uuid)>);

/// A register as it is shown.
pub(super) fn head(register: &Register, viewer: &Viewer) -> RegisterHead {
    let say = |label: &relais_mechanism::Label| label.get(viewer.lang).to_owned();
    RegisterHead {
        code: register.code.clone(),
        label: say(&register.label),
        one: say(&register.one),
        lead: say(&register.lead),
        chapter: register.chapter,
        may_write: register.is_written_by(&viewer.roles),
        sealed: register.sealed,
        mark: register.mark.clone(),
    }
}

/// Codes and names of the states.
pub(super) fn states(register: &Register, lang: Lang) -> Vec<(String, String)> {
    let said = |s: &RegisterState| (s.code.clone(), s.label.get(lang).to_owned());
    register.states.iter().map(said).collect()
}

/// The name of a state; its code where the mechanism has it no more.
pub(super) fn state_says(register: &Register, state: &str, lang: Lang) -> String {
    register
        .state(state)
        .map_or_else(|| state.to_owned(), |s| s.label.get(lang).to_owned())
}

/// The day by which a line should be done.
pub(super) fn due(register: &Register, values: &Values) -> Option<NaiveDate> {
    let days = register.fields.iter().filter(|f| f.due);
    days.filter_map(|f| values.get(&f.code)?.first()?.parse().ok()).min()
}

/// Whether somebody still has to do something.
pub(super) fn is_open(register: &Register, state: &str) -> bool {
    register.state(state).is_some_and(|s| s.open)
}

/// Whether a line is open though its day passed.
pub(super) fn is_late(register: &Register, line: &Line, today: NaiveDate) -> bool {
    is_open(register, &line.state) && due(register, &line.values).is_some_and(|day| day < today)
}

/// The code and the name of something that has both.
fn named(code: &str, name: &str) -> String {
    format!("{code} – {name}")
}

/// The title of a document, as its template begins.
fn document(mechanism: &Mechanism, code: &str, lang: Lang) -> String {
    let text = mechanism.document(code, lang).map(|t| t.text.as_str());
    let first = text.and_then(|t| t.lines().next()).unwrap_or_default();
    let title = first.strip_prefix("# ").unwrap_or_default();
    let title = title.split(" {").next().unwrap_or_default().trim();
    if title.is_empty() {
        code.to_owned()
    } else {
        named(code, title)
    }
}

/// A value that links to nothing, in words; as it is kept where the mechanism knows it
/// no more.
pub(crate) fn plain(mechanism: &Mechanism, lang: Lang, field: &RegisterField, text: &str) -> String {
    let found = match &field.kind {
        FieldKind::Day => text.parse::<NaiveDate>().ok().map(date),
        FieldKind::Choice(words) => {
            let word = words.iter().find(|w| w.code == text);
            word.map(|w| w.label.get(lang).to_owned())
        }
        FieldKind::Indicator => {
            let indicator = mechanism.indicators().iter().find(|i| i.code == text);
            indicator.map(|i| named(&i.code, i.label.get(lang)))
        }
        FieldKind::Region => Some(place_name(mechanism, text, lang)),
        FieldKind::Document => Some(document(mechanism, text, lang)),
        FieldKind::Parameter => amend::parameter(mechanism, text).map(|p| p.label.get(lang).to_owned()),
        FieldKind::Line { .. }
        | FieldKind::Text { .. }
        | FieldKind::Number { .. }
        | FieldKind::Link(_)
        | FieldKind::Links(_) => None,
    };
    found.unwrap_or_else(|| text.to_owned())
}

/// Says what lines hold, for one viewer; remembers the lines that they link to.
pub(super) struct Words<'v> {
    mechanism: &'v Mechanism,
    viewer: &'v Viewer,
    today: NaiveDate,
    linked: HashMap<Uuid, Shown>,
    users: HashMap<UserId, String>,
}

impl<'v> Words<'v> {
    pub(super) fn new(mechanism: &'v Mechanism, viewer: &'v Viewer, today: NaiveDate) -> Self {
        Self {
            mechanism,
            viewer,
            today,
            linked: HashMap::new(),
            users: HashMap::new(),
        }
    }

    const fn lang(&self) -> Lang {
        self.viewer.lang
    }

    /// Who somebody is.
    pub(super) fn name_of(&mut self, tx: &mut Tx<'_>, user: UserId) -> Result<String, ActError> {
        if let Some(name) = self.users.get(&user) {
            return Ok(name.clone());
        }
        let name = UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name);
        self.users.insert(user, name.clone());
        Ok(name)
    }

    /// One value, in words.
    fn value(&mut self, tx: &mut Tx<'_>, field: &RegisterField, text: &str) -> Result<Shown, ActError> {
        if field.kind.target().is_some() {
            return self.link(tx, text);
        }
        Ok((self.plain(field, text), None))
    }

    fn plain(&self, field: &RegisterField, text: &str) -> String {
        plain(self.mechanism, self.lang(), field, text)
    }

    /// The line that is linked to; without its title where the viewer may not read it.
    fn link(&mut self, tx: &mut Tx<'_>, text: &str) -> Result<Shown, ActError> {
        let Ok(id) = text.parse::<Uuid>() else {
            return Ok(("–".to_owned(), None));
        };
        if let Some(known) = self.linked.get(&id) {
            return Ok(known.clone());
        }
        let (mechanism, viewer) = (self.mechanism, self.viewer);
        let record = RegisterLineRecord::find(tx, id)?;
        let register = record
            .as_ref()
            .and_then(|r| read_by(mechanism, viewer, &r.register).ok());
        let shown = match (record, register) {
            (Some(record), Some(register)) => {
                let line = opened(&tx.sealer(), record)?;
                let place = (register.code.clone(), id);
                (self.title(register, &line.values), Some(place))
            }
            _ => ("–".to_owned(), None),
        };
        self.linked.insert(id, shown.clone());
        Ok(shown)
    }

    /// What names a line, in words.
    pub(super) fn title(&self, register: &Register, values: &Values) -> String {
        self.plain(register.title_field(), register.title(values))
    }

    /// The values of a field, each in words.
    pub(super) fn shown(
        &mut self,
        tx: &mut Tx<'_>,
        field: &RegisterField,
        values: &Values,
    ) -> Result<Vec<Shown>, ActError> {
        let texts = values.get(&field.code).map_or(&[][..], Vec::as_slice);
        texts.iter().map(|text| self.value(tx, field, text)).collect()
    }

    /// The values of a field on one line.
    pub(super) fn joined(
        &mut self,
        tx: &mut Tx<'_>,
        field: &RegisterField,
        values: &Values,
    ) -> Result<String, ActError> {
        let shown = self.shown(tx, field, values)?;
        Ok(shown.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(", "))
    }

    /// A line among others.
    pub(super) fn row(&mut self, tx: &mut Tx<'_>, register: &Register, line: &Line) -> Result<LineRow, ActError> {
        let lang = self.lang();
        let cells = columns(register).map(|f| self.joined(tx, f, &line.values));
        Ok(LineRow {
            cells: cells.collect::<Result<_, _>>()?,
            id: line.id,
            register: register.code.clone(),
            one: register.one.get(lang).to_owned(),
            title: self.title(register, &line.values),
            state: line.state.clone(),
            state_says: state_says(register, &line.state, lang),
            tag: register
                .state(&line.state)
                .map_or_else(|| "draft".to_owned(), |s| s.tag.clone()),
            open: is_open(register, &line.state),
            due: due(register, &line.values),
            late: is_late(register, line, self.today),
        })
    }

    /// Lines of several registers, each as a row.
    pub(super) fn rows(&mut self, tx: &mut Tx<'_>, lines: &[Line]) -> Result<Vec<LineRow>, ActError> {
        let mut rows = Vec::with_capacity(lines.len());
        for line in lines {
            if let Some(register) = self.mechanism.register(&line.register) {
                rows.push(self.row(tx, register, line)?);
            }
        }
        Ok(rows)
    }

    /// The fields of a line, or of a blank one; what may be chosen is said to whoever
    /// keeps the register.
    pub(super) fn fields(
        &mut self,
        tx: &mut Tx<'_>,
        register: &Register,
        values: &Values,
        line: Option<Uuid>,
    ) -> Result<Vec<FieldView>, ActError> {
        let (lang, keeps) = (self.lang(), register.is_written_by(&self.viewer.roles));
        let mut fields = Vec::with_capacity(register.fields.len());
        for field in &register.fields {
            fields.push(FieldView {
                code: field.code.clone(),
                label: field.label.get(lang).to_owned(),
                hint: field.hint.get(lang).to_owned(),
                kind: field.kind.code(),
                max: field.kind.max(),
                required: field.required,
                options: if keeps {
                    self.options(tx, field, values, line)?
                } else {
                    Vec::new()
                },
                values: values.get(&field.code).cloned().unwrap_or_default(),
                shown: self.shown(tx, field, values)?,
            });
        }
        Ok(fields)
    }

    /// What may be chosen in a field.
    fn options(
        &mut self,
        tx: &mut Tx<'_>,
        field: &RegisterField,
        values: &Values,
        line: Option<Uuid>,
    ) -> Result<Vec<(String, String)>, ActError> {
        let (mechanism, lang) = (self.mechanism, self.lang());
        let said = |code: &str| (code.to_owned(), self.plain(field, code));
        Ok(match &field.kind {
            FieldKind::Line { .. } | FieldKind::Text { .. } | FieldKind::Day | FieldKind::Number { .. } => Vec::new(),
            FieldKind::Choice(words) => words.iter().map(|w| said(&w.code)).collect(),
            FieldKind::Indicator => mechanism.indicators().iter().map(|i| said(&i.code)).collect(),
            FieldKind::Region => mechanism.regions().map(|p| said(&p.code)).collect(),
            FieldKind::Document => {
                // What begins with a line is a part that documents include.
                let whole = mechanism.document_codes().into_iter().filter(|c| !c.starts_with('_'));
                whole.map(said).collect()
            }
            FieldKind::Parameter => super::changes::options(mechanism, lang),
            FieldKind::Link(register) | FieldKind::Links(register) => {
                let linked = values.get(&field.code).map_or(&[][..], Vec::as_slice);
                self.lines_to_link(tx, register, linked, line)?
            }
        })
    }

    /// Lines that a field may link to, newest first, with those that it links to.
    fn lines_to_link(
        &mut self,
        tx: &mut Tx<'_>,
        register: &str,
        linked: &[String],
        own: Option<Uuid>,
    ) -> Result<Vec<(String, String)>, ActError> {
        let Ok(register) = read_by(self.mechanism, self.viewer, register) else {
            return Ok(Vec::new());
        };
        let mut options = Vec::new();
        for line in all(tx, register)?.into_iter().rev().filter(|l| Some(l.id) != own) {
            let id = line.id.to_string();
            if options.len() < CHOICES || linked.contains(&id) {
                options.push((id, self.title(register, &line.values)));
            }
        }
        Ok(options)
    }
}

/// The fields that are columns of the list, beside the title.
pub(super) fn columns(register: &Register) -> impl Iterator<Item = &RegisterField> {
    register.fields.iter().filter(|f| f.list && !f.title)
}
