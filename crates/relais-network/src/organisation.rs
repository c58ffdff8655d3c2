//! Organisations: the actors of the mechanism (DESIGN §3, form F6 fields
//! F6.01–F6.11).

use relais_mechanism::{Label, closed_enum};
use serde::{Deserialize, Serialize};

use crate::OrganisationId;
use crate::check::{Checker, FieldError};
use crate::gate::Safeguards;

closed_enum! {
    /// What sort of actor an organisation is (list `org_type` of form F6.02).
    OrganisationKind {
        /// Central government: a ministry or its central services.
        CentralGovernment = "GOV_C",
        /// A regional or departmental delegation of a ministry.
        Deconcentrated = "GOV_D",
        /// A commune or regional council.
        LocalAuthority = "CTD",
        /// A public agency or establishment.
        PublicAgency = "PARA",
        /// A United Nations agency.
        UnAgency = "UN",
        /// Another international organisation.
        International = "IO",
        /// An international NGO.
        InternationalNgo = "INGO",
        /// A national NGO with its approval.
        NationalNgo = "NNGO",
        /// An association or civil-society organisation.
        Association = "ASSO",
        /// An association of returned migrants.
        ReturneeAssociation = "RETASSO",
        /// A faith-based organisation.
        FaithBased = "FBO",
        /// A part of the Red Cross Movement.
        RedCross = "RC",
        /// A private company.
        Company = "PRIV",
        /// An employers' organisation or a chamber of commerce.
        Employers = "EMPORG",
        /// A microfinance institution or a bank.
        Microfinance = "MFI",
        /// A training centre.
        TrainingCentre = "TRAIN",
        /// A health facility.
        HealthFacility = "HOSP",
        /// A court or the bar.
        Judiciary = "COURT",
        /// A technical and financial partner.
        Donor = "DONOR",
        /// A diplomatic or consular mission.
        Diplomatic = "DIPL",
    }
}

impl OrganisationKind {
    /// Whether an organisation of this kind belongs to the State unless its
    /// record says otherwise. Doubtful kinds count as State: the protected
    /// circuit (DOMAIN §1.4) would rather shut out one body too many. A health
    /// facility may be public or private, so its record must say.
    #[must_use]
    pub const fn is_state_by_default(self) -> bool {
        matches!(
            self,
            Self::CentralGovernment
                | Self::Deconcentrated
                | Self::LocalAuthority
                | Self::PublicAgency
                | Self::Judiciary
        )
    }
}

closed_enum! {
    /// The life of an entry of the directory; what moves it, see
    /// [`life`](crate::life).
    PublicationStatus {
        /// Written down, checked by nobody yet.
        Proposed = "proposed",
        /// Checked by the coordination unit, not offered yet.
        Checked = "checked",
        /// In search, may receive referrals.
        Published = "published",
        /// As published, but something speaks against what it says: it ranks
        /// lower and says why.
        Doubtful = "doubtful",
        /// Kept for the history only.
        Archived = "archived",
    }
}

impl PublicationStatus {
    /// Whether whoever looks for a service finds it.
    #[must_use]
    pub const fn is_offered(self) -> bool {
        matches!(self, Self::Published | Self::Doubtful)
    }
}

/// Where a record came from when it was not typed here: the pair is unique,
/// so a second import finds what the first one made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// Name of the source ("mfl-2019", "mechanism").
    pub source: String,
    /// The record's key in that source.
    pub key: String,
}

/// An actor of the mechanism.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Identifier.
    pub id: OrganisationId,
    /// Short code, unique among organisations ("MINAS", "OIM").
    pub code: String,
    /// Official name in both languages (F6.01).
    pub name: Label,
    /// What sort of actor it is (F6.02).
    pub kind: OrganisationKind,
    /// The supervising ministry or umbrella body, *tutelle* (F6.04).
    pub parent: Option<OrganisationId>,
    /// Pcode of the region of its seat ("CM005"), `None` for a national body.
    pub region: Option<String>,
    /// Pcode of the department of its seat.
    pub department: Option<String>,
    /// Telephone of the switchboard (F6.07).
    pub telephone: Option<String>,
    /// E-mail address (F6.08).
    pub email: Option<String>,
    /// Whether it is an organ of the State: the protected circuit is closed to
    /// it (DESIGN §6, DOMAIN §1.4).
    pub state_body: bool,
    /// Whether it may be offered.
    pub status: PublicationStatus,
    /// Source and key, for an imported record.
    pub origin: Option<Origin>,
    /// Made for a demonstration: marked as such on every screen.
    pub demonstration: bool,
    /// What it signed before entries of it are published (F6.40, F6.41); what its
    /// tutelle signed covers it too, see [`gate`](crate::gate).
    #[serde(default, skip_serializing_if = "Safeguards::is_empty")]
    pub safeguards: Safeguards,
    /// The entry in which this one went up when somebody found that both are
    /// one; archived since, and read by its id only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<OrganisationId>,
}

impl Organisation {
    /// Every field that must be put right before the record is saved; empty
    /// when there is none.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut c = Checker::default();
        c.code("code", &self.code);
        c.label("name", &self.name);
        c.pcode_opt("region", self.region.as_deref());
        c.pcode_opt("department", self.department.as_deref());
        c.inside("department", self.department.as_deref(), self.region.as_deref());
        c.telephone_opt("telephone", self.telephone.as_deref());
        c.email_opt("email", self.email.as_deref());
        for signed in self.safeguards.0.values() {
            c.text("safeguards", &signed.paper, false);
        }
        if self.parent == Some(self.id) {
            c.push("parent", crate::check::FieldProblem::OwnParent);
        }
        c.finish()
    }
}
