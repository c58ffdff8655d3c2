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

mod institution;
mod interview;
mod office;
mod outside;
mod requests;
mod work;

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

/// The pages in one language.
struct Look<'a> {
    app: &'a crate::AppState,
    lang: Lang,
    t: Text,
    now: chrono::DateTime<chrono::Utc>,
}

impl Look<'_> {
    fn caller(&self) -> ask::Caller {
        sample::caller(self.lang, &[Role::CaseManager], "/day")
    }

    fn frame(&self, tab: Tab, title: &str) -> Frame {
        Frame::of(self.app, &self.caller(), tab, title, self.now)
    }

    /// Of whoever has no account.
    fn open(&self, title: &str) -> Frame {
        let nobody = ask::Asking {
            lang: self.lang,
            ..ask::Asking::default()
        };
        Frame::open(self.app, &nobody, title, Some(self.now))
    }
}

#[test]
fn every_page_renders_in_both_languages() {
    let deployment = sample::deployment();
    let app = &deployment.app;
    let now = sample::now();
    for &lang in Lang::ALL {
        let look = Look {
            app,
            lang,
            t: Text(lang),
            now,
        };
        work::casework(&look);
        interview::sections(&look);
        arrivals_of_many(app, lang);
        requests::searching(&look);
        requests::asking(&look);
        requests::answering(&look);
        outside::without_account(&look);
        office::on_duty(&look);
        outside::slips(&look);
        office::office(&look);
        office::directory(&look);
        office::matrix(&look);
        office::duplicates(&look);
        office::agreements(&look);
        office::programmes(&look);
        office::ratification(&look);
        institution::registers(&look);
        work::moving(&look);
        ways_out(app, lang, now);
        outside::complaints(&look);
        outside::public_directory(&look);
        outside::booklets(&look);
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
    let mut typed = Typed::default();
    typed.0.insert("wish".to_owned(), vec!["Zygomandre".to_owned()]);
    let view = sample::plan(lang, false);
    let page = plan::PlanPage::of(frame(t.plan_title()), &mechanism, &view, Uuid::nil(), Some(&typed), &[]);
    assert!(
        check("9-plan-kept", lang, &page).contains("Zygomandre"),
        "what was typed comes back"
    );
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
