//! The pages that need no account.

use super::*;

/// The directory for anybody.
pub(super) fn public_directory(look: &Look<'_>) {
    use sample::public as shown;
    let Look { app, lang, t, now } = *look;
    let open = |title: &str| look.open(title).leaving(app);
    let numbers = shown::numbers(lang);
    let html = check(
        "0-public",
        lang,
        &public::Home::of(open(t.public_title()), &numbers, shown::doors(lang)),
    );
    assert!(html.contains("href=\"tel:1503\"") && html.contains("[K]") && html.contains("20/11/2026"));
    assert!(html.contains("rel=\"noreferrer\">") && html.contains(t.frame_leave()));
    assert_eq!(html.matches("/public/services?category=").count(), 14);
    check("0-public-bare", lang, &public::Home::of(open("x"), &[], Vec::new()));
    let asked = public::Asked {
        q: "mal au dos <i>garua</i>".to_owned(),
        place: "Garoua".to_owned(),
        category: "MED".to_owned(),
        open_now: true,
        after: None,
    };
    let page = public::Results::of(open("x"), &numbers, &asked, &shown::look(lang, true), &[]);
    let html = check("0-public-services", lang, &page);
    assert!(!html.contains("<i>"), "never read as HTML");
    assert_eq!(
        (
            html.matches("<h3>").count(),
            html.matches("class=\"btn two nb\"").count()
        ),
        (8, 4)
    );
    let next = html
        .split("href=\"/public/services?after=")
        .nth(1)
        .and_then(|h| h.split('"').next());
    let next = next.expect("a next page");
    for kept in [
        "q=mal%20au%20dos%20%3Ci%3E",
        "place=Garoua",
        "category=MED",
        "open_now=true",
    ] {
        assert!(next.contains(kept), "{next}");
    }
    let page = public::Results::of(open("x"), &numbers, &asked, &shown::look(lang, false), &[]);
    assert!(check("0-public-none", lang, &page).contains(t.public_none()));
    let page = public::Results::of(
        open("x"),
        &numbers,
        &asked,
        &shown::look(lang, false),
        &wrong(&["place"]),
    );
    let html = check("0-public-errors", lang, &page);
    assert!(html.contains("(place).") && !html.contains(t.public_none()));
    for n in 0..8 {
        let sheet = shown::sheet(lang, n);
        let on = crate::format::local(now).date_naive();
        let page = public_entry::Sheet::of(open("x"), &numbers, &sheet, "https://relais.example", on);
        let html = check(&format!("0-public-sheet-{n}"), lang, &page);
        assert_eq!(html.contains(t.public_no_number()), n % 2 == 1);
        assert_eq!(html.contains(t.public_sheet_beside()), n > 0);
        assert!(html.contains("relais.example/complaint") && html.contains("<path d=\"M"));
    }
}

/// The directory as a document.
pub(super) fn booklets(look: &Look<'_>) {
    use sample::public as shown;
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Services, "x");
    let region = |n: usize| (format!("CM{n:03}"), format!("Région {n}"), n, n % 3);
    let offered: Vec<_> = std::iter::once((String::new(), String::new(), 90, 1))
        .chain((1..11).map(region))
        .collect();
    for contacts in [true, false] {
        let html = check("9-booklet", lang, &booklet::Ask::of(frame(), &offered, contacts));
        assert_eq!(html.contains("value=\"partners\""), contacts);
        for other in Lang::ALL {
            let made = shown::booklet(*other, contacts, 2);
            let numbers = shown::numbers(*other);
            let site = contacts.then_some("https://relais.example");
            let page = booklet::Document::of(frame(), Text(*other), "Cameroun", made, &numbers, site);
            let html = check(&format!("9-booklet-print-{contacts}-{}", other.code()), lang, &page);
            let p = Text(*other);
            assert_eq!(html.contains(p.booklet_restricted()), contacts);
            assert_eq!(html.contains("+237\u{a0}6\u{a0}99\u{a0}00\u{a0}00\u{a0}03"), contacts);
            assert_eq!(
                html.matches("<path d=\"M").count(),
                if contacts { 2 } else { 0 },
                "codes"
            );
            assert!(html.contains(&p.booklet_left(1usize)) == contacts && html.contains("3f2a91bc"));
            assert!(!html.contains("<i>0</i>") && html.contains("1, 2"));
        }
    }
    let html = check(
        "9-bridges",
        lang,
        &bridges::Bridges::of(frame(), &look.app.desk().mechanism()),
    );
    assert_eq!(
        (html.matches("<h2 ").count(), html.matches("href=\"tel:").count()),
        (5, 3)
    );
    assert!(html.contains("[K]") && html.contains("[P]"));
    let html = check(
        "9-documents",
        lang,
        &documents::Documents::of(frame(), &look.app.desk().mechanism(), lang).with_workbook(),
    );
    for (code, paper) in [("DOC10", "docx"), ("DOC08", "html"), ("DOC17", "pdf")] {
        assert!(
            html.contains(&format!("code={code}&amp;lang={}&amp;as={paper}", lang.code())),
            "{code}"
        );
    }
    let other = if lang == Lang::Fr { Lang::En } else { Lang::Fr };
    assert!(html.contains(&format!("\"/documents?lang={}\"", other.code())));
    assert_eq!(html.matches("\"/documents/DOC17.xlsx\"").count(), 1);
    assert!(html.contains("\"/documents/forms/F1E\""));
    let theirs = documents::Documents::of(frame(), &look.app.desk().mechanism(), other);
    let html = check("9-documents-other", lang, &theirs);
    assert!(html.contains(&format!("<h2 id=\"DOC10\" lang=\"{}\">", other.code())) && !html.contains(".xlsx"));
    assert!(!html.contains("code=_"), "a shared part is no document");
    assert!(!html.contains("/redline\""), "one version: nothing to compare");
    redlines(look);
    let page = booklet::Document::of(frame(), t, "Cameroun", shown::booklet(lang, false, 0), &[], None);
    assert!(check("9-booklet-empty", lang, &page).contains(t.booklet_empty()));
}

/// What a changed limit changes in the procedures.
fn redlines(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = || look.frame(Tab::Services, "x");
    let version = |n: u8, label: &str| relais_acts::versions::Version {
        hash: n.to_string().repeat(64),
        label: label.to_owned(),
        adopted_at: now - chrono::TimeDelta::days(i64::from(9 - n)),
    };
    let versions = [version(2, "cm-2026.2"), version(1, "cm-2026.1")];
    let was = app.desk().mechanism();
    let documents = documents::Documents::of(frame(), &was, lang).versions(&versions);
    let html = check("9-documents-versions", lang, &documents);
    assert!(html.contains("/documents/DOC10/redline\"") && html.contains("222222222222<"));
    let change = [("priority.P3.decide".to_owned(), "4 wd".to_owned())];
    let is = relais_mechanism::amend::amended(&was, &change, "2026.2").expect("a legal value");
    let told = |is: &relais_mechanism::Mechanism| {
        relais_documents::redline::between(&was, is, "DOC10", lang).expect("renders")
    };
    let both = Some((&versions[1], &versions[0]));
    let page = redline::Page::of(frame(), t, "DOC10", &versions, both, &told(&is));
    let html = check("9-redline", lang, &page);
    assert!(html.contains("<del>5\u{a0}") && html.contains("<ins>4\u{a0}") && html.contains("<h2>"));
    let page = redline::Page::of(frame(), t, "DOC10", &versions, both, &told(&was));
    assert!(check("9-redline-none", lang, &page).contains(t.redline_none()));
    let page = redline::Page::of(frame(), t, "DOC10", &versions[..1], None, &told(&was));
    assert!(check("9-redline-one", lang, &page).contains(t.redline_one_version()));
}

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
