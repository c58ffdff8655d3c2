//! Who gave a consent and how: proof, authority over a child, assent
//! (DOMAIN §2.3).

use relais_mechanism::closed_enum;

use super::{Consent, ConsentDecision};

closed_enum! {
    /// Who consents (F3.10).
    GivenBy {
        /// The person.
        Person = "SELF",
        /// A parent.
        Parent = "PARENT",
        /// A legal guardian.
        Guardian = "GUARD",
        /// Who cares for the child in fact.
        Caregiver = "CARE",
        /// The competent social service, in best interests.
        SocialService = "SOCIAL",
        /// A judicial authority.
        Court = "COURT",
    }
}

closed_enum! {
    /// How the consent is proved (F3.40).
    ProofForm {
        /// Written and signed.
        Signature = "WRITTEN",
        /// Thumbprint.
        Thumbprint = "THUMB",
        /// Oral, with a witness.
        OralWitness = "ORAL_W",
        /// Oral, recorded.
        OralRecorded = "ORAL_R",
        /// At a distance, by a one-time code.
        Remote = "REMOTE",
    }
}

closed_enum! {
    /// A child's assent (F3.12).
    Assent {
        /// The child agrees.
        Yes = "yes",
        /// The child does not agree.
        No = "no",
        /// Too young to be asked.
        TooYoung = "young",
    }
}

closed_enum! {
    /// How sure the link of the accompanying adult to the child is (F1.63b).
    AdultLink {
        /// Verified by the social service.
        Verified = "verified",
        /// Shown by paper, with proof of authority.
        PaperShown = "paper_shown",
        /// Declared only: urgent care, nothing else.
        Declared = "declared",
        /// Doubtful: never a consent.
        Doubtful = "doubtful",
    }
}

/// How a consent was given.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Proof {
    /// Its form.
    pub form: ProofForm,
    /// The witness's name, for an oral consent with witness.
    #[serde(default)]
    pub witness: Option<String>,
    /// The child's assent, where an adult consents for a child.
    #[serde(default)]
    pub assent: Option<Assent>,
    /// The adult's link to the child, where a private adult consents.
    #[serde(default)]
    pub link: Option<AdultLink>,
}

impl AdultLink {
    /// The link that counts, of what the case has on record and what is stated
    /// beside a consent: a doubt on record is not lifted by a statement, only
    /// by what the child's own record says later (F1.63b).
    #[must_use]
    pub fn counting(recorded: Option<Self>, stated: Option<Self>) -> Option<Self> {
        match (recorded, stated) {
            (Some(Self::Doubtful), _) | (_, Some(Self::Doubtful)) => Some(Self::Doubtful),
            (recorded, None) => recorded,
            (_, stated) => stated,
        }
    }
}

impl GivenBy {
    /// Whether a private adult consents for another: whose link to the child
    /// then decides how far it reaches.
    #[must_use]
    pub const fn is_private_adult(self) -> bool {
        matches!(self, Self::Parent | Self::Guardian | Self::Caregiver)
    }
}

impl Proof {
    /// A plain proof of this form, by the person.
    #[must_use]
    pub const fn of(form: ProofForm) -> Self {
        Self {
            form,
            witness: None,
            assent: None,
            link: None,
        }
    }

    /// Whether whoever consented had the authority to: a declared link reaches
    /// urgent care only, a doubtful or unstated one nothing (DESIGN §6).
    #[must_use]
    pub const fn authority_reaches(&self, given_by: GivenBy, urgent: bool) -> bool {
        match given_by {
            GivenBy::Person | GivenBy::SocialService | GivenBy::Court => true,
            GivenBy::Parent | GivenBy::Guardian | GivenBy::Caregiver => match self.link {
                Some(AdultLink::Verified | AdultLink::PaperShown) => true,
                Some(AdultLink::Declared) => urgent,
                Some(AdultLink::Doubtful) | None => false,
            },
        }
    }
}

closed_enum! {
    /// What is wrong with a consent as it is written down.
    ConsentFlaw {
        /// An oral consent names no witness.
        WitnessMissing = "witness_missing",
        /// The notice's version is missing.
        NoticeMissing = "notice_missing",
        /// A grant names no class.
        NoClass = "no_class",
        /// A child under fifteen cannot consent alone.
        ChildTooYoung = "child_too_young",
        /// The child's assent was not asked.
        AssentMissing = "assent_missing",
        /// The child said no.
        AssentRefused = "assent_refused",
        /// From fifteen, the child consents too.
        ChildMustConsent = "child_must_consent",
        /// The adult's link to the child is not stated.
        LinkMissing = "link_missing",
        /// The adult's link is doubtful: no consent.
        LinkDoubtful = "link_doubtful",
        /// Involving the adult is not safe for the child: the social service
        /// decides.
        CaregiverUnsafe = "caregiver_unsafe",
        /// Another consents for an adult.
        NotForAnAdult = "not_for_an_adult",
        /// It ends before it begins.
        EndsBeforeItBegins = "ends_before_it_begins",
    }
}

impl Consent {
    /// What is wrong with it, by the child consent and assent table of
    /// DOMAIN §2.3; empty when it may be recorded.
    ///
    /// `age` is the age in years; doubt about age is passed as a child's age.
    /// `caregiver_safe`: whether involving the caregiver is safe for the child
    /// (F3.13). A refusal needs neither authority nor assent.
    #[must_use]
    pub fn flaws(&self, age: u8, caregiver_safe: bool) -> Vec<ConsentFlaw> {
        let mut flaws = Vec::new();
        if self.notice_hash.trim().is_empty() {
            flaws.push(ConsentFlaw::NoticeMissing);
        }
        if self.until.is_some_and(|until| until <= self.from) {
            flaws.push(ConsentFlaw::EndsBeforeItBegins);
        }
        let no_witness = self.proof.witness.as_deref().is_none_or(|name| name.trim().is_empty());
        if self.proof.form == ProofForm::OralWitness && no_witness {
            flaws.push(ConsentFlaw::WitnessMissing);
        }
        if self.decision != ConsentDecision::Granted {
            return flaws;
        }
        if self.classes.is_empty() {
            flaws.push(ConsentFlaw::NoClass);
        }
        match self.given_by {
            GivenBy::Person => match age {
                0..=11 => flaws.push(ConsentFlaw::ChildTooYoung),
                // A mature child of 12–14 may, where the caregiver is unsafe.
                12..=14 if caregiver_safe => flaws.push(ConsentFlaw::ChildTooYoung),
                _ => {}
            },
            GivenBy::Parent | GivenBy::Guardian | GivenBy::Caregiver => {
                match self.proof.link {
                    None => flaws.push(ConsentFlaw::LinkMissing),
                    Some(AdultLink::Doubtful) => flaws.push(ConsentFlaw::LinkDoubtful),
                    Some(_) => {}
                }
                if !caregiver_safe {
                    flaws.push(ConsentFlaw::CaregiverUnsafe);
                }
                if age >= 18 {
                    flaws.push(ConsentFlaw::NotForAnAdult);
                }
                flaws.extend(self.assent_flaw(age));
            }
            GivenBy::SocialService | GivenBy::Court => flaws.extend(self.assent_flaw(age)),
        }
        flaws
    }

    /// What the child's own word lacks, where another consents.
    fn assent_flaw(&self, age: u8) -> Option<ConsentFlaw> {
        match (age, self.proof.assent) {
            (0..=5 | 18.., _) | (6..=17, Some(Assent::Yes)) => None,
            (_, Some(Assent::No)) => Some(ConsentFlaw::AssentRefused),
            (15..=17, _) => Some(ConsentFlaw::ChildMustConsent),
            (_, None | Some(Assent::TooYoung)) => Some(ConsentFlaw::AssentMissing),
        }
    }
}
