//! One service on offer on the page "refer a need": its name, why it stands there,
//! and what is known of it.

use chrono::{DateTime, Utc};
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
        let confirmed = p.confirmed_on.map_or_else(
            || t.refer_never_confirmed().to_owned(),
            |on| t.refer_days_ago(t.date(on), (format::local(now).date_naive() - on).num_days().max(0)),
        );
        let said = |text: &str| {
            if text.is_empty() {
                t.refer_unknown().to_owned()
            } else {
                text.to_owned()
            }
        };
        let mut facts = vec![
            (t.refer_places(), said(&p.capacity)),
            (t.refer_cost(), said(&p.cost)),
            (t.refer_confirmed(), confirmed),
        ];
        if !p.paid.is_empty() {
            facts.push((t.refer_paid(), p.paid.join(" · ")));
        }
        if let Some(number) = p.telephones.first() {
            facts.push((t.refer_telephone(), t.phone(number)));
        }
        let mut under = vec![p.place.clone()];
        if p.organisation != p.name {
            under.insert(0, p.organisation.clone());
        }
        under.extend(p.distance_km.map(|km| t.km_away(km)));
        if p.demonstration {
            under.push(t.refer_demonstration().to_owned());
        }
        under.retain(|s| !s.is_empty());
        Self {
            id: p.id.0,
            chosen: chosen == Some(p.id.0),
            name: p.name.clone(),
            under: under.join(" · "),
            reasons,
            facts,
        }
    }
}
