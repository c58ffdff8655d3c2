//! The pages of a request, at either end.

use super::*;

/// The directory's search.
pub(super) fn searching(look: &Look<'_>) {
    use relais_acts::commands::ServiceSearch;

    use crate::room::Part;
    let Look { lang, t, now, .. } = *look;
    let frame = || look.frame(Tab::Services, t.services_title());
    let asked = ServiceSearch {
        q: "mal au dos <i>garua</i>".to_owned(),
        category: Some("X03".to_owned()),
        target: Some("none-of-it".to_owned()),
        urgent: true,
        ..ServiceSearch::default()
    };
    let cards = Part::of(found::cards_of(t, &sample::offered(lang), now));
    let page = services::Services::of(frame(), &asked, &sample::service_look(lang, true), cards, &[]);
    let html = check("4-services", lang, &page);
    assert!(
        html.contains("zyzzyva, &#60;b&#62;") && !html.contains("<i>garua"),
        "never read as HTML"
    );
    assert!(html.contains(t.services_fewer_words()) && html.contains("Bénoué"));
    assert_eq!(html.matches("<h3>").count(), 8);
    assert_eq!(
        html.matches(" selected").count(),
        2,
        "what is chosen, also where there is none"
    );
    let next = html
        .split("href=\"/services?after=")
        .nth(1)
        .and_then(|h| h.split('"').next());
    let next = next.expect("a next page");
    assert!(
        next.contains("q=mal%20au%20dos%20%3Ci%3E") && next.contains("category=X03") && next.contains("urgent=true")
    );
    let page = services::Services::of(
        frame(),
        &asked,
        &sample::service_look(lang, false),
        Part::of(String::new()),
        &wrong(&["place"]),
    );
    let html = check("4-services-errors", lang, &page);
    assert!(html.contains("(place).") && !html.contains(t.services_none()));
    let page = services::Services::of(
        frame(),
        &asked,
        &sample::service_look(lang, false),
        Part::of(String::new()),
        &[],
    );
    assert!(check("4-services-none", lang, &page).contains(t.services_none()));
}

/// Asking a service, and co-signing what sets a rule aside.
pub(super) fn asking(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    for priority in Priority::ALL {
        let view = sample::refer(lang, *priority);
        let f = frame(Tab::Cases, t.refer_title());
        let page = refer::Refer::of(f, app, &view, Uuid::nil(), &Typed::default(), &[], now);
        let html = check(&format!("4-refer-{}", priority.code()), lang, &page);
        assert_eq!(
            html.contains(t.refer_calls()),
            *priority == Priority::P1,
            "telephone first, for P1 alone"
        );
        // Nobody on this page can be asked: the next one is still in reach.
        let f = frame(Tab::Cases, t.refer_title());
        let mut none = view;
        (none.proposals, none.preview, none.next) = (Vec::new(), None, Some("suite".to_owned()));
        let page = refer::Refer::of(f, app, &none, Uuid::nil(), &Typed::default(), &[], now);
        let html = check("4-refer-none", lang, &page);
        assert!(html.contains(t.refer_none()) && html.contains("?after=suite"));
        assert!(html.contains(t.refer_shelter_other()), "a code may always be typed");
    }
    // A need whose services no search finds: the way to them, and the preview.
    for given in [false, true] {
        let code = if given { "AB2C DE3F" } else { "" };
        let typed = Typed(std::iter::once(("code".to_owned(), vec![code.to_owned()])).collect());
        let view = sample::refer_shelter(lang, given);
        let wrong = relais_acts::problem::FieldProblem::new("code", "leads_nowhere", ("Essai.", "Trial."));
        let wrong = if given { Vec::new() } else { vec![wrong] };
        let f = frame(Tab::Cases, t.refer_title());
        let page = refer::Refer::of(f, app, &view, Uuid::nil(), &typed, &wrong, now);
        let html = check(
            if given {
                "4-refer-shelter-code"
            } else {
                "4-refer-shelter"
            },
            lang,
            &page,
        );
        assert!(html.contains(t.refer_shelter_title()) && !html.contains(t.refer_none()));
        assert_eq!(html.contains(t.refer_shelter_sees()), given);
        assert_eq!(html.contains("name=\"code\" value=\"AB2C DE3F\""), given);
    }

    let supervisor = sample::caller(lang, &[Role::Supervisor], "/cosign");
    let frame_c = |title: &str| Frame::of(app, &supervisor, Tab::Cosign, title, now);
    for (name, rows) in [
        ("7-cosign", vec![sample::cosign_row(true), sample::cosign_row(false)]),
        ("7-cosign-empty", Vec::new()),
    ] {
        let vital = if rows.is_empty() {
            Vec::new()
        } else {
            sample::went_as_vital()
        };
        let list = relais_acts::views::CosignList {
            now,
            rows,
            vital,
            more: false,
        };
        let html = check(name, lang, &cosign::Cosign::of(frame_c(t.cosign_title()), t, &list));
        assert_eq!(html.contains(t.cosign_none()), list.rows.is_empty());
        assert_eq!(html.contains(t.cosign_vital_title()), !list.vital.is_empty());
        assert!(!html.contains("<b>d’essai"), "a name is text");
    }
    for late in [true, false] {
        let view = sample::judged(lang, late);
        let page = cosign::Judged::of(frame_c("x"), t, &view, Uuid::nil(), &Typed::default(), &[]);
        let html = check(if late { "7-override-late" } else { "7-override" }, lang, &page);
        assert!(html.contains(t.cosign_sign()) && html.contains(t.cosign_why_refuse()));
    }
}

/// A referral as each side has it.
pub(super) fn answering(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let nothing = Typed::default();
    let provider = sample::caller(lang, &[Role::FocalPoint], "/inbox");
    let theirs = Frame::of(app, &provider, Tab::Inbox, "x", now);
    let asked = sample::referral(
        lang,
        State::Sent,
        true,
        &["acknowledge", "accept", "ask", "waitlist", "decline"],
    );
    let page = referral::Referral::of(theirs.clone(), t, &asked, Uuid::nil(), &Typed::default(), &[], now);
    let html = check("5-referral-provider", lang, &page);
    assert!(html.contains(t.decline_no_capacity()) && html.contains(t.referral_question()));
    let sent = sample::referral(lang, State::Sent, false, &["cancel"]);
    check(
        "5-referral-sender",
        lang,
        &referral::Referral::of(
            frame(Tab::Cases, "x"),
            t,
            &sent,
            Uuid::nil(),
            &Typed::default(),
            &[],
            now,
        ),
    );
    check(
        "5-telephone",
        lang,
        &telephone::Telephone::of(frame(Tab::Cases, "x"), t, &sent, Uuid::nil(), &Typed::default(), &[]),
    );
    let mechanism = app.desk().mechanism();
    let f = frame(Tab::Cases, t.pay_title());
    let html = check(
        "5-payment",
        lang,
        &payment::Page::of(f, &mechanism, &sent, Uuid::nil(), &Typed::default(), &[]),
    );
    assert!(
        html.contains("BPC-2026-0117") && html.contains("75000"),
        "what is written is there to be changed"
    );
    let reported = sample::referral(lang, State::Reported, false, &["confirm", "dispute"]);
    check(
        "5-referral-reported",
        lang,
        &referral::Referral::of(
            frame(Tab::Cases, "x"),
            t,
            &reported,
            Uuid::nil(),
            &Typed::default(),
            &[],
            now,
        ),
    );
    check(
        "5-confirm",
        lang,
        &confirm::Confirm::of(
            frame(Tab::Cases, "x"),
            t,
            &reported,
            Uuid::nil(),
            &Typed::default(),
            &[],
        ),
    );
    let served = sample::referral(
        lang,
        State::InService,
        true,
        &[
            "start",
            "schedule",
            "reschedule",
            "no_show",
            "report",
            "cancel",
            "void",
            "answer",
            "settle",
        ],
    );
    check(
        "5-referral-all-acts",
        lang,
        &referral::Referral::of(theirs.clone(), t, &served, Uuid::nil(), &Typed::default(), &[], now),
    );
    check(
        "5-inbox",
        lang,
        &inbox::InboxPage::of(theirs, t, &sample::inbox(lang), Uuid::nil(), &nothing, &[]),
    );
}
