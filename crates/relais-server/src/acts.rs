//! The acts as the handlers call them: one line each, so that a page and the
//! endpoint beside it cannot differ.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_acts::commands::{
    ActOnReferral, AddNeed, CloseCase, RecordConsent, RegisterArrival, SendReferral, ServiceSearch, WithdrawConsent,
};
use relais_acts::problem::ActError;
use relais_acts::views::{CaseList, CaseView, Inbox, LateList, Made, MyDay, ReferView, ReferralView, ServicePage};
use relais_acts::{Desk, Viewer};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId};

/// A borrowed desk with its acts.
#[derive(Clone, Copy)]
pub(crate) struct Acts<'a>(pub &'a Arc<Desk>);

/// Declares one method for each act: the same arguments, the same answer.
macro_rules! acts {
    ($($(#[$meta:meta])* $name:ident($($arg:ident : $ty:ty),*) -> $out:ty = $act:path;)+) => {
        impl Acts<'_> {
            $($(#[$meta])* pub(crate) async fn $name(self, viewer: &Viewer, $($arg: $ty),*) -> Result<$out, ActError> {
                $act(self.0, viewer, $($arg),*).await
            })+
        }
    };
}

acts! {
    register_arrival(command: RegisterArrival) -> Made = relais_acts::register::register;
    record_consent(case: CaseId, command: RecordConsent) -> Made = relais_acts::consents::record;
    withdraw_consent(case: CaseId, command: WithdrawConsent) -> Made = relais_acts::consents::withdraw;
    add_need(case: CaseId, command: AddNeed) -> Made = relais_acts::needs::add;
    close_case(case: CaseId, command: CloseCase) -> Made = relais_acts::case::close;
    case(case: CaseId) -> CaseView = relais_acts::case::view;
    cases(after: Option<String>) -> CaseList = relais_acts::case::list;
    case_by_code(typed: String) -> CaseId = relais_acts::case::by_code;
    my_day() -> MyDay = relais_acts::day::my_day;
    inbox() -> Inbox = relais_acts::day::inbox;
    late(after: Option<String>) -> LateList = relais_acts::day::late;
    refer_view(need: NeedId, chosen: Option<ServiceId>, after: Option<String>) -> ReferView = relais_acts::refer::view;
    send_referral(need: NeedId, command: SendReferral) -> Made = relais_acts::refer::send;
    referral(referral: ReferralId) -> ReferralView = relais_acts::referral_view::view;
    act(referral: ReferralId, command: ActOnReferral) -> Made = relais_acts::referrals::act;
}

impl Acts<'_> {
    /// The directory's search, in memory: no store, no waiting.
    pub(crate) fn services(
        self,
        viewer: &Viewer,
        search: &ServiceSearch,
        now: DateTime<Utc>,
    ) -> Result<ServicePage, ActError> {
        relais_acts::services::search(self.0, search, viewer.lang, now)
    }
}
