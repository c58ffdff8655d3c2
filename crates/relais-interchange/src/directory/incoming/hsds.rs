//! HSDS 3 as lines of fields. What we wrote ourselves is read by the codes of
//! [`EXTENSION`](super::super::hsds::EXTENSION); of others' files, what HSDS
//! says in its own words.

use std::collections::{BTreeMap, HashMap, HashSet};

use relais_mechanism::Mechanism;
use serde::Deserialize;

use super::super::fields::{Column, Field, MOST_TELEPHONES};
use super::super::programmes;
use super::super::values::{BETWEEN, Words};
use super::{Incoming, Mapping, NoDirectory};
use crate::problem::FileProblem;
use crate::table::Limits;

/// Objects of a file, at most: as many as a table may have lines.
const MOST: usize = Limits::DIRECTORY.rows;
/// What belongs to one object, at most: telephones, languages, places.
const BESIDE: usize = 200;
/// How an error begins that says so.
const TOO_MANY: &str = "more than";

/// A list that is given up beyond `N`: an empty object costs two bytes in a file,
/// and hundreds here.
struct AtMost<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Default for AtMost<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const N: usize> std::ops::Deref for AtMost<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Clone, const N: usize> Clone for AtMost<T, N> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for AtMost<T, N> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Taking<T, const N: usize>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const N: usize> serde::de::Visitor<'de> for Taking<T, N> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
                let mut found = Vec::new();
                while let Some(next) = seq.next_element()? {
                    if found.len() == N {
                        return Err(serde::de::Error::custom(format!("{TOO_MANY} {N}")));
                    }
                    found.push(next);
                }
                Ok(found)
            }
        }
        from.deserialize_seq(Taking::<T, N>(std::marker::PhantomData)).map(Self)
    }
}

/// A member that is null is one that is not there: some systems write so.
fn or_nothing<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

/// A file: ours, a page of an API, or one service alone.
#[derive(Deserialize)]
struct File {
    #[serde(default)]
    organizations: AtMost<Organization, MOST>,
    #[serde(default, alias = "contents")]
    services: AtMost<Service, MOST>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Names {
    fr: String,
    en: String,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Organization {
    #[serde(deserialize_with = "or_nothing")]
    id: String,
    #[serde(deserialize_with = "or_nothing")]
    name: String,
    email: Option<String>,
    parent_organization_id: Option<String>,
    #[serde(deserialize_with = "or_nothing")]
    phones: AtMost<Phone, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    programs: AtMost<Program, BESIDE>,
    relais: Option<OwnOrganisation>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Program {
    relais: Option<OwnProgramme>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct OwnProgramme {
    code: String,
    name: Names,
    donors: AtMost<String, BESIDE>,
    from: String,
    until: String,
    demonstration: bool,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct OwnOrganisation {
    code: String,
    kind: String,
    region: String,
    department: String,
    state_body: Option<bool>,
    source: String,
    source_key: String,
    demonstration: bool,
    name: Names,
}

#[derive(Deserialize, Clone, Default)]
#[serde(default)]
struct Phone {
    #[serde(deserialize_with = "or_nothing")]
    number: String,
    description: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Service {
    #[serde(deserialize_with = "or_nothing")]
    id: String,
    organization_id: Option<String>,
    organization: Option<Organization>,
    #[serde(deserialize_with = "or_nothing")]
    name: String,
    application_process: Option<String>,
    fees_description: Option<String>,
    assured_date: Option<String>,
    #[serde(deserialize_with = "or_nothing")]
    phones: AtMost<Phone, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    languages: AtMost<Language, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    schedules: AtMost<Described, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    service_areas: AtMost<Described, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    service_at_locations: AtMost<AtLocation, BESIDE>,
    #[serde(deserialize_with = "or_nothing")]
    attributes: AtMost<Attribute, BESIDE>,
    relais: Option<OwnService>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OwnService {
    service_type: String,
    served_area: Served,
    modes: AtMost<String, BESIDE>,
    targets: AtMost<String, BESIDE>,
    cost: String,
    capacity_per_month: Option<u32>,
    places_available: Option<u32>,
    places_assessed_on: String,
    on_call: bool,
    source: String,
    source_key: String,
    demonstration: bool,
    name: Names,
    how_to_refer: Names,
    programmes: AtMost<String, BESIDE>,
    telephones: AtMost<Telephone, BESIDE>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Served {
    level: String,
    pcode: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Telephone {
    number: String,
    who: String,
    hours: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Language {
    code: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Described {
    name: Option<String>,
    description: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct AtLocation {
    #[serde(deserialize_with = "or_nothing")]
    id: String,
    location: Option<Location>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Location {
    #[serde(deserialize_with = "or_nothing")]
    id: String,
    name: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    #[serde(deserialize_with = "or_nothing")]
    addresses: AtMost<Address, BESIDE>,
    relais: Option<OwnPlace>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct OwnPlace {
    region: String,
    department: String,
    department_estimated: bool,
    subdivision: String,
    town: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Address {
    city: Option<String>,
    state_province: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute {
    taxonomy_term: Option<Term>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Term {
    code: Option<String>,
    name: Option<String>,
}

/// The lines of a file: a service at a place each, then organisations that
/// offer none of them.
pub(super) fn lines(
    text: &[u8],
    mapping: &Mapping,
    mechanism: &Mechanism,
    limits: &Limits,
) -> Result<Vec<Incoming>, NoDirectory> {
    let not = |e: serde_json::Error| {
        let line = e.line();
        if e.to_string().starts_with(&format!("{TOO_MANY} {MOST} ")) {
            return FileProblem::TooManyRows { limit: MOST, line }.into();
        }
        NoDirectory::NotHsds { line }
    };
    let array = text.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
    let mut file = if array {
        File {
            organizations: AtMost::default(),
            services: serde_json::from_slice(text).map_err(not)?,
        }
    } else {
        serde_json::from_slice(text).map_err(not)?
    };
    if file.services.is_empty() && file.organizations.is_empty() {
        let alone: Service = serde_json::from_slice(text).map_err(not)?;
        if alone.id.is_empty() {
            return Err(NoDirectory::NotHsds { line: 1 });
        }
        file.services.0.push(alone);
    }
    if file.services.len() + file.organizations.len() > limits.rows {
        let limit = limits.rows;
        return Err(FileProblem::TooManyRows { limit, line: limit + 1 }.into());
    }
    let organisations: HashMap<String, Organization> =
        file.organizations.iter().map(|o| (o.id.clone(), o.clone())).collect();
    let carried = file.organizations.iter().flat_map(|o| {
        let carrier = o.relais.as_ref().map_or("", |own| own.code.as_str());
        let own = o.programs.iter().filter_map(|p| p.relais.as_ref());
        own.map(move |p| (p.code.as_str(), (p, carrier)))
    });
    let reader = Reader {
        words: Words(mechanism),
        mapping,
        programmes: carried.collect(),
    };
    let mut lines = Vec::new();
    let mut offering: HashSet<String> = HashSet::new();
    for (n, service) in file.services.iter().enumerate() {
        let nested = service.organization.as_ref();
        let named = service.organization_id.as_deref().or(nested.map(|o| o.id.as_str()));
        let organisation = named.and_then(|id| organisations.get(id)).or(nested);
        let mut head = Values::default();
        if let Some(organisation) = organisation {
            offering.insert(organisation.id.clone());
            reader.organisation(organisation, &mut head);
        }
        reader.service(service, &mut head);
        let places: Vec<Option<&AtLocation>> = match service.service_at_locations.len() {
            0 => vec![None],
            _ => service.service_at_locations.iter().map(Some).collect(),
        };
        for (at, place) in places.into_iter().enumerate() {
            let mut values = head.clone();
            if let Some(place) = place {
                // A service of ours is at one place; at others it is one more, under the id of that pair.
                if at > 0 {
                    values.put(Field::ServiceId, &place.id);
                }
                reader.place(place, &mut values);
            }
            lines.push(Incoming {
                line: n + 1,
                values: values.0,
            });
        }
    }
    let services = file.services.len();
    for (n, organisation) in file.organizations.iter().enumerate() {
        if !offering.contains(&organisation.id) {
            let mut values = Values::default();
            reader.organisation(organisation, &mut values);
            lines.push(Incoming {
                line: services + n + 1,
                values: values.0,
            });
        }
    }
    Ok(lines)
}

#[derive(Default, Clone)]
struct Values(BTreeMap<Column, String>);

impl Values {
    /// What is said; what is empty is not said.
    fn put(&mut self, field: Field, text: &str) {
        self.number(field, 0, text);
    }

    fn number(&mut self, field: Field, number: u8, text: &str) {
        if !text.is_empty() {
            self.0.insert(Column { field, number }, text.to_owned());
        }
    }

    fn yes(&mut self, field: Field, yes: bool) {
        self.put(field, if yes { "1" } else { "0" });
    }

    fn count(&mut self, field: Field, count: Option<u32>) {
        if let Some(n) = count {
            self.put(field, &n.to_string());
        }
    }
}

struct Reader<'a> {
    words: Words<'a>,
    mapping: &'a Mapping,
    /// Programmes of the file by their code, each with the code of who carries it.
    programmes: HashMap<&'a str, (&'a OwnProgramme, &'a str)>,
}

impl Reader<'_> {
    fn organisation(&self, o: &Organization, values: &mut Values) {
        values.put(Field::OrganisationId, &o.id);
        values.put(Field::Email, o.email.as_deref().unwrap_or_default());
        values.put(Field::Parent, o.parent_organization_id.as_deref().unwrap_or_default());
        let number = o.phones.first().map_or("", |p| p.number.as_str());
        values.put(Field::OrganisationTelephone, number);
        let Some(own) = &o.relais else {
            values.put(Field::OrganisationFr, &o.name);
            values.put(Field::OrganisationEn, &o.name);
            return;
        };
        values.put(Field::OrganisationFr, &own.name.fr);
        values.put(Field::OrganisationEn, &own.name.en);
        values.put(Field::OrganisationCode, &own.code);
        values.put(Field::Kind, &own.kind);
        values.put(Field::SeatRegion, &own.region);
        values.put(Field::SeatDepartment, &own.department);
        if let Some(state) = own.state_body {
            values.yes(Field::StateBody, state);
        }
        values.yes(Field::OrganisationDemonstration, own.demonstration);
        // Said even where there is none: what came from no source is not of this file's.
        for (field, text) in [
            (Field::OrganisationSource, &own.source),
            (Field::OrganisationKey, &own.source_key),
        ] {
            values.0.insert(Column::of(field), text.clone());
        }
    }

    fn service(&self, s: &Service, values: &mut Values) {
        values.put(Field::ServiceId, &s.id);
        values.put(Field::ConfirmedOn, s.assured_date.as_deref().unwrap_or_default());
        let hours = s.schedules.first().and_then(|d| d.description.as_deref());
        values.put(Field::Hours, hours.unwrap_or_default());
        let languages: Vec<&str> = s.languages.iter().filter_map(|l| self.language(l)).collect();
        values.put(Field::Languages, &languages.join(BETWEEN));
        match &s.relais {
            Some(own) => self.own(s, own, values),
            None => self.of_others(s, values),
        }
    }

    /// The language of a list: its code in three letters, or its name.
    fn language(&self, language: &Language) -> Option<&str> {
        let named = |text: &Option<String>| self.words.choice("lang", text.as_deref()?);
        let short = match language.code.as_deref() {
            Some("fr") => Some("fra"),
            Some("en") => Some("eng"),
            _ => None,
        };
        named(&language.code).or(short).or_else(|| named(&language.name))
    }

    fn own(&self, s: &Service, own: &OwnService, values: &mut Values) {
        values.put(Field::NameFr, &own.name.fr);
        values.put(Field::NameEn, &own.name.en);
        values.put(Field::HowFr, &own.how_to_refer.fr);
        values.put(Field::HowEn, &own.how_to_refer.en);
        values.put(Field::ServiceType, &own.service_type);
        let served = if own.served_area.pcode.is_empty() {
            &own.served_area.level
        } else {
            &own.served_area.pcode
        };
        values.put(Field::Served, served);
        values.put(Field::Modes, &own.modes.0.join(BETWEEN));
        values.put(Field::Targets, &own.targets.0.join(BETWEEN));
        values.put(Field::Cost, &own.cost);
        values.count(Field::PerMonth, own.capacity_per_month);
        values.count(Field::Available, own.places_available);
        values.put(Field::AssessedOn, &own.places_assessed_on);
        values.yes(Field::OnCall, own.on_call);
        values.yes(Field::Demonstration, own.demonstration);
        for (field, text) in [(Field::Source, &own.source), (Field::SourceKey, &own.source_key)] {
            values.0.insert(Column::of(field), text.clone());
        }
        self.programmes(own, values);
        if own.telephones.is_empty() {
            self.phones(s, values);
        }
        for (n, telephone) in (0..MOST_TELEPHONES).zip(own.telephones.iter()) {
            values.number(Field::Telephone, n, &telephone.number);
            values.number(Field::TelephoneWho, n, &telephone.who);
            values.number(Field::TelephoneHours, n, &telephone.hours);
        }
    }

    /// The programmes of a service, as the columns of a table have them.
    fn programmes(&self, own: &OwnService, values: &mut Values) {
        let codes = &own.programmes.0;
        let mut put = |field, said: &dyn Fn(&OwnProgramme, &str) -> String| {
            let of = |code: &String| {
                self.programmes
                    .get(code.as_str())
                    .map_or_else(String::new, |&(p, by)| said(p, by))
            };
            values.put(field, &programmes::cell(&codes.iter().map(of).collect::<Vec<_>>()));
        };
        put(Field::ProgrammeFr, &|p, _| p.name.fr.clone());
        put(Field::ProgrammeEn, &|p, _| p.name.en.clone());
        put(Field::ProgrammeCarrier, &|_, carrier| carrier.to_owned());
        put(Field::Donors, &|p, _| {
            programmes::donors(&p.donors.iter().map(String::as_str).collect::<Vec<_>>())
        });
        put(Field::FundingFrom, &|p, _| p.from.clone());
        put(Field::FundingUntil, &|p, _| p.until.clone());
        put(Field::ProgrammeDemonstration, &|p, _| {
            if p.demonstration { "1" } else { "0" }.to_owned()
        });
        values.put(Field::Programmes, &programmes::cell(codes));
    }

    fn phones(&self, s: &Service, values: &mut Values) {
        for (n, phone) in (0..MOST_TELEPHONES).zip(s.phones.iter()) {
            values.number(Field::Telephone, n, &phone.number);
            let who = phone.description.as_deref().unwrap_or_default();
            values.number(Field::TelephoneWho, n, who);
        }
    }

    /// A service as another's system says it.
    fn of_others(&self, s: &Service, values: &mut Values) {
        values.put(Field::NameFr, &s.name);
        values.put(Field::NameEn, &s.name);
        let how = s.application_process.as_deref().unwrap_or_default();
        values.put(Field::HowFr, how);
        values.put(Field::HowEn, how);
        self.phones(s, values);
        // What is said in free words, and meant by none of ours, is left out.
        let fee = s.fees_description.as_deref().unwrap_or_default();
        values.put(Field::Cost, self.words.choice("cost", fee).unwrap_or_default());
        let area = s.service_areas.first().and_then(|a| a.name.as_deref());
        if let Some(area) = area.filter(|a| self.words.served_meant(a).is_some()) {
            values.put(Field::Served, area);
        }
        let terms: Vec<&str> = s
            .attributes
            .iter()
            .filter_map(|a| a.taxonomy_term.as_ref())
            .flat_map(|t| [t.code.as_deref(), t.name.as_deref()])
            .flatten()
            .collect();
        let mapped = |term: &str| {
            let words = self.mapping.values.get(Field::ServiceType.code());
            let ours = words.and_then(|w| w.get(term)).map_or(term, String::as_str);
            self.words.type_meant(ours)
        };
        // The first term that is a service of ours; else the first, so that the report names it.
        let found = terms.iter().find_map(|t| mapped(t)).or_else(|| terms.first().copied());
        values.put(Field::ServiceType, found.unwrap_or_default());
    }

    fn place(&self, at: &AtLocation, values: &mut Values) {
        let Some(location) = &at.location else { return };
        values.put(Field::PlaceId, &location.id);
        values.put(Field::Place, location.name.as_deref().unwrap_or_default());
        for (field, degrees) in [
            (Field::Latitude, location.latitude),
            (Field::Longitude, location.longitude),
        ] {
            values.put(field, &degrees.map(|d| d.to_string()).unwrap_or_default());
        }
        if let Some(own) = &location.relais {
            values.put(Field::Region, &own.region);
            values.put(Field::Department, &own.department);
            values.put(Field::Subdivision, &own.subdivision);
            values.put(Field::Town, &own.town);
            values.yes(Field::Estimated, own.department_estimated);
        } else if let Some(address) = location.addresses.first() {
            values.put(Field::Town, address.city.as_deref().unwrap_or_default());
            values.put(Field::Region, address.state_province.as_deref().unwrap_or_default());
        }
    }
}
