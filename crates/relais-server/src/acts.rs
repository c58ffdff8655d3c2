//! The acts as the handlers call them: one line each, so that a page and the
//! endpoint beside it cannot differ.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_acts::Network;
use relais_acts::agreements::{
    AddAgreement, AgreementView, AgreementsAsked, AgreementsView, DenounceAgreement, RenewAgreement, SignAgreement,
};
use relais_acts::calls::{CallsView, NoteCall};
use relais_acts::closing::{AnswerClosure, CloseCase, ClosureView, FollowUpView, NoteFollowUp};
use relais_acts::commands::{
    ActOnPerhaps, ActOnReferral, ActOnTransfer, AddNeed, AnswerSame, AssignCase, CheckName, ClaimCase, ConfirmStop,
    DecideOverride, JoinCases, OpenEmergency, ProposeTransfer, RecordChild, RecordConsent, RegisterArrival,
    SendReferral, ServiceSearch, SetProtection, ShelterCode, WithdrawConsent, WriteOverride,
};
use relais_acts::complaints::{
    ActOnComplaint, Complain, ComplaintList, ComplaintView, Door, Follow, FollowView, Received,
};
use relais_acts::coordination::{NoteLateCall, PutBefore, ReplyToFigures};
use relais_acts::directory::imports::ImportsView;
use relais_acts::directory::matrix::{MatrixAsked, MatrixView};
use relais_acts::directory::merging::{KeepApart, MergeEntries};
use relais_acts::directory::public::{self, EmergencyLine, PublicDoor, PublicLook, PublicSheet};
use relais_acts::duplicates::{AskedView, Checked};
use relais_acts::emergency::EmergencyView;
use relais_acts::ending::{EndCase, EndView};
use relais_acts::entries::programmes::{
    AddProgramme, CorrectProgramme, ProgrammeView, ProgrammesAsked, ProgrammesView,
};
use relais_acts::entries::ratification::{NoteSession, PrepareList, RatificationAsked, RatificationView};
use relais_acts::entries::safeguards::{NoteSafeguards, PublishHeld, SafeguardsView};
use relais_acts::entries::{
    ChangeEntry, ConfirmEntries, DecideChange, EntryView, Moderation, OwnEntries, SetCapacity, StepEntry,
};
use relais_acts::families::BreakFamily;
use relais_acts::forms::{FillSection, FormView, PaperView, SectionView};
use relais_acts::groups::{
    ActOnRow, AddExpected, Bracelets, GroupList, KeepAnswers, ListView, MakeGroup, MakeQueue, QueueView,
    RegisterExpected, RowView,
};
use relais_acts::handovers::{AnswerHandover, OfferHandover, WatchView};
use relais_acts::links::{AnswerByLink, LinkStatus, LinkView, MakeLink, OpenLink};
use relais_acts::on_call::{OnCallView, PutOnCall, TestOnCall};
use relais_acts::payments::WritePayment;
use relais_acts::plan::{PlanView, WritePlan};
use relais_acts::problem::ActError;
use relais_acts::protection::ProtectionView;
use relais_acts::registers::dated::Dated;
use relais_acts::registers::{AddLine, BlankView, ChangeLine, LineView, RegisterAsked, RegisterView, RegistersView};
use relais_acts::reopening::{ReopenCase, ReopenView};
use relais_acts::services::Mapped;
use relais_acts::settle_need::SettleNeed;
use relais_acts::slips::{MakeSlip, SlipView, TypeSlip};
use relais_acts::versions::Version;
use relais_acts::views::{
    AssignView, CaseList, CaseView, Coordination, CosignList, Inbox, LateList, LateSubject, LetterView, Made, MyDay,
    OverrideView, ReferView, ReferralView, ServiceLook, ServicePage, SettleView, StopView, TransferDraft, TransferView,
    WithdrawView,
};
use relais_acts::webhooks::{AddWebhook, EndWebhook, TestWebhook, WebhookList, WebhookMade};
use relais_acts::{Desk, Viewer};
use relais_interchange::Grid;
use relais_interchange::manifest::Column;
use relais_mechanism::registers::Values;
use relais_mechanism::words::{Lang, Purpose};
use relais_network::{
    AgreementId, CaseId, ComplaintId, EntryChangeId, ExpectedId, GroupId, NeedId, OrganisationId, OverrideId,
    ProgrammeId, ReferralId, SameAskId, ServiceId, StopRequestId, TransferId, WebhookId,
};

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
    check_name(command: CheckName) -> Checked = relais_acts::duplicates::check;
    act_on_perhaps(case: CaseId, command: ActOnPerhaps) -> Made = relais_acts::duplicates::act;
    same(same: SameAskId) -> AskedView = relais_acts::duplicates::asked;
    answer_same(same: SameAskId, command: AnswerSame) -> Made = relais_acts::duplicates::answer;
    join(case: CaseId, command: JoinCases) -> Made = relais_acts::duplicates::join;
    separate(case: CaseId, command: JoinCases) -> Made = relais_acts::duplicates::separate;
    record_consent(case: CaseId, command: RecordConsent) -> Made = relais_acts::consents::record;
    withdraw_consent(case: CaseId, command: WithdrawConsent) -> Made = relais_acts::withdrawals::withdraw;
    withdraw_view(case: CaseId, chosen: Vec<uuid::Uuid>, effect: Option<String>) -> WithdrawView = relais_acts::withdrawals::view;
    stop(stop: StopRequestId) -> StopView = relais_acts::stops::view;
    confirm_stop(stop: StopRequestId, command: ConfirmStop) -> Made = relais_acts::stops::confirm;
    protection(case: CaseId) -> ProtectionView = relais_acts::protection::view;
    set_protection(case: CaseId, command: SetProtection) -> Made = relais_acts::protection::set;
    emergency() -> EmergencyView = relais_acts::emergency::view;
    open_emergency(command: OpenEmergency) -> Made = relais_acts::emergency::open;
    record_child(case: CaseId, command: RecordChild) -> Made = relais_acts::child::record;
    transfer_draft(case: CaseId, chosen: Option<OrganisationId>) -> TransferDraft = relais_acts::transfers::draft;
    propose_transfer(case: CaseId, command: ProposeTransfer) -> Made = relais_acts::transfers::propose;
    transfer(transfer: TransferId) -> TransferView = relais_acts::transfers::view;
    act_on_transfer(transfer: TransferId, command: ActOnTransfer) -> Made = relais_acts::transfers::act;
    assign_view(case: CaseId) -> AssignView = relais_acts::assignment::view;
    assign_case(case: CaseId, command: AssignCase) -> Made = relais_acts::assignment::assign;
    claim_case(case: CaseId, command: ClaimCase) -> Made = relais_acts::assignment::claim;
    add_need(case: CaseId, command: AddNeed) -> Made = relais_acts::needs::add;
    closure(case: CaseId) -> ClosureView = relais_acts::closing::view;
    close_case(case: CaseId, command: CloseCase) -> Made = relais_acts::closing::propose;
    answer_closure(case: CaseId, command: AnswerClosure) -> Made = relais_acts::closing::answer;
    follow_up_view(case: CaseId) -> FollowUpView = relais_acts::closing::follow_up_view;
    follow_up(case: CaseId, command: NoteFollowUp) -> Made = relais_acts::closing::follow_up;
    plan(case: CaseId) -> PlanView = relais_acts::plan::view;
    write_plan(case: CaseId, command: WritePlan) -> Made = relais_acts::plan::write;
    end_view(case: CaseId) -> EndView = relais_acts::ending::view;
    end_case(case: CaseId, command: EndCase) -> Made = relais_acts::ending::end;
    reopen_view(case: CaseId) -> ReopenView = relais_acts::reopening::view;
    reopen_case(case: CaseId, command: ReopenCase) -> Made = relais_acts::reopening::reopen;
    case(case: CaseId) -> CaseView = relais_acts::case::view;
    form(case: CaseId, form: String) -> FormView = relais_acts::forms::form;
    form_paper(case: CaseId, form: String) -> PaperView = relais_acts::forms::paper;
    form_section(case: CaseId, form: String, section: String) -> SectionView = relais_acts::forms::section;
    fill_section(case: CaseId, form: String, section: String, command: FillSection) -> Made = relais_acts::forms::fill;
    cases(after: Option<String>) -> CaseList = relais_acts::case::list;
    cases_json(after: Option<String>) -> Vec<u8> = relais_acts::case::list_json;
    case_by_code(typed: String) -> CaseId = relais_acts::case::by_code;
    my_day() -> MyDay = relais_acts::day::my_day;
    inbox(after: Option<String>) -> Inbox = relais_acts::day::inbox_page;
    late(after: Option<String>) -> LateList = relais_acts::day::late;
    late_subject(subject: uuid::Uuid) -> LateSubject = relais_acts::coordination::subject;
    note_late_call(subject: uuid::Uuid, command: NoteLateCall) -> Made = relais_acts::coordination::note;
    coordination() -> Coordination = relais_acts::coordination::view;
    matrix(asked: MatrixAsked, now: DateTime<Utc>) -> MatrixView = relais_acts::directory::matrix::with_demand;
    imports() -> ImportsView = relais_acts::directory::imports::list;
    put_figures(command: PutBefore) -> Made = relais_acts::coordination::put;
    reply_figures(command: ReplyToFigures) -> Made = relais_acts::coordination::reply;
    refer_view(need: NeedId, chosen: Option<ServiceId>, after: Option<String>) -> ReferView = relais_acts::refer::view;
    refer_by_code(need: NeedId, given: ShelterCode) -> ReferView = relais_acts::refer::view_by_code;
    send_referral(need: NeedId, command: SendReferral) -> Made = relais_acts::refer::send;
    settle_view(need: NeedId) -> SettleView = relais_acts::settle_need::view;
    settle_need(need: NeedId, command: SettleNeed) -> Made = relais_acts::settle_need::settle;
    write_override(need: NeedId, command: WriteOverride) -> Made = relais_acts::overrides::write_apart;
    cosign_list() -> CosignList = relais_acts::cosign::list;
    exception(id: OverrideId) -> OverrideView = relais_acts::cosign::view;
    decide_override(id: OverrideId, command: DecideOverride) -> Made = relais_acts::overrides::decide;
    referral(referral: ReferralId) -> ReferralView = relais_acts::referral_view::view;
    write_payment(referral: ReferralId, command: WritePayment) -> Made = relais_acts::payments::write;
    act(referral: ReferralId, command: ActOnReferral) -> Made = relais_acts::referrals::act;
    watch() -> WatchView = relais_acts::handovers::view;
    offer_handover(command: OfferHandover) -> Made = relais_acts::handovers::offer;
    answer_handover(command: AnswerHandover) -> Made = relais_acts::handovers::answer;
    on_call() -> OnCallView = relais_acts::on_call::view;
    put_on_call(command: PutOnCall) -> Made = relais_acts::on_call::put;
    test_on_call(command: TestOnCall) -> Made = relais_acts::on_call::tested;
    calls(referral: ReferralId) -> CallsView = relais_acts::calls::view;
    note_call(referral: ReferralId, command: NoteCall) -> Made = relais_acts::calls::note;
    groups(after: Option<String>) -> GroupList = relais_acts::groups::list;
    make_group(command: MakeGroup, list: Option<Grid>) -> Made = relais_acts::groups::make;
    group(group: GroupId, show: Option<String>, search: Option<String>, after: Option<String>) -> QueueView = relais_acts::groups::view;
    group_list(group: GroupId, header: Option<usize>, columns: Option<BTreeMap<Column, usize>>) -> ListView = relais_acts::groups::preview;
    upload_list(group: GroupId, id: uuid::Uuid, list: Grid) -> Made = relais_acts::groups::upload;
    make_queue(group: GroupId, command: MakeQueue) -> Made = relais_acts::groups::queue;
    take_next(group: GroupId) -> Made = relais_acts::groups::take_next;
    add_expected(group: GroupId, command: AddExpected) -> Made = relais_acts::groups::add;
    close_group(group: GroupId) -> Made = relais_acts::groups::close;
    bracelets(group: GroupId) -> Bracelets = relais_acts::groups::bracelets;
    by_bracelet(typed: String) -> ExpectedId = relais_acts::groups::open_of;
    expected(row: ExpectedId) -> RowView = relais_acts::groups::row;
    act_on_row(row: ExpectedId, command: ActOnRow) -> Made = relais_acts::groups::act;
    keep_answers(row: ExpectedId, command: KeepAnswers) -> Made = relais_acts::groups::keep;
    register_expected(row: ExpectedId, command: RegisterExpected) -> Made = relais_acts::groups::register;
    break_family(case: CaseId, command: BreakFamily) -> Made = relais_acts::families::leave;
    letter(referral: ReferralId) -> LetterView = relais_acts::letter::view;
    complaints(after: Option<String>) -> ComplaintList = relais_acts::complaints::list;
    complaint(complaint: ComplaintId) -> ComplaintView = relais_acts::complaints::view;
    act_on_complaint(complaint: ComplaintId, command: ActOnComplaint) -> Made = relais_acts::complaints::act;
    link_status(referral: ReferralId) -> LinkStatus = relais_acts::links::status;
    slip(referral: ReferralId) -> SlipView = relais_acts::slips::view;
    make_slip(referral: ReferralId, command: MakeSlip) -> Made = relais_acts::slips::make;
    type_slip(number: String, command: TypeSlip) -> Made = relais_acts::slips::type_in;
    type_slip_into(referral: ReferralId, command: TypeSlip) -> Made = relais_acts::slips::type_into;
    own_entries() -> OwnEntries = relais_acts::entries::list;
    entry(service: ServiceId) -> EntryView = relais_acts::entries::view;
    confirm_entries(command: ConfirmEntries) -> Made = relais_acts::entries::confirm;
    change_entry(service: ServiceId, command: ChangeEntry) -> Made = relais_acts::entries::change;
    set_capacity(service: ServiceId, command: SetCapacity) -> Made = relais_acts::entries::capacity;
    step_entry(service: ServiceId, command: StepEntry) -> Made = relais_acts::entries::step;
    merge_entries(command: MergeEntries) -> Made = relais_acts::directory::merging::merge;
    keep_apart(command: KeepApart) -> Made = relais_acts::directory::merging::apart;
    undo_merge(id: uuid::Uuid, decision: uuid::Uuid) -> Made = relais_acts::directory::merging::undo;
    agreements(asked: AgreementsAsked) -> AgreementsView = relais_acts::agreements::all;
    agreement(agreement: AgreementId) -> AgreementView = relais_acts::agreements::view;
    add_agreement(command: AddAgreement) -> Made = relais_acts::agreements::write_down;
    sign_agreement(agreement: AgreementId, command: SignAgreement) -> Made = relais_acts::agreements::sign;
    renew_agreement(agreement: AgreementId, command: RenewAgreement) -> Made = relais_acts::agreements::renew;
    denounce_agreement(agreement: AgreementId, command: DenounceAgreement) -> Made = relais_acts::agreements::denounce;
    programmes(asked: ProgrammesAsked) -> ProgrammesView = relais_acts::entries::programmes::list;
    programme(programme: ProgrammeId) -> ProgrammeView = relais_acts::entries::programmes::view;
    add_programme(command: AddProgramme) -> Made = relais_acts::entries::programmes::add;
    correct_programme(programme: ProgrammeId, command: CorrectProgramme) -> Made = relais_acts::entries::programmes::correct;
    ratification(asked: RatificationAsked) -> RatificationView = relais_acts::entries::ratification::view;
    ratification_sheet() -> RatificationView = relais_acts::entries::ratification::sheet;
    prepare_ratification(command: PrepareList) -> Made = relais_acts::entries::ratification::prepare;
    note_ratification(command: NoteSession) -> Made = relais_acts::entries::ratification::record;
    registers() -> RegistersView = relais_acts::registers::overview;
    register_lines(register: String, asked: RegisterAsked) -> RegisterView = relais_acts::registers::list;
    register_line(register: String, line: uuid::Uuid) -> LineView = relais_acts::registers::view;
    blank_line(register: String, prefill: Values) -> BlankView = relais_acts::registers::blank;
    add_line(register: String, command: AddLine) -> Made = relais_acts::registers::add;
    change_line(register: String, line: uuid::Uuid, command: ChangeLine) -> Made = relais_acts::registers::change;
    versions() -> Vec<Version> = relais_acts::versions::list;
    version(hash: String) -> Arc<relais_mechanism::Mechanism> = relais_acts::versions::read;
    live(asked: relais_acts::documents::LiveAsked) -> relais_documents::Live = relais_acts::documents::live;
    dated() -> Vec<Dated> = relais_acts::registers::dated::dated;
    safeguards(organisation: OrganisationId) -> SafeguardsView = relais_acts::entries::safeguards::view;
    note_safeguards(organisation: OrganisationId, command: NoteSafeguards) -> Made = relais_acts::entries::safeguards::record;
    publish_held(organisation: OrganisationId, command: PublishHeld) -> Made = relais_acts::entries::safeguards::publish;
    moderation() -> Moderation = relais_acts::entries::moderation;
    decide_change(change: EntryChangeId, command: DecideChange) -> Made = relais_acts::entries::decide;
    webhooks() -> WebhookList = relais_acts::webhooks::list;
    add_webhook(command: AddWebhook, secret: String) -> WebhookMade = relais_acts::webhooks::add;
    end_webhook(webhook: WebhookId, command: EndWebhook) -> Made = relais_acts::webhooks::end;
    test_webhook(webhook: WebhookId, command: TestWebhook) -> Made = relais_acts::webhooks::test;
    make_link(referral: ReferralId, command: MakeLink, secret_hash: Vec<u8>) -> Made = relais_acts::links::make;
}

/// How the access log names what is reached by a link.
const LINK: (&str, &str) = ("/link", Purpose::Deliver.code());

/// How the access log names the door for complaints.
const COMPLAINT: (&str, &str) = ("/complaint", Purpose::Account.code());

impl Acts<'_> {
    /// What the door for complaints says.
    pub(crate) async fn complaint_door(self, lang: Lang) -> Result<Door, ActError> {
        relais_acts::complaints::door(self.0, lang).await
    }

    /// Complains.
    pub(crate) async fn complain(self, command: Complain, lang: Lang) -> Result<Received, ActError> {
        relais_acts::complaints::complain(self.0, command, lang, COMPLAINT.0, COMPLAINT.1).await
    }

    /// Comes back to a complaint.
    pub(crate) async fn follow_complaint(self, command: Follow) -> Result<FollowView, ActError> {
        relais_acts::complaints::follow(self.0, command, "/complaint/follow", COMPLAINT.1).await
    }

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
        room: Vec<u8>,
    ) -> Result<ServicePage, ActError> {
        relais_acts::services::search(self.0, search, viewer.lang, now, room)
    }

    /// The same for a map, each with its point.
    pub(crate) fn map_services(
        self,
        viewer: &Viewer,
        search: &ServiceSearch,
        now: DateTime<Utc>,
    ) -> Result<Mapped, ActError> {
        relais_acts::services::mapped(self.0, search, viewer.lang, now)
    }

    /// The same for a page, with reasons and what there is to choose.
    pub(crate) fn look_for_services(
        self,
        viewer: &Viewer,
        search: &ServiceSearch,
        now: DateTime<Utc>,
    ) -> Result<(ServiceLook, Arc<Network>), ActError> {
        relais_acts::services::look(self.0, search, viewer.lang, now)
    }

    pub(crate) fn look_into_public(
        self,
        search: &ServiceSearch,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Result<PublicLook, ActError> {
        public::look(self.0, search, lang, now)
    }

    pub(crate) fn public_doors(self, lang: Lang, now: DateTime<Utc>) -> Vec<PublicDoor> {
        public::doors(self.0, lang, now)
    }

    pub(crate) fn public_entry(
        self,
        service: ServiceId,
        lang: Lang,
        now: DateTime<Utc>,
    ) -> Result<PublicSheet, ActError> {
        public::entry(self.0, service, lang, now)
    }

    pub(crate) async fn emergency_lines(self, lang: Lang) -> Result<Vec<EmergencyLine>, ActError> {
        public::emergency_lines(self.0, lang).await
    }
}
