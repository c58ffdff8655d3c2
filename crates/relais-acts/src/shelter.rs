//! What is said of a confidential place (DESIGN §6, "Confidential places"):
//! nothing to whoever was never sent there, and to the team of a case that was,
//! only that it is a safe shelter and which number of the on-call desk to call.
//! Its own staff read its name. This is the one place of the rule; nothing else
//! decides whether a provider is named.

mod code;

use std::collections::BTreeSet;

use relais_casework::calls::Line;
use relais_mechanism::{Lang, Mechanism};
use relais_network::service::Service;
use relais_network::{OrganisationId, ServiceId};
use relais_store::rows::cases::{CaseRecord, ReferralRecord};
use relais_store::{StoreError, Tx};

use crate::calls::Entry;
use crate::desk::Viewer;
use crate::file::{CaseFile, OpenReferral};
use crate::network::Network;
use crate::protection::PROTECTED;
use crate::say::say;

pub use code::{Confidential, MOST, OwnCode, WITHIN, list, renew};
pub(crate) use code::{opened, own};

/// What stands in place of a shelter's name for the team of a case.
#[must_use]
pub const fn says(lang: Lang) -> &'static str {
    say(lang, "Hébergement sûr", "Safe shelter")
}

/// The same for the mechanism's office, which must not learn what kind of need
/// above S3 it is.
#[must_use]
pub const fn says_restricted(lang: Lang) -> &'static str {
    say(lang, "Structure à accès restreint", "Restricted structure")
}

impl Network {
    /// Whether a service must not be found.
    #[must_use]
    pub fn is_confidential(&self, service: ServiceId) -> bool {
        self.confidential.contains(&service)
    }

    /// Whether a referral goes to a place that is not named.
    #[must_use]
    pub fn hides(&self, referral: &OpenReferral) -> bool {
        let service = referral.detail.service;
        if self.services.contains_key(&service) {
            self.is_confidential(service)
        } else {
            self.hides_record(&referral.record)
        }
    }

    /// The same from what stands in clear, all that is left of an erased person: of a
    /// need above S3 the row does not say the service, and any of the provider's could
    /// be meant.
    fn hides_record(&self, record: &ReferralRecord) -> bool {
        match record.service_id.filter(|s| self.services.contains_key(s)) {
            Some(service) => self.is_confidential(service),
            None => {
                let provider = record.provider_id;
                let offered = self.services_of(provider);
                self.shelters.contains(&provider)
                    || (record.restricted && offered.iter().any(|s| self.is_confidential(*s)))
            }
        }
    }
}

/// The names that one reader may read.
pub struct Names<'n> {
    network: &'n Network,
    reader: OrganisationId,
    lang: Lang,
    /// What stands in place of a name.
    word: &'static str,
    /// Whom a case was sent to without being named.
    unnamed: BTreeSet<OrganisationId>,
}

impl<'n> Names<'n> {
    /// For rows of any case.
    #[must_use]
    pub const fn new(network: &'n Network, viewer: &Viewer) -> Self {
        Self {
            network,
            reader: viewer.organisation,
            lang: viewer.lang,
            word: says(viewer.lang),
            unnamed: BTreeSet::new(),
        }
    }

    /// For the pages of one case: whoever it was sent to without being named is
    /// not named among those who received something of it either.
    #[must_use]
    pub fn of_case(network: &'n Network, viewer: &Viewer, file: &CaseFile) -> Self {
        let hidden = file.referrals.iter().filter(|r| network.hides(r));
        Self {
            unnamed: hidden.map(|r| r.record.provider_id).collect(),
            ..Self::new(network, viewer)
        }
    }

    /// For the mechanism's office.
    #[must_use]
    pub const fn for_office(mut self) -> Self {
        self.word = says_restricted(self.lang);
        self
    }

    /// In a language that is not the reader's: what is printed for others.
    #[must_use]
    pub fn in_language(&self, lang: Lang) -> Self {
        let office = self.word == says_restricted(self.lang);
        Self {
            network: self.network,
            reader: self.reader,
            lang,
            word: if office { says_restricted(lang) } else { says(lang) },
            unnamed: self.unnamed.clone(),
        }
    }

    /// The reader's language.
    #[must_use]
    pub const fn lang(&self) -> Lang {
        self.lang
    }

    /// What stands in place of a name.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        self.word
    }

    /// Whether an organisation is not named to the reader.
    #[must_use]
    pub fn hides(&self, organisation: OrganisationId) -> bool {
        organisation != self.reader && self.unnamed.contains(&organisation)
    }

    /// Whether the provider of a referral is not named to the reader.
    #[must_use]
    pub fn hides_provider(&self, referral: &OpenReferral) -> bool {
        referral.record.provider_id != self.reader && self.network.hides(referral)
    }

    /// Name of whoever stands in a case.
    #[must_use]
    pub fn name(&self, organisation: OrganisationId) -> String {
        if organisation == self.reader {
            self.network.own_name(organisation, self.lang)
        } else if self.unnamed.contains(&organisation) {
            self.word.to_owned()
        } else {
            self.network.name(organisation, self.lang)
        }
    }

    /// Its telephone, where it is named.
    #[must_use]
    pub fn telephone(&self, organisation: OrganisationId) -> Option<String> {
        if organisation == self.reader {
            self.network.organisations.get(&organisation)?.telephone.clone()
        } else if self.unnamed.contains(&organisation) {
            None
        } else {
            self.network.telephone(organisation)
        }
    }

    /// Name of the provider of a referral.
    #[must_use]
    pub fn provider(&self, referral: &OpenReferral) -> String {
        self.asked(referral.record.provider_id, self.hides_provider(referral))
    }

    /// Name of an organisation, or the word where it is not named for a reason
    /// of its own.
    #[must_use]
    pub fn asked(&self, organisation: OrganisationId, hidden: bool) -> String {
        if hidden && organisation != self.reader {
            self.word.to_owned()
        } else if organisation == self.reader {
            self.network.own_name(organisation, self.lang)
        } else {
            self.network.name(organisation, self.lang)
        }
    }

    /// Name of a service.
    #[must_use]
    pub fn service(&self, service: &Service) -> String {
        if service.organisation != self.reader && self.network.is_confidential(service.id) {
            self.word.to_owned()
        } else {
            service.name.get(self.lang).to_owned()
        }
    }

    /// The numbers to call for a referral, in order: the on-call desk's where
    /// the provider is not named.
    ///
    /// # Errors
    /// When the store fails.
    pub fn telephones(
        &self,
        tx: &mut Tx<'_>,
        mechanism: &Mechanism,
        file: &CaseFile,
        referral: &OpenReferral,
    ) -> Result<Vec<String>, StoreError> {
        if self.hides_provider(referral) {
            return Ok(numbers(on_call(tx, mechanism, &file.record, self.lang)?));
        }
        let provider = referral.record.provider_id;
        Ok(self.network.telephones(referral.detail.service, provider))
    }
}

/// The on-call lines of the region where a case is worked on; none of the
/// State's in the protected circuit.
///
/// # Errors
/// When the store fails.
pub(crate) fn on_call(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    case: &CaseRecord,
    lang: Lang,
) -> Result<Vec<Line>, StoreError> {
    let entries = crate::calls::mechanism_and_desk(tx, mechanism, lang)?;
    Ok(lines(&entries, &case.region, case.regime == PROTECTED))
}

/// The lines of these entries for a person in a region, each number once.
#[must_use]
pub(crate) fn lines(entries: &[Entry], region: &str, protected: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    crate::calls::add_on_call(&mut lines, entries, region, protected);
    lines
}

/// The numbers of lines.
pub(crate) fn numbers(lines: Vec<Line>) -> Vec<String> {
    lines.into_iter().map(|l| l.number).collect()
}
