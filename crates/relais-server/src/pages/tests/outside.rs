//! The pages that need no account.

use super::*;

/// The link of a provider without an account, and how it is shared.
pub(super) fn without_account(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let who = ask::Asking {
        lang,
        ..ask::Asking::default()
    };
    let open = || Frame::open(app, &who, t.link_title(), Some(now));
    let nothing = Typed::default();
    check("7-link-code", lang, &link::Code::of(open(), t, &nothing, &[]));
    let missing = wrong(&["code", "name", "telephone"]);
    check(
        "7-link-code-errors",
        lang,
        &link::Code::of(open(), t, &nothing, &missing),
    );
    let offer = sample::link_view(
        lang,
        State::Sent,
        &["accept", "ask", "waitlist", "decline", "cancel", "void"],
    );
    let page = link::LinkPage::of(open(), t, &offer, Uuid::nil(), &nothing, &[], now);
    let html = check("7-link", lang, &page);
    assert!(html.contains(t.link_ask_level()) && html.contains(t.decline_no_capacity()));
    assert!(
        !html.contains(t.decline_redirect()) && !html.contains(t.referral_void_save()),
        "neither a service to choose nor what is the sender’s"
    );
    let running = sample::link_view(lang, State::Accepted, &["schedule", "start", "report", "no_show"]);
    let page = link::LinkPage::of(open(), t, &running, Uuid::nil(), &nothing, &wrong(&["at"]), now);
    check("7-link-accepted", lang, &page);
    let said = link::Sentence::of(open(), t.link_done_accepted(), t.link_done_accepted_text(), "");
    check("7-link-done", lang, &said);
    for state in LinkState::ALL {
        let status = sample::link_status(*state);
        let page = share::Share::of(frame(Tab::Cases, "x"), t, &status, Uuid::nil(), None);
        let html = check(&format!("7-share-{state}"), lang, &page);
        assert_eq!(
            html.contains("408\u{a0}215"),
            *state == LinkState::Waiting,
            "the code of a live link alone"
        );
    }
    let status = sample::link_status(LinkState::Waiting);
    let address = "https://relais.example/link/fr/SECRETABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk";
    let page = share::Share::of(frame(Tab::Cases, "x"), t, &status, Uuid::nil(), Some(address));
    let html = check("7-share-made", lang, &page);
    for scheme in ["https://wa.me/?text=", "sms:?body="] {
        let text = html.split(scheme).nth(1).and_then(|rest| rest.split('"').next());
        let text = text.expect("an anchor");
        assert!(
            text.ends_with("https%3A%2F%2Frelais.example%2Flink%2Ffr%2FSECRETABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"),
            "{text}"
        );
        for secret in ["408", "215", "4421", "Aiguille", "couture"] {
            assert!(!text.contains(secret), "{scheme} says {secret}");
        }
    }
}

/// The paper slip, printed and typed in.
pub(super) fn slips(look: &Look<'_>) {
    let Look { lang, t, .. } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let open = || look.open(t.link_title());
    let nothing = Typed::default();
    let site = "https://relais.example";
    let bare = slip::Slip::of(frame(Tab::Cases, "x"), t, &sample::slip(lang, false), Uuid::nil(), site);
    let html = check("8-slip-bare", lang, &bare);
    assert!(!html.contains("class=\"sheet\""), "no paper without its code");
    for other in Lang::ALL {
        let view = sample::slip(*other, true);
        let page = slip::Slip::of(frame(Tab::Cases, "x"), t, &view, Uuid::nil(), site);
        let html = check(&format!("8-slip-{}", other.code()), lang, &page);
        assert!(html.contains("K7TM-3QXR") && html.contains("1503") && html.contains("<svg class=\"qr\""));
        assert!(
            html.contains(Text(*other).slip_stamp()),
            "the paper speaks the provider’s language"
        );
    }
    check(
        "8-slip-in",
        lang,
        &slip_in::SlipIn::of(open(), t, Uuid::nil(), &nothing, &[]),
    );
    let gaps = wrong(&["number", "code", "ticked", "reason", "name", "on"]);
    check(
        "8-slip-in-errors",
        lang,
        &slip_in::SlipIn::of(open(), t, Uuid::nil(), &nothing, &gaps),
    );
}

/// The door for complaints, and the desk behind it.
pub(super) fn complaints(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let nobody = ask::Asking {
        lang,
        ..ask::Asking::default()
    };
    let open = |title: &str| Frame::open(app, &nobody, title, Some(now));
    let empty = Typed::default();
    for ready in [true, false] {
        let door = sample::complaint_door(lang, ready);
        let page = complaint::ComplaintPage::of(open(t.complaint_title()), &door, Uuid::nil(), "K7TM3QXR", &empty, &[]);
        let name = if ready { "8-complaint" } else { "8-complaint-not-ready" };
        let html = check(name, lang, &page);
        assert!(html.contains("1503") && html.contains(t.complaint_unverified()));
        assert_eq!(html.contains(t.complaint_not_ready()), !ready);
    }
    let door = sample::complaint_door(lang, true);
    let mistakes = wrong(&["kind", "facts"]);
    let page = complaint::ComplaintPage::of(
        open(t.complaint_title()),
        &door,
        Uuid::nil(),
        "K7TM3QXR",
        &empty,
        &mistakes,
    );
    check("8-complaint-errors", lang, &page);
    let page = complaint::ComplaintDone::of(open(t.complaint_title()), &sample::complaint_received());
    let html = check("8-complaint-done", lang, &page);
    assert!(html.contains("K7TM-3QXR") && html.contains("W4HN-8PZC"));
    let page = complaint::FollowPage::ask(open(t.complaint_follow_title()), Uuid::nil(), &empty, &[]);
    check("8-complaint-follow", lang, &page);
    let view = sample::complaint_followed();
    let page = complaint::FollowPage::of(open(t.complaint_follow_title()), &view, Uuid::nil(), "W4HN8PZC");
    let html = check("8-complaint-followed", lang, &page);
    assert!(html.contains(t.complaint_follow_added()));
    let reader = sample::caller(lang, &[Role::ComplaintRecipient], "/complaints");
    let framed = |title: &str| Frame::of(app, &reader, Tab::Complaints, title, now);
    let mut list = sample::complaints();
    check(
        "8-complaints",
        lang,
        &complaints::Complaints::of(framed(t.complaints_title()), &list),
    );
    list.rows.clear();
    check(
        "8-complaints-empty",
        lang,
        &complaints::Complaints::of(framed(t.complaints_title()), &list),
    );
    let view = sample::complaint(lang);
    let page = complaints::OneComplaint::of(framed(t.complaints_title()), &view, Uuid::nil(), &Typed::default(), &[]);
    let html = check("8-complaint-one", lang, &page);
    assert!(html.contains(t.complaints_unopened()) && html.contains(t.complaints_readers_officer()));
}
