//! What the table of routes does not say of each endpoint: one line each.

use super::{
    Operation, agreements, duplicates, lines, looked, matrix, none, op, page, paging, programmes, proposals, search,
    transfer_to,
};
use crate::routes::Verb;

/// Method, path, name, what it does: what it reads `=>` what it answers, and its parameters.
macro_rules! operations {
    ($($verb:ident $path:literal $name:literal, $text:literal: $($body:literal)? => $answer:literal, $parameters:path;)*) => {
        &[$(op(Verb::$verb, $path, $name, $text, body!($($body)?), $answer, $parameters)),*]
    };
}

macro_rules! body {
    () => {
        None
    };
    ($name:literal) => {
        Some($name)
    };
}

/// One line for each endpoint.
pub(super) static OPERATIONS: &[Operation] = operations! {
    Get "/api/v1/openapi.json" "openapi", "This description.": => "Object", none;
    Get "/api/v1/services" "searchServices", "Search the directory of services.": => "ServicePage", search;
    Get "/api/v1/directory/matrix" "readMatrix", "Who does what, where, and what is missing: entries, organisations, stated capacity and freshness by category and region, or by the departments of one; gaps, overlaps; for the mechanism's office, what was asked for.": => "Matrix", matrix;
    Get "/api/v1/watch" "readWatch", "Open emergencies and urgent work: who holds each, since when; what is handed over.": => "Object", none;
    Post "/api/v1/handovers" "offerHandover", "Offer cases to a colleague of the next shift.": "OfferHandover" => "Made", none;
    Post "/api/v1/handovers/answers" "answerHandover", "Take over, decline, or take an offer back.": "AnswerHandover" => "Made", none;
    Get "/api/v1/on-call" "readOnCall", "The on-call list: what is missing or untested in each region.": => "Object", none;
    Post "/api/v1/on-call/lines" "putOnCall", "Fill in a number of the on-call list.": "PutOnCall" => "Made", none;
    Post "/api/v1/on-call/tests" "testOnCall", "Note a test call.": "TestOnCall" => "Made", none;
    Get "/api/v1/entries" "listEntries", "The own entries of the directory, those that want something first.": => "Object", none;
    Post "/api/v1/entries/confirmation" "confirmEntries", "Say that entries are still true, each as it was read.": "ConfirmEntries" => "Made", none;
    Get "/api/v1/entries/{id}" "readEntry", "An entry with its lines, what is proposed for them, and its history: old and new values, who, when.": => "Object", none;
    Post "/api/v1/entries/{id}/changes" "changeEntry", "Correct an entry. Telephones, opening hours, languages and places take effect at once; of a provider, the rest waits for the coordination unit.": "ChangeEntry" => "Made", none;
    Post "/api/v1/entries/{id}/capacity" "setCapacity", "State the free places of today; takes effect at once.": "SetCapacity" => "Made", none;
    Post "/api/v1/entries/{id}/life" "stepEntry", "Check, publish, put in doubt, archive an entry, or bring it back: the coordination unit's.": "StepEntry" => "Made", none;
    Get "/api/v1/moderation" "readModeration", "What waits for the coordination unit: proposed changes, entries in doubt, overdue, not published, silent providers.": => "Object", none;
    Post "/api/v1/moderation/{id}/decision" "decideChange", "Accept a proposed change, which takes effect at once, or refuse it with a reason.": "DecideChange" => "Made", none;
    Get "/api/v1/agreements" "listAgreements", "What organisations signed: parties, term and grace, how each stands today, what its data annex lets through; the own ones first.": => "Object", agreements;
    Post "/api/v1/agreements" "addAgreement", "Write down an agreement with its first signature: the office's for the whole country.": "AddAgreement" => "Made", none;
    Get "/api/v1/agreements/{id}" "readAgreement", "An agreement with its data annex by category of service; for the office and the parties its register of signatures.": => "Object", none;
    Post "/api/v1/agreements/{id}/signatures" "signAgreement", "Note the signature of a further party: it and what is under it are covered from that day.": "SignAgreement" => "Made", none;
    Post "/api/v1/agreements/{id}/renewal" "renewAgreement", "Note a longer term, also once the old one has ended; what went already keeps its terms.": "RenewAgreement" => "Made", none;
    Post "/api/v1/agreements/{id}/denunciation" "denounceAgreement", "Note that a party leaves, or that the agreement ends as a whole: from that day nothing goes under it, and what rests on it closes.": "DenounceAgreement" => "Made", none;
    Get "/api/v1/programmes" "listProgrammes", "Programmes: who carries each, who gives the money, until when, how many published services hang on it; those whose end leaves services behind first.": => "Object", programmes;
    Post "/api/v1/programmes" "addProgramme", "Add a programme: the office's for the whole country.": "AddProgramme" => "Made", none;
    Get "/api/v1/programmes/{id}" "readProgramme", "A programme with the services that it pays for.": => "Object", none;
    Post "/api/v1/programmes/{id}/changes" "correctProgramme", "Correct, prolong or end a programme; services that it pays for again are no longer in doubt at once.": "CorrectProgramme" => "Made", none;
    Get "/api/v1/ratifications" "readRatification", "What goes before the steering committee: the list for its session with counts by region and category, or what waits today; what is ratified; the last sessions.": => "Object", page;
    Post "/api/v1/ratifications" "prepareRatification", "Draw up the list for the committee's next session, in place of one that waits.": "PrepareList" => "Made", none;
    Post "/api/v1/ratifications/session" "noteRatification", "Note the session: what stands on the list is ratified, but for the entries set apart by their numbers, each with the reason.": "NoteSession" => "Made", none;
    Get "/api/v1/registers" "listRegisters", "The registers of the institution that the user may read: how much is open and late in each, late lines, and what the figures propose for the committee's agenda.": => "Object", none;
    Get "/api/v1/registers/{register}" "readRegister", "A register: its lines in words, what is open first, by the day it is due.": => "Object", lines;
    Post "/api/v1/registers/{register}" "addLine", "Add a line to a register.": "AddLine" => "Made", none;
    Get "/api/v1/registers/{register}/{id}" "readLine", "A line with its fields, what it comes from and leads to, and its history.": => "Object", none;
    Post "/api/v1/registers/{register}/{id}/changes" "changeLine", "Change a line: a field that is left out stays, one without a text is emptied.": "ChangeLine" => "Made", none;
    Get "/api/v1/organisations/{id}/safeguards" "readSafeguards", "What an organisation signed before its entries are published, the agreement under which data go to it, and which entries wait.": => "Object", none;
    Post "/api/v1/organisations/{id}/safeguards" "noteSafeguards", "Note what an organisation signed; a paper that is left out stays as it is, one without a day of signature is noted no more.": "NoteSafeguards" => "Made", none;
    Post "/api/v1/organisations/{id}/publication" "publishHeld", "Publish the entries of an organisation and of those under it that a list brought and that wait for no signature any more; 500 at most at once.": "PublishHeld" => "Made", none;
    Get "/api/v1/directory/duplicates" "listDuplicates", "Entries of the directory that are perhaps the same, with what speaks for it and against it; what was decided last.": => "Object", duplicates;
    Get "/api/v1/late" "listLate", "What is late, by holder.": => "Object", paging;
    Get "/api/v1/late/{id}/calls" "readLateCalls", "A late wait, whom to call, and the calls made about it.": => "Object", none;
    Post "/api/v1/late/{id}/calls" "noteLateCall", "Note a call about late work: who answered, what was promised.": "NoteLateCall" => "Made", none;
    Get "/api/v1/coordination" "readCoordination", "Late by organisation, providers, unmet needs, calls, agreements that end.": => "Object", none;
    Post "/api/v1/coordination/figures" "putFigures", "Put its figures before each provider, which may reply before they are shown by name.": "PutBefore" => "Made", none;
    Post "/api/v1/inbox/figures" "replyToFigures", "Reply in words to the own figures.": "ReplyToFigures" => "Made", none;
    Get "/api/v1/inbox" "readInbox", "What awaits the provider's answer.": => "Object", paging;
    Get "/api/v1/day" "readDay", "What is late, what is the user's move, what was answered.": => "Object", none;
    Get "/api/v1/cases" "listCases", "The cases that the user sees, newest first.": => "Page", paging;
    Post "/api/v1/cases" "registerArrival", "Register an arrival.": "RegisterArrival" => "Made", none;
    Get "/api/v1/cases/{id}" "readCase", "A case, as the user may see it.": => "Object", none;
    Get "/api/v1/cases/{id}/forms/{form}" "readForm", "A form that is filled in section by section: how far each section is that the user sees.": => "Object", none;
    Get "/api/v1/cases/{id}/forms/{form}/{section}" "readSection", "A section: what is asked now, what stands, what is missing.": => "Object", none;
    Post "/api/v1/cases/{id}/forms/{form}/{section}" "fillSection", "Write a section; what is missing may follow later.": "FillSection" => "Made", none;
    Post "/api/v1/name-checks" "checkName", "Look whether somebody is perhaps known, before registering; rationed by user and day.": "CheckName" => "Object", none;
    Post "/api/v1/cases/{id}/perhaps" "actOnPerhaps", "Look again who may be the same person, ask the holder of a case elsewhere, or decide that one found is not.": "ActOnPerhaps" => "Made", none;
    Post "/api/v1/cases/{id}/join" "joinCases", "Join two cases of one person: the older code stays. For supervisors.": "JoinCases" => "Made", none;
    Post "/api/v1/cases/{id}/separation" "separateCases", "Take joined cases apart again, within 30 days. For supervisors.": "JoinCases" => "Made", none;
    Get "/api/v1/same/{id}" "readSameAsk", "A question of another organisation: is it the same person?": => "Object", none;
    Post "/api/v1/same/{id}/answer" "answerSameAsk", "Answer whether it is the same person.": "AnswerSame" => "Made", none;
    Post "/api/v1/cases/{id}/consents" "recordConsent", "Record consent.": "RecordConsent" => "Made", none;
    Get "/api/v1/cases/{id}/withdrawals" "lookAtWithdrawal", "The consents that stand; with `effect`, who would be told and what would become of each running referral.": => "Object", looked;
    Get "/api/v1/cases/{id}/transfers" "lookAtTransfer", "Organisations that could take the case; with `to`, what that one would see and get.": => "Object", transfer_to;
    Post "/api/v1/cases/{id}/transfers" "proposeTransfer", "Propose the transfer of a case.": "ProposeTransfer" => "Made", none;
    Get "/api/v1/transfers/{id}" "readTransfer", "A transfer, as the user may see it.": => "Object", none;
    Post "/api/v1/transfers/{id}/acts" "actOnTransfer", "Accept, decline or take back a transfer.": "TransferAct" => "Made", none;
    Get "/api/v1/cases/{id}/assignment" "readAssignment", "Who works on a case, and who may.": => "Object", none;
    Post "/api/v1/cases/{id}/assignment" "assignCase", "Hand a case to a colleague, or take it over as a supervisor.": "AssignCase" => "Made", none;
    Post "/api/v1/cases/{id}/claim" "claimCase", "Take a case of the own organisation on which nobody works.": "ClaimCase" => "Made", none;
    Get "/api/v1/stops/{id}" "readStopRequest", "A request to stop using what was received, as the user may see it.": => "Object", none;
    Post "/api/v1/stops/{id}/confirmation" "confirmStop", "Confirm that what was received is used no more.": "ConfirmStop" => "Made", none;
    Post "/api/v1/cases/{id}/withdrawals" "withdrawConsent", "Withdraw consent.": "WithdrawConsent" => "Made", none;
    Get "/api/v1/cases/{id}/protection" "readProtection", "Where the case stands, and what choosing or leaving the protected circuit does.": => "Object", none;
    Post "/api/v1/cases/{id}/protection" "setProtection", "Choose the protected circuit for a case, or leave it; no reason is taken.": "SetProtection" => "Made", none;
    Post "/api/v1/cases/{id}/child" "recordChild", "Record what protects a child: doubt about age, the adult's link, seen alone.": "RecordChild" => "Made", none;
    Post "/api/v1/cases/{id}/needs" "addNeed", "Record a need.": "AddNeed" => "Made", none;
    Get "/api/v1/cases/{id}/plan" "readPlan", "The short reintegration plan of a case, for its team.": => "Object", none;
    Post "/api/v1/cases/{id}/plan" "writePlan", "Write the plan of a case, in place of the one before.": "WritePlan" => "Made", none;
    Get "/api/v1/cases/{id}/end" "lookAtEnd", "What ending the case would stop.": => "Object", none;
    Post "/api/v1/cases/{id}/end" "endCase", "End a case: death, departure, detention, whereabouts unknown.": "EndCase" => "Made", none;
    Get "/api/v1/cases/{id}/reopening" "lookAtReopening", "Which needs reopening the case would open again, or may.": => "Object", none;
    Post "/api/v1/cases/{id}/reopening" "reopenCase", "Reopen a case that had ended or was closed.": "ReopenCase" => "Made", none;
    Get "/api/v1/cases/{id}/closure" "readClosure", "The closure of a case as it stands, and what may be done with it.": => "Object", none;
    Post "/api/v1/cases/{id}/closure" "closeCase", "Propose the closure of a case; closes it at once where nobody else could confirm it.": "CloseCase" => "Made", none;
    Post "/api/v1/cases/{id}/closure/answer" "answerClosure", "Confirm a proposed closure, send it back with a reason, or take it back.": "AnswerClosure" => "Made", none;
    Get "/api/v1/cases/{id}/follow-up" "readFollowUp", "The contact that the person wanted after the closure.": => "Object", none;
    Post "/api/v1/cases/{id}/follow-up" "noteFollowUp", "Note the contact after the closure: what came of it, and another one if wanted.": "NoteFollowUp" => "Made", none;
    Get "/api/v1/needs/{id}/services" "proposeServices", "Services that may meet the need, with reasons; with `service`, what it would see.": => "Object", proposals;
    Post "/api/v1/needs/{id}/services" "proposeByCode", "What a confidential service would see, by the code that the on-call desk gave. Wrong codes are rationed.": "ShelterCode" => "Object", none;
    Post "/api/v1/needs/{id}/referrals" "sendReferral", "Send a referral.": "SendReferral" => "Made", none;
    Get "/api/v1/needs/{id}/settlement" "readSettlement", "Who was asked for a need, and whether it can be settled without a service.": => "Object", none;
    Post "/api/v1/needs/{id}/settlement" "settleNeed", "Give a need up as unmet, or note that the person does not want it any more.": "SettleNeed" => "Made", none;
    Get "/api/v1/referrals/{id}/letter" "readLetter", "What a letter to the provider's hierarchy says.": => "Object", none;
    Post "/api/v1/needs/{id}/overrides" "writeOverride", "Write an override before its referral is sent: LEGAL, or two hours.": "WriteOverride" => "Made", none;
    Get "/api/v1/emergencies" "listEmergencies", "Cases that the user reads by emergency access now, and how many tries are left today.": => "Object", none;
    Post "/api/v1/emergencies" "openEmergency", "Open a case for two hours with its exact code and a reason; the answer's id is the case's.": "OpenEmergency" => "Made", none;
    Get "/api/v1/overrides" "listOverrides", "Overrides that wait for the user's co-signature.": => "Object", none;
    Get "/api/v1/overrides/{id}" "readOverride", "An override, for whoever may co-sign it.": => "Object", none;
    Post "/api/v1/overrides/{id}/decision" "decideOverride", "Co-sign an override, or refuse to.": "DecideOverride" => "Made", none;
    Get "/api/v1/complaints" "listComplaints", "The complaints addressed to the user, and no others.": => "Page", paging;
    Post "/api/v1/complaints" "complain", "Complain, without a token. Number and code are answered once; the same id again is refused.": "Complain" => "ComplaintReceived", none;
    Post "/api/v1/complaints/follow" "followComplaint", "Come back with number and code: where it stands, what was answered; add words.": "FollowComplaint" => "Object", none;
    Get "/api/v1/complaints/{id}" "readComplaint", "A complaint addressed to the user. Reading it is noted.": => "Object", none;
    Post "/api/v1/complaints/{id}/steps" "actOnComplaint", "Acknowledge, reply, note, decide, close.": "ActOnComplaint" => "Made", none;
    Get "/api/v1/referrals/{id}" "readReferral", "A referral, as the user may see it.": => "Object", none;
    Post "/api/v1/referrals/{id}/acts" "actOnReferral", "Acknowledge, accept, decline, report, confirm and every other act.": "ReferralAct" => "Made", none;
    Post "/api/v1/referrals/{id}/payment" "writePayment", "Write or change who pays: payer, voucher, transport, announced cost.": "WritePayment" => "Made", none;
    Get "/api/v1/referrals/{id}/calls" "readCalls", "An emergency by telephone: the numbers in order, what was noted, who is with the person.": => "Object", none;
    Post "/api/v1/referrals/{id}/calls" "noteCall", "Note a call of an emergency, or who is with the person.": "NoteCall" => "Made", none;
    Get "/api/v1/referrals/{id}/links" "readLink", "The newest one-time link of a referral to a provider without an account.": => "Object", none;
    Post "/api/v1/referrals/{id}/links" "makeLink", "Make a one-time link. Its address is answered once and kept nowhere; the code is to be said by telephone.": "MakeLink" => "LinkMade", none;
    Get "/api/v1/referrals/{id}/slip" "readSlip", "The slip of a referral: its number, its code once prepared, and what is printed on it.": => "Object", none;
    Post "/api/v1/referrals/{id}/slip" "makeSlip", "Prepare the slip of a referral.": "MakeSlip" => "Made", none;
    Post "/api/v1/referrals/{id}/slips" "typeSlip", "Type in what was ticked on the slip.": "TypeSlip" => "Made", none;
};
