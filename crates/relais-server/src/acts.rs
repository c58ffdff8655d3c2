//! The acts as the handlers call them: one line each, so that a page and the
//! endpoint beside it cannot differ.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_acts::calls::{CallsView, NoteCall};
use relais_acts::commands::{
    ActOnReferral, ActOnTransfer, AddNeed, AssignCase, ClaimCase, CloseCase, ConfirmStop, DecideOverride,
    ProposeTransfer, RecordChild, RecordConsent, RegisterArrival, SendReferral, ServiceSearch, WithdrawConsent,
    WriteOverride,
};
use relais_acts::ending::{EndCase, EndView};
use relais_acts::links::{AnswerByLink, LinkStatus, LinkView, MakeLink, OpenLink};
use relais_acts::plan::{PlanView, WritePlan};
use relais_acts::problem::ActError;
use relais_acts::reopening::{ReopenCase, ReopenView};
use relais_acts::slips::{MakeSlip, SlipView, TypeSlip};
use relais_acts::views::{
    AssignView, CaseList, CaseView, CosignList, Inbox, LateList, Made, MyDay, OverrideView, ReferView, ReferralView,
    ServicePage, StopView, TransferDraft, TransferView, WithdrawView,
};
use relais_acts::{Desk, Viewer};
use relais_mechanism::words::{Lang, Purpose};
use relais_network::{CaseId, NeedId, OrganisationId, OverrideId, ReferralId, ServiceId, StopRequestId, TransferId};

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
    withdraw_consent(case: CaseId, command: WithdrawConsent) -> Made = relais_acts::withdrawals::withdraw;
    withdraw_view(case: CaseId, chosen: Vec<uuid::Uuid>, effect: Option<String>) -> WithdrawView = relais_acts::withdrawals::view;
    stop(stop: StopRequestId) -> StopView = relais_acts::stops::view;
    confirm_stop(stop: StopRequestId, command: ConfirmStop) -> Made = relais_acts::stops::confirm;
    record_child(case: CaseId, command: RecordChild) -> Made = relais_acts::child::record;
    transfer_draft(case: CaseId, chosen: Option<OrganisationId>) -> TransferDraft = relais_acts::transfers::draft;
    propose_transfer(case: CaseId, command: ProposeTransfer) -> Made = relais_acts::transfers::propose;
    transfer(transfer: TransferId) -> TransferView = relais_acts::transfers::view;
    act_on_transfer(transfer: TransferId, command: ActOnTransfer) -> Made = relais_acts::transfers::act;
    assign_view(case: CaseId) -> AssignView = relais_acts::assignment::view;
    assign_case(case: CaseId, command: AssignCase) -> Made = relais_acts::assignment::assign;
    claim_case(case: CaseId, command: ClaimCase) -> Made = relais_acts::assignment::claim;
    add_need(case: CaseId, command: AddNeed) -> Made = relais_acts::needs::add;
    close_case(case: CaseId, command: CloseCase) -> Made = relais_acts::case::close;
    plan(case: CaseId) -> PlanView = relais_acts::plan::view;
    write_plan(case: CaseId, command: WritePlan) -> Made = relais_acts::plan::write;
    end_view(case: CaseId) -> EndView = relais_acts::ending::view;
    end_case(case: CaseId, command: EndCase) -> Made = relais_acts::ending::end;
    reopen_view(case: CaseId) -> ReopenView = relais_acts::reopening::view;
    reopen_case(case: CaseId, command: ReopenCase) -> Made = relais_acts::reopening::reopen;
    case(case: CaseId) -> CaseView = relais_acts::case::view;
    cases(after: Option<String>) -> CaseList = relais_acts::case::list;
    case_by_code(typed: String) -> CaseId = relais_acts::case::by_code;
    my_day() -> MyDay = relais_acts::day::my_day;
    inbox(after: Option<String>) -> Inbox = relais_acts::day::inbox_page;
    late(after: Option<String>) -> LateList = relais_acts::day::late;
    refer_view(need: NeedId, chosen: Option<ServiceId>, after: Option<String>) -> ReferView = relais_acts::refer::view;
    send_referral(need: NeedId, command: SendReferral) -> Made = relais_acts::refer::send;
    write_override(need: NeedId, command: WriteOverride) -> Made = relais_acts::overrides::write_apart;
    cosign_list() -> CosignList = relais_acts::cosign::list;
    exception(id: OverrideId) -> OverrideView = relais_acts::cosign::view;
    decide_override(id: OverrideId, command: DecideOverride) -> Made = relais_acts::overrides::decide;
    referral(referral: ReferralId) -> ReferralView = relais_acts::referral_view::view;
    act(referral: ReferralId, command: ActOnReferral) -> Made = relais_acts::referrals::act;
    calls(referral: ReferralId) -> CallsView = relais_acts::calls::view;
    note_call(referral: ReferralId, command: NoteCall) -> Made = relais_acts::calls::note;
    link_status(referral: ReferralId) -> LinkStatus = relais_acts::links::status;
    slip(referral: ReferralId) -> SlipView = relais_acts::slips::view;
    make_slip(referral: ReferralId, command: MakeSlip) -> Made = relais_acts::slips::make;
    type_slip(number: String, command: TypeSlip) -> Made = relais_acts::slips::type_in;
    type_slip_into(referral: ReferralId, command: TypeSlip) -> Made = relais_acts::slips::type_into;
    make_link(referral: ReferralId, command: MakeLink, secret_hash: Vec<u8>) -> Made = relais_acts::links::make;
}

/// How the access log names what is reached by a link.
const LINK: (&str, &str) = ("/link", Purpose::Deliver.code());

impl Acts<'_> {
    /// Opens a one-time link with its code.
    pub(crate) async fn open_link(self, command: OpenLink) -> Result<(), ActError> {
        relais_acts::links::open(self.0, command, LINK.0, LINK.1).await
    }

    /// Types in a slip with the code printed on it.
    pub(crate) async fn type_slip_unsigned(
        self,
        number: String,
        code: String,
        command: TypeSlip,
    ) -> Result<Made, ActError> {
        relais_acts::slips::type_in_unsigned(self.0, number, code, command, "/slip", LINK.1).await
    }

    /// What whoever opened a link sees.
    pub(crate) async fn link(self, session: Vec<u8>, lang: Lang) -> Result<LinkView, ActError> {
        relais_acts::links::view(self.0, session, lang, LINK.0, LINK.1).await
    }

    /// Answers by a link.
    pub(crate) async fn answer_link(self, session: Vec<u8>, command: AnswerByLink) -> Result<Made, ActError> {
        relais_acts::links::answer(self.0, session, command).await
    }

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
