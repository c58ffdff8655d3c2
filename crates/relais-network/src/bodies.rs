//! The mechanism's bodies as organisations.

use relais_mechanism::Label;

use crate::OrganisationId;
use crate::gate::Safeguards;
use crate::ids::derived;
use crate::organisation::{Organisation, OrganisationKind, Origin, PublicationStatus};

/// Name of the source of organisations that the mechanism itself lists.
pub const MECHANISM_SOURCE: &str = "mechanism";

/// A body as the mechanism lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyEntry {
    /// Short code ("MINAS").
    pub code: String,
    /// Name in both languages.
    pub name: Label,
    /// Code of the list `org_type`; `GOV` is read as `GOV_C`.
    pub kind: String,
}

/// A body of a kind that no organisation has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("body {code}: {kind:?} is no kind of organisation; use a code of the list org_type")]
pub struct UnknownKind {
    /// The body.
    pub code: String,
    /// Its kind.
    pub kind: String,
}

/// The id of the organisation that stands for the body with this code.
#[must_use]
pub fn body_id(code: &str) -> OrganisationId {
    OrganisationId(derived("organisation", MECHANISM_SOURCE, code))
}

/// The organisations that stand for the bodies, in their order, published,
/// each with the same id on every run. State bodies are marked by their kind
/// ([`OrganisationKind::is_state_by_default`]).
///
/// # Errors
/// [`UnknownKind`] for the first body whose kind is unknown.
pub fn bodies_plan(bodies: &[BodyEntry]) -> Result<Vec<Organisation>, UnknownKind> {
    bodies
        .iter()
        .map(|body| {
            let kind = match body.kind.as_str() {
                "GOV" => Some(OrganisationKind::CentralGovernment),
                other => OrganisationKind::from_code(other),
            }
            .ok_or_else(|| UnknownKind {
                code: body.code.clone(),
                kind: body.kind.clone(),
            })?;
            Ok(Organisation {
                id: body_id(&body.code),
                code: body.code.clone(),
                name: body.name.clone(),
                kind,
                parent: None,
                region: None,
                department: None,
                telephone: None,
                email: None,
                state_body: kind.is_state_by_default(),
                status: PublicationStatus::Published,
                origin: Some(Origin {
                    source: MECHANISM_SOURCE.into(),
                    key: body.code.clone(),
                }),
                demonstration: false,
                safeguards: Safeguards::default(),
                merged_into: None,
            })
        })
        .collect()
}
