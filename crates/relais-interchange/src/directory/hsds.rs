//! The directory in HSDS 3.0 (Human Services Data Specification, Open
//! Referral): what each object holds. Keys without a value are left out, never
//! null. What HSDS has no word for (codes of the mechanism, both languages)
//! stands in one member, [`EXTENSION`], which readers of plain HSDS pass over.

use chrono::NaiveDate;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::Entry;
use relais_network::ids::derived;
use relais_network::{Organisation, OrganisationId, Place, Service, ServiceId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::values::{Words, served};
use super::{Shown, ShownProgramme};

/// The version of HSDS that is written.
pub const VERSION: &str = "3.0";

/// The member with what HSDS has no word for.
pub const EXTENSION: &str = "relais";

/// The taxonomy of services: categories, and service types below them.
pub const SERVICES: &str = "service";
/// The taxonomy of the groups that a service is meant for.
pub const TARGETS: &str = "target";
/// The taxonomy of types of organisation.
pub const KINDS: &str = "org_type";

/// Every taxonomy, by its code.
pub const TAXONOMIES: [&str; 3] = [SERVICES, TARGETS, KINDS];

/// An id of something that only HSDS gives one to.
fn id(kind: &str, key: &str) -> Uuid {
    derived(kind, "hsds", key)
}

/// The id of a taxonomy.
#[must_use]
pub fn taxonomy_id(code: &str) -> Uuid {
    id("taxonomy", code)
}

/// The id of a term.
#[must_use]
pub fn term_id(taxonomy: &str, code: &str) -> Uuid {
    id("taxonomy_term", &format!("{taxonomy} {code}"))
}

/// The id of a service at its place, made from the service's so that one is found
/// by the other; version and variant of the id are kept.
#[must_use]
pub fn service_at_location_id(service: ServiceId) -> Uuid {
    const OTHER: u128 = 0x5a5a_5a5a_5a5a_0a5a_1a5a_5a5a_5a5a_5a5a;
    Uuid::from_u128(service.0.as_u128() ^ OTHER)
}

/// An object under way; what has no value is not put in.
struct Object(Map<String, Value>);

impl Object {
    fn new(id: impl std::fmt::Display) -> Self {
        Self(Map::new()).put("id", id.to_string())
    }

    fn put(mut self, key: &str, value: impl Into<Value>) -> Self {
        match value.into() {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::Array(items) if items.is_empty() => {}
            Value::Object(members) if members.is_empty() => {}
            value => {
                self.0.insert(key.to_owned(), value);
            }
        }
        self
    }

    /// A member that HSDS requires, empty where nothing is known.
    fn required(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_owned(), Value::from(value));
        self
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

/// Writes objects of HSDS.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'m> {
    /// The mechanism whose words are used.
    pub mechanism: &'m Mechanism,
    /// Language of names and labels; the other one is the alternate name.
    pub lang: Lang,
    /// Whether all numbers are told, and who answers: in what the coordination
    /// unit carries out. What anybody reads has the office lines alone.
    pub posts: bool,
    /// What is told of programmes: in what the coordination unit carries out. Who pays
    /// is internal, so anybody's reading has none.
    pub paid: Option<&'m Shown<'m>>,
}

/// How much of an object is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What there is once of each, for lists.
    Flat,
    /// With all that belongs to it.
    Full,
}

impl<'m> Writer<'m> {
    fn words(&self) -> Words<'m> {
        Words(self.mechanism)
    }

    fn names(&self, object: Object, name: &relais_mechanism::Label) -> Object {
        let (own, other) = match self.lang {
            Lang::Fr => (&name.fr, &name.en),
            Lang::En => (&name.en, &name.fr),
        };
        let alternate = if own == other { "" } else { other.as_str() };
        object.required("name", own).put("alternate_name", alternate)
    }

    /// A service.
    #[must_use]
    pub fn service(&self, entry: &Entry<'_>, shown: &dyn Fn(OrganisationId) -> bool, depth: Depth) -> Value {
        let (service, lang, words) = (entry.service, self.lang, self.words());
        let mut object = self
            .names(Object::new(service.id), &service.name)
            .put("organization_id", service.organisation.to_string())
            .put("status", "active")
            .put("application_process", service.how_to_refer.get(lang))
            .put(
                "fees_description",
                service.cost.map_or("", |c| words.option("cost", c.code(), lang)),
            )
            .put(
                "eligibility_description",
                service
                    .targets
                    .iter()
                    .map(|t| words.option("target", t.code(), lang))
                    .collect::<Vec<_>>()
                    .join(", "),
            )
            .put("assured_date", day(service.confirmed_on))
            .put("organization", self.organisation_of(entry.organisation, shown));
        if service.demonstration {
            object = object.put("alert", words.demonstration(lang));
        }
        if let Some(shown) = self.paid {
            // HSDS has one programme of a service: the one that pays longest.
            let longest = |p: &ShownProgramme<'_>| (p.programme.until.is_none(), p.programme.until, p.programme.id);
            if let Some(last) = shown.paying(service).max_by_key(longest) {
                object = object.put("program_id", last.programme.id.to_string());
                if depth == Depth::Full {
                    object = object.put("program", self.program(last, shown));
                }
            }
        }
        if depth == Depth::Full {
            object = object
                .put("phones", self.phones(service))
                .put("languages", self.languages(service))
                .put("schedules", schedules(service))
                .put("service_areas", self.areas(service))
                .put("service_at_locations", vec![self.at_location(entry, None)])
                .put("attributes", self.attributes(service));
        }
        object.put(EXTENSION, self.extension(service, depth)).done()
    }

    /// A service at its place; with the service itself where it is asked for alone.
    #[must_use]
    pub fn service_at_location(
        &self,
        entry: &Entry<'_>,
        shown: &dyn Fn(OrganisationId) -> bool,
        depth: Depth,
    ) -> Value {
        let service = match depth {
            Depth::Flat => None,
            Depth::Full => Some(self.service(entry, shown, Depth::Flat)),
        };
        self.at_location(entry, service)
    }

    fn at_location(&self, entry: &Entry<'_>, service: Option<Value>) -> Value {
        Object::new(service_at_location_id(entry.service.id))
            .put("service_id", entry.service.id.to_string())
            .put("location_id", entry.place.id.to_string())
            .put("location", self.location(entry.place))
            .put("service", service)
            .done()
    }

    fn location(&self, place: &Place) -> Value {
        let area = |code: &Option<String>| {
            code.as_deref()
                .map_or("", |c| self.words().place(c, self.lang))
                .to_owned()
        };
        // An estimated department is for filters; it is not said as an address.
        let stated = place.department.clone().filter(|_| !place.department_estimated);
        let smallest = place.subdivision.clone().or(stated).or(place.region.clone());
        let city = place.town.clone().unwrap_or_else(|| area(&smallest));
        let address = Object::new(id("address", &place.id.to_string()))
            .put("location_id", place.id.to_string())
            .required("address_1", &place.name)
            .required("city", &city)
            .put("region", area(&place.region))
            .required("state_province", &area(&place.region))
            // The country has no postcodes, and HSDS requires one.
            .required("postal_code", "")
            .required("country", &self.mechanism.country().code)
            .required("address_type", "physical")
            .done();
        let mut object = Object::new(place.id)
            .put("location_type", "physical")
            .put("organization_id", place.organisation.to_string())
            .put("name", place.name.as_str());
        if let (Some(lat), Some(lon)) = (place.lat, place.lon) {
            object = object.put("latitude", lat).put("longitude", lon);
        }
        if let Some(code) = smallest {
            object = object
                .put("external_identifier", code)
                .put("external_identifier_type", "pcode");
        }
        let extension = json!({
            "region": place.region,
            "department": place.department,
            "department_estimated": place.department_estimated.then_some(true),
            "subdivision": place.subdivision,
            "town": place.town,
        });
        object
            .put("addresses", vec![address])
            .put(EXTENSION, without_nulls(extension))
            .done()
    }

    /// A programme.
    fn program(&self, paying: ShownProgramme<'_>, shown: &Shown<'_>) -> Value {
        let (programme, donors) = (paying.programme, paying.donors(shown));
        let pick = |fr: &'static str, en: &'static str| match self.lang {
            Lang::Fr => fr,
            Lang::En => en,
        };
        let mut about = Vec::new();
        if !donors.is_empty() {
            about.push(format!("{} {}", pick("Bailleurs\u{a0}:", "Donors:"), donors.join(", ")));
        }
        if let Some(until) = programme.until {
            about.push(format!("{} {until}", pick("jusqu’au", "until")));
        }
        let extension = json!({
            "code": programme.code,
            "name": programme.name,
            "donors": donors,
            "from": day(programme.from),
            "until": day(programme.until),
            "demonstration": programme.demonstration.then_some(true),
        });
        self.names(Object::new(programme.id), &programme.name)
            .put("organization_id", paying.carrier.id.to_string())
            .required("description", &about.join(", "))
            .put(EXTENSION, without_nulls(extension))
            .done()
    }

    /// The organisation as it stands within a service.
    fn organisation_of(&self, organisation: &Organisation, shown: &dyn Fn(OrganisationId) -> bool) -> Value {
        self.organisation_head(organisation, shown)
            .put(EXTENSION, organisation_extension(organisation))
            .done()
    }

    fn organisation_head(&self, organisation: &Organisation, shown: &dyn Fn(OrganisationId) -> bool) -> Object {
        let parent = organisation.parent.filter(|p| shown(*p)).map(|p| p.to_string());
        self.names(Object::new(organisation.id), &organisation.name)
            .required(
                "description",
                self.words().option("org_type", organisation.kind.code(), self.lang),
            )
            .put("email", organisation.email.clone())
            .put("parent_organization_id", parent)
    }

    /// An organisation, with its services by name.
    #[must_use]
    pub fn organisation(
        &self,
        organisation: &Organisation,
        services: &[Entry<'_>],
        shown: &dyn Fn(OrganisationId) -> bool,
        depth: Depth,
    ) -> Value {
        let key = organisation.id.to_string();
        let mut object = self.organisation_head(organisation, shown);
        if depth == Depth::Full {
            let phone = organisation.telephone.as_ref().map(|number| {
                Object::new(id("phone", &key))
                    .put("organization_id", key.as_str())
                    .put("number", number.as_str())
                    .done()
            });
            let mut places: Vec<&Place> = services.iter().map(|e| e.place).collect();
            places.sort_by_key(|p| p.id);
            places.dedup_by_key(|p| p.id);
            let identifier = Object::new(id("identifier", &key))
                .put("organization_id", key.as_str())
                .put("identifier_type", "code")
                .required("identifier", &organisation.code)
                .done();
            object = object
                .put("phones", phone.into_iter().collect::<Vec<_>>())
                .put(
                    "locations",
                    places.into_iter().map(|p| self.location(p)).collect::<Vec<_>>(),
                )
                .put("organization_identifiers", vec![identifier])
                .put("programs", self.programs(organisation))
                .put(
                    "attributes",
                    vec![self.attribute("organization", &key, KINDS, organisation.kind.code())],
                )
                .put(
                    "services",
                    services
                        .iter()
                        .map(|e| {
                            self.names(Object::new(e.service.id), &e.service.name)
                                .put("status", "active")
                                .done()
                        })
                        .collect::<Vec<_>>(),
                );
        }
        object.put(EXTENSION, organisation_extension(organisation)).done()
    }

    /// The programmes that an organisation carries.
    fn programs(&self, organisation: &Organisation) -> Vec<Value> {
        self.paid.map_or_else(Vec::new, |shown| {
            let own = shown.programmes.iter().filter(|p| p.carrier.id == organisation.id);
            own.map(|p| self.program(*p, shown)).collect()
        })
    }

    fn phones(&self, service: &Service) -> Vec<Value> {
        let phones = &self.mechanism.country().phone;
        service
            .telephones
            .iter()
            .enumerate()
            .filter(|(_, t)| self.posts || phones.is_office_line(&t.number))
            .map(|(n, telephone)| {
                let who = if self.posts { telephone.who.as_str() } else { "" };
                let said: Vec<&str> = [who, telephone.hours.as_str()]
                    .into_iter()
                    .filter(|t| !t.is_empty())
                    .collect();
                Object::new(id("phone", &format!("{} {n}", service.id)))
                    .put("service_id", service.id.to_string())
                    .required("number", &telephone.number)
                    .put("type", "voice")
                    .put("description", said.join(", "))
                    .done()
            })
            .collect()
    }

    fn languages(&self, service: &Service) -> Vec<Value> {
        service
            .languages
            .iter()
            .map(|code| {
                Object::new(id("language", &format!("{} {code}", service.id)))
                    .put("service_id", service.id.to_string())
                    .put("code", code.as_str())
                    .put("name", self.words().option("lang", code, self.lang))
                    .done()
            })
            .collect()
    }

    fn areas(&self, service: &Service) -> Vec<Value> {
        let (level, code) = served(&service.served_area);
        let country = &self.mechanism.country();
        let name = code.map_or(country.label.get(self.lang), |c| self.words().place(c, self.lang));
        let code = code.unwrap_or(&country.code);
        vec![
            Object::new(id("service_area", &service.id.to_string()))
                .put("service_id", service.id.to_string())
                .put("name", name)
                .put("description", format!("{level} {code}"))
                .done(),
        ]
    }

    fn attributes(&self, service: &Service) -> Vec<Value> {
        let key = service.id.to_string();
        let mut found = vec![self.attribute("service", &key, SERVICES, &service.service_type)];
        found.extend(
            service
                .targets
                .iter()
                .map(|t| self.attribute("service", &key, TARGETS, t.code())),
        );
        found
    }

    fn attribute(&self, entity: &str, key: &str, taxonomy: &str, code: &str) -> Value {
        Object::new(id("attribute", &format!("{key} {taxonomy} {code}")))
            .put("link_id", key)
            .put("link_entity", entity)
            .put("link_type", taxonomy)
            .put("taxonomy_term_id", term_id(taxonomy, code).to_string())
            .put("taxonomy_term", self.term(taxonomy, code))
            .done()
    }

    fn extension(&self, service: &Service, depth: Depth) -> Value {
        let (level, code) = served(&service.served_area);
        let telephones: Vec<Value> = service
            .telephones
            .iter()
            .map(|t| json!({"number": t.number, "who": t.who, "hours": t.hours}))
            .collect();
        let mut extension = json!({
            "service_type": service.service_type,
            "served_area": {"level": level, "pcode": code},
            "modes": service.modes,
            "targets": service.targets,
            "cost": service.cost,
            "capacity_per_month": service.capacity.per_month,
            "places_available": service.capacity.available,
            "places_assessed_on": day(service.capacity.assessed_on),
            "on_call": service.on_call,
            "source": service.origin.as_ref().map(|o| &o.source),
            "source_key": service.origin.as_ref().map(|o| &o.key),
            "demonstration": service.demonstration.then_some(true),
            "name": service.name,
        });
        if depth == Depth::Full
            && let Some(members) = extension.as_object_mut()
        {
            if !service.how_to_refer.fr.is_empty() || !service.how_to_refer.en.is_empty() {
                members.insert("how_to_refer".to_owned(), json!(service.how_to_refer));
            }
            let paid = self.paid.map(|shown| shown.paying(service));
            let codes: Vec<&str> = paid.into_iter().flatten().map(|p| p.programme.code.as_str()).collect();
            if !codes.is_empty() {
                members.insert("programmes".to_owned(), json!(codes));
            }
            if self.posts && !telephones.is_empty() {
                members.insert("telephones".to_owned(), Value::from(telephones));
            }
        }
        without_nulls(extension)
    }

    /// A taxonomy.
    #[must_use]
    pub fn taxonomy(&self, code: &str) -> Value {
        let (name, about) = self.words().taxonomy(code, self.lang);
        Object::new(taxonomy_id(code))
            .required("name", name)
            .required("description", about)
            .put("version", self.mechanism.version())
            .done()
    }

    /// The terms of a taxonomy, by code; those of services with their categories before them.
    #[must_use]
    pub fn codes(&self, taxonomy: &str) -> Vec<&'m str> {
        if taxonomy == SERVICES {
            let categories = self.mechanism.categories().iter().map(|c| c.code.as_str());
            return categories
                .chain(self.mechanism.services().iter().map(|s| s.code.as_str()))
                .collect();
        }
        self.mechanism
            .option_list(taxonomy)
            .map(|list| list.choices.iter().map(|o| o.code.as_str()).collect())
            .unwrap_or_default()
    }

    /// A term of a taxonomy.
    #[must_use]
    pub fn term(&self, taxonomy: &str, code: &str) -> Value {
        let words = self.words();
        let (name, parent) = if taxonomy == SERVICES {
            let parent = code.split_once('.').map(|(category, _)| category);
            (words.service_type(code, self.lang), parent)
        } else {
            (words.option(taxonomy, code, self.lang), None)
        };
        Object::new(term_id(taxonomy, code))
            .put("code", code)
            .required("name", name)
            .required("description", name)
            .put("parent_id", parent.map(|p| term_id(taxonomy, p).to_string()))
            .put("taxonomy", taxonomy)
            .put("taxonomy_id", taxonomy_id(taxonomy).to_string())
            .put("language", self.lang.code())
            .done()
    }

    /// Everything shown, in one file: organisations, services, taxonomies. Each
    /// object is written when it is made, so that only text is kept.
    #[must_use]
    pub fn file(&self, shown: &Shown<'_>, made_on: NaiveDate) -> Vec<u8> {
        let among = |id| shown.shows(id);
        let mut out = format!("{{\"hsds_version\":\"{VERSION}\",\n\"made_on\":\"{made_on}\"").into_bytes();
        let organisations = shown.organisations.iter().map(|o| {
            let first = shown.entries.partition_point(|e| e.organisation.code < o.code);
            let last = shown.entries.partition_point(|e| e.organisation.code <= o.code);
            self.organisation(o, &shown.entries[first..last], &among, Depth::Full)
        });
        list(&mut out, "organizations", organisations);
        let services = shown.entries.iter().map(|e| self.service(e, &among, Depth::Full));
        list(&mut out, "services", services);
        list(&mut out, "taxonomies", TAXONOMIES.iter().map(|t| self.taxonomy(t)));
        let terms = TAXONOMIES
            .iter()
            .flat_map(|t| self.codes(t).into_iter().map(move |c| self.term(t, c)));
        list(&mut out, "taxonomy_terms", terms);
        out.extend_from_slice(b"}\n");
        out
    }
}

/// Writes a list, one object a line.
fn list(out: &mut Vec<u8>, name: &str, things: impl Iterator<Item = Value>) {
    out.extend_from_slice(format!(",\n\"{name}\":[").as_bytes());
    for (n, thing) in things.enumerate() {
        out.extend_from_slice(if n == 0 { b"\n" } else { b",\n" });
        out.extend_from_slice(thing.to_string().as_bytes());
    }
    out.extend_from_slice(b"\n]");
}

/// What HSDS has no word for, of an organisation.
fn organisation_extension(organisation: &Organisation) -> Value {
    without_nulls(json!({
        "code": organisation.code,
        "kind": organisation.kind.code(),
        "region": organisation.region,
        "department": organisation.department,
        "state_body": organisation.state_body,
        "source": organisation.origin.as_ref().map(|o| &o.source),
        "source_key": organisation.origin.as_ref().map(|o| &o.key),
        "demonstration": organisation.demonstration.then_some(true),
        "name": organisation.name,
    }))
}

fn day(on: Option<NaiveDate>) -> Option<String> {
    on.map(|d| d.to_string())
}

fn schedules(service: &Service) -> Vec<Value> {
    if service.opening_hours.is_empty() {
        return Vec::new();
    }
    vec![
        Object::new(id("schedule", &service.id.to_string()))
            .put("service_id", service.id.to_string())
            .put("description", service.opening_hours.as_str())
            .done(),
    ]
}

/// The same without members that hold nothing.
fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, v| !v.is_null() && !v.as_array().is_some_and(Vec::is_empty));
        for member in members.values_mut() {
            *member = without_nulls(member.take());
        }
    }
    value
}
