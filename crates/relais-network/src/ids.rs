//! Identifiers: UUIDs (version 7 where a maker makes them), one type per kind
//! so that a case's id is never passed where a need's belongs.

use uuid::Uuid;

/// Declares an id: a newtype over [`Uuid`], transparent in JSON.
macro_rules! id_type {
    ($($(#[$meta:meta])* $name:ident)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes, for a database column.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

id_type! {
    /// An actor of the mechanism.
    OrganisationId
    /// What an organisation offers.
    ServiceId
    /// Where it offers it.
    PlaceId
    /// A project that pays for services.
    ProgrammeId
    /// What organisations signed.
    AgreementId
    /// A person who signs in.
    UserId
    /// The person concerned.
    PersonId
    /// The work with one person.
    CaseId
    /// An arrival of many at once.
    GroupId
    /// A person whom its list announces.
    ExpectedId
    /// A service needed.
    NeedId
    /// A request that one service meets one need.
    ReferralId
    /// A dated consent, one line of the form.
    ConsentId
    /// A right to see classes of a case.
    GrantId
    /// A communication of data.
    DisclosureId
    /// An override of consent or agreement.
    OverrideId
    /// A request to stop using what was received, after a withdrawal.
    StopRequestId
    /// The calls of one emergency, number after number.
    CallRoundId
    /// A case that one shift hands to the next.
    HandoverId
    /// A computer that several people of an organisation use.
    PostId
    /// A question to the holder of another file: is it of the same person?
    SameAskId
    /// The hand-over of a case to another organisation.
    TransferId
    /// A call about late work.
    LateCallId
    /// A provider's figures as they were put before it.
    FigureId
    /// A complaint.
    ComplaintId
    /// An organisation's system that is told of referral events.
    WebhookId
    /// A change of an entry of the directory, made or proposed.
    EntryChangeId
}

/// An identifier made from a name: the same source and key give the same
/// identifier on every run and every machine, so that an import or a
/// mechanism's body can be written twice without being there twice. Version 8
/// of RFC 9562: the first sixteen bytes of a SHA-256 with version and variant
/// set. `kind` keeps an organisation and its place apart when both come from
/// one row.
#[must_use]
pub fn derived(kind: &str, source: &str, key: &str) -> Uuid {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in [kind, source, key] {
        // Lengths first: ("a", "bc") and ("ab", "c") are different names.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes)
}
