//! A mechanism in force: everything that the files say, typed and checked,
//! with the bundle from which it can be loaded again, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::FixedOffset;

use crate::country::{Body, Bridge, Calendar, Country, EntryPoint, Holiday, OnCallNumber, Regime, RegimeRule};
use crate::finding::Finding;
use crate::form::Form;
use crate::limits::{ConfirmationInterval, LadderStep, LimitFacts, LimitOf, Limits, Rules, ServiceLimit};
use crate::options::{OptionList, Word};
use crate::pathway::{Edge, State};
use crate::places::{self, Level, Place, PlaceMatch};
use crate::search::Meaning;
use crate::source::Sources;
use crate::taxonomy::{Category, ServiceType};
use crate::triage::TriageRule;
use crate::words::{ClassSet, DataClass, Label, Lang, Priority, Purpose, Role, Sensitivity};

/// One version of a country's mechanism.
///
/// Made by [`load`](Self::load) or [`from_bundle`](Self::from_bundle), which
/// give a mechanism only when nothing is wrong with it; so every getter by a
/// closed word (priority, class, role …) always finds its entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Mechanism {
    pub(crate) hash: String,
    pub(crate) bundle: String,
    pub(crate) version: String,
    pub(crate) label: Label,
    pub(crate) regime: Regime,
    pub(crate) s4_basis: Option<String>,
    pub(crate) country: Country,
    pub(crate) categories: Vec<Category>,
    pub(crate) services: Vec<ServiceType>,
    pub(crate) lists: BTreeMap<String, Arc<OptionList>>,
    pub(crate) forms: Vec<Form>,
    pub(crate) triage: Vec<TriageRule>,
    pub(crate) meanings: Vec<Meaning>,
    pub(crate) limits: BTreeMap<Priority, Limits>,
    pub(crate) service_limits: Vec<ServiceLimit>,
    pub(crate) confirmation_intervals: Vec<ConfirmationInterval>,
    pub(crate) ladder: Vec<LadderStep>,
    pub(crate) rules: Rules,
    pub(crate) states: Vec<State>,
    pub(crate) edges: Vec<Edge>,
    pub(crate) commands: Vec<Word>,
    pub(crate) priorities: BTreeMap<Priority, Word>,
    pub(crate) roles: BTreeMap<Role, Word>,
    pub(crate) classes: BTreeMap<DataClass, (Word, Sensitivity)>,
    pub(crate) purposes: BTreeMap<Purpose, Word>,
    pub(crate) agreement_kinds: Vec<Word>,
    pub(crate) regimes: BTreeMap<Regime, RegimeRule>,
    pub(crate) places: Vec<Place>,
    pub(crate) calendars: Vec<Calendar>,
    pub(crate) holidays: Vec<Holiday>,
    pub(crate) bodies: Vec<Body>,
    pub(crate) entry_points: Vec<EntryPoint>,
    pub(crate) on_call: Vec<OnCallNumber>,
    pub(crate) emergency: Vec<OnCallNumber>,
    pub(crate) bridges: Vec<Bridge>,
    pub(crate) notices: BTreeMap<(String, Lang), String>,
    pub(crate) institution: crate::load::Institution,
    pub(crate) registers: Vec<crate::registers::Register>,
}

/// A mechanism that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenMechanism {
    /// What is wrong, in the order of the files; never empty.
    pub findings: Vec<Finding>,
}

impl fmt::Display for BrokenMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{}", finding.line(Lang::En))?;
        }
        Ok(())
    }
}

impl std::error::Error for BrokenMechanism {}

impl Mechanism {
    /// Loads a mechanism from its files.
    ///
    /// # Errors
    /// [`BrokenMechanism`], with every finding of the check.
    pub fn load(sources: &Sources) -> Result<Self, BrokenMechanism> {
        crate::load::load(sources).map_err(|findings| BrokenMechanism { findings })
    }

    /// The mechanism of a country that is built into the binary, such as
    /// "cameroon".
    ///
    /// # Errors
    /// [`BrokenMechanism`], when the country has no files or they are broken.
    pub fn embedded(country: &str) -> Result<Self, BrokenMechanism> {
        Self::load(&Sources::embedded(country))
    }

    /// Loads a version from the bundle that the store kept.
    ///
    /// # Errors
    /// [`BrokenMechanism`], when the text is no bundle of this program.
    pub fn from_bundle(bundle: &str) -> Result<Self, BrokenMechanism> {
        match Sources::from_bundle(bundle) {
            Some(sources) => Self::load(&sources),
            None => Err(BrokenMechanism {
                findings: vec![crate::check::not_a_bundle()],
            }),
        }
    }

    /// Hash of the whole content: SHA-256 of the bundle, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Name of the version for people, such as "cm-2026.1".
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Title of the mechanism.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The whole content as one text, from which the version is loaded again.
    #[must_use]
    pub fn bundle(&self) -> &str {
        &self.bundle
    }

    /// The country's header.
    #[must_use]
    pub fn country(&self) -> &Country {
        &self.country
    }

    /// The country's time zone.
    #[must_use]
    pub fn local(&self) -> FixedOffset {
        crate::load::offset(self.country.utc_offset_seconds)
    }

    // ---- taxonomy ----

    /// Every category of service.
    #[must_use]
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The category with this code, such as "MED".
    #[must_use]
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|c| c.code == code)
    }

    /// Every kind of service.
    #[must_use]
    pub fn services(&self) -> &[ServiceType] {
        &self.services
    }

    /// The kind of service with this code, such as "MED.01".
    #[must_use]
    pub fn service_type(&self, code: &str) -> Option<&ServiceType> {
        self.services.iter().find(|s| s.code == code)
    }

    /// The discreet label of a kind of service.
    #[must_use]
    pub fn discreet_label(&self, service: &str, lang: Lang) -> Option<&str> {
        self.service_type(service).map(|s| s.discreet.get(lang))
    }

    /// Data classes that a kind of service may receive once it has accepted:
    /// identity, contact and what its category needs (consent for each class
    /// beyond identity and contact is asked for elsewhere). Identity and
    /// contact alone for an unknown code.
    #[must_use]
    pub fn classes_needed(&self, service: &str) -> ClassSet {
        let base = ClassSet::EMPTY.with(DataClass::Identity).with(DataClass::Contact);
        self.service_type(service).map_or(base, |s| s.needs.union(base))
    }

    // ---- words and options ----

    /// Label of a priority.
    #[must_use]
    pub fn priority(&self, priority: Priority) -> Option<&Word> {
        self.priorities.get(&priority)
    }

    /// Label of a role.
    #[must_use]
    pub fn role(&self, role: Role) -> Option<&Word> {
        self.roles.get(&role)
    }

    /// Label of a data class.
    #[must_use]
    pub fn class(&self, class: DataClass) -> Option<&Word> {
        self.classes.get(&class).map(|(word, _)| word)
    }

    /// Sensitivity of a data class; S4 for the restricted ones.
    #[must_use]
    pub fn class_sensitivity(&self, class: DataClass) -> Sensitivity {
        self.classes.get(&class).map_or(Sensitivity::S4, |(_, level)| *level)
    }

    /// Label of a purpose.
    #[must_use]
    pub fn purpose(&self, purpose: Purpose) -> Option<&Word> {
        self.purposes.get(&purpose)
    }

    /// Every option list by name.
    pub fn option_lists(&self) -> impl Iterator<Item = &OptionList> {
        self.lists.values().map(Arc::as_ref)
    }

    /// The option list of this name; "svc" lists the kinds of service,
    /// "data_class" the data classes and "priority" the priorities.
    #[must_use]
    pub fn option_list(&self, name: &str) -> Option<&OptionList> {
        self.lists.get(name).map(Arc::as_ref)
    }

    /// Label of an option.
    #[must_use]
    pub fn option_label(&self, list: &str, code: &str, lang: Lang) -> Option<&str> {
        self.option_list(list)?.choice(code).map(|c| c.label.get(lang))
    }

    // ---- forms and notices ----

    /// Every form.
    #[must_use]
    pub fn forms(&self) -> &[Form] {
        &self.forms
    }

    /// The form with this code, such as "F1E".
    #[must_use]
    pub fn form(&self, code: &str) -> Option<&Form> {
        self.forms.iter().find(|f| f.code == code)
    }

    /// The triage table: what answers propose.
    #[must_use]
    pub fn triage(&self) -> &[TriageRule] {
        &self.triage
    }

    /// The everyday words of the search; none in a version older than they are.
    #[must_use]
    pub fn meanings(&self) -> &[Meaning] {
        &self.meanings
    }

    /// The text (Markdown) of a notice, such as "consent".
    #[must_use]
    pub fn notice(&self, name: &str, lang: Lang) -> Option<&str> {
        self.notices.get(&(name.to_owned(), lang)).map(String::as_str)
    }

    /// Hash of a notice: SHA-256 in hexadecimal, kept with a consent to show
    /// which text was read out.
    #[must_use]
    pub fn notice_hash(&self, name: &str, lang: Lang) -> Option<String> {
        self.notice(name, lang).map(crate::load::sha256)
    }

    // ---- limits and pathway ----

    /// Limits of a priority, tightened by what the kind of service always
    /// asks for.
    #[must_use]
    pub fn limits(&self, priority: Priority, service: &str) -> Limits {
        self.limits_given(priority, service, LimitFacts::default())
    }

    /// Limits of a priority, tightened by the kind of service and by what is
    /// known of the case.
    #[must_use]
    pub fn limits_given(&self, priority: Priority, service: &str, facts: LimitFacts) -> Limits {
        let mut limits = self
            .limits
            .get(&priority)
            .copied()
            .expect("a loaded mechanism has limits for every priority");
        for own in &self.service_limits {
            let of_service = own.services.is_empty() || own.services.iter().any(|s| s == service);
            if !of_service || !facts.meet(own.condition, priority) {
                continue;
            }
            match own.of {
                LimitOf::News => limits.news = limits.news.tighter(own.limit),
                LimitOf::Start => {
                    limits.first_contact = limits.first_contact.tighter(own.limit);
                    limits.start = limits.start.tighter(own.limit);
                    limits.need = limits.need.tighter(own.limit);
                    limits.bed_before = own.before.or(limits.bed_before);
                }
            }
        }
        limits
    }

    /// Limits that services set themselves.
    #[must_use]
    pub fn service_limits(&self) -> &[ServiceLimit] {
        &self.service_limits
    }

    /// Steps of the ladder, from the lowest percent.
    #[must_use]
    pub fn ladder(&self) -> &[LadderStep] {
        &self.ladder
    }

    /// For how long the confirmation of some entries of the directory holds.
    #[must_use]
    pub fn confirmation_intervals(&self) -> &[ConfirmationInterval] {
        &self.confirmation_intervals
    }

    /// Counts and lengths that hold for every priority.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// States of the pathway.
    #[must_use]
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// The state with this code.
    #[must_use]
    pub fn state(&self, code: &str) -> Option<&State> {
        self.states.iter().find(|s| s.code == code)
    }

    /// Edges of the pathway.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Commands of the pathway, with their labels.
    #[must_use]
    pub fn commands(&self) -> &[Word] {
        &self.commands
    }

    /// The command with this code, such as "accept".
    #[must_use]
    pub fn command(&self, code: &str) -> Option<&Word> {
        self.commands.iter().find(|c| c.code == code)
    }

    // ---- sharing ----

    /// The regime of sharing that this version names: transitional or
    /// ordinary.
    #[must_use]
    pub fn regime(&self) -> Regime {
        self.regime
    }

    /// On what the S4 classes may be kept and shared: the authorisation or the
    /// legal memo that the data-protection officer recorded; without it they
    /// are off (DOMAIN §2.9).
    #[must_use]
    pub fn s4_basis(&self) -> Option<&str> {
        self.s4_basis.as_deref()
    }

    /// What a regime asks for.
    #[must_use]
    pub fn regime_rule(&self, regime: Regime) -> Option<&RegimeRule> {
        self.regimes.get(&regime)
    }

    /// Whether a need is vital: never refused for a missing agreement (P1, and
    /// P2 in the categories that the vital regime names).
    #[must_use]
    pub fn is_vital(&self, priority: Priority, service: &str) -> bool {
        let Some(rule) = self.regimes.get(&Regime::Vital) else {
            return false;
        };
        let category = self.service_type(service).map(|s| s.category.as_str());
        rule.priorities.contains(&priority)
            || (rule.priorities_in_categories.contains(&priority)
                && category.is_some_and(|c| rule.categories.iter().any(|v| v == c)))
    }

    /// Days that an expired agreement still carries.
    #[must_use]
    pub fn grace_days(&self) -> u32 {
        self.rules.grace_days
    }

    /// Kinds of agreement, with their labels.
    #[must_use]
    pub fn agreement_kinds(&self) -> &[Word] {
        &self.agreement_kinds
    }

    // ---- places ----

    /// Every place.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// The place with this P-code.
    #[must_use]
    pub fn place(&self, code: &str) -> Option<&Place> {
        self.places.iter().find(|p| p.code == code)
    }

    /// Regions.
    pub fn regions(&self) -> impl Iterator<Item = &Place> {
        self.at_level(Level::Region, None)
    }

    /// The language in which an organisation of this region is written to:
    /// the region's own, else the mechanism's first, French.
    #[must_use]
    pub fn language_of(&self, region: Option<&str>) -> Lang {
        region
            .and_then(|code| self.regions().find(|r| r.code == code))
            .and_then(|r| r.language)
            .unwrap_or(Lang::Fr)
    }

    /// Departments of a region, or all.
    pub fn departments<'a>(&'a self, region: Option<&'a str>) -> impl Iterator<Item = &'a Place> {
        self.at_level(Level::Department, region)
    }

    /// Subdivisions of a department, or all.
    pub fn subdivisions<'a>(&'a self, department: Option<&'a str>) -> impl Iterator<Item = &'a Place> {
        self.at_level(Level::Subdivision, department)
    }

    /// Places that a typed name may mean, nearest first, without regard to
    /// accents, capitals and slips of the finger.
    #[must_use]
    pub fn find_place(&self, typed: &str) -> Vec<PlaceMatch<'_>> {
        places::find(&self.places, typed)
    }

    fn at_level<'a>(&'a self, level: Level, parent: Option<&'a str>) -> impl Iterator<Item = &'a Place> {
        self.places
            .iter()
            .filter(move |p| p.level == level && parent.is_none_or(|code| p.parent.as_deref() == Some(code)))
    }

    // ---- country ----

    /// Calendars of the country and its regions.
    #[must_use]
    pub fn calendars(&self) -> &[Calendar] {
        &self.calendars
    }

    /// Public holidays, by date.
    #[must_use]
    pub fn holidays(&self) -> &[Holiday] {
        &self.holidays
    }

    /// Organisations that the country's mechanism names.
    #[must_use]
    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }

    /// Where returning people arrive.
    #[must_use]
    pub fn entry_points(&self) -> &[EntryPoint] {
        &self.entry_points
    }

    /// Numbers to call for a P1 in a region, in order: the region's own that
    /// are filled in, then the country's fallback.
    #[must_use]
    pub fn on_call(&self, region: &str) -> Vec<&OnCallNumber> {
        let of = |wanted: Option<&str>| -> Vec<&OnCallNumber> {
            let mut found: Vec<_> = self
                .on_call
                .iter()
                .filter(|n| n.region.as_deref() == wanted && n.is_filled())
                .collect();
            found.sort_by_key(|n| n.rank);
            found
        };
        let mut numbers = of(Some(region));
        numbers.extend(of(None));
        numbers
    }

    /// Every entry of the on-call list, also those that the country has not
    /// filled in: what the secretariat's page shows as missing.
    #[must_use]
    pub fn on_call_entries(&self) -> &[OnCallNumber] {
        &self.on_call
    }

    /// Emergency numbers that anybody may call beside the country's fallback, in
    /// the order in which they are shown (DOMAIN §5.4). No P1 goes to them.
    #[must_use]
    pub fn emergency_numbers(&self) -> &[OnCallNumber] {
        &self.emergency
    }

    /// The country's other referral mechanisms, and how one passes to them.
    #[must_use]
    pub fn bridges(&self) -> &[Bridge] {
        &self.bridges
    }

    /// Codes of regions whose own on-call entry is not filled in.
    #[must_use]
    pub fn regions_without_on_call(&self) -> BTreeSet<&str> {
        self.regions()
            .map(|r| r.code.as_str())
            .filter(|r| {
                !self
                    .on_call
                    .iter()
                    .any(|n| n.region.as_deref() == Some(r) && n.is_filled())
            })
            .collect()
    }
}
