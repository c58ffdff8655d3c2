//! The one table of routes. The router is built from it and from nothing
//! else, so that a route without a stated rule cannot exist; tests walk it.

use axum::http::Method;
use axum::routing::MethodRouter;
use relais_mechanism::words::{Purpose, Role};

use crate::guard::Kept;
use crate::{AppState, api, pages};

/// For whom a route answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// People: HTML, a session's cookie.
    Page,
    /// Programs: JSON, a bearer token.
    Api,
}

/// Who may be answered. Rules that speak of a case are kept by the act behind
/// the route, against the grants; the table states them so that a test can
/// hold every relation against every route. Whoever a rule leaves out gets the
/// answer of what does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anybody.
    Public,
    /// Anybody, of one thing of the directory that everybody may see: published, and
    /// nothing confidential. What is not answers as if it did not exist.
    Shown,
    /// Anybody who is signed in.
    SignedIn,
    /// A user with one of the roles.
    Role(&'static [Role]),
    /// Whoever has a grant on the case, each within its classes: assigned,
    /// supervisor of the holder, and the provider from acceptance until its
    /// access ends.
    CaseSeen,
    /// Whoever works on the case for its holder.
    CaseWorked,
    /// The supervisors of the organisation that holds the case.
    CaseSupervised,
    /// Whoever works on the case of the need.
    NeedWorked,
    /// Either side of the referral: the case's team, or the provider's focal points.
    ReferralSeen,
    /// The case's team.
    ReferralSent,
    /// The mechanism's office, as far as it sees the case: the secretariat, the
    /// focal point of the case's region; nobody in the protected circuit.
    LateWatched,
    /// Whoever may press the provider's hierarchy: the supervisors of the
    /// organisation that holds the case, the secretariat, the focal point of
    /// the case's region; in the protected circuit the supervisors alone.
    ReferralPressed,
    /// Whoever holds a one-time link and its code, or a slip with the code on it:
    /// nobody need be signed in, and the act behind the route looks at the link's
    /// cookie or at the slip's code. Without one, nothing is shown but where to
    /// type it.
    Link,
    /// Either side of a request to stop using what was received: the case's
    /// team, or the focal points and supervisors of the organisation asked.
    StopSeen,
    /// Whoever registers arrivals for the organisation that receives this
    /// arrival of many.
    GroupWorked,
    /// Whoever works on the case of which another organisation asks whether it is
    /// of the same person.
    SameAsked,
    /// Whoever co-signs the override: the supervisors of its author's
    /// organisation, the secretariat's supervisor where it came to them.
    OverrideJudged,
    /// Whoever works on cases at the organisation asked to take a case or at
    /// the one that let it go; the case's team.
    TransferSeen,
    /// Case managers of the holder, where nobody works on the case.
    CaseUnclaimed,
    /// Whoever a complaint was addressed to, or let in by its ladder; never the
    /// organisation concerned, an administrator, nor, for abuse, the secretariat.
    ComplaintReceived,
    /// The focal points of the organisation whose entry of the directory it is, and
    /// the coordination unit that keeps it: never one that no search may find.
    EntrySeen,
    /// The coordination unit that keeps the entry of which a change waits.
    ChangeJudged,
    /// Anybody who is signed in, of an agreement of which enough may be named.
    AgreementSeen,
    /// The mechanism's office for the whole country, of such an agreement.
    AgreementKept,
    /// Anybody who is signed in, of a programme that whoever is known carries.
    ProgrammeSeen,
    /// The mechanism's office for the whole country, of such a programme.
    ProgrammeKept,
    /// The roles that the mechanism lets read the register: anybody who is signed in
    /// where it names none.
    RegisterSeen,
    /// The roles that the mechanism lets write it; whoever may only read it is told so.
    RegisterKept,
    /// The coordination unit, of an organisation that is known for more than a
    /// shelter; what it signed is noted by the unit that keeps it.
    SafeguardsKept,
    /// Whoever speaks for the systems of the organisation whose webhook it is:
    /// its supervisors and focal points.
    WebhookOwned,
}

impl Rule {
    /// Whether the route is a team's own, so that "you may not" would say that
    /// what it speaks of exists.
    pub(crate) const fn is_of_a_team(self) -> bool {
        match self {
            Self::CaseSeen
            | Self::CaseWorked
            | Self::CaseSupervised
            | Self::NeedWorked
            | Self::ReferralSent
            | Self::ReferralPressed
            | Self::LateWatched
            | Self::OverrideJudged
            | Self::CaseUnclaimed
            | Self::GroupWorked => true,
            Self::Public
            | Self::Shown
            | Self::SignedIn
            | Self::Role(_)
            | Self::ReferralSeen
            | Self::Link
            | Self::StopSeen
            | Self::SameAsked
            | Self::TransferSeen
            | Self::ComplaintReceived
            | Self::EntrySeen
            | Self::ChangeJudged
            | Self::AgreementSeen
            | Self::AgreementKept
            | Self::ProgrammeSeen
            | Self::ProgrammeKept
            | Self::RegisterSeen
            | Self::RegisterKept
            | Self::SafeguardsKept
            | Self::WebhookOwned => false,
        }
    }
}

/// One route.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// Method.
    pub verb: Verb,
    /// Path, with `{id}` where an id stands.
    pub path: &'static str,
    /// For whom.
    pub kind: Kind,
    /// Who may.
    pub rule: Rule,
    /// Why, for the access log.
    pub purpose: Purpose,
    pub(crate) handler: fn(&'static Route) -> MethodRouter<AppState>,
}

/// The two methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads.
    Get,
    /// Acts.
    Post,
}

impl Verb {
    /// As HTTP writes it.
    #[must_use]
    pub const fn http(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Post => Method::POST,
        }
    }
}

/// One line a route: method, path, for whom, who may, why, and what answers.
macro_rules! routes {
    ($($verb:ident $path:literal, $kind:ident, $rule:expr, $purpose:ident, $handler:path;)*) => {
        &[$(Route {
            verb: verb!($verb),
            path: $path,
            kind: Kind::$kind,
            rule: $rule,
            purpose: Purpose::$purpose,
            handler: |route| axum::routing::$verb(Kept::new(route, $handler)),
        }),*]
    };
}

macro_rules! verb {
    (get) => {
        Verb::Get
    };
    (post) => {
        Verb::Post
    };
}

use Rule::{
    AgreementKept, AgreementSeen, CaseSeen, CaseSupervised, CaseUnclaimed, CaseWorked, ChangeJudged, ComplaintReceived,
    EntrySeen, GroupWorked, LateWatched, Link, NeedWorked, OverrideJudged, ProgrammeKept, ProgrammeSeen, Public,
    ReferralPressed, ReferralSeen, ReferralSent, RegisterKept, RegisterSeen, SafeguardsKept, SameAsked, Shown,
    SignedIn, StopSeen, TransferSeen, WebhookOwned,
};

/// Who registers arrivals and works on cases.
const WORKS: Rule = Rule::Role(&[Role::CaseManager, Role::Supervisor]);
/// Who answers for a provider's services.
const ANSWERS: Rule = Rule::Role(&[Role::FocalPoint]);
/// Who co-signs overrides.
const COSIGNS: Rule = Rule::Role(&[Role::Supervisor, Role::SecretariatSupervisor]);
/// Who looks at open emergencies: whoever works on cases, and the mechanism's office.
const ON_DUTY: Rule = Rule::Role(&[
    Role::CaseManager,
    Role::Supervisor,
    Role::Secretariat,
    Role::SecretariatSupervisor,
    Role::RegionalFocalPoint,
]);
/// Who puts figures before the providers.
const PUTS: Rule = Rule::Role(&[Role::Secretariat]);
/// Who may have a person in danger in front of them.
const SERVES: Rule = Rule::Role(&[Role::CaseManager, Role::Supervisor, Role::FocalPoint]);
/// Who brings a directory in and puts it before the committee: the office for the whole country.
const BRINGS: Rule = Rule::Role(&[Role::Secretariat, Role::SecretariatSupervisor]);
/// Who looks after lateness.
const WATCHES: Rule = Rule::Role(&[Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint]);

/// Who keeps entries of the directory true: their providers, the coordination unit.
const KEEPS: Rule = Rule::Role(&[
    Role::FocalPoint,
    Role::Secretariat,
    Role::SecretariatSupervisor,
    Role::RegionalFocalPoint,
]);

/// Who speaks for the systems of an organisation.
const SPEAKS: Rule = Rule::Role(relais_acts::webhooks::SPEAKS);

/// Who may receive complaints.
const HEARS: Rule = Rule::Role(relais_casework::complaint::HEARS);

/// Every route of the deployment.
static ROUTES: &[Route] = routes! {
    // Doors.
    get "/", Page, Public, Account, pages::doors::home;
    get "/sign-in", Page, Public, Account, pages::doors::sign_in;
    post "/sign-in", Page, Public, Account, pages::doors::enter;
    post "/sign-out", Page, Public, Account, pages::doors::leave;
    get "/language/{lang}", Page, Public, Account, pages::doors::language;
    get "/health", Page, Public, Account, pages::doors::health;
    get "/ready", Page, Public, Account, pages::doors::ready;
    // A computer that several people use, each by PIN; one's own account.
    get "/post", Page, Public, Account, pages::post::show;
    post "/post", Page, Public, Account, pages::post::enter;
    post "/post/tie", Page, Public, Account, pages::post::tie;
    get "/post/held", Page, SignedIn, Account, pages::post::held;
    post "/post/held", Page, SignedIn, Account, pages::post::answer;
    get "/account", Page, SignedIn, Account, pages::account::show;
    post "/account", Page, SignedIn, Account, pages::account::set_pin;
    // Permanence and the hand-over between shifts.
    get "/watch", Page, ON_DUTY, Refer, pages::watch::show;
    post "/watch", Page, WORKS, Refer, pages::watch::offer_it;
    post "/watch/answer", Page, WORKS, Refer, pages::watch::answer;
    get "/on-call", Page, WATCHES, Account, pages::on_call::show;
    post "/on-call", Page, WATCHES, Account, pages::on_call::put;
    post "/on-call/test", Page, WATCHES, Account, pages::on_call::test;
    // The sender's desk.
    get "/day", Page, WORKS, Refer, pages::day::show;
    get "/arrivals/new", Page, WORKS, Receive, pages::arrival::show;
    post "/arrivals/new", Page, WORKS, Receive, pages::arrival::register;
    // An arrival of many: its list, its queue, a row of it.
    get "/groups", Page, WORKS, Receive, pages::groups::list;
    get "/groups/new", Page, WORKS, Receive, pages::group_list::new;
    post "/groups/new", Page, WORKS, Receive, pages::group_list::make;
    get "/groups/{id}", Page, GroupWorked, Receive, pages::groups::show;
    get "/groups/{id}/list", Page, GroupWorked, Receive, pages::group_list::look;
    post "/groups/{id}/list", Page, GroupWorked, Receive, pages::group_list::upload;
    post "/groups/{id}/queue", Page, GroupWorked, Receive, pages::group_list::queue;
    post "/groups/{id}/next", Page, GroupWorked, Receive, pages::groups::next;
    post "/groups/{id}/add", Page, GroupWorked, Receive, pages::groups::add;
    post "/groups/{id}/close", Page, GroupWorked, Receive, pages::groups::close;
    get "/groups/{id}/bracelets", Page, GroupWorked, Receive, pages::bracelets::show;
    get "/expected/{id}", Page, GroupWorked, Receive, pages::expected::show;
    post "/expected/{id}", Page, GroupWorked, Receive, pages::expected::act;
    get "/cases", Page, WORKS, Assess, pages::cases::list;
    get "/cases/{id}", Page, CaseSeen, Assess, pages::cases::show;
    get "/cases/{id}/forms/{form}", Page, CaseSeen, Assess, pages::sections::list;
    get "/cases/{id}/forms/{form}/print", Page, CaseSeen, Assess, pages::form_paper::print;
    get "/cases/{id}/forms/{form}/{section}", Page, CaseSeen, Assess, pages::sections::show;
    post "/cases/{id}/forms/{form}/{section}", Page, CaseWorked, Assess, pages::sections::fill;
    get "/cases/{id}/consent", Page, CaseWorked, Account, pages::consent::show;
    post "/cases/{id}/consent", Page, CaseWorked, Account, pages::consent::record;
    post "/cases/{id}/family", Page, CaseWorked, Account, pages::cases::family;
    get "/cases/{id}/needs/new", Page, CaseWorked, Assess, pages::need::show;
    post "/cases/{id}/needs/new", Page, CaseWorked, Assess, pages::need::add;
    get "/cases/{id}/withdraw", Page, CaseWorked, Account, pages::withdraw::show;
    post "/cases/{id}/withdraw", Page, CaseWorked, Account, pages::withdraw::withdraw;
    get "/cases/{id}/transfer", Page, CaseWorked, Account, pages::transfer::show;
    post "/cases/{id}/transfer", Page, CaseWorked, Account, pages::transfer::propose;
    get "/cases/{id}/assign", Page, CaseWorked, Account, pages::assign::show;
    post "/cases/{id}/assign", Page, CaseWorked, Account, pages::assign::assign;
    post "/cases/{id}/claim", Page, CaseUnclaimed, Account, pages::assign::claim;
    get "/transfers/{id}", Page, TransferSeen, Account, pages::transfer::read;
    post "/transfers/{id}", Page, TransferSeen, Account, pages::transfer::act;
    get "/cases/{id}/close", Page, CaseWorked, Account, pages::close::show;
    post "/cases/{id}/close", Page, CaseWorked, Account, pages::close::close;
    post "/cases/{id}/close/answer", Page, CaseWorked, Account, pages::close::answer;
    get "/cases/{id}/follow-up", Page, CaseWorked, FollowUp, pages::follow_up::show;
    post "/cases/{id}/follow-up", Page, CaseWorked, FollowUp, pages::follow_up::note;
    get "/cases/{id}/protection", Page, CaseWorked, Protect, pages::protection::show;
    post "/cases/{id}/protection", Page, CaseWorked, Protect, pages::protection::set_to;
    get "/cases/{id}/child", Page, CaseWorked, Protect, pages::child::show;
    post "/cases/{id}/child", Page, CaseWorked, Protect, pages::child::record;
    get "/cases/{id}/plan", Page, CaseWorked, Assess, pages::plan::show;
    post "/cases/{id}/plan", Page, CaseWorked, Assess, pages::plan::write;
    get "/cases/{id}/end", Page, CaseSupervised, Account, pages::end::show;
    post "/cases/{id}/end", Page, CaseSupervised, Account, pages::end::end;
    get "/cases/{id}/reopen", Page, CaseSupervised, Account, pages::reopen::show;
    post "/cases/{id}/reopen", Page, CaseSupervised, Account, pages::reopen::reopen;
    post "/cases/{id}/perhaps", Page, CaseWorked, Assess, pages::perhaps::act;
    post "/cases/{id}/join", Page, CaseWorked, Assess, pages::perhaps::join;
    post "/cases/{id}/separate", Page, CaseWorked, Assess, pages::perhaps::separate;
    get "/same/{id}", Page, SameAsked, Assess, pages::same::show;
    post "/same/{id}", Page, SameAsked, Assess, pages::same::answer;
    get "/needs/{id}/refer", Page, NeedWorked, Refer, pages::refer::show;
    post "/needs/{id}/refer", Page, NeedWorked, Refer, pages::refer::send;
    get "/needs/{id}/unmet", Page, NeedWorked, Refer, pages::settle_need::show;
    post "/needs/{id}/unmet", Page, NeedWorked, Refer, pages::settle_need::settle;
    post "/needs/{id}/override", Page, NeedWorked, Refer, pages::refer::set_aside;
    // Life in danger.
    get "/emergency", Page, SERVES, Protect, pages::emergency::show;
    post "/emergency", Page, SERVES, Protect, pages::emergency::open;
    // The directory.
    get "/services", Page, SignedIn, Refer, pages::services::show;
    get "/services/map", Page, SignedIn, Refer, pages::services_map::show;
    // What is co-signed.
    get "/cosign", Page, COSIGNS, Account, pages::cosign::list;
    get "/overrides/{id}", Page, OverrideJudged, Account, pages::cosign::show;
    post "/overrides/{id}", Page, OverrideJudged, Account, pages::cosign::decide;
    // The referral, from both sides.
    get "/referrals/{id}", Page, ReferralSeen, Refer, pages::referral::show;
    post "/referrals/{id}", Page, ReferralSeen, Deliver, pages::referral::act;
    get "/referrals/{id}/telephone", Page, ReferralSent, Refer, pages::telephone::show;
    post "/referrals/{id}/telephone", Page, ReferralSent, Refer, pages::telephone::note;
    get "/referrals/{id}/confirm", Page, ReferralSent, FollowUp, pages::confirm::show;
    post "/referrals/{id}/confirm", Page, ReferralSent, FollowUp, pages::confirm::confirm;
    // An emergency goes by telephone first.
    get "/referrals/{id}/calls", Page, ReferralSent, Refer, pages::calls::show;
    post "/referrals/{id}/calls", Page, ReferralSent, Refer, pages::calls::note;
    get "/referrals/{id}/letter", Page, ReferralPressed, Refer, pages::letter::show;
    get "/referrals/{id}/payment", Page, ReferralSent, Refer, pages::payment::show;
    post "/referrals/{id}/payment", Page, ReferralSent, Refer, pages::payment::write;
    get "/referrals/{id}/link", Page, ReferralSent, Refer, pages::share::show;
    post "/referrals/{id}/link", Page, ReferralSent, Refer, pages::share::make;
    get "/referrals/{id}/slip", Page, ReferralSent, Refer, pages::slip::show;
    post "/referrals/{id}/slip", Page, ReferralSent, Refer, pages::slip::make;
    // A provider without an account, by link or slip; a slip is typed in by anybody who holds it.
    get "/slip", Page, Link, Deliver, pages::slip_in::show;
    post "/slip", Page, Link, Deliver, pages::slip_in::save;
    get "/link/{lang}/{secret}", Page, Link, Deliver, pages::link::arrive;
    get "/link", Page, Link, Deliver, pages::link::show;
    post "/link", Page, Link, Deliver, pages::link::open;
    post "/link/answer", Page, Link, Deliver, pages::link::answer;
    // Complaints: a door for anybody, and the recipients' desk.
    get "/complaint", Page, Public, Account, pages::complaint::show;
    post "/complaint", Page, Public, Account, pages::complaint::send;
    get "/complaint/follow", Page, Public, Account, pages::complaint::ask_code;
    post "/complaint/follow", Page, Public, Account, pages::complaint::follow;
    get "/complaints", Page, HEARS, Account, pages::complaints::list;
    get "/complaints/{id}", Page, ComplaintReceived, Account, pages::complaints::show;
    post "/complaints/{id}", Page, ComplaintReceived, Account, pages::complaints::act;
    get "/stops/{id}", Page, StopSeen, Account, pages::stop::show;
    post "/stops/{id}", Page, StopSeen, Account, pages::stop::confirm;
    // The provider's desk, the secretariat's list.
    get "/inbox", Page, ANSWERS, Deliver, pages::inbox::show;
    post "/inbox/figures", Page, ANSWERS, Account, pages::inbox::reply;
    get "/late", Page, WATCHES, Account, pages::late::show;
    get "/late/{id}/calls", Page, LateWatched, Account, pages::late_calls::show;
    post "/late/{id}/calls", Page, LateWatched, Account, pages::late_calls::note;
    get "/coordination", Page, WATCHES, Account, pages::coordination::show;
    post "/coordination/figures", Page, PUTS, Account, pages::coordination::put;
    // The directory's entries: kept true by their providers, and by the coordination unit.
    get "/entries", Page, ANSWERS, Account, pages::entries::show;
    post "/entries", Page, KEEPS, Account, pages::entries::confirm;
    get "/entries/{id}", Page, EntrySeen, Account, pages::entry::show;
    post "/entries/{id}", Page, EntrySeen, Account, pages::entry::change;
    post "/entries/{id}/capacity", Page, EntrySeen, Account, pages::entry::capacity_of;
    post "/entries/{id}/life", Page, EntrySeen, Account, pages::entry::life;
    get "/moderation", Page, WATCHES, Account, pages::moderation::show;
    post "/moderation/{id}", Page, ChangeJudged, Account, pages::moderation::decide;
    // What organisations signed before their entries are published.
    get "/organisations/{id}/safeguards", Page, SafeguardsKept, Account, pages::safeguards::show;
    post "/organisations/{id}/safeguards", Page, SafeguardsKept, Account, pages::safeguards::note;
    post "/organisations/{id}/safeguards/publication", Page, SafeguardsKept, Account, pages::safeguards::publish;
    get "/api/v1/organisations/{id}/safeguards", Api, SafeguardsKept, Account, api::entries::safeguards;
    post "/api/v1/organisations/{id}/safeguards", Api, SafeguardsKept, Account, api::entries::note_safeguards;
    post "/api/v1/organisations/{id}/publication", Api, SafeguardsKept, Account, api::entries::publish_held;
    // Who does what, where, and what is missing: what everybody may see of the directory;
    // what was asked for is added for the mechanism's office by the act.
    get "/directory/matrix", Page, SignedIn, Account, pages::matrix::category_table;
    get "/directory/matrix/export", Page, SignedIn, Account, pages::matrix::export;
    get "/directory/matrix/{region}", Page, SignedIn, Account, pages::matrix::region;
    get "/directory/matrix/{region}/{category}", Page, SignedIn, Account, pages::matrix::cell;
    get "/directory/gaps", Page, SignedIn, Account, pages::matrix::gaps;
    get "/directory/report", Page, SignedIn, Account, pages::matrix::report;
    // Who pays for services, and until when.
    get "/directory/programmes", Page, SignedIn, Account, pages::programmes::list;
    post "/directory/programmes", Page, BRINGS, Account, pages::programmes::add;
    get "/directory/programmes/new", Page, BRINGS, Account, pages::programmes::new;
    get "/directory/programmes/{id}", Page, ProgrammeSeen, Account, pages::programmes::show;
    post "/directory/programmes/{id}", Page, ProgrammeKept, Account, pages::programmes::correct;
    // What organisations signed: who is covered until when, and what may go.
    get "/agreements", Page, SignedIn, Account, pages::agreements::list;
    post "/agreements", Page, BRINGS, Account, pages::agreements::add;
    get "/agreements/new", Page, BRINGS, Account, pages::agreements::new;
    get "/agreements/{id}", Page, AgreementSeen, Account, pages::agreement::show;
    post "/agreements/{id}/signatures", Page, AgreementKept, Account, pages::agreement::sign;
    post "/agreements/{id}/renewal", Page, AgreementKept, Account, pages::agreement::renew;
    post "/agreements/{id}/denunciation", Page, AgreementKept, Account, pages::agreement::denounce;
    get "/api/v1/agreements", Api, SignedIn, Account, api::agreements::list;
    post "/api/v1/agreements", Api, BRINGS, Account, api::agreements::add;
    get "/api/v1/agreements/{id}", Api, AgreementSeen, Account, api::agreements::read;
    post "/api/v1/agreements/{id}/signatures", Api, AgreementKept, Account, api::agreements::sign;
    post "/api/v1/agreements/{id}/renewal", Api, AgreementKept, Account, api::agreements::renew;
    post "/api/v1/agreements/{id}/denunciation", Api, AgreementKept, Account, api::agreements::denounce;
    // What goes before the steering committee, and its sessions.
    get "/directory/ratification", Page, BRINGS, Account, pages::ratification::show;
    post "/directory/ratification", Page, BRINGS, Account, pages::ratification::prepare;
    post "/directory/ratification/session", Page, BRINGS, Account, pages::ratification::note;
    get "/directory/ratification/sheet", Page, BRINGS, Account, pages::ratification::sheet;
    get "/api/v1/ratifications", Api, BRINGS, Account, api::ratifications::read;
    post "/api/v1/ratifications", Api, BRINGS, Account, api::ratifications::prepare;
    post "/api/v1/ratifications/session", Api, BRINGS, Account, api::ratifications::note;
    // The registers of the institution: the committee, the roadmap, the assessment, the workshops, the mission.
    get "/registers", Page, SignedIn, Account, pages::registers::all;
    get "/registers/calendar.ics", Page, SignedIn, Account, pages::registers::calendar::file;
    get "/registers/{register}", Page, RegisterSeen, Account, pages::registers::list;
    post "/registers/{register}", Page, RegisterKept, Account, pages::registers::new::add;
    get "/registers/{register}/new", Page, RegisterKept, Account, pages::registers::new::show;
    get "/registers/{register}/{id}", Page, RegisterSeen, Account, pages::registers::line::show;
    post "/registers/{register}/{id}", Page, RegisterKept, Account, pages::registers::line::change;
    get "/api/v1/registers", Api, SignedIn, Account, api::registers::all;
    get "/api/v1/registers/{register}", Api, RegisterSeen, Account, api::registers::list;
    post "/api/v1/registers/{register}", Api, RegisterKept, Account, api::registers::add;
    get "/api/v1/registers/{register}/{id}", Api, RegisterSeen, Account, api::registers::read;
    post "/api/v1/registers/{register}/{id}/changes", Api, RegisterKept, Account, api::registers::change;
    // The directory carried out and in.
    get "/directory/exchange", Page, WATCHES, Account, pages::exchange::show;
    get "/directory/export", Page, WATCHES, Account, pages::exchange::export;
    get "/directory/import", Page, BRINGS, Account, pages::exchange::look;
    post "/directory/import", Page, BRINGS, Account, pages::exchange::preview;
    post "/directory/import/carry-out", Page, BRINGS, Account, pages::exchange::carry_out;
    post "/directory/import/undo", Page, BRINGS, Account, pages::exchange::undo;
    // The mechanism on paper.
    get "/documents", Page, SignedIn, Account, pages::documents::show;
    get "/documents/file", Page, SignedIn, Account, pages::documents::file;
    get "/documents/DOC17.xlsx", Page, WATCHES, Account, pages::documents::sheet;
    get "/documents/{document}/redline", Page, SignedIn, Account, pages::redline::show;
    get "/documents/forms/{form}", Page, SignedIn, Account, pages::form_paper::show;
    // The country's other referral mechanisms.
    get "/bridges", Page, SignedIn, Account, pages::bridges::show;
    // The directory as a document, and for whoever has no account.
    get "/directory/booklet", Page, SignedIn, Account, pages::booklet::show;
    get "/directory/booklet/print", Page, SignedIn, Account, pages::booklet::print;
    get "/public", Page, Public, Account, pages::public::home;
    get "/public/services", Page, Public, Account, pages::public::search;
    get "/public/services/{id}", Page, Shown, Account, pages::public_entry::show;
    // Entries of it that are perhaps the same.
    get "/directory/duplicates", Page, WATCHES, Account, pages::duplicates::show;
    post "/directory/duplicates/undo", Page, WATCHES, Account, pages::duplicates::undo;
    get "/directory/duplicates/pair", Page, WATCHES, Account, pages::duplicates_pair::show;
    post "/directory/duplicates/pair", Page, WATCHES, Account, pages::duplicates_pair::decide;
    // Programs.
    get "/api/v1/openapi.json", Api, Public, Account, api::openapi::document;
    get "/api/v1/services", Api, SignedIn, Refer, api::services::search;
    get "/api/v1/directory/matrix", Api, SignedIn, Account, api::matrix::read;
    get "/api/v1/watch", Api, ON_DUTY, Refer, api::handovers::watch;
    post "/api/v1/handovers", Api, WORKS, Refer, api::handovers::offer;
    post "/api/v1/handovers/answers", Api, WORKS, Refer, api::handovers::answer;
    get "/api/v1/on-call", Api, WATCHES, Account, api::on_call::list;
    post "/api/v1/on-call/lines", Api, WATCHES, Account, api::on_call::put;
    post "/api/v1/on-call/tests", Api, WATCHES, Account, api::on_call::test;
    get "/api/v1/entries", Api, ANSWERS, Account, api::entries::list;
    post "/api/v1/entries/confirmation", Api, KEEPS, Account, api::entries::confirm;
    get "/api/v1/entries/{id}", Api, EntrySeen, Account, api::entries::read;
    post "/api/v1/entries/{id}/changes", Api, EntrySeen, Account, api::entries::change;
    post "/api/v1/entries/{id}/capacity", Api, EntrySeen, Account, api::entries::capacity;
    post "/api/v1/entries/{id}/life", Api, EntrySeen, Account, api::entries::life;
    get "/api/v1/moderation", Api, WATCHES, Account, api::entries::moderation;
    post "/api/v1/moderation/{id}/decision", Api, ChangeJudged, Account, api::entries::decide;
    get "/api/v1/programmes", Api, SignedIn, Account, api::programmes::list;
    post "/api/v1/programmes", Api, BRINGS, Account, api::programmes::add;
    get "/api/v1/programmes/{id}", Api, ProgrammeSeen, Account, api::programmes::read;
    post "/api/v1/programmes/{id}/changes", Api, ProgrammeKept, Account, api::programmes::correct;
    get "/api/v1/directory/duplicates", Api, WATCHES, Account, api::entries::duplicates;
    get "/api/v1/late", Api, WATCHES, Account, api::desk::late;
    get "/api/v1/late/{id}/calls", Api, LateWatched, Account, api::desk::late_subject;
    post "/api/v1/late/{id}/calls", Api, LateWatched, Account, api::desk::note_late_call;
    get "/api/v1/coordination", Api, WATCHES, Account, api::desk::coordination;
    post "/api/v1/coordination/figures", Api, PUTS, Account, api::desk::put_figures;
    post "/api/v1/inbox/figures", Api, ANSWERS, Account, api::desk::reply_figures;
    get "/api/v1/inbox", Api, ANSWERS, Deliver, api::desk::inbox;
    get "/api/v1/day", Api, WORKS, Refer, api::desk::day;
    get "/api/v1/cases", Api, WORKS, Assess, api::cases::list;
    post "/api/v1/cases", Api, WORKS, Receive, api::cases::register;
    get "/api/v1/cases/{id}", Api, CaseSeen, Assess, api::cases::read;
    get "/api/v1/cases/{id}/forms/{form}", Api, CaseSeen, Assess, api::forms::list;
    get "/api/v1/cases/{id}/forms/{form}/{section}", Api, CaseSeen, Assess, api::forms::read;
    post "/api/v1/cases/{id}/forms/{form}/{section}", Api, CaseWorked, Assess, api::forms::fill;
    post "/api/v1/name-checks", Api, WORKS, Receive, api::same::check;
    post "/api/v1/cases/{id}/perhaps", Api, CaseWorked, Assess, api::same::act;
    post "/api/v1/cases/{id}/join", Api, CaseWorked, Assess, api::same::join;
    post "/api/v1/cases/{id}/separation", Api, CaseWorked, Assess, api::same::separate;
    get "/api/v1/same/{id}", Api, SameAsked, Assess, api::same::read;
    post "/api/v1/same/{id}/answer", Api, SameAsked, Assess, api::same::answer;
    post "/api/v1/cases/{id}/family/break", Api, CaseWorked, Account, api::groups::break_family;
    get "/api/v1/groups", Api, WORKS, Receive, api::groups::list;
    post "/api/v1/groups", Api, WORKS, Receive, api::groups::make;
    get "/api/v1/groups/{id}", Api, GroupWorked, Receive, api::groups::read;
    get "/api/v1/groups/{id}/list", Api, GroupWorked, Receive, api::groups::look;
    post "/api/v1/groups/{id}/list", Api, GroupWorked, Receive, api::groups::upload;
    post "/api/v1/groups/{id}/queue", Api, GroupWorked, Receive, api::groups::queue;
    post "/api/v1/groups/{id}/next", Api, GroupWorked, Receive, api::groups::next;
    post "/api/v1/groups/{id}/rows", Api, GroupWorked, Receive, api::groups::add;
    post "/api/v1/groups/{id}/closure", Api, GroupWorked, Receive, api::groups::close;
    get "/api/v1/groups/{id}/bracelets", Api, GroupWorked, Receive, api::groups::bracelets;
    get "/api/v1/expected/{id}", Api, GroupWorked, Receive, api::groups::row;
    post "/api/v1/expected/{id}/acts", Api, GroupWorked, Receive, api::groups::act;
    post "/api/v1/expected/{id}/answers", Api, GroupWorked, Receive, api::groups::keep;
    post "/api/v1/expected/{id}/registration", Api, GroupWorked, Receive, api::groups::register;
    post "/api/v1/cases/{id}/consents", Api, CaseWorked, Account, api::cases::consent;
    get "/api/v1/cases/{id}/withdrawals", Api, CaseWorked, Account, api::exits::withdrawal;
    post "/api/v1/cases/{id}/withdrawals", Api, CaseWorked, Account, api::exits::withdraw;
    get "/api/v1/cases/{id}/transfers", Api, CaseWorked, Account, api::exits::transfer_draft;
    post "/api/v1/cases/{id}/transfers", Api, CaseWorked, Account, api::exits::propose_transfer;
    get "/api/v1/cases/{id}/assignment", Api, CaseWorked, Account, api::exits::assignment;
    post "/api/v1/cases/{id}/assignment", Api, CaseWorked, Account, api::exits::assign;
    post "/api/v1/cases/{id}/claim", Api, CaseUnclaimed, Account, api::exits::claim;
    get "/api/v1/transfers/{id}", Api, TransferSeen, Account, api::exits::transfer;
    post "/api/v1/transfers/{id}/acts", Api, TransferSeen, Account, api::exits::act_on_transfer;
    get "/api/v1/stops/{id}", Api, StopSeen, Account, api::exits::stop;
    post "/api/v1/stops/{id}/confirmation", Api, StopSeen, Account, api::exits::confirm_stop;
    get "/api/v1/cases/{id}/protection", Api, CaseWorked, Protect, api::protection::read;
    post "/api/v1/cases/{id}/protection", Api, CaseWorked, Protect, api::protection::set;
    post "/api/v1/cases/{id}/child", Api, CaseWorked, Protect, api::cases::child;
    post "/api/v1/cases/{id}/needs", Api, CaseWorked, Assess, api::cases::need;
    get "/api/v1/cases/{id}/closure", Api, CaseWorked, Account, api::closing::read;
    post "/api/v1/cases/{id}/closure", Api, CaseWorked, Account, api::closing::propose;
    post "/api/v1/cases/{id}/closure/answer", Api, CaseWorked, Account, api::closing::answer;
    get "/api/v1/cases/{id}/follow-up", Api, CaseWorked, FollowUp, api::closing::read_follow_up;
    post "/api/v1/cases/{id}/follow-up", Api, CaseWorked, FollowUp, api::closing::follow_up;
    get "/api/v1/cases/{id}/plan", Api, CaseWorked, Assess, api::plan::read;
    post "/api/v1/cases/{id}/plan", Api, CaseWorked, Assess, api::plan::write;
    get "/api/v1/cases/{id}/end", Api, CaseSupervised, Account, api::ending::look;
    post "/api/v1/cases/{id}/end", Api, CaseSupervised, Account, api::ending::end;
    get "/api/v1/cases/{id}/reopening", Api, CaseSupervised, Account, api::ending::look_again;
    post "/api/v1/cases/{id}/reopening", Api, CaseSupervised, Account, api::ending::reopen;
    get "/api/v1/needs/{id}/services", Api, NeedWorked, Refer, api::referrals::proposals;
    post "/api/v1/needs/{id}/services", Api, NeedWorked, Refer, api::referrals::by_code;
    post "/api/v1/needs/{id}/referrals", Api, NeedWorked, Refer, api::referrals::send;
    get "/api/v1/needs/{id}/settlement", Api, NeedWorked, Refer, api::referrals::settlement;
    post "/api/v1/needs/{id}/settlement", Api, NeedWorked, Refer, api::referrals::settle;
    post "/api/v1/needs/{id}/overrides", Api, NeedWorked, Refer, api::overrides::write;
    get "/api/v1/emergencies", Api, SERVES, Protect, api::emergencies::list;
    post "/api/v1/emergencies", Api, SERVES, Protect, api::emergencies::open;
    get "/api/v1/overrides", Api, COSIGNS, Account, api::overrides::list;
    get "/api/v1/overrides/{id}", Api, OverrideJudged, Account, api::overrides::read;
    post "/api/v1/overrides/{id}/decision", Api, OverrideJudged, Account, api::overrides::decide;
    get "/api/v1/complaints", Api, HEARS, Account, api::complaints::list;
    post "/api/v1/complaints", Api, Public, Account, api::complaints::complain;
    post "/api/v1/complaints/follow", Api, Public, Account, api::complaints::follow;
    get "/api/v1/complaints/{id}", Api, ComplaintReceived, Account, api::complaints::read;
    post "/api/v1/complaints/{id}/steps", Api, ComplaintReceived, Account, api::complaints::act;
    get "/api/v1/referrals/{id}", Api, ReferralSeen, Refer, api::referrals::read;
    post "/api/v1/referrals/{id}/acts", Api, ReferralSeen, Deliver, api::referrals::act;
    post "/api/v1/referrals/{id}/payment", Api, ReferralSent, Refer, api::referrals::pay;
    get "/api/v1/referrals/{id}/calls", Api, ReferralSent, Refer, api::calls::read;
    post "/api/v1/referrals/{id}/calls", Api, ReferralSent, Refer, api::calls::note;
    get "/api/v1/referrals/{id}/letter", Api, ReferralPressed, Refer, api::referrals::letter;
    get "/api/v1/referrals/{id}/links", Api, ReferralSent, Refer, api::links::read;
    post "/api/v1/referrals/{id}/links", Api, ReferralSent, Refer, api::links::make;
    get "/api/v1/referrals/{id}/slip", Api, ReferralSent, Refer, api::links::slip;
    post "/api/v1/referrals/{id}/slip", Api, ReferralSent, Refer, api::links::make_slip;
    post "/api/v1/referrals/{id}/slips", Api, ReferralSeen, Deliver, api::links::type_slip;
    // The directory for other systems: what everybody may see of it.
    get "/hsds/", Api, Public, Account, api::hsds::root;
    get "/hsds/services", Api, Public, Account, api::hsds::services;
    get "/hsds/services/{id}", Api, Shown, Account, api::hsds::service;
    get "/hsds/organizations", Api, Public, Account, api::hsds::organisations;
    get "/hsds/organizations/{id}", Api, Shown, Account, api::hsds::organisation;
    get "/hsds/service_at_locations", Api, Public, Account, api::hsds::at_locations;
    get "/hsds/service_at_locations/{id}", Api, Shown, Account, api::hsds::at_location;
    get "/hsds/taxonomies", Api, Public, Account, api::hsds::taxonomies;
    get "/hsds/taxonomies/{id}", Api, Shown, Account, api::hsds::taxonomy;
    get "/hsds/taxonomy_terms", Api, Public, Account, api::hsds::terms;
    get "/hsds/taxonomy_terms/{id}", Api, Shown, Account, api::hsds::term;
    // Systems that are told of referral events.
    get "/api/v1/webhooks", Api, SPEAKS, Account, api::webhooks::list;
    post "/api/v1/webhooks", Api, SPEAKS, Account, api::webhooks::add;
    post "/api/v1/webhooks/{id}/test", Api, WebhookOwned, Account, api::webhooks::test;
    post "/api/v1/webhooks/{id}/end", Api, WebhookOwned, Account, api::webhooks::end;
};

/// Every route, with its rule.
#[must_use]
pub fn registry() -> &'static [Route] {
    ROUTES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_programs_lies_below_api_or_hsds_and_nothing_else_does() {
        for route in registry() {
            let uri = route.path.replace(['{', '}'], "").parse().expect("an address");
            assert_eq!(crate::ask::is_api(&uri), route.kind == Kind::Api, "{}", route.path);
        }
    }
}
