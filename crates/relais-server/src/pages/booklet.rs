//! The directory as a document: the page that asks which, and the document
//! itself, HTML made for print. The document is as long as the directory, so
//! the limit of 20 KB for a page does not hold for it: with the 3,061 facilities
//! of the real list (10,392 services in 3,414 entries) the whole country is
//! 9.6 MB, 1.4 MB packed, 287 pages of A4; a region is 0.5 to 1 MB, some 30
//! pages. Page numbers are the browser's (`@page` margin boxes); since no browser
//! that is common knows `target-counter`, contents and index point at the numbers
//! of entries.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{DateTime, Utc};
use relais_acts::directory::booklet::{
    self, Booklet, BookletEntry, BookletService, Contact, IndexLine, Section, Wanted, may_print_contacts,
};
use relais_acts::directory::public::EmergencyLine;
use relais_mechanism::words::Lang;
use serde::Deserialize;

use super::exchange::apart;
use super::public::{Line, lines};
use super::public_entry::address;
use super::share::site;
use crate::ask::Caller;
use crate::extract::Query;
use crate::format::runs;
use crate::frame::{self, Frame, Tab};
use crate::parts::{Choice, Control, Field};
use crate::problem::Problem;
use crate::text::Text;
use crate::{AppState, assets, qr};

/// The page that asks which booklet.
#[derive(askama::Template)]
#[template(path = "pages/booklet.html")]
pub(super) struct Ask {
    f: Frame,
    t: Text,
    fields: Vec<Field>,
}

/// A region that a booklet can be of: code, name, entries in it, entries left out.
type Offered = (String, String, usize, usize);

impl Ask {
    pub(super) fn of(f: Frame, offered: &[Offered], contacts: bool) -> Self {
        let t = f.t;
        let choice = |value: &str, label: String, chosen: bool| Choice {
            value: value.to_owned(),
            label,
            chosen,
        };
        let regions = offered.iter().map(|(code, name, printed, left_out)| {
            let name = if code.is_empty() { t.booklet_all() } else { name };
            let mut label = t.booklet_choice(*printed, name);
            if *left_out > 0 {
                label = format!("{label} ({})", t.booklet_choice_doubt(*left_out));
            }
            choice(code, label, code.is_empty())
        });
        let langs = vec![
            choice("fr", t.booklet_french().to_owned(), t.0 == Lang::Fr),
            choice("en", t.booklet_english().to_owned(), t.0 == Lang::En),
        ];
        let mut fields = vec![
            Field::line(t, "region", t.booklet_region()).with(Control::One(regions.collect())),
            Field::line(t, "lang", t.booklet_lang()).with(Control::One(langs)),
        ];
        if contacts {
            let variants = vec![
                choice("", t.booklet_for_everybody().to_owned(), true),
                choice("partners", t.booklet_for_partners().to_owned(), false),
            ];
            fields.push(Field::line(t, "for", t.booklet_variant()).with(Control::One(variants)));
        }
        Self { f, t, fields }
    }
}

/// A line of facts: label, words.
type Facts = Vec<(&'static str, String)>;

/// One service of an entry as it is printed.
struct Offer {
    name: String,
    /// What is its own.
    facts: Facts,
}

/// One entry as it is printed.
struct Printed {
    number: usize,
    name: String,
    place: String,
    /// What all its services have in common.
    facts: Facts,
    offers: Vec<Offer>,
    qr: String,
    qr_box: String,
    qr_label: String,
}

/// What is said of a service.
fn facts(p: Text, service: &BookletService) -> Facts {
    let shown = &service.shown;
    // What is a contact's already is said there.
    let of_contacts = |n: &String| service.contacts.iter().any(|c| c.number == *n);
    let numbers = shown.numbers.iter().filter(|(n, _)| !of_contacts(n));
    let numbers: Vec<String> = numbers.map(|(n, _)| p.phone(n)).collect();
    let contact = |c: &Contact| {
        let who = if c.who.is_empty() {
            p.booklet_who_unsaid()
        } else {
            &c.who
        };
        let parts = [p.phone(&c.number), who.to_owned(), c.hours.clone()];
        let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        said.join(", ")
    };
    let mut facts: Facts = Vec::new();
    for (n, of) in service.contacts.iter().enumerate() {
        let label = if n == 0 {
            p.booklet_focal()
        } else {
            p.booklet_alternate()
        };
        facts.push((label, contact(of)));
    }
    let modes: Vec<&str> = shown.other_modes().collect();
    let area = [shown.area.as_str(), &modes.join(", ")].map(str::to_owned);
    let area: Vec<String> = area.into_iter().filter(|part| !part.is_empty()).collect();
    let ask = match (shown.hours.is_empty(), shown.cost.is_empty()) {
        (true, true) => p.booklet_ask_both(),
        (true, false) => p.booklet_ask_hours(),
        (false, true) => p.booklet_ask_cost(),
        (false, false) => "",
    };
    let confirmed = shown
        .confirmed_on
        .map_or_else(|| p.booklet_never().to_owned(), |on| p.booklet_confirmed(p.date(on)));
    let ratified = service.ratified_on.map(|on| p.booklet_ratified(p.date(on)));
    let demonstration = if shown.demonstration {
        p.refer_demonstration()
    } else {
        ""
    };
    for (label, value) in [
        (p.booklet_telephone(), numbers.join(", ")),
        (p.booklet_hours(), shown.hours.clone()),
        (p.booklet_cost(), shown.cost.to_owned()),
        (p.booklet_for(), shown.targets.join(", ")),
        (p.booklet_how(), shown.how.clone()),
        (p.booklet_area(), area.join(", ")),
        (p.booklet_languages(), shown.languages.join(", ")),
        ("", ask.to_owned()),
        ("", confirmed),
        ("", ratified.unwrap_or_default()),
        ("", demonstration.to_owned()),
    ] {
        if !value.is_empty() {
            facts.push((label, value));
        }
    }
    facts
}

/// The name of a service without that of its organisation in brackets after it.
fn without<'n>(name: &'n str, organisation: &str) -> &'n str {
    let before = name.strip_suffix(')').and_then(|n| n.strip_suffix(organisation));
    before.and_then(|n| n.strip_suffix(" (")).unwrap_or(name)
}

impl Printed {
    /// `site` is none where nobody could open the code.
    fn of(p: Text, entry: &BookletEntry, site: Option<&str>) -> Self {
        let mut offers: Vec<Offer> = entry
            .services
            .iter()
            .map(|s| Offer {
                name: without(&s.shown.name, &entry.organisation).to_owned(),
                facts: facts(p, s),
            })
            .collect();
        // What holds of all of them is said once.
        let mut common = offers.first().map(|o| o.facts.clone()).unwrap_or_default();
        common.retain(|fact| offers.iter().all(|o| o.facts.contains(fact)));
        for offer in &mut offers {
            offer.facts.retain(|fact| !common.contains(fact));
        }
        let live = entry.services.first().zip(site);
        let (qr, side) = live.map_or_else(
            || (String::new(), 1),
            |(service, site)| qr::strokes(&address(site, service.shown.id)),
        );
        Self {
            number: entry.number,
            name: entry.organisation.clone(),
            place: entry.place.clone(),
            facts: common,
            offers,
            qr,
            qr_box: format!("0 0 {side} {side}"),
            qr_label: p.booklet_entry_qr(entry.number),
        }
    }
}

/// A category of a region.
struct Part {
    id: String,
    name: String,
    start: usize,
    numbers: String,
    entries: Vec<Printed>,
}

/// A region.
struct Chapter {
    name: String,
    numbers: String,
    sections: Vec<Part>,
}

/// The numbers of entries that follow each other, as "12–57".
fn span(p: Text, numbers: impl Iterator<Item = usize>) -> String {
    format!(
        "{} {}",
        p.booklet_by_number(),
        runs(&numbers.collect::<Vec<_>>()).join(", ")
    )
}

/// The document.
#[derive(askama::Template)]
#[template(path = "pages/booklet_print.html")]
pub(super) struct Document {
    f: Frame,
    t: Text,
    /// The sentences of the paper.
    p: Text,
    css: &'static str,
    tagline: String,
    of: String,
    date: String,
    version: String,
    holds: String,
    left: String,
    lines: Vec<Line>,
    unverified: bool,
    has_qr: bool,
    b: Booklet,
    chapters: Vec<Chapter>,
    organisations: Vec<(String, String)>,
    towns: Vec<(String, String)>,
}

impl Document {
    pub(super) fn of(
        f: Frame,
        p: Text,
        country: &str,
        b: Booklet,
        numbers: &[EmergencyLine],
        site: Option<&str>,
    ) -> Self {
        let part = |chapter: usize, n: usize, s: &Section| Part {
            id: format!("c{}-{}", chapter + 1, n + 1),
            name: s.category.clone(),
            start: s.entries.first().map_or(1, |e| e.number),
            numbers: span(p, s.entries.iter().map(|e| e.number)),
            entries: s.entries.iter().map(|e| Printed::of(p, e, site)).collect(),
        };
        let chapters = b.chapters.iter().enumerate().map(|(at, c)| Chapter {
            name: c.region.clone().unwrap_or_else(|| p.booklet_nowhere().to_owned()),
            numbers: span(p, c.sections.iter().flat_map(|s| s.entries.iter().map(|e| e.number))),
            sections: c.sections.iter().enumerate().map(|(n, s)| part(at, n, s)).collect(),
        });
        let index = |lines: &[IndexLine]| {
            lines
                .iter()
                .map(|(name, n)| (name.clone(), runs(n).join(", ")))
                .collect()
        };
        let printed = lines(p, numbers);
        Self {
            t: f.t,
            p,
            css: assets::href("booklet.css"),
            tagline: p.frame_tagline(country),
            of: b
                .region
                .as_ref()
                .map_or_else(|| p.booklet_sub_all().to_owned(), |r| p.booklet_sub_region(r)),
            date: p.booklet_date(p.date(b.on)),
            version: p.booklet_version(&b.sign, &b.mechanism),
            holds: p.booklet_holds(b.total, p.figure(b.total)),
            left: if b.left_out == 0 {
                p.booklet_left_none().to_owned()
            } else {
                p.booklet_left(b.left_out)
            },
            unverified: printed.iter().any(|l| l.unverified),
            lines: printed,
            has_qr: site.is_some(),
            chapters: chapters.collect(),
            organisations: index(&b.organisations),
            towns: index(&b.towns),
            b,
            f,
        }
    }
}

fn frame_of(app: &AppState, caller: &Caller, now: DateTime<Utc>) -> Frame {
    Frame::of(app, caller, Tab::Services, caller.t.booklet_title(), now)
}

/// `GET /directory/booklet`.
pub(crate) async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let lang = caller.t.0;
    let offered = apart(&app, &caller, move |desk, _| Ok(booklet::offered(desk, lang))).await??;
    let contacts = may_print_contacts(&caller.viewer);
    let f = frame_of(&app, &caller, now).back("/services", caller.t.services_title());
    Ok(frame::ok(&Ask::of(f, &offered, contacts)))
}

/// Which booklet is asked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Region; none for the whole country.
    #[serde(default)]
    region: String,
    /// Language of the document, where not the reader's.
    #[serde(default)]
    lang: String,
    /// "partners" for the one with focal points.
    #[serde(default, rename = "for")]
    for_whom: String,
}

/// `GET /directory/booklet/print`.
pub(crate) async fn print(
    State(app): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let now = app.clock().await?;
    let p = Text(Lang::from_code(&asked.lang).unwrap_or(caller.t.0));
    let wanted = Wanted {
        region: Some(asked.region).filter(|r| !r.is_empty()),
        contacts: asked.for_whom == "partners",
    };
    let numbers = app.acts().emergency_lines(p.0).await?;
    let f = frame_of(&app, &caller, now).back("/directory/booklet", caller.t.booklet_title());
    let country = app.site().country.get(p.0).to_owned();
    let site = app.settings().public_directory.then(|| site(&app, &headers));
    let page = apart(&app, &caller, move |desk, viewer| {
        let made = booklet::make(desk, viewer, &wanted, p.0, now)?;
        Ok(frame::ok(&Document::of(
            f,
            p,
            &country,
            made,
            &numbers,
            site.as_deref(),
        )))
    });
    Ok(page.await??)
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn an_organisation_is_not_named_twice() {
        for (name, organisation, said) in [
            ("Soins (Hôpital (annexe))", "Hôpital (annexe)", "Soins"),
            ("Soins (Hôpital)", "Clinique", "Soins (Hôpital)"),
            ("Hôpital", "Hôpital", "Hôpital"),
        ] {
            assert_eq!(without(name, organisation), said);
        }
    }
}
