//! The directory's search: words, filters with how many each would find, what
//! the words were understood as, and why each service stands where it stands.

use std::fmt::Write as _;
use std::sync::OnceLock;

use askama::Template as _;
use axum::extract::State;
use axum::response::Response;
use relais_acts::commands::ServiceSearch;
use relais_acts::problem::FieldProblem;
use relais_acts::views::{Choice, Choosable, Said, ServiceChoices, ServiceLook};
use relais_mechanism::Lang;
use relais_network::Loosened;

use super::came_back::CameBack;
use super::found::push_escaped;
use crate::AppState;
use crate::ask::Caller;
use crate::extract::Query;
use crate::forms::error_of;
use crate::frame::{self, Frame, Tab, encode};
use crate::parts::{Control, Field, Summary};
use crate::problem::Problem;
use crate::room::{self, Part};
use crate::text::Text;

/// The page.
#[derive(askama::Template)]
#[template(path = "pages/services.html")]
pub(super) struct Services {
    f: Frame,
    t: Text,
    /// Whether anything was asked.
    asked: bool,
    words: Field,
    place: Field,
    /// Whether a filter is set: then they stand open.
    refined: bool,
    filters: Part,
    /// Name, label, ticked.
    ticks: Vec<(&'static str, String, bool)>,
    heard: Heard,
    found: String,
    /// The services found, laid out.
    cards: Part,
    more: Option<String>,
    /// The same results on the map.
    map: String,
    summary: Option<Summary>,
}

impl Services {
    pub(super) fn of(f: Frame, asked: &ServiceSearch, look: &ServiceLook, cards: Part, wrong: &[FieldProblem]) -> Self {
        let t = f.t;
        let choices = &look.choices;
        let (filters, mistaken) = filters(t, asked, choices, wrong);
        let ticks = vec![
            ("urgent", t.services_urgent().to_owned(), asked.urgent),
            ("open_now", t.services_open_now().to_owned(), asked.open_now),
            (
                "free_places",
                t.services_free_places(choices.free_places),
                asked.free_places,
            ),
            ("remote", t.services_remote(choices.remote), asked.remote),
        ];
        let filter_set = [
            &asked.category,
            &asked.region,
            &asked.cost,
            &asked.target,
            &asked.language,
        ]
        .iter()
        .any(|f| f.as_deref().is_some_and(|f| !f.is_empty()));
        let refined = filter_set || ticks.iter().any(|(_, _, ticked)| *ticked);
        let line = |name: &str, label: &str, value: &str| {
            let mut field = Field::line(t, name, label).max(200).value(value);
            field.error = error_of(wrong, name, t.0);
            field
        };
        let words = line("q", t.services_words(), &asked.q).hint(t.services_words_hint());
        let typed = asked.place.as_deref().unwrap_or_default();
        let place = line("place", t.services_place(), typed).optional();
        let summary = Summary::of(t, [&words, &place].into_iter().chain(&mistaken));
        Self {
            cards,
            t,
            asked: refined || !asked.q.is_empty() || !typed.is_empty(),
            words,
            place,
            refined,
            filters,
            ticks,
            heard: Heard::of(t, &look.said),
            found: t.services_found(look.total),
            more: look
                .next
                .as_deref()
                .map(|next| same_search("/services", asked, Some(next))),
            map: same_search("/services/map", asked, asked.after.as_deref()),
            f: if summary.is_some() { f.with_error() } else { f },
            summary,
        }
    }
}

/// The filters, laid out, and those of them that are wrong.
fn filters(t: Text, asked: &ServiceSearch, choices: &ServiceChoices, wrong: &[FieldProblem]) -> (Part, Vec<Field>) {
    let all = [
        ("category", t.services_category(), &asked.category, &choices.categories),
        ("region", t.services_region(), &asked.region, &choices.regions),
        ("cost", t.services_cost(), &asked.cost, &choices.costs),
        ("target", t.services_target(), &asked.target, &choices.targets),
        ("language", t.services_language(), &asked.language, &choices.languages),
    ];
    let (mut html, mut mistaken) = (room::text(), Vec::new());
    for (n, (name, label, chosen, all)) in all.into_iter().enumerate() {
        let chosen = chosen.as_deref().unwrap_or_default();
        let mut field = Field::line(t, name, label);
        field.error = error_of(wrong, name, t.0);
        if field.error.is_some() {
            let mut options = String::new();
            push_options(&mut options, all, chosen, false);
            let field = field.with(Control::Prepared(options));
            push_field(&mut html, &field);
            mistaken.push(field);
        } else {
            let [before, after] = around(t.0, n, || field);
            html.push_str(before);
            push_options(&mut html, all, chosen, true);
            html.push_str(after);
        }
    }
    (Part::of(html), mistaken)
}

/// Filters of a search.
const FILTERS: usize = 5;

/// What stands before and after the choices of a filter: the same in every search.
fn around(lang: Lang, n: usize, field: impl FnOnce() -> Field) -> &'static [String; 2] {
    static AROUND: [[OnceLock<[String; 2]>; FILTERS]; 2] = [const { [const { OnceLock::new() }; FILTERS] }; 2];
    /// No label has it.
    const CHOICES: &str = "\u{0}";
    let kept = match lang {
        Lang::Fr => &AROUND[0],
        Lang::En => &AROUND[1],
    };
    kept[n].get_or_init(|| {
        let mut html = String::new();
        push_field(&mut html, &field().with(Control::Prepared(CHOICES.to_owned())));
        let (before, after) = html.split_once(CHOICES).expect("the template has the choices");
        [before.to_owned(), after.to_owned()]
    })
}

fn push_field(html: &mut String, field: &Field) {
    // Writing to a text never fails.
    let _ = field.render_into(html);
}

/// A list of what there is of one kind, each with how many; what is chosen stands
/// in it even where there is none, if it may be chosen.
fn push_options(html: &mut String, all: &[Choosable], chosen: &str, may_be: bool) {
    let mut offered = chosen.is_empty();
    for (choice, n) in all {
        let is_chosen = *choice.code == *chosen;
        offered |= is_chosen;
        push_option(html, choice, *n, is_chosen);
    }
    if !offered && may_be {
        push_option(html, &Choice::of(chosen, chosen), 0, true);
    }
}

fn push_option(html: &mut String, choice: &Choice, n: usize, chosen: bool) {
    let laid_out = choice.laid_out.get_or_init(|| {
        let mut html = String::new();
        push_escaped(&mut html, &choice.code);
        html.push_str("\">");
        push_escaped(&mut html, &choice.label);
        html.into()
    });
    html.push_str("<option value=\"");
    match laid_out.split_once('>').filter(|_| chosen) {
        Some((code, label)) => [code, " selected>", label].iter().for_each(|part| html.push_str(part)),
        None => html.push_str(laid_out),
    }
    // In both languages alike.
    html.push_str(" (");
    html.push_str(itoa::Buffer::new().format(n));
    html.push_str(")</option>");
}

/// How the words of a search were read: what was understood, corrected, not
/// understood, given up.
#[derive(askama::Template)]
#[template(path = "parts/heard.html")]
pub(super) struct Heard {
    t: Text,
    understood: Vec<String>,
    corrected: String,
    unknown: String,
    loosened: &'static str,
}

impl Heard {
    pub(super) fn of(t: Text, said: &Said) -> Self {
        let corrected = said
            .corrected
            .iter()
            .map(|(typed, read)| t.services_corrected(typed, read));
        Self {
            t,
            understood: understood(t, said),
            corrected: corrected.collect::<Vec<_>>().join(" · "),
            unknown: if said.unknown.is_empty() {
                String::new()
            } else {
                t.services_unknown(said.unknown.len(), said.unknown.join(", "))
            },
            loosened: match said.loosened {
                Some(Loosened::FewerWords) => t.services_fewer_words(),
                Some(Loosened::OtherPlaces) => t.services_other_places(),
                None => "",
            },
        }
    }
}

fn understood(t: Text, said: &Said) -> Vec<String> {
    let mut all = said.services.clone();
    all.extend(said.place.as_ref().map(|p| t.services_said_place(p)));
    all.extend(said.targets.iter().map(|g| t.services_said_target(g)));
    all.extend(said.language.as_ref().map(|l| t.services_said_language(l)));
    all.extend(said.urgent.then(|| t.services_said_urgent().to_owned()));
    all.extend(said.free.then(|| t.services_said_free().to_owned()));
    all
}

/// The address of the same search elsewhere, or after the last one.
pub(super) fn same_search(page: &str, asked: &ServiceSearch, after: Option<&str>) -> String {
    let mut href = format!("{page}?after={}", encode(after.unwrap_or_default()));
    let texts = [
        ("q", Some(&asked.q)),
        ("place", asked.place.as_ref()),
        ("near", asked.near.as_ref()),
        ("category", asked.category.as_ref()),
        ("region", asked.region.as_ref()),
        ("cost", asked.cost.as_ref()),
        ("target", asked.target.as_ref()),
        ("language", asked.language.as_ref()),
    ];
    for (name, value) in texts {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            // Writing to a text never fails.
            let _ = write!(href, "&{name}={}", encode(value));
        }
    }
    for (name, set) in [
        ("urgent", asked.urgent),
        ("open_now", asked.open_now),
        ("free_places", asked.free_places),
        ("remote", asked.remote),
    ] {
        if set {
            let _ = write!(href, "&{name}=true");
        }
    }
    href
}

/// `GET /services`.
pub(crate) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    Query(asked): Query<ServiceSearch>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let t = caller.t;
    let f = Frame::of(&app, &caller, Tab::Services, t.services_title(), now);
    let look = |asked: &ServiceSearch| app.acts().look_for_services(&caller.viewer, asked, now);
    match look(&asked) {
        Ok((found, network)) => {
            let mechanism = app.desk().mechanism();
            let cards = app.shelves().cards(t, &network, &mechanism, &found.offered, now);
            Ok(frame::ok(&Services::of(f, &asked, &found, Part::of(cards), &[])))
        }
        // What cannot be read comes back with what was typed, beside an empty search.
        Err(error) => {
            let came_back = CameBack::of(error, t)?;
            let (mut found, _) = look(&ServiceSearch::default())?;
            (found.total, found.next) = (0, None);
            let page = Services::of(f, &asked, &found, Part::of(String::new()), &came_back.wrong);
            Ok(frame::html(came_back.status, &page))
        }
    }
}
