//! The forms of a case, as one viewer may see them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::interview::{self, Asking, SectionState};
use relais_casework::profile::profile;
use relais_casework::visible::View;
use relais_mechanism::form::{Field, Section};
use relais_mechanism::{Answer, Answers, ClassSet, Form, Lang, Mechanism, Priority};
use relais_network::{CaseId, UserId};
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;

use super::fill::consented;
use super::{
    F2, FORMS, FRAME, FormLine, FormView, LevelRow, Notebook, PaperAnswer, PaperView, ProposalRow, SectionRow,
    SectionView, asking, form_of, given, is_here, proposals, show, urgency,
};
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, Contact, Identity};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Fact;

/// What the pages of a form stand on.
struct Open<'a> {
    file: &'a CaseFile,
    view: &'a View,
    network: &'a Network,
    own: Arc<Mechanism>,
    current: Arc<Mechanism>,
    notebook: Notebook,
    asking: Asking,
    writes: bool,
    now: DateTime<Utc>,
}

impl<'a> Open<'a> {
    fn of(
        tx: &mut Tx<'_>,
        desk: &Desk,
        viewer: &Viewer,
        file: &'a CaseFile,
        view: &'a View,
        network: &'a Network,
        notebook: Notebook,
    ) -> Result<Self, ActError> {
        Ok(Self {
            notebook,
            own: desk.version(tx, &file.record.mechanism_hash)?,
            current: desk.mechanism(),
            asking: asking(desk, view),
            writes: may_write(view, file, viewer).is_ok(),
            now: tx.now()?,
            file,
            view,
            network,
        })
    }

    /// The same, read for a page of the forms alone.
    fn read(
        tx: &mut Tx<'_>,
        desk: &Desk,
        viewer: &Viewer,
        file: &'a CaseFile,
        view: &'a View,
        network: &'a Network,
    ) -> Result<Self, ActError> {
        if !matches!(view, View::File { .. }) {
            return Err(ActError::NotFound);
        }
        let (identity, contact) = file.person(tx)?;
        let notebook = Notebook::read(tx, file, &identity, &contact)?;
        Self::of(tx, desk, viewer, file, view, network, notebook)
    }

    fn form(&self, code: &str) -> Result<&Form, ActError> {
        form_of(&self.own, &self.current, code)
    }

    /// Every answer of the form, and what the case gives to its expressions.
    fn answers(&self, form: &Form) -> Answers {
        let proposed = urgency(&self.current, self.file, &self.notebook, self.asking);
        let mut all = self.notebook.answers(&form.code);
        all.extend(given(self.file, self.network, proposed));
        all
    }
}

/// How far the child's own page is, which is a section of F1.
fn child_state(file: &CaseFile, writes: bool) -> Option<SectionState> {
    if !crate::child::concerns(file) || !writes {
        return None;
    }
    Some(if file.card.seen_alone || !file.card.child {
        SectionState::Complete
    } else {
        SectionState::Begun
    })
}

/// One section for this viewer: none where they are asked nothing there and may
/// read nothing that was answered.
fn row(open: &Open<'_>, form: &Form, section: &Section, all: &Answers) -> Option<SectionRow> {
    let written = open.notebook.written(&form.code, &section.code);
    let mut row = SectionRow {
        section: section.code.clone(),
        label: String::new(),
        state: SectionState::NotBegun,
        missing: 0,
        by: None,
        at: written.map(|w| w.at),
    };
    if !is_here(&form.code, &section.code) {
        row.state = match (child_state(open.file, open.writes)?, written) {
            (_, None) => SectionState::NotBegun,
            (state, Some(_)) => state,
        };
        return Some(row);
    }
    let part = if open.writes {
        open.asking.part(form, &section.code)
    } else {
        None
    };
    match part {
        Some(part) => {
            row.state = interview::state(&part, all, written.is_some());
            if written.is_some() {
                row.missing = interview::missing(&part, all).len();
            }
            Some(row)
        }
        None => {
            let read = |f: &&relais_mechanism::form::Field| open.asking.reads(f) && all.contains_key(&f.code);
            written?;
            section.fields.iter().find(read)?;
            row.state = SectionState::Complete;
            Some(row)
        }
    }
}

/// Who wrote a section last, for whoever sees the whole case; each name is read once.
fn by(
    tx: &mut Tx<'_>,
    open: &Open<'_>,
    names: &mut BTreeMap<UserId, Option<String>>,
    form: &str,
    section: &str,
) -> Result<Option<String>, ActError> {
    let Some(written) = open.notebook.written(form, section).filter(|_| open.view.is_whole()) else {
        return Ok(None);
    };
    if let Some(known) = names.get(&written.by) {
        return Ok(known.clone());
    }
    let name = UserRecord::find(tx, written.by)?.map(|u| u.display_name);
    names.insert(written.by, name.clone());
    Ok(name)
}

/// A form with its sections.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is shown none of them.
pub async fn form(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, form: String) -> Result<FormView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        let open = Open::read(tx, &desk_, &viewer_, &file, &sight, &network)?;
        let lang = viewer_.lang;
        let of = open.form(&form)?;
        let all = open.answers(of);
        let (mut sections, mut names) = (Vec::new(), BTreeMap::new());
        for section in &of.sections {
            if let Some(mut row) = row(&open, of, section, &all) {
                row.label = section.label.get(lang).to_owned();
                row.by = by(tx, &open, &mut names, &form, &section.code)?;
                sections.push(row);
            }
        }
        if sections.is_empty() {
            return Err(ActError::NotFound);
        }
        let levels = profile(of, &all, |field| open.asking.reads(field));
        let restricted = of.fields().any(|f| f.class.is_restricted() && open.asking.reads(f));
        let view = FormView {
            case_id: case,
            case_code: case_code(&open.own, open.file.seq),
            label: of.label.get(lang).to_owned(),
            who: of.who.get(lang).to_owned(),
            when: of.when.get(lang).to_owned(),
            may_write: open.writes,
            consent_first: open.writes && form == F2 && !consented(open.file, open.now),
            restricted_off: open.writes && restricted && !open.asking.s4,
            sections,
            profile: levels
                .into_iter()
                .filter(|l| l.of > 0)
                .map(|l| LevelRow {
                    level: l.level.code().to_owned(),
                    risk: l.risk,
                    protection: l.protection,
                    net: l.net(),
                    rated: l.rated,
                    of: l.of,
                })
                .collect(),
            form: form.clone(),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// What is written on paper of an answer.
fn on_paper(mechanism: &Mechanism, field: &Field, answer: &Answer, lang: Lang) -> PaperAnswer {
    let chosen = match answer {
        Answer::One(code) => vec![code.clone()],
        Answer::Many(codes) => codes.clone(),
        Answer::Bool(yes) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        _ => Vec::new(),
    };
    PaperAnswer {
        chosen,
        words: show::words(mechanism, field, answer, lang),
    }
}

/// A form for paper: all its questions, with the answers that the viewer may read.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is shown none of its sections.
pub async fn paper(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, form: String) -> Result<PaperView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        let open = Open::read(tx, &desk_, &viewer_, &file, &sight, &network)?;
        let of = open.form(&form)?;
        let all = open.answers(of);
        // As in the list of sections: what is shown nowhere there is not printed either.
        let shown = |section: &&Section| row(&open, of, section, &all).is_some();
        let fields: Vec<&Field> = of.sections.iter().filter(shown).flat_map(|s| &s.fields).collect();
        if fields.is_empty() {
            return Err(ActError::NotFound);
        }
        // A case that is asked by the version in force has its words from there.
        let own = open.own.form(&form).is_some_and(|f| std::ptr::eq(f, of));
        let mechanism = if own { &open.own } else { &open.current };
        let answers = fields
            .into_iter()
            .filter(|field| open.asking.reads(field))
            .filter_map(|field| {
                let answer = all.get(&field.code)?;
                Some((field.code.clone(), on_paper(mechanism, field, answer, viewer_.lang)))
            })
            .collect();
        let view = PaperView {
            case_id: case,
            case_code: case_code(&open.own, open.file.seq),
            answers,
            form: of.clone(),
            mechanism: Arc::clone(mechanism),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// One section of a form.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is asked nothing there and may read nothing
/// that was answered.
pub async fn section(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    form: String,
    section: String,
) -> Result<SectionView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        let open = Open::read(tx, &desk_, &viewer_, &file, &sight, &network)?;
        let lang = viewer_.lang;
        let of = open.form(&form)?;
        let own = of
            .section(&section)
            .filter(|_| is_here(&form, &section))
            .ok_or(ActError::NotFound)?;
        let all = open.answers(of);
        let row = row(&open, of, own, &all).ok_or(ActError::NotFound)?;
        let part = open.asking.part(of, &section).filter(|_| open.writes);
        let read = of.only(|s, f| s.code == section && open.asking.reads(f));
        let stands: Answers = read
            .fields()
            .filter_map(|f| all.get_key_value(&f.code))
            .map(|(code, answer)| (code.clone(), answer.clone()))
            .collect();
        let writes = part.is_some();
        let asked = part.unwrap_or(read.clone());
        let codes = |answers: &[&str]| answers.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let asked_now: Vec<String> = if writes {
            asked.relevant_fields(&all).map(|f| f.code.clone()).collect()
        } else {
            Vec::new()
        };
        let apart: Answers = stands
            .iter()
            .filter(|(code, _)| writes && !asked_now.contains(code))
            .map(|(code, answer)| (code.clone(), answer.clone()))
            .collect();
        let in_words = |answers: &Answers| {
            let section = read.section(&section);
            section.map_or_else(Vec::new, |s| show::facts(&open.own, s, answers, lang))
        };
        let view = SectionView {
            case_id: case,
            case_code: case_code(&open.own, open.file.seq),
            version: open.file.record.version,
            form_label: of.label.get(lang).to_owned(),
            label: own.label.get(lang).to_owned(),
            state: row.state,
            may_write: writes,
            consent_first: writes && form == F2 && !consented(open.file, open.now),
            state_body: open.network.is_state(open.file.record.holder_id),
            asked: asked_now,
            missing: if writes && row.at.is_some() {
                codes(&interview::missing(&asked, &all))
            } else {
                Vec::new()
            },
            answers: stands
                .iter()
                .filter_map(|(code, answer)| {
                    let field = read.field(code)?;
                    Some((code.clone(), show::typed(&open.own, field, answer, lang)))
                })
                .collect(),
            facts: in_words(&stands),
            apart: in_words(&apart),
            frame: open.asking.part(of, FRAME).is_some(),
            part: asked,
            given: all,
            form: form.clone(),
            section: section.clone(),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// The forms on the page of a case, and what their answers propose to whoever
/// works on it.
///
/// # Errors
/// When the store fails.
pub(crate) fn lines(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    view: &View,
    network: &Network,
    notebook: Notebook,
) -> Result<(Vec<FormLine>, Vec<ProposalRow>), ActError> {
    let open = Open::of(tx, desk, viewer, file, view, network, notebook)?;
    let mut lines = Vec::new();
    for code in FORMS {
        let Ok(form) = open.form(code) else { continue };
        let all = open.answers(form);
        let rows: Vec<SectionRow> = form
            .sections
            .iter()
            .filter_map(|section| row(&open, form, section, &all))
            .collect();
        if rows.is_empty() {
            continue;
        }
        let count = |state: SectionState| rows.iter().filter(|r| r.state == state).count();
        let (complete, nothing) = (count(SectionState::Complete), count(SectionState::NothingAsked));
        let state = if rows.iter().all(|r| r.at.is_none()) {
            SectionState::NotBegun
        } else if complete + nothing == rows.len() {
            SectionState::Complete
        } else {
            SectionState::Begun
        };
        let due = due(desk, &open, form)?.filter(|_| open.writes && state != SectionState::Complete);
        lines.push(FormLine {
            form: code.to_owned(),
            label: form.label.get(viewer.lang).to_owned(),
            complete,
            of: rows.len() - nothing,
            state,
            due_from: due.map(|(from, _)| from),
            due_at: due.map(|(_, at)| at),
        });
    }
    let proposed = if open.view.is_of_team() {
        proposals(&open.current, file, &open.notebook, open.asking, viewer.lang)
    } else {
        Vec::new()
    };
    Ok((lines, proposed))
}

/// Which parts of the forms hold answers of these classes, and how many: whoever
/// is given the classes reads them.
///
/// # Errors
/// When the store fails.
pub(crate) fn parts(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    (identity, contact): (&Identity, &Contact),
    classes: ClassSet,
    lang: Lang,
) -> Result<Vec<Fact>, ActError> {
    let notebook = Notebook::read(tx, file, identity, contact)?;
    let (own, current) = (desk.version(tx, &file.record.mechanism_hash)?, desk.mechanism());
    let mut parts = Vec::new();
    for code in FORMS {
        let Ok(form) = form_of(&own, &current, code) else {
            continue;
        };
        for section in form.sections.iter().filter(|s| is_here(code, &s.code)) {
            let answers = notebook.of(code, section);
            let questions: BTreeSet<&str> = section
                .fields
                .iter()
                .filter(|f| classes.contains(f.class) && answers.contains_key(&f.code))
                .map(|f| f.factor.as_ref().map_or(f.code.as_str(), |of| of.code.as_str()))
                .collect();
            let count = match (questions.len(), lang) {
                (0, _) => continue,
                (1, Lang::Fr) => "1 réponse".to_owned(),
                (n, Lang::Fr) => format!("{n} réponses"),
                (1, Lang::En) => "1 answer".to_owned(),
                (n, Lang::En) => format!("{n} answers"),
            };
            parts.push(Fact {
                label: format!("{code}, {}", section.label.get(lang)),
                value: Some(count),
            });
        }
    }
    Ok(parts)
}

/// From when until when.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// Since when and until when a form is to be filled in: from the arrival, sooner
/// while an emergency or an urgent need is open (DOMAIN §1.2).
fn due(desk: &Desk, open: &Open<'_>, form: &Form) -> Result<Option<Span>, ActError> {
    let urgent =
        open.file.needs.iter().any(|n| {
            n.detail.machine.state.is_live() && matches!(n.detail.machine.priority, Priority::P1 | Priority::P2)
        });
    let Some(span) = form.due_urgent.filter(|_| urgent).or(form.due) else {
        return Ok(None);
    };
    let calendar = desk.calendar(&open.own, &open.file.record.region)?;
    // Clock hours run from the arrival whatever is open, as a standard need's do.
    let due = calendar.due(span, open.file.record.opened_at, Priority::P3, false, None);
    Ok(due.map(|d| (d.start, d.at)))
}
