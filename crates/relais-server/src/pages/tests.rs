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
        !html.contains("style=\"") && !html.contains("<script"),
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
        check("5-inbox", lang, &inbox::InboxPage::of(theirs, t, &sample::inbox(lang)));

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
    for may_write in [true, false] {
        let view = sample::plan(lang, may_write);
        let page = plan::PlanPage::of(frame(t.plan_title()), &mechanism, &view, Uuid::nil(), None, &[]);
        let html = check(if may_write { "9-plan" } else { "9-plan-read" }, lang, &page);
        assert_eq!(html.contains("<form method=\"post\" action=\"/cases"), may_write);
        assert!(html.contains("J. Ebongué"));
    }
    let mut long = sample::plan(lang, true);
    let goals = &mut long.plan.as_mut().expect("a plan").goals;
    *goals = goals.iter().cycle().take(6).cloned().collect();
    let gaps = wrong(&["wish", "goals.0.goal", "goals.5.by", "agreed", "status", "review_on"]);
    let page = plan::PlanPage::of(frame(t.plan_title()), &mechanism, &long, Uuid::nil(), None, &gaps);
    check("9-plan-errors", lang, &page);
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
