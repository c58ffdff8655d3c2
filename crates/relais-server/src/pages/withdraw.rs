//! A person withdraws consent: which lines, what they want to stop; then,
//! before it is done, who will be told and what goes on (DESIGN §5, §6).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::commands::WithdrawConsent;
use relais_acts::problem::{ActError, FieldProblem};
use relais_acts::views::{WithdrawPreview, WithdrawView, WithdrawnReferral};
use relais_mechanism::Mechanism;
use relais_network::CaseId;
use relais_store::ids;
use uuid::Uuid;

use super::came_back::CameBack;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::{Id, Typed, pairs};
use crate::format;
use crate::forms::{error_of, summary};
use crate::frame::{self, Frame, Tab, see};
use crate::parts::{Choice, Control, Field, Summary, Tag};
use crate::problem::{Problem, set};
use crate::text::Text;
use crate::text::both;

/// What the person may want to stop (F3.52).
const EFFECTS: &str = "withdraw_effect";

/// A past recipient on the page.
struct Told {
    organisation: String,
    classes: String,
    by: String,
    /// Without an account: the number to call.
    call: Option<(String, String)>,
}

/// A running referral on the page.
struct Running {
    href: String,
    code: String,
    label: String,
    provider: String,
    tag: Tag,
    says: String,
}

/// What the withdrawal would do.
struct Effect {
    title: String,
    told: Vec<Told>,
    running: Vec<Running>,
    /// The choice, carried to the second tap.
    hidden: Vec<(&'static str, String)>,
    words: Field,
}

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/withdraw.html")]
pub(super) struct Withdraw {
    f: Frame,
    t: Text,
    id: Uuid,
    back: String,
    code: String,
    lines: Option<Field>,
    effect: Field,
    seen: Option<Effect>,
    summary: Option<Summary>,
}

fn tag(t: Text, becomes: &str) -> Tag {
    match becomes {
        "stops" => Tag::plain("end", t.withdraw_stops()),
        "care_goes_on" => Tag::plain("go", t.withdraw_care_goes_on()),
        _ => Tag::plain("", t.withdraw_goes_on()),
    }
}

impl Effect {
    fn of(t: Text, mechanism: &Mechanism, preview: &WithdrawPreview, typed: &Typed, wrong: &[FieldProblem]) -> Self {
        let running = |r: &WithdrawnReferral| Running {
            href: format!("/referrals/{}", r.id),
            code: r.code.clone(),
            label: r.label.clone(),
            provider: r.provider.clone(),
            tag: tag(t, &r.becomes),
            says: set(&r.says, t.0),
        };
        let mut hidden = vec![("effect", preview.effect.clone())];
        hidden.extend(typed.all("consent").iter().map(|id| ("consent", id.clone())));
        let mut words = Field::line(t, "words", t.withdraw_words())
            .hint(t.withdraw_words_hint())
            .optional()
            .max(500)
            .value(typed.one("words"))
            .with(Control::Lines { rows: 2 });
        words.error = error_of(wrong, "words", t.0);
        Self {
            title: mechanism
                .option_label(EFFECTS, &preview.effect, t.0)
                .map_or_else(|| preview.effect.clone(), |l| set(l, t.0)),
            told: preview
                .tell
                .iter()
                .map(|x| Told {
                    organisation: x.organisation.clone(),
                    classes: x.classes.clone(),
                    by: t.day_of(x.confirm_by),
                    call: x
                        .telephone
                        .as_deref()
                        .filter(|_| !x.has_account)
                        .map(|n| (t.phone(n), format::tel(n))),
                })
                .collect(),
            running: preview.referrals.iter().map(running).collect(),
            hidden,
            words,
        }
    }
}

impl Withdraw {
    pub(super) fn of(
        f: Frame,
        mechanism: &Mechanism,
        view: &WithdrawView,
        id: Uuid,
        typed: &Typed,
        wrong: &[FieldProblem],
    ) -> Self {
        let t = f.t;
        let chosen = typed.all("consent");
        let lines: Vec<Choice> = view
            .lines
            .iter()
            .map(|c| Choice {
                value: c.id.to_string(),
                label: [
                    set(&c.label, t.0),
                    c.recipient.clone(),
                    t.withdraw_given_on(t.date(c.given_on)),
                ]
                .into_iter()
                .filter(|s| !s.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
                chosen: chosen.contains(&c.id.to_string()),
            })
            .collect();
        let lines = (!lines.is_empty()).then(|| {
            let mut field = Field::line(t, "consent", t.withdraw_lines())
                .hint(t.withdraw_lines_hint())
                .with(Control::Many(lines));
            field.error = error_of(wrong, "consent", t.0);
            field
        });
        let choices = mechanism.option_list(EFFECTS).map_or_else(Vec::new, |list| {
            list.choices
                .iter()
                .map(|c| Choice {
                    value: c.code.clone(),
                    label: set(c.label.get(t.0), t.0),
                    chosen: typed.one("effect") == c.code,
                })
                .collect()
        });
        let mut effect = Field::line(t, "effect", t.withdraw_effect())
            .hint(t.withdraw_effect_hint())
            .with(Control::One(choices));
        effect.error = error_of(wrong, "effect", t.0);
        let seen = view.preview.as_ref().map(|p| Effect::of(t, mechanism, p, typed, wrong));
        let shown: Vec<&Field> = lines
            .iter()
            .chain([&effect])
            .chain(seen.iter().map(|s| &s.words))
            .collect();
        let summary = summary(t, shown, wrong);
        let f = if summary.is_some() { f.with_error() } else { f };
        Self {
            f,
            t,
            id,
            back: format!("/cases/{}", view.case_id),
            code: view.case_code.clone(),
            lines,
            effect,
            seen,
            summary,
        }
    }
}

fn consents(typed: &Typed) -> Vec<Uuid> {
    typed.all("consent").iter().filter_map(|id| id.parse().ok()).collect()
}

/// What must be chosen before anything can be looked at.
fn missing(typed: &Typed) -> Vec<FieldProblem> {
    let problem = |field: &str, sentence: fn(Text) -> &'static str| FieldProblem {
        field: field.to_owned(),
        code: "required".to_owned(),
        message: both(sentence),
    };
    let mut wrong = Vec::new();
    if consents(typed).is_empty() {
        wrong.push(problem("consent", Text::withdraw_choose_lines));
    }
    if typed.one("effect").is_empty() {
        wrong.push(problem("effect", Text::withdraw_choose_effect));
    }
    wrong
}

fn frame_of(app: &AppState, caller: &Caller, view: &WithdrawView, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Cases, caller.t.withdraw_title(), now)
        .back(format!("/cases/{}", view.case_id), view.case_code.clone())
}

/// The page with what is asked of it; without a whole choice, without preview.
async fn page(
    app: &AppState,
    caller: &Caller,
    case: Uuid,
    id: Option<Uuid>,
    typed: &Typed,
    wrong: &[FieldProblem],
) -> Result<Withdraw, Problem> {
    let whole = missing(typed).is_empty();
    let effect = whole.then(|| typed.one("effect").to_owned());
    let view = app
        .acts()
        .withdraw_view(&caller.viewer, CaseId(case), consents(typed), effect)
        .await?;
    let now = app.now().await?;
    let f = frame_of(app, caller, &view, now);
    let id = id.unwrap_or_else(|| ids::new_v7(now));
    Ok(Withdraw::of(f, &app.desk().mechanism(), &view, id, typed, wrong))
}

/// `GET /cases/{id}/withdraw`, with the choice once it is made.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let typed = Typed(pairs(query.unwrap_or_default().as_bytes()));
    let looks = !typed.one("look").is_empty();
    let wrong = if looks { missing(&typed) } else { Vec::new() };
    match page(&app, &caller, case, None, &typed, &wrong).await {
        Ok(page) if wrong.is_empty() => Ok(frame::ok(&page)),
        Ok(page) => Ok(frame::html(axum::http::StatusCode::UNPROCESSABLE_ENTITY, &page)),
        Err(problem) => Err(problem),
    }
}

/// `POST /cases/{id}/withdraw`.
pub(crate) async fn withdraw(
    State(app): State<AppState>,
    caller: Caller,
    Id(case): Id,
    typed: Typed,
) -> Result<Response, Problem> {
    let id = typed.id()?;
    let wrong = missing(&typed);
    let done = if wrong.is_empty() {
        let command = WithdrawConsent {
            id,
            lines: Vec::new(),
            consents: consents(&typed),
            effect: typed.one("effect").to_owned(),
            words: typed.one("words").to_owned(),
            happened_at: None,
        };
        app.acts()
            .withdraw_consent(&caller.viewer, CaseId(case), command)
            .await
            .map(|_| ())
    } else {
        Err(ActError::Invalid(wrong))
    };
    match done {
        Ok(()) => Ok(see(&format!("/cases/{case}?done=withdrawn"))),
        Err(error) => {
            let back = CameBack::of(error, caller.t)?;
            // What came back may be the choice itself: then it is shown without its preview.
            let shown = page(&app, &caller, case, Some(id), &typed, &back.wrong).await;
            let mut page = match shown {
                Ok(page) => page,
                Err(_) => page(&app, &caller, case, Some(id), &Typed::default(), &back.wrong)
                    .await
                    .map_err(|unseen| back.unshown(unseen))?,
            };
            let status = back.onto(&mut page.f);
            Ok(frame::html(status, &page))
        }
    }
}
