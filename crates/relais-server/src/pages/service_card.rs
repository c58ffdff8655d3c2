//! One service on offer on the page "refer a need": its name, why it stands there,
//! and what is known of it.

use chrono::{DateTime, NaiveDate, Utc};
use relais_acts::views::Proposal;
use uuid::Uuid;

use crate::format;
use crate::text::Text;

/// One service on offer.
pub(super) struct Card {
    pub id: Uuid,
    pub chosen: bool,
    pub name: String,
    pub under: String,
    /// (class of the tick, words).
    pub reasons: Vec<(&'static str, String)>,
    pub facts: Vec<(&'static str, String)>,
}

impl Card {
    pub(super) fn of(t: Text, p: &Proposal, chosen: Option<Uuid>, now: DateTime<Utc>) -> Self {
        let mut reasons: Vec<(&'static str, String)> = p
            .reasons
            .iter()
            .map(|(kind, words)| (if *kind == "ok" { "" } else { "q" }, words.clone().into_owned()))
            .collect();
        if !p.has_account {
            reasons.push(("q", t.refer_no_account().to_owned()));
        }
        let [mut facts, after] = facts(t, p);
        let today = format::local(now).date_naive();
        facts.push((t.refer_confirmed(), confirmed(t, p.confirmed_on, today)));
        facts.extend(after);
        if let Some(number) = p.telephones.first() {
            facts.push((t.refer_telephone(), t.phone(number)));
        }
        let away = p.distance_km.map(|km| t.km_away(km)).unwrap_or_default();
        let demonstration = if p.demonstration { t.refer_demonstration() } else { "" };
        let mut under = vec![organisation(p), &p.place, &away, demonstration];
        under.retain(|part| !part.is_empty());
        Self {
            id: p.id.0,
            chosen: chosen == Some(p.id.0),
            name: p.name.clone(),
            under: under.join(SEPARATOR),
            reasons,
            facts,
        }
    }
}

/// What stands between the parts of a line.
pub(super) const SEPARATOR: &str = " · ";

/// A fact: its label, and what is known.
type Fact = (&'static str, String);

/// What is known of a service beside its telephone: what stands before the day of
/// its confirmation, and what after it.
pub(super) fn facts(t: Text, p: &Proposal) -> [Vec<Fact>; 2] {
    let said = |text: &str| if text.is_empty() { t.refer_unknown() } else { text }.to_owned();
    let before = vec![(t.refer_places(), said(&p.capacity)), (t.refer_cost(), said(&p.cost))];
    let paid = (!p.paid.is_empty()).then(|| (t.refer_paid(), p.paid.join(SEPARATOR)));
    [before, paid.into_iter().collect()]
}

/// When an entry was confirmed, and how long ago that is.
pub(super) fn confirmed(t: Text, on: Option<NaiveDate>, today: NaiveDate) -> String {
    on.map_or_else(
        || t.refer_never_confirmed().to_owned(),
        |on| t.refer_days_ago(t.date(on), (today - on).num_days().max(0)),
    )
}

/// Who offers a service; empty where that is its own name.
pub(super) fn organisation(p: &Proposal) -> &str {
    if p.organisation == p.name { "" } else { &p.organisation }
}
