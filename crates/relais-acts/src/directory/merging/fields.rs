//! The fields of two entries, of which somebody chooses.

use relais_mechanism::{Label, Lang, Mechanism, closed_enum};
use relais_network::life::Line;
use relais_network::{Organisation, Place, Service};

use super::{FieldView, Shown, seat};
use crate::entries::{Words, values_of};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::share::place_name;

closed_enum! {
    /// A field of an organisation that is chosen.
    OrganisationField {
        /// Name, in both languages.
        Name = "name",
        /// What sort of actor it is.
        Kind = "kind",
        /// Who stands above it.
        Parent = "parent",
        /// Region and department of its seat.
        Region = "region",
        /// Telephone of the switchboard.
        Telephone = "telephone",
        /// E-mail address.
        Email = "email",
        /// The place that stands for it, with its coordinates.
        Place = "place",
    }
}

/// The lines of a service that are chosen: all but its type, which both share.
pub(super) fn service_fields() -> impl Iterator<Item = Line> {
    Line::ALL.iter().copied().filter(|line| *line != Line::ServiceType)
}

/// What kind of organisation it is, in words.
pub(super) fn kind(mechanism: &Mechanism, organisation: &Organisation, lang: Lang) -> String {
    let code = organisation.kind.code();
    mechanism
        .option_label("org_type", code, lang)
        .unwrap_or(code)
        .to_owned()
}

/// An area, in words; empty for none.
pub(super) fn area(mechanism: &Mechanism, code: Option<&str>, lang: Lang) -> String {
    code.map_or_else(String::new, |code| place_name(mechanism, code, lang))
}

fn label(field: OrganisationField, lang: Lang) -> &'static str {
    match field {
        OrganisationField::Name => say(lang, "Nom", "Name"),
        OrganisationField::Kind => say(lang, "Type", "Type"),
        OrganisationField::Parent => say(lang, "Tutelle", "Supervising body"),
        OrganisationField::Region => say(lang, "Région du siège", "Region of the seat"),
        OrganisationField::Telephone => say(lang, "Téléphone", "Telephone"),
        OrganisationField::Email => say(lang, "Adresse électronique", "E-mail"),
        OrganisationField::Place => say(lang, "Lieu", "Place"),
    }
}

/// A name in both languages, once where they are the same.
fn both_languages(name: &Label) -> String {
    if name.fr == name.en {
        name.fr.clone()
    } else {
        format!("{} / {}", name.fr, name.en)
    }
}

/// A place with its coordinates, which tell two places of one town apart.
fn place(network: &Network, place: &Place, lang: Lang) -> String {
    let said = network.said(place.id, lang);
    match place.point() {
        Some(point) => format!("{said} ({:.4}, {:.4})", point.lat, point.lon),
        None => said.to_owned(),
    }
}

fn organisation_says(
    network: &Network,
    mechanism: &Mechanism,
    o: &Organisation,
    field: OrganisationField,
    lang: Lang,
) -> String {
    match field {
        OrganisationField::Name => both_languages(&o.name),
        OrganisationField::Kind => kind(mechanism, o, lang),
        // One that nobody may see is not said.
        OrganisationField::Parent => o
            .parent
            .filter(|p| network.shown_organisations(mechanism).contains(*p))
            .map_or_else(String::new, |p| network.name(p, lang)),
        OrganisationField::Region => area(mechanism, o.department.as_deref().or(o.region.as_deref()), lang),
        OrganisationField::Telephone => o.telephone.clone().unwrap_or_default(),
        OrganisationField::Email => o.email.clone().unwrap_or_default(),
        OrganisationField::Place => seat(network, o.id).map_or_else(String::new, |p| place(network, p, lang)),
    }
}

/// Both entries field by field; what one alone says is proposed.
pub(super) fn compared(
    network: &Network,
    mechanism: &Mechanism,
    sides: &[Shown<'_>; 2],
    stays: usize,
    lang: Lang,
) -> Result<Vec<FieldView>, ActError> {
    let view = |field: &str, label: &str, values: [String; 2]| {
        let proposed = if values[stays].is_empty() && !values[1 - stays].is_empty() {
            1 - stays
        } else {
            stays
        };
        FieldView {
            field: field.to_owned(),
            label: label.to_owned(),
            same: values[0] == values[1],
            values,
            proposed,
        }
    };
    match sides {
        [Shown::Organisation(a), Shown::Organisation(b)] => Ok(OrganisationField::ALL
            .iter()
            .map(|field| {
                let says = |o: &Organisation| organisation_says(network, mechanism, o, *field, lang);
                view(field.code(), label(*field, lang), [says(a), says(b)])
            })
            .collect()),
        [Shown::Service(a), Shown::Service(b)] => {
            let words = Words {
                mechanism,
                network,
                lang,
            };
            let (of_a, of_b) = (values_of(a)?, values_of(b)?);
            let says = |values: &serde_json::Value, line: Line| {
                words.line(line, values.get(line.code()).unwrap_or(&serde_json::Value::Null))
            };
            Ok(service_fields()
                .map(|line| {
                    let values = match line {
                        Line::Name => [both_languages(&a.name), both_languages(&b.name)],
                        Line::Place => [a, b].map(|s| {
                            let at = network.places.get(&s.place);
                            at.map_or_else(String::new, |p| place(network, p, lang))
                        }),
                        line => [says(&of_a, line), says(&of_b, line)],
                    };
                    view(line.code(), crate::entries::line_name(line, lang), values)
                })
                .collect())
        }
        _ => Err(ActError::NotFound),
    }
}

fn unknown(code: &str) -> ActError {
    ActError::field(
        "taken",
        "unknown",
        (
            &format!("Le champ « {code} » ne se choisit pas."),
            &format!("The field “{code}” is not one to choose."),
        ),
    )
}

/// The entry that stays, with the values that are taken from the one that goes.
/// It is an organ of the State where one of them is: the protected circuit would
/// rather shut out one too many.
pub(super) fn organisation(
    stays: &Organisation,
    goes: &Organisation,
    taken: &[String],
) -> Result<(Organisation, bool), ActError> {
    let (mut one, mut place) = (stays.clone(), false);
    for code in taken {
        match OrganisationField::from_code(code).ok_or_else(|| unknown(code))? {
            OrganisationField::Name => one.name.clone_from(&goes.name),
            OrganisationField::Kind => one.kind = goes.kind,
            OrganisationField::Parent => one.parent = goes.parent,
            OrganisationField::Region => {
                one.region.clone_from(&goes.region);
                one.department.clone_from(&goes.department);
            }
            OrganisationField::Telephone => one.telephone.clone_from(&goes.telephone),
            OrganisationField::Email => one.email.clone_from(&goes.email),
            OrganisationField::Place => place = true,
        }
    }
    // Whoever went up in it stands above nobody any more.
    if one.parent == Some(goes.id) {
        one.parent = goes.parent.filter(|p| *p != stays.id);
    }
    if one.parent == Some(one.id) {
        one.parent = None;
    }
    one.state_body |= goes.state_body;
    Ok((one, place))
}

/// The service that stays, with the lines that are taken from the one that goes.
pub(super) fn service(stays: &Service, goes: &Service, taken: &[String]) -> Result<Service, ActError> {
    let mut one = stays.clone();
    for code in taken {
        match Line::from_code(code).ok_or_else(|| unknown(code))? {
            Line::Name => one.name.clone_from(&goes.name),
            Line::Place => one.place = goes.place,
            Line::Telephones => {
                one.telephones.clone_from(&goes.telephones);
                one.on_call = goes.on_call;
            }
            Line::OpeningHours => one.opening_hours.clone_from(&goes.opening_hours),
            Line::Capacity => one.capacity = goes.capacity,
            Line::Cost => one.cost = goes.cost,
            Line::ServedArea => one.served_area = goes.served_area.clone(),
            Line::Targets => one.targets.clone_from(&goes.targets),
            Line::HowToRefer => one.how_to_refer.clone_from(&goes.how_to_refer),
            Line::Languages => one.languages.clone_from(&goes.languages),
            Line::Programmes => one.programmes.clone_from(&goes.programmes),
            Line::ServiceType => return Err(unknown(code)),
        }
    }
    Ok(one)
}

/// A service with what it does not say and the other one does.
pub(super) fn filled(stays: &Service, goes: &Service) -> Service {
    let mut one = stays.clone();
    if one.telephones.is_empty() {
        one.telephones.clone_from(&goes.telephones);
        one.on_call |= goes.on_call && !goes.telephones.is_empty();
    }
    if one.opening_hours.is_empty() {
        one.opening_hours.clone_from(&goes.opening_hours);
    }
    if one.languages.is_empty() {
        one.languages.clone_from(&goes.languages);
    }
    if one.programmes.is_empty() {
        one.programmes.clone_from(&goes.programmes);
    }
    if one.cost.is_none() {
        one.cost = goes.cost;
    }
    if one.how_to_refer == Label::default() {
        one.how_to_refer.clone_from(&goes.how_to_refer);
    }
    if one.capacity == relais_network::Capacity::default() {
        one.capacity = goes.capacity;
    }
    one
}
