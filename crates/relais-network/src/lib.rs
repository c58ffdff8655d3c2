//! Organisations, services, places and agreements: pure rules, search and
//! import planning.

pub mod ids;

pub use ids::{
    AgreementId, CaseId, ConsentId, DisclosureId, GrantId, NeedId, OrganisationId, OverrideId, PersonId, PlaceId,
    ReferralId, ServiceId, UserId,
};
