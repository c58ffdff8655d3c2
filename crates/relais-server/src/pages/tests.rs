//! Every page renders in both languages with sample data, stays within its
//! budget, and says nothing twice in the same id. With `RELAIS_PAGES` set to a
//! folder, the pages are written there, to be looked at.

use std::collections::BTreeSet;

use askama::Template;
use relais_acts::commands::RawAnswers;
use relais_acts::problem::FieldProblem;
use relais_casework::referral::{LinkState, State};
use relais_mechanism::words::{Label, Lang, Priority, Role};
use uuid::Uuid;

use super::*;
use crate::ask;
use crate::extract::Typed;
use crate::frame::{Frame, Tab};
use crate::sample;
use crate::text::Text;

/// Most bytes of a page before compression (the kit's budget).
const BUDGET: usize = 20 * 1024;

/// Renders and checks one page.
fn check<T: Template>(name: &str, lang: Lang, page: &T) -> String {
    let html = page.render().expect("the page renders");
    let name = format!("{name}.{}", lang.code());
    if let Some(folder) = std::env::var_os("RELAIS_PAGES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(folder.join("static")).expect("a folder");
        for asset in crate::assets::ASSETS {
            std::fs::write(folder.join(asset.href.trim_start_matches('/')), asset.bytes).expect("an asset");
        }
        let local = html.replace("\"/static/", "\"static/");
        std::fs::write(folder.join(format!("{name}.html")), local).expect("a page");
    }
    assert!(html.len() < BUDGET, "{name}: {} bytes", html.len());
    assert!(html.contains(&format!("<html lang=\"{}\">", lang.code())), "{name}");
    assert_eq!(html.matches("<h1>").count(), 1, "{name}: one first heading");
    assert!(
        !html.contains("style=\"") && !html.replace("<script src=\"/static/", "").contains("<script"),
        "{name}: nothing inline"
    );
    let mut ids = BTreeSet::new();
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap_or_default();
        assert!(ids.insert(id.to_owned()), "{name}: the id {id} stands twice");
    }
    for (n, link) in html.split("href=\"#").skip(1).enumerate() {
        let target = link.split('"').next().unwrap_or_default();
        assert!(
            ids.contains(target),
            "{name}: link {n} leads to #{target}, which is not there"
        );
    }
    html
}

fn wrong(fields: &[&str]) -> Vec<FieldProblem> {
    fields
        .iter()
        .map(|field| FieldProblem {
            field: (*field).to_owned(),
            code: "required".to_owned(),
            message: Label {
                fr: format!("Il manque une réponse ({field})."),
                en: format!("An answer is missing ({field})."),
            },
        })
        .collect()
}

/// An arrival of many: its list, its queue, a row, the bracelets.
fn arrivals_of_many(app: &crate::AppState, lang: Lang) {
    use relais_acts::groups::RowState;
    use sample::groups as many;
    let now = sample::now();
    let t = Text(lang);
    let caller = sample::caller(lang, &[Role::CaseManager], "/groups");
    let frame = |title: &str| Frame::of(app, &caller, Tab::New, title, now);
    let nothing = Typed::default();
    check("9-groups", lang, &groups::Groups::of(frame("x"), t, &many::groups()));
    let none = relais_acts::groups::GroupList {
        rows: Vec::new(),
        next: None,
    };
    let html = check("9-groups-empty", lang, &groups::Groups::of(frame("x"), t, &none));
    assert!(html.contains(t.group_none()));
    for (name, fields) in [
        ("9-group-new", &[][..]),
        ("9-group-new-errors", &["kind", "on", "list"][..]),
    ] {
        let page = group_list::New::of(app, &caller, Uuid::nil(), &nothing, &wrong(fields), now);
        check(name, lang, &page);
    }
    for (name, columns) in [("9-group-list", 14), ("9-group-list-wide", 60)] {
        let view = many::list(columns, lang);
        let page = group_list::List::of(frame("x"), t, &view, Uuid::nil(), &wrong(&["columns", "list"]));
        let html = check(name, lang, &page);
        assert!(html.contains(t.group_read_windows()) && html.contains(t.group_problems_more()));
    }
    let page = group_list::List::of(frame("x"), t, &many::no_list(), Uuid::nil(), &[]);
    let html = check("9-group-list-none", lang, &page);
    assert!(html.contains(t.group_begin_empty()));
    for (name, rows) in [("9-group", 25), ("9-group-empty", 0)] {
        let page = groups::Group::of(frame("x"), t, &many::queue(rows), "", Uuid::nil(), &nothing, &[]);
        let html = check(name, lang, &page);
        assert_eq!(html.contains(t.group_rows_none()), rows == 0);
    }
    for state in RowState::ALL {
        let view = many::expected(*state);
        let page = expected::Expected::of(app, &caller, &view, Uuid::nil(), None, &[]).expect("a form");
        let html = check(&format!("9-expected-{state}"), lang, &page);
        assert_eq!(html.contains("name=\"F1E.03\""), *state == RowState::Taken);
        assert!(!html.contains("name=\"F1E.01\""), "the row answers it");
    }
    let typed = RawAnswers::from([("F1E.05".to_owned(), vec!["douze".to_owned()])]);
    let view = many::expected(RowState::Taken);
    let mistakes = wrong(&["F1E.02", "F1E.05", "F1E.07", "F1E.09", "F1E.11"]);
    let page = expected::Expected::of(app, &caller, &view, Uuid::nil(), Some(&typed), &mistakes).expect("a form");
    let html = check("9-expected-errors", lang, &page);
    assert!(html.contains("douze"), "nothing typed is lost");
    let page = bracelets::Bracelets::of(frame("x"), t, &many::bracelets(), 9, false);
    let html = check("9-bracelets", lang, &page);
    assert!(
        html.contains("12-0176-") && !html.contains("12-0160-"),
        "the last sheet"
    );
    let all = bracelets::Bracelets::of(frame("x"), t, &many::bracelets(), 1, true);
    let html = all.render().expect("the page renders");
    assert!(
        html.contains("12-0001-") && html.contains("12-0176-"),
        "all sheets for whoever prints"
    );
    assert!(html.len() < 200 * 1024, "{} bytes", html.len());
}

#[test]
fn every_page_renders_in_both_languages() {
    let deployment = sample::deployment();
    let app = &deployment.app;
    let now = sample::now();
    for &lang in Lang::ALL {
        let t = Text(lang);
        let caller = sample::caller(lang, &[Role::CaseManager], "/day");
        let frame = |tab, title: &str| Frame::of(app, &caller, tab, title, now);

        let html = check(
            "1-day",
            lang,
            &day::Day::of(
                frame(Tab::Day, t.day_title()),
                t,
                &sample::day(lang),
                day::From::default(),
            ),
        );
        assert!(html.contains("LT-000123-K") && html.contains(t.frame_sign_out()));
        let mut empty = sample::day(lang);
        empty.cosign.clear();
        for rows in [
            &mut empty.late,
            &mut empty.yours,
            &mut empty.answers,
            &mut empty.appointments,
            &mut empty.others,
        ] {
            rows.clear();
        }
        empty.stops.clear();
        empty.transfers.clear();
        empty.unclaimed.clear();
        empty.ended.clear();
        empty.same.clear();
        let html = check(
            "1-day-empty",
            lang,
            &day::Day::of(frame(Tab::Day, t.day_title()), t, &empty, day::From::default()),
        );
        assert!(html.contains(t.day_nothing()));

        let mut full = sample::day(lang);
        full.cosign = full.cosign.iter().cycle().take(100).cloned().collect();
        for rows in [
            &mut full.late,
            &mut full.yours,
            &mut full.answers,
            &mut full.appointments,
            &mut full.others,
        ] {
            *rows = rows.iter().cycle().take(200).cloned().collect();
        }
        full.stops = full.stops.iter().cycle().take(200).cloned().collect();
        full.transfers = full.transfers.iter().cycle().take(50).cloned().collect();
        full.unclaimed = full.unclaimed.iter().cycle().take(50).cloned().collect();
        let busiest = day::Day::of(frame(Tab::Day, t.day_title()), t, &full, day::From::default());
        let html = check("1-day-full", lang, &busiest);
        assert!(html.contains("/day?late=5#late"), "the rest is one link away");

        check(
            "2-arrival",
            lang,
            &arrival::Arrival::of(app, &caller, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form"),
        );
        check(
            "3-cases",
            lang,
            &cases::Cases::of(frame(Tab::Cases, t.cases_title()), t, &sample::cases(lang), now),
        );
        let html = check(
            "3-case",
            lang,
            &cases::Case::of(frame(Tab::Cases, "x"), t, &sample::case(lang), now),
        );
        assert!(html.contains("Exemple Aïcha Ndongo"));
        let mut erased = sample::case(lang);
        erased.erased = Some(relais_acts::views::Erasure {
            at: Some(now),
            reason: "à la demande de la personne".to_owned(),
            note: Some("Lettre 12/2026".to_owned()),
            team: true,
        });
        let notice = erased.erased.as_ref().map(|e| cases::erased_notice(t, e));
        let html = check(
            "3-case-erased",
            lang,
            &cases::Case::of(frame(Tab::Cases, "x").notice(notice), t, &erased, now),
        );
        assert!(html.contains(t.case_erased()) && html.contains("Lettre 12/2026") && !html.contains("Aïcha"));
        let case = sample::case(lang);
        let page =
            consent::Consent::of(app, &caller, &case, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form");
        check("3-consent", lang, &page);
        let doubtful = sample::child(lang);
        let html = check(
            "3-case-child",
            lang,
            &cases::Case::of(frame(Tab::Cases, "x"), t, &doubtful, now),
        );
        assert!(html.contains(t.child_first()) && html.contains(t.child_void()));
        let page = child::Child::of(app, &caller, &doubtful, Uuid::nil(), None, &[], now).expect("a form");
        check("3-child", lang, &page);
        for running in [false, true] {
            let (name, wrong) = if running {
                ("3-emergency-open", wrong(&["code", "reason", "life_in_danger"]))
            } else {
                ("3-emergency", Vec::new())
            };
            let page = emergency::Emergency::of(
                frame(Tab::None, "x"),
                &sample::emergency(running),
                Uuid::nil(),
                &Typed::default(),
                &wrong,
            );
            let html = check(name, lang, &page);
            assert_eq!(html.contains(t.emergency_open()), running);
        }
        for protected in [false, true] {
            let view = sample::protection(lang, protected);
            let page = protection::Protection::of(frame(Tab::Cases, "x"), &view, Uuid::nil(), &Typed::default(), &[]);
            let name = if protected { "3-protection-in" } else { "3-protection" };
            let html = check(name, lang, &page);
            assert_eq!(html.contains(t.protection_choose()), !protected);
        }
        check(
            "3-need",
            lang,
            &need::Need::of(app, &caller, &case, Uuid::nil(), &Typed::default(), &[], now),
        );
        check(
            "3-close",
            lang,
            &close::Close::of(app, &caller, &case, Uuid::nil(), &Typed::default(), &[], now),
        );

        arrivals_of_many(app, lang);

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
        }

        let supervisor = sample::caller(lang, &[Role::Supervisor], "/cosign");
        let frame_c = |title: &str| Frame::of(app, &supervisor, Tab::Cosign, title, now);
        for (name, rows) in [
            ("7-cosign", vec![sample::cosign_row(true), sample::cosign_row(false)]),
            ("7-cosign-empty", Vec::new()),
        ] {
            let list = relais_acts::views::CosignList { now, rows };
            let html = check(name, lang, &cosign::Cosign::of(frame_c(t.cosign_title()), t, &list));
            assert_eq!(html.contains(t.cosign_none()), list.rows.is_empty());
        }
        for late in [true, false] {
            let view = sample::judged(lang, late);
            let page = cosign::Judged::of(frame_c("x"), t, &view, Uuid::nil(), &Typed::default(), &[]);
            let html = check(if late { "7-override-late" } else { "7-override" }, lang, &page);
            assert!(html.contains(t.cosign_sign()) && html.contains(t.cosign_why_refuse()));
        }

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
                text.ends_with(
                    "https%3A%2F%2Frelais.example%2Flink%2Ffr%2FSECRETABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
                ),
                "{text}"
            );
            for secret in ["408", "215", "4421", "Aiguille", "couture"] {
                assert!(!text.contains(secret), "{scheme} says {secret}");
            }
        }

        for taken in [false, true] {
            let view = sample::calls(lang, taken);
            let typed = Typed::default();
            let page = calls::Calls::of(frame(Tab::Cases, "x"), t, &view, Uuid::nil(), &typed, &[], None);
            let html = check(&format!("7-calls-{taken}"), lang, &page);
            assert_eq!(html.contains("name=\"result\" value=\"takes\""), !taken);
            assert!(html.contains("href=\"tel:+237699000003\"") && html.contains("href=\"tel:116\""));
        }
        let page = calls::Calls::of(
            frame(Tab::Cases, "x"),
            t,
            &sample::calls(lang, false),
            Uuid::nil(),
            &Typed::default(),
            &wrong(&["with_person", "name"]),
            Some(0),
        );
        let html = check("7-calls-wrong", lang, &page);
        assert!(html.contains(t.calls_choose()) && html.contains("(with_person)"));

        for office in [false, true] {
            let view = sample::watch(lang, office);
            let typed = Typed::default();
            let page = watch::Watch::of(frame(Tab::Day, "x"), t, &view, Uuid::nil(), &typed, &[], 0);
            let html = check(&format!("8-watch-{office}"), lang, &page);
            assert_eq!(html.contains("name=\"decision\" value=\"take\""), !office);
            assert_eq!(html.contains("name=\"to\""), !office);
        }
        for wanted in [None, Some(("CM001", 1))] {
            let view = sample::on_call(lang);
            let page = on_call::OnCall::of(
                frame(Tab::Late, "x"),
                t,
                &view,
                Uuid::nil(),
                wanted,
                &Typed::default(),
                &wrong(&["who"]),
            );
            let html = check(&format!("8-on-call-{}", wanted.is_some()), lang, &page);
            assert_eq!(html.contains("action=\"/on-call/test\""), wanted.is_some());
        }
        check(
            "8-account",
            lang,
            &account::Account::of(frame(Tab::None, "x"), t, &caller, &wrong(&["pin"])),
        );

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
        for national in [true, false] {
            let view = sample::coordination(lang, national);
            let page = coordination::Page::of(frame(Tab::Coordination, "x"), t, &view, Uuid::nil());
            let html = check(
                if national {
                    "9-coordination"
                } else {
                    "9-coordination-region"
                },
                lang,
                &page,
            );
            assert_eq!(html.contains("/coordination/figures"), national);
            assert!(
                html.contains(&t.coordination_unmet_hidden(10)),
                "a small restricted count is not shown"
            );
        }
        for mistakes in [
            Vec::new(),
            wrong(&["channel", "answered_by", "promised", "promised_on"]),
        ] {
            let name = if mistakes.is_empty() {
                "9-late-calls"
            } else {
                "9-late-calls-errors"
            };
            let view = sample::late_subject(lang);
            let page = late_calls::LateCalls::of(frame(Tab::Late, "x"), t, &view, Uuid::nil(), &nothing, &mistakes);
            check(name, lang, &page);
        }
        let late = letter::Letter::of(frame(Tab::Late, "x"), t, &sample::letter(lang, false), lang);
        let html = check("9-letter-not-due", lang, &late);
        assert!(
            !html.contains("class=\"sheet\""),
            "no letter before the limit has passed"
        );
        for other in Lang::ALL {
            let page = letter::Letter::of(frame(Tab::Late, "x"), t, &sample::letter(lang, true), *other);
            let html = check(&format!("9-letter-{}", other.code()), lang, &page);
            assert!(html.contains(Text(*other).letter_signature()) && html.contains("R-2026-004421"));
        }
        for (name, blocked, mistakes) in [
            ("9-unmet", false, Vec::new()),
            ("9-unmet-blocked", true, Vec::new()),
            ("9-unmet-errors", false, wrong(&["reason", "words"])),
        ] {
            let view = sample::settle(lang, blocked);
            let page = settle_need::Settle::of(frame(Tab::Cases, "x"), t, &view, Uuid::nil(), &nothing, &mistakes);
            let html = check(name, lang, &page);
            assert_eq!(html.contains("<form method=\"post\" action=\"/needs"), !blocked);
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

        for found in [true, false] {
            let mut page =
                arrival::Arrival::of(app, &caller, Uuid::nil(), &RawAnswers::new(), &[], now).expect("a form");
            page.found(t, &sample::checked(lang, found), now);
            let html = check(
                if found { "2-arrival-perhaps" } else { "2-arrival-nobody" },
                lang,
                &page,
            );
            assert_eq!(html.contains(t.perhaps_title()), found);
            assert_eq!(html.contains(t.perhaps_nothing()), !found);
        }
        let f = Frame::of(app, &caller, Tab::Day, t.same_title(), now);
        let html = check("7-same", lang, &same::Same::of(f, &sample::asked(lang), Uuid::nil()));
        assert_eq!(html.matches("name=\"answer\"").count(), 3);
        for recipient in [true, false] {
            let view = sample::stop_view(lang, recipient);
            let f = if recipient {
                Frame::of(app, &provider, Tab::Inbox, t.stop_title(), now)
            } else {
                frame(Tab::Cases, t.stop_title())
            };
            let page = stop::Stop::of(f, &view, Uuid::nil(), &Typed::default(), &[], now);
            let name = if recipient { "7-stop-recipient" } else { "7-stop-sender" };
            let html = check(name, lang, &page);
            assert_eq!(html.contains("name=\"answered_by\""), !recipient);
        }
        for blocked in [false, true] {
            let view = sample::transfer_draft(lang, blocked);
            let f = frame(Tab::Cases, t.transfer_title());
            let page = transfer::Propose::of(f, &view, Uuid::nil(), &Typed::default(), &[]);
            let name = if blocked { "7-transfer-blocked" } else { "7-transfer" };
            let html = check(name, lang, &page);
            assert_eq!(html.contains("method=\"post\" action=\"/cases/"), !blocked);
            assert_eq!(html.contains("consent?recipient="), blocked);
        }
        for (side, acts) in [("asked", 2), ("holder", 1), ("former", 0)] {
            let view = sample::transfer_view(lang, side);
            let f = frame(Tab::Cases, t.transfer_title());
            let page = transfer::Answer::of(f, &view, Uuid::nil(), &Typed::default(), &[], now);
            let html = check(&format!("7-transfer-{side}"), lang, &page);
            assert_eq!(html.matches("name=\"command\"").count(), acts, "{side}");
        }
        for staff in [true, false] {
            let f = frame(Tab::Cases, t.assign_title());
            let page = assign::Assign::of(f, &sample::assign(staff), Uuid::nil(), &Typed::default(), &[]);
            check(if staff { "7-assign" } else { "7-assign-nobody" }, lang, &page);
        }
        let view = sample::withdraw(lang);
        let mechanism = app.desk().mechanism();
        let f = frame(Tab::Cases, t.withdraw_title());
        let page = withdraw::Withdraw::of(f, &mechanism, &view, Uuid::nil(), &Typed::default(), &[]);
        let html = check("7-withdraw", lang, &page);
        assert!(html.contains(t.withdraw_care_goes_on()) && html.contains(t.withdraw_stops()));

        ways_out(app, lang, now);
        let nobody = ask::Asking {
            lang,
            ..ask::Asking::default()
        };
        let open = |title: &str| Frame::open(app, &nobody, title, Some(now));
        let empty = Typed::default();
        for ready in [true, false] {
            let door = sample::complaint_door(lang, ready);
            let page =
                complaint::ComplaintPage::of(open(t.complaint_title()), &door, Uuid::nil(), "K7TM3QXR", &empty, &[]);
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
        let page =
            complaints::OneComplaint::of(framed(t.complaints_title()), &view, Uuid::nil(), &Typed::default(), &[]);
        let html = check("8-complaint-one", lang, &page);
        assert!(html.contains(t.complaints_unopened()) && html.contains(t.complaints_readers_officer()));

        let office = sample::caller(lang, &[Role::Secretariat], "/late");
        check(
            "6-late",
            lang,
            &late::Late::of(
                Frame::of(app, &office, Tab::Late, t.late_title(), now),
                t,
                &sample::late(lang),
            ),
        );
    }
    drop(deployment.folder);
}

/// The end of a case and its reopening, the supervisor's.
fn ways_out(app: &crate::AppState, lang: Lang, now: chrono::DateTime<chrono::Utc>) {
    let t = Text(lang);
    let supervisor = sample::caller(lang, &[Role::Supervisor], "/cases");
    let frame = |title: &str| Frame::of(app, &supervisor, Tab::Cases, title, now);
    let mechanism = app.desk().mechanism();
    let view = sample::end(lang);
    let page = end::End::of(
        frame(t.end_title()),
        &mechanism,
        &view,
        Uuid::nil(),
        &Typed::default(),
        &[],
    );
    let html = check("9-end", lang, &page);
    assert_eq!(html.matches("href=\"tel:").count(), 1, "who has no account is called");
    let gaps = wrong(&["reason", "on", "source"]);
    let page = end::End::of(
        frame(t.end_title()),
        &mechanism,
        &view,
        Uuid::nil(),
        &Typed::default(),
        &gaps,
    );
    check("9-end-errors", lang, &page);
    for ended in [true, false] {
        let view = sample::reopen(lang, ended);
        let page = reopen::Reopen::of(frame(t.reopen_title()), &view, Uuid::nil(), &Typed::default(), &[]);
        let html = check(if ended { "9-reopen-ended" } else { "9-reopen-closed" }, lang, &page);
        assert_eq!(html.contains(t.reopen_always()), ended);
    }
    let mut over = sample::case(lang);
    over.state = "ended".to_owned();
    over.ending = Some(sample::ending(lang));
    (over.may_write, over.may_reopen) = (false, true);
    let notice = cases::ended_notice(t, &over);
    let html = check(
        "3-case-ended",
        lang,
        &cases::Case::of(frame("x").notice(notice), t, &over, now),
    );
    assert!(html.contains(t.end_kin()) && html.contains("/reopen\"") && !html.contains("/end\""));
}

#[test]
fn ten_mistakes_come_back_each_beside_its_field_with_every_value_kept() {
    let deployment = sample::deployment();
    let app = &deployment.app;
    let caller = sample::caller(Lang::Fr, &[Role::CaseManager], "/arrivals/new");
    let fields = [
        "F1E.01", "F1E.02", "F1E.03", "F1E.04", "F1E.05", "F1E.06", "F1E.07", "F1E.08", "F1E.09", "F1E.10", "F1E.11",
    ];
    let mut typed = RawAnswers::new();
    typed.insert("F1E.03".to_owned(), vec!["<b>Exemple</b> Aïssatou".to_owned()]);
    typed.insert("F1E.05".to_owned(), vec!["vingt".to_owned()]);
    typed.insert("F1E.09".to_owned(), vec!["CALL".to_owned(), "SMS".to_owned()]);
    let page = arrival::Arrival::of(app, &caller, Uuid::nil(), &typed, &wrong(&fields), sample::now()).expect("a form");
    let html = check("2-arrival-errors", Lang::Fr, &page);
    assert!(html.contains("<title>Erreur\u{a0}: "), "the title says it first");
    assert!(html.contains("11 réponses à corriger"));
    for field in fields {
        assert_eq!(
            html.matches(&format!("({field}).")).count(),
            2,
            "{field}: in the summary and beside the field"
        );
    }
    assert!(
        html.contains("value=\"&#60;b&#62;Exemple&#60;/b&#62; Aïssatou\""),
        "kept, and never read as HTML"
    );
    assert!(html.contains("value=\"vingt\""));
    assert_eq!(html.matches(" checked").count(), 2);
}
