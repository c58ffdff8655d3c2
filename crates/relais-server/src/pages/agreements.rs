//! What organisations signed, in the browser: the list for whoever is signed in,
//! and the form by which the mechanism's office writes one down.

use axum::extract::State;
use axum::response::Response;
use relais_acts::ActError;
use relais_acts::agreements::{AddAgreement, AgreementRow, AgreementsAsked, AgreementsView, LONGEST, Signing};
use relais_acts::problem::FieldProblem;
use relais_mechanism::words::{DataClass, Purpose, Sensitivity};
use relais_mechanism::{ClassSet, Mechanism};
use relais_network::agreement::{AgreementKind, CoverageState, Scan};
use relais_store::ids;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::came_back::CameBack;
use super::done::Done;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Query, Typed};
use crate::forms::{day_if_any, mark, mistake};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary, Tag};
use crate::problem::{Problem, ProblemKind, set};
use crate::text::Text;
use crate::upload::{self, Upload};

/// Where the list stands.
pub(super) const LIST: &str = "/agreements";

/// How an agreement stands, in words.
pub(super) fn state(t: Text, state: CoverageState) -> &'static str {
    match state {
        CoverageState::InForce => t.safeguards_in_force(),
        CoverageState::InGrace => t.safeguards_in_grace(),
        CoverageState::Expired => t.safeguards_ended(),
        CoverageState::Denounced => t.safeguards_denounced(),
        CoverageState::None => t.agreements_to_come(),
    }
}

pub(super) fn tag(t: Text, standing: CoverageState) -> Tag {
    let family = match standing {
        CoverageState::InForce => "go",
        CoverageState::InGrace => "ask",
        CoverageState::None => "draft",
        CoverageState::Expired | CoverageState::Denounced => "no",
    };
    Tag::plain(family, state(t, standing))
}

/// Until when, in one sentence: the end of the term, and of its grace.
pub(super) fn term(t: Text, row: &AgreementRow) -> String {
    match (row.denounced_on, row.until, row.grace_until) {
        (Some(on), ..) => t.agreements_denounced_on(t.date(on)),
        (None, Some(until), Some(grace)) => t.agreements_until_grace(t.date(until), t.date(grace)),
        (None, Some(until), None) => t.date(until),
        (None, None, _) => t.agreements_open_end().to_owned(),
    }
}

/// One agreement of the list.
struct Line {
    href: String,
    reference: String,
    kind: String,
    /// Who signed, and from when it binds them.
    parties: Vec<(String, String)>,
    term: String,
    tag: Tag,
    annex: String,
}

impl Line {
    fn of(t: Text, row: &AgreementRow) -> Self {
        Self {
            href: format!("{LIST}/{}", row.id),
            reference: row.reference.clone(),
            kind: set(&row.kind_says, t.0),
            parties: row
                .parties
                .iter()
                .map(|p| (p.name.clone(), t.agreements_from(t.date(p.from))))
                .collect(),
            term: term(t, row),
            tag: tag(t, row.state),
            annex: t.agreements_annex_short(&row.classes, row.max_sensitivity),
        }
    }
}

/// The list.
#[derive(askama::Template)]
#[template(path = "pages/agreements.html")]
pub(super) struct Agreements {
    f: Frame,
    t: Text,
    regime: String,
    grace: String,
    /// Address, label, how many, whether it is this one.
    tabs: Vec<(String, &'static str, usize, bool)>,
    lines: Vec<Line>,
    next: String,
    may_add: bool,
}

impl Agreements {
    pub(super) fn of(f: Frame, t: Text, view: &AgreementsView) -> Self {
        let all = view.counts.iter().map(|(_, n)| n).sum();
        let mut tabs = vec![(LIST.to_owned(), t.agreements_all(), all, view.state.is_none())];
        let of =
            |(s, n): &(CoverageState, usize)| (format!("{LIST}?state={s}"), state(t, *s), *n, view.state == Some(*s));
        tabs.extend(view.counts.iter().filter(|(_, n)| *n > 0).map(of));
        let kept = view.state.map(|s| format!("&state={s}")).unwrap_or_default();
        Self {
            f,
            t,
            regime: t.agreements_regime(set(&view.regime.0, t.0), set(&view.regime.1, t.0)),
            grace: t.agreements_grace(view.grace_days),
            tabs,
            lines: view.rows.iter().map(|r| Line::of(t, r)).collect(),
            next: if view.more {
                format!("{LIST}?page={}{kept}", view.page + 1)
            } else {
                String::new()
            },
            may_add: view.may_add,
        }
    }
}

/// The fields of one signature: who, from which day, in which function, by what scan.
pub(super) fn signature(t: Text, typed: &Typed) -> [Field; 4] {
    [
        Field::line(t, "party", t.agreement_party())
            .hint(t.agreement_party_hint())
            .max(64)
            .value(typed.one("party")),
        Field::day(t, "from", t.agreement_from())
            .hint(t.form_hint_date())
            .value(typed.one("from")),
        function(t, typed),
        scan_field(t),
    ]
}

/// In which function somebody signed.
pub(super) fn function(t: Text, typed: &Typed) -> Field {
    Field::line(t, "function", t.agreement_function())
        .hint(t.agreement_function_hint())
        .at_most(LONGEST)
        .value(typed.one("function"))
}

/// The scan, of which the fingerprint alone is kept.
pub(super) fn scan_field(t: Text) -> Field {
    Field::line(t, "scan", t.agreement_scan())
        .hint(t.agreement_scan_hint())
        .optional()
        .with(Control::Line {
            kind: "file",
            mode: "",
            size: "",
        })
}

/// What the file begins with, where it is a scan: PDF, JPEG, PNG, TIFF. Nothing of it
/// is opened, so that no file can cost more than its bytes.
fn is_scan(bytes: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 5] = [b"%PDF-", b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*"];
    BEGINNINGS.iter().any(|begin| bytes.starts_with(begin))
}

/// The name and the fingerprint of the scan that came with a form; what is wrong with
/// it beside its field. The file itself is kept nowhere.
pub(super) async fn scan(form: &Upload, wrong: &mut Vec<FieldProblem>) -> Result<Option<Scan>, Problem> {
    let Some(file) = form.file.clone() else {
        return Ok(None);
    };
    if file.len() > upload::MOST_SCAN {
        return Err(Problem::new(ProblemKind::TooLarge));
    }
    if !is_scan(&file) {
        wrong.push(mistake("scan", "not_a_scan", Text::agreement_not_a_scan));
        return Ok(None);
    }
    let _turn = upload::turn().await?;
    let hashed = tokio::task::spawn_blocking(move || {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in Sha256::digest(&file) {
            // Writing to a text does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    });
    let sha256 = hashed.await.map_err(|_| Problem::new(ProblemKind::Internal))?;
    let name = if form.file_name.is_empty() {
        "scan"
    } else {
        form.file_name.as_str()
    };
    Ok(Some(Scan {
        name: name.to_owned(),
        sha256,
    }))
}

/// The choices of closed words, by their codes.
fn choices<W: Copy>(
    t: Text,
    all: &[W],
    code: fn(W) -> &'static str,
    label: impl Fn(W) -> String,
    chosen: &[String],
) -> Vec<Choice> {
    all.iter()
        .map(|word| Choice {
            value: code(*word).to_owned(),
            label: set(&label(*word), t.0),
            chosen: chosen.iter().any(|c| c == code(*word)),
        })
        .collect()
}

/// The fields of a new agreement but for its signature.
fn fields(t: Text, mechanism: &Mechanism, typed: &Typed) -> Vec<Field> {
    let word = |w: Option<&relais_mechanism::options::Word>, code: &str| {
        w.map_or_else(|| code.to_owned(), |w| w.label.get(t.0).to_owned())
    };
    let kinds = choices(
        t,
        AgreementKind::ALL,
        AgreementKind::code,
        |k| {
            word(
                mechanism.agreement_kinds().iter().find(|w| w.code == k.code()),
                k.code(),
            )
        },
        typed.all("kind"),
    );
    let classes = choices(
        t,
        DataClass::ALL,
        DataClass::code,
        |c| {
            let name = word(mechanism.class(c), c.code());
            format!("{name} ({})", relais_network::agreement::class_level(c))
        },
        typed.all("classes"),
    );
    let purposes = choices(
        t,
        Purpose::ALL,
        Purpose::code,
        |p| word(mechanism.purpose(p), p.code()),
        typed.all("purposes"),
    );
    let levels = choices(
        t,
        Sensitivity::ALL,
        Sensitivity::code,
        |s| s.code().to_owned(),
        typed.all("max_sensitivity"),
    );
    vec![
        Field::line(t, "reference", t.agreements_reference())
            .hint(t.agreement_reference_hint())
            .at_most(LONGEST)
            .value(typed.one("reference")),
        Field::line(t, "kind", t.agreements_kind()).with(Control::One(kinds)),
        Field::line(t, "classes", t.agreement_classes()).with(Control::Many(classes)),
        Field::line(t, "purposes", t.agreement_purposes()).with(Control::Many(purposes)),
        Field::line(t, "max_sensitivity", t.agreement_max())
            .hint(t.agreement_max_hint())
            .with(Control::One(levels)),
        Field::day(t, "until", t.agreement_until())
            .hint(t.agreement_until_hint())
            .optional()
            .value(typed.one("until")),
    ]
}

/// The form that writes one down.
#[derive(askama::Template)]
#[template(path = "pages/agreement_new.html")]
pub(super) struct New {
    f: Frame,
    t: Text,
    id: Uuid,
    fields: Vec<Field>,
    signature: Vec<Field>,
    summary: Option<Summary>,
}

impl New {
    pub(super) fn of(f: Frame, mechanism: &Mechanism, id: Uuid, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let mut fields = fields(t, mechanism, typed);
        let mut signature = Vec::from(signature(t, typed));
        let summary = mark(t, fields.iter_mut().chain(&mut signature), wrong);
        Self {
            f: if summary.is_some() { f.with_error() } else { f },
            t,
            id,
            fields,
            signature,
            summary,
        }
    }
}

/// The link of the navigation under which the viewer finds it.
pub(super) fn tab(caller: &Caller) -> Tab {
    if caller.viewer.is_national() {
        Tab::Coordination
    } else {
        Tab::Services
    }
}

/// `GET /agreements`.
pub(crate) async fn list(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<AgreementsAsked>,
) -> Result<Response, Problem> {
    let view = app.acts().agreements(&caller.viewer, asked).await?;
    let t = caller.t;
    let f =
        Frame::of(&app, &caller, tab(&caller), t.agreements_title(), view.now).back("/services", t.services_title());
    Ok(frame::ok(&Agreements::of(f, t, &view)))
}

fn new_frame(app: &AppState, caller: &Caller, now: chrono::DateTime<chrono::Utc>) -> Frame {
    let t = caller.t;
    Frame::of(app, caller, tab(caller), t.agreements_add(), now).back(LIST, t.agreements_title())
}

/// `GET /agreements/new`.
pub(crate) async fn new(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let f = new_frame(&app, &caller, now);
    let mechanism = app.desk().mechanism();
    let page = New::of(f, &mechanism, ids::new_v7(now), &Typed::default(), &[]);
    Ok(frame::ok(&page))
}

/// What the fields of a signature say; a day that is none is told beside what the act
/// finds.
pub(super) fn signed(typed: &Typed, scan: Option<Scan>, wrong: &mut Vec<FieldProblem>) -> Signing {
    Signing {
        party: typed.one("party").to_owned(),
        from: day_if_any(typed, "from", wrong),
        function: typed.one("function").to_owned(),
        scan,
    }
}

/// The form as the act reads it.
fn said(id: Uuid, typed: &Typed, scan: Option<Scan>, mut wrong: Vec<FieldProblem>) -> Result<AddAgreement, ActError> {
    let kind = AgreementKind::from_code(typed.one("kind"));
    if kind.is_none() {
        wrong.push(mistake("kind", "required", Text::agreement_choose));
    }
    let max = Sensitivity::from_code(typed.one("max_sensitivity"));
    if max.is_none() {
        wrong.push(mistake("max_sensitivity", "required", Text::agreement_choose));
    }
    let until = day_if_any(typed, "until", &mut wrong);
    let signature = signed(typed, scan, &mut wrong);
    let (Some(kind), Some(max_sensitivity), true) = (kind, max, wrong.is_empty()) else {
        return Err(ActError::Invalid(wrong));
    };
    let classes: ClassSet = typed
        .all("classes")
        .iter()
        .filter_map(|c| DataClass::from_code(c))
        .collect();
    Ok(AddAgreement {
        id,
        reference: typed.one("reference").to_owned(),
        kind,
        classes,
        purposes: typed
            .all("purposes")
            .iter()
            .filter_map(|p| Purpose::from_code(p))
            .collect(),
        max_sensitivity,
        until,
        signature,
    })
}

/// `POST /agreements`: writes one down.
pub(crate) async fn add(State(app): State<AppState>, caller: Caller, form: Upload) -> Result<Response, Problem> {
    let id = form.typed.id()?;
    let mut wrong = Vec::new();
    let scan = scan(&form, &mut wrong).await?;
    let done = match said(id, &form.typed, scan, wrong) {
        Ok(command) => app.acts().add_agreement(&caller.viewer, command).await,
        Err(wrong) => Err(wrong),
    };
    match done {
        Ok(made) => Ok(see(&format!("{LIST}/{}?done={}", made.id, Done::AgreementAdded))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            let f = new_frame(&app, &caller, app.clock().await?);
            let mechanism = app.desk().mechanism();
            let mut page = New::of(f, &mechanism, id, &form.typed, &back.wrong);
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
