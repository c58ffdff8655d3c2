//! The lines of an entry in words, today's and those of a change alike.

use chrono::NaiveDate;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::life::Line;
use relais_network::programme::{Donor, Programme};
use relais_network::service::{Capacity, Cost, ServedArea, Target, Telephone};
use relais_network::{ProgrammeId, PublicationStatus, Safeguard, Signed};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::funding::End;
use super::ratification;
use super::safeguards::FIELD;
use crate::network::Network;
use crate::say::{date, say};
use crate::services::{cost_says, doubt_says};
use crate::share::place_name;

/// What is needed to say a value.
#[derive(Clone, Copy)]
pub(crate) struct Words<'a> {
    pub mechanism: &'a Mechanism,
    pub network: &'a Network,
    pub lang: Lang,
}

/// What a change says of a ratification: the session, and not what was ratified.
#[derive(Deserialize)]
struct Noted {
    on: NaiveDate,
    minutes: String,
}

impl Noted {
    fn says(&self, lang: Lang) -> String {
        let committee = say(lang, "comité du", "committee of");
        let minutes = say(lang, "procès-verbal n°\u{a0}", "minutes no. ");
        format!("{committee} {}, {minutes}{}", date(self.on), self.minutes)
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_value(value.clone()).ok()
}

/// What a line is called.
pub(crate) fn line_name(line: Line, lang: Lang) -> &'static str {
    match line {
        Line::Name => say(lang, "Nom", "Name"),
        Line::ServiceType => say(lang, "Service", "Service"),
        Line::Place => say(lang, "Lieu", "Place"),
        Line::Telephones => say(lang, "Téléphone", "Telephone"),
        Line::OpeningHours => say(lang, "Horaires", "Opening hours"),
        Line::Capacity => say(lang, "Places", "Places"),
        Line::Cost => say(lang, "Coût pour la personne", "Cost to the person"),
        Line::ServedArea => say(lang, "Zone couverte", "Area served"),
        Line::Targets => say(lang, "Publics", "For whom"),
        Line::HowToRefer => say(lang, "Comment orienter", "How to refer"),
        Line::Languages => say(lang, "Langues", "Languages"),
        Line::Programmes => say(lang, "Financement", "Funding"),
    }
}

/// Where an entry stands, in words.
#[must_use]
pub(super) const fn status_says(status: PublicationStatus, lang: Lang) -> &'static str {
    match status {
        PublicationStatus::Proposed => say(lang, "Proposée", "Proposed"),
        PublicationStatus::Checked => say(lang, "Vérifiée", "Checked"),
        PublicationStatus::Published => say(lang, "Publiée", "Published"),
        PublicationStatus::Doubtful => say(lang, "Douteuse", "In doubt"),
        PublicationStatus::Archived => say(lang, "Archivée", "Archived"),
    }
}

impl Words<'_> {
    /// What the value of a line says; empty where it says nothing.
    pub fn line(self, line: Line, value: &Value) -> String {
        let (mechanism, lang) = (self.mechanism, self.lang);
        let options = |list: &str, codes: Vec<String>| {
            let name = |code: &String| mechanism.option_label(list, code, lang).unwrap_or(code).to_owned();
            codes.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        match line {
            Line::Name | Line::HowToRefer => read::<Label>(value).map_or_else(String::new, |l| l.get(lang).to_owned()),
            Line::ServiceType => read::<String>(value).map_or_else(String::new, |code| {
                mechanism
                    .service_type(&code)
                    .map_or(code.clone(), |t| t.label.get(lang).to_owned())
            }),
            Line::Place => read(value).map_or_else(String::new, |place| self.network.said(place, lang).to_owned()),
            Line::Telephones => read::<Vec<Telephone>>(value)
                .unwrap_or_default()
                .iter()
                .map(|t| t.number.clone())
                .collect::<Vec<_>>()
                .join(", "),
            Line::OpeningHours => read(value).unwrap_or_default(),
            Line::Capacity => read::<Capacity>(value).map_or_else(String::new, |c| capacity_says(c, lang)),
            Line::Cost => read::<Cost>(value).map_or_else(String::new, |c| cost_says(c, lang).to_owned()),
            Line::ServedArea => read::<ServedArea>(value).map_or_else(String::new, |a| self.area(&a)),
            Line::Targets => {
                let targets: Vec<Target> = read(value).unwrap_or_default();
                options("target", targets.iter().map(|t| t.code().to_owned()).collect())
            }
            Line::Languages => options("lang", read(value).unwrap_or_default()),
            Line::Programmes => read::<Vec<ProgrammeId>>(value)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|id| Some(paid_says(self.network.programme(id)?, lang)))
                .collect::<Vec<_>>()
                .join(" · "),
        }
    }

    /// The end of a programme that a change speaks of; none where it may not be seen.
    pub fn end(self, value: &Value) -> Option<String> {
        let end: End = read(value)?;
        let mut programme = self.network.programme(end.programme)?.clone();
        programme.until = end.until;
        Some(paid_says(&programme, self.lang))
    }

    /// An area served.
    pub fn area(self, area: &ServedArea) -> String {
        area.pcode().map_or_else(
            || say(self.lang, "tout le pays", "the whole country").to_owned(),
            |p| place_name(self.mechanism, p, self.lang),
        )
    }

    /// What was signed; empty for nothing.
    fn signed(self, value: &Value) -> String {
        let lang = self.lang;
        let Some(signed) = read::<Signed>(value) else {
            return String::new();
        };
        let day = |fr, en, on| format!("{} {}", say(lang, fr, en), date(on));
        let mut parts = vec![day("signé le", "signed on", signed.on)];
        parts.extend(signed.until.map(|on| day("jusqu’au", "until", on)));
        parts.extend(signed.withdrawn_on.map(|on| day("retiré le", "withdrawn on", on)));
        if !signed.paper.is_empty() {
            parts.push(signed.paper);
        }
        parts.join(", ")
    }

    /// What any field of an entry is called, and what its value says; none for
    /// what nobody reads.
    pub fn field(self, field: &str, value: &Value) -> Option<(String, String)> {
        let lang = self.lang;
        if let Some(line) = Line::from_code(field) {
            return Some((line_name(line, lang).to_owned(), self.line(line, value)));
        }
        if let Some(paper) = field.strip_prefix(FIELD).and_then(Safeguard::from_code) {
            return Some((paper.label().get(lang).to_owned(), self.signed(value)));
        }
        let plain = || match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Bool(yes) => say(lang, if *yes { "oui" } else { "non" }, if *yes { "yes" } else { "no" }).to_owned(),
            other => other.to_string(),
        };
        let (name, says) = match field {
            "status" => (
                say(lang, "État de la fiche", "State of the entry"),
                read::<PublicationStatus>(value).map_or_else(String::new, |s| status_says(s, lang).to_owned()),
            ),
            "confirmed_on" => (
                say(lang, "Confirmée le", "Confirmed on"),
                read(value).map_or_else(String::new, date),
            ),
            "doubts" => {
                let doubts: Vec<relais_network::Doubt> = read(value).unwrap_or_default();
                let says: Vec<&str> = doubts.iter().map(|d| doubt_says(d.cause, lang)).collect();
                (say(lang, "Doutes", "Doubts"), says.join(", "))
            }
            ratification::FIELD => (
                say(lang, "Ratification", "Ratification"),
                read::<Noted>(value).map_or_else(String::new, |n| n.says(lang)),
            ),
            "merged_into" => (
                say(lang, "Réunie avec", "Merged into"),
                read(value)
                    .and_then(|id| self.network.services.get(&id))
                    .map_or_else(String::new, |s| s.name.get(lang).to_owned()),
            ),
            super::funding::UNTIL => (
                say(lang, "Fin du financement", "End of the funding"),
                self.end(value).unwrap_or_default(),
            ),
            "from" => (
                say(lang, "Premier jour", "First day"),
                read(value).map_or_else(String::new, date),
            ),
            "until" => (
                say(lang, "Dernier jour", "Last day"),
                read(value).map_or_else(String::new, date),
            ),
            "donors" => (
                say(lang, "Bailleurs", "Donors"),
                read::<Vec<Donor>>(value)
                    .unwrap_or_default()
                    .iter()
                    .map(|d| donor_says(self.network, d, lang))
                    .collect::<Vec<_>>()
                    .join(" · "),
            ),
            "on_call" => (say(lang, "Astreinte", "On call"), plain()),
            "modes" => (say(lang, "Façon", "How it is offered"), plain()),
            "telephone" => (say(lang, "Téléphone", "Telephone"), plain()),
            "email" => (say(lang, "Adresse électronique", "E-mail"), plain()),
            "region" => (say(lang, "Région", "Region"), plain()),
            "town" => (say(lang, "Ville", "Town"), plain()),
            _ => return None,
        };
        Some((name.to_owned(), says))
    }
}

/// A programme with its end, in words.
pub(crate) fn paid_says(programme: &Programme, lang: Lang) -> String {
    let name = programme.name.get(lang);
    match programme.until {
        Some(until) => format!("{name}, {} {}", say(lang, "jusqu’au", "until"), date(until)),
        None => name.to_owned(),
    }
}

/// Who gives the money, in words.
pub(super) fn donor_says(network: &Network, donor: &Donor, lang: Lang) -> String {
    match donor {
        Donor::Organisation(id) => network.name(*id, lang),
        Donor::Named(name) => name.clone(),
    }
}

/// Free places, in words.
pub(super) fn capacity_says(capacity: Capacity, lang: Lang) -> String {
    let mut parts = Vec::new();
    match (capacity.available, capacity.assessed_on) {
        (Some(0), Some(on)) => parts.push(format!("{} ({})", say(lang, "complet", "full"), date(on))),
        (Some(n), Some(on)) => {
            let word = if n == 1 {
                say(lang, "libre", "free")
            } else {
                say(lang, "libres", "free")
            };
            parts.push(format!("{n} {word} ({})", date(on)));
        }
        _ => {}
    }
    if let Some(n) = capacity.per_month {
        parts.push(format!("{n} {}", say(lang, "par mois", "a month")));
    }
    parts.join(", ")
}
