//! Organisations, services, places and agreements: pure rules, search and
//! import planning.

pub mod agreement;
pub mod bodies;
pub mod catalogue;
pub mod check;
pub mod directory;
mod from_mechanism;
pub mod gate;
pub mod ids;
pub mod import;
pub mod life;
pub mod matrix;
pub mod organisation;
pub mod place;
pub mod programme;
pub mod ratification;
pub mod same;
pub mod service;
pub mod spelling;
pub mod words;

pub use bodies::{BodyEntry, bodies_plan, body_id};
pub use catalogue::{Area, AreaLevel, Catalogue, Category, Geography, Lexicon, ServiceType};
pub use check::{FieldError, FieldProblem};
pub use directory::{
    Cursor, Directory, Entry, FacetCounts, Freshness, Hit, Look, Loosened, Page, Query, Reason, Understood, Wanted,
};
pub use from_mechanism::bodies_of;
pub use gate::{Missing, Safeguard, Safeguards, Signed};
pub use ids::{
    AgreementId, CallRoundId, CaseId, ComplaintId, ConsentId, DisclosureId, EntryChangeId, ExpectedId, FigureId,
    GrantId, GroupId, HandoverId, LateCallId, NeedId, OrganisationId, OverrideId, PersonId, PlaceId, PostId,
    ProgrammeId, ReferralId, SameAskId, ServiceId, StopRequestId, TransferId, UserId, WebhookId,
};
pub use life::{Doubt, DoubtCause};
pub use organisation::{Organisation, OrganisationKind, Origin, PublicationStatus};
pub use place::{Place, Point};
pub use programme::{Donor, Paying, Programme, programme_id};
pub use ratification::{Ratification, Ratified};
pub use service::{Capacity, Cost, ServedArea, Service, ServiceMode, Target, Telephone};
