//! The pages of who is on duty, and of the mechanism's office.

use std::collections::BTreeMap;

use relais_acts::directory::merging::{Asked, What};

use super::*;

/// Calls of an emergency, the permanence, the on-call list.
pub(super) fn on_duty(look: &Look<'_>) {
    let Look { lang, t, .. } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let caller = look.caller();
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
}

/// Entries of the directory: a provider's own, one of them, the coordination unit's.
pub(super) fn directory(look: &Look<'_>) {
    use relais_network::PublicationStatus;
    let Look { app, lang, t, .. } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    for (name, rows, silent) in [
        ("8-entries", 11, false),
        ("8-entries-silent", 11, true),
        ("8-entries-none", 0, false),
    ] {
        let view = sample::entries::own(lang, rows, silent);
        let page = entries::Entries::of(frame(Tab::Entries, "x"), t, &view, Uuid::nil(), &wrong(&["entries"]));
        let html = check(name, lang, &page);
        assert_eq!(
            html.matches("name=\"entry\"").count(),
            usize::try_from(rows).expect("few")
        );
        assert_eq!(html.contains(t.entries_withheld()), silent);
    }
    let mechanism = app.desk().mechanism();
    for own in [true, false] {
        for status in PublicationStatus::ALL {
            let view = sample::entries::one(lang, own, *status);
            let page = entry::Entry::of(frame(Tab::Entries, "x"), &mechanism, &view, None);
            let html = check(&format!("8-entry-{status}-{own}"), lang, &page);
            let open = *status != PublicationStatus::Archived;
            assert_eq!(html.contains("name=\"opening_hours\""), open, "{status}");
            assert_eq!(html.contains("/life\""), !own, "{status}");
        }
    }
    let mut typed = Typed::default();
    for (name, value) in [
        ("opening_hours", "Zygomandre"),
        ("available", "Zygomandre"),
        ("step", "archive"),
        ("reason", "Zygomandre"),
    ] {
        typed.0.insert(name.to_owned(), vec![value.to_owned()]);
    }
    let gaps = wrong(&["opening_hours", "telephones", "served_area", "available", "reason"]);
    for (form, kept) in [("change", 1), ("capacity", 1), ("life", 1)] {
        let view = sample::entries::one(lang, false, PublicationStatus::Published);
        let came = entry::Came {
            form,
            typed: &typed,
            wrong: &gaps,
            stale: false,
        };
        let page = entry::Entry::of(frame(Tab::Entries, "x"), &mechanism, &view, Some(&came));
        let html = check(&format!("8-entry-errors-{form}"), lang, &page);
        assert_eq!(html.matches("Zygomandre").count(), kept, "{form}");
    }
    for (name, rows) in [("8-moderation", 20), ("8-moderation-none", 0)] {
        let view = sample::entries::moderation(lang, rows);
        let mistakes = wrong(&["reason"]);
        let came = view.waiting.first().map(|w| (w.id, &typed, &mistakes[..]));
        let page = moderation::Page::of(frame(Tab::Moderation, "x"), t, &view, came);
        let html = check(name, lang, &page);
        assert_eq!(html.contains("value=\"accept\""), rows > 0);
        assert_eq!(html.contains("Zygomandre"), rows > 0, "what was typed stays");
    }
    let gaps = wrong(&["conduct_and_psea_on", "child_safeguarding_until"]);
    typed
        .0
        .insert("conduct_and_psea_on".to_owned(), vec!["Zygomandre".to_owned()]);
    for signed in [false, true] {
        let view = sample::entries::safeguards(lang, signed);
        let page = safeguards::Page::of(frame(Tab::Moderation, "x"), &view, None);
        let html = check(&format!("8-safeguards-{signed}"), lang, &page);
        assert_eq!(
            html.contains("/publication\""),
            signed,
            "only what waits for nothing is published"
        );
        let came = Some((&typed, &gaps[..], false));
        let page = safeguards::Page::of(frame(Tab::Moderation, "x"), &view, came);
        let html = check(&format!("8-safeguards-{signed}-errors"), lang, &page);
        assert!(html.contains("Zygomandre"), "what was typed stays");
    }
}

/// Who does what, where: the tables, what is missing, the report, the map of a search.
pub(super) fn matrix(look: &Look<'_>) {
    use sample::matrix as many;
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Services, "x");
    for (name, region, category, target) in [
        ("8-matrix", false, false, false),
        ("8-matrix-women", false, false, true),
        ("8-matrix-region", true, false, true),
        ("8-matrix-category", false, true, false),
        ("8-matrix-together", false, false, true),
    ] {
        let mut view = many::view(lang, region, category, target, true);
        view.together = name == "8-matrix-together";
        let by_area = category || view.together;
        if name == "8-matrix-women" {
            view.by = relais_network::matrix::Reading::Place;
        }
        let page = matrix::table::Table::of(frame(), t, &view, "CM");
        let html = check(name, lang, &page);
        assert_eq!(html.contains("class=\"heat\""), !by_area, "{name}");
        assert_eq!(html.contains("<svg class=\"map\""), by_area, "{name}");
        assert_eq!(html.contains("target=women"), target, "filters go along");
        let (page, least) = match (by_area, region) {
            (true, _) if view.together => ("href=\"/directory/matrix/CM0", 8),
            (true, _) => ("href=\"matrix/CM0", 8),
            (false, true) => ("href=\"CM0", 100),
            (false, false) => ("href=\"matrix/CM0", 100),
        };
        let to_cells = html.matches(page).count();
        assert!(to_cells >= least, "{name}: {to_cells} links");
    }
    let nothing = many::view(lang, false, false, false, false);
    let page = matrix::table::Table::of(frame(), t, &nothing, "CM");
    assert!(check("8-matrix-none", lang, &page).contains(t.matrix_empty()));
    for (name, office) in [("8-gaps", false), ("8-gaps-office", true)] {
        let mut view = many::view(lang, false, false, false, true);
        view.demand = office.then(|| many::demand(lang));
        let html = check(name, lang, &matrix::gaps::Gaps::of(frame(), t, &view));
        assert_eq!(html.contains(t.gaps_demand()), office);
        assert_eq!(
            html.contains(&t.gaps_hidden(10)),
            office,
            "a small restricted count is not shown"
        );
    }
    assert!(check("8-gaps-none", lang, &matrix::gaps::Gaps::of(frame(), t, &nothing)).contains(t.gaps_overlaps_none()));
    for paper in [Lang::Fr, Lang::En] {
        let mut view = many::view(paper, false, false, false, true);
        view.demand = Some(many::demand(paper));
        let of = matrix::report::Of {
            by: "Secrétariat technique",
            code: "CM",
            country: "Cameroun",
            version: "cm-2026.1",
        };
        let page = matrix::report::Report::of(frame(), t, &view, &of, paper, false);
        let html = check(&format!("8-report-{}", paper.code()), lang, &page);
        assert!(html.contains(Text(paper).report_limits()) && html.contains(Text(paper).report_demonstration()));
        assert!(!html.contains(Text(paper).gaps_overlaps()) && html.contains("?whole=yes"));
        // All of it for whoever prints.
        let whole = matrix::report::Report::of(frame(), t, &view, &of, paper, true);
        let html = whole.render().expect("the page renders");
        assert!(html.contains(Text(paper).gaps_overlaps()) && html.contains(Text(paper).gaps_demand()));
        assert!(html.len() < 60 * 1024, "{} bytes", html.len());
        if let Some(folder) = std::env::var_os("RELAIS_PAGES") {
            let name = format!("8-report-whole-{}.{}.html", paper.code(), lang.code());
            let html = html.replace("\"/static/", "\"static/");
            std::fs::write(std::path::Path::new(&folder).join(name), html).expect("a page");
        }
    }
    let asked = relais_acts::commands::ServiceSearch {
        q: "mal au dos <i>".to_owned(),
        ..Default::default()
    };
    for (name, rows) in [("4-services-map", 24), ("4-services-map-none", 0)] {
        let found = many::mapped(rows);
        let html = check(name, lang, &services_map::Page::of(frame(), t, &asked, &found));
        assert_eq!(html.contains("<svg class=\"map\""), rows > 0);
        assert_eq!(
            html.contains(t.map_remote()),
            rows > 0,
            "what is remote is told beside the map"
        );
    }
}

/// Agreements: the list, one of them, the forms of the office.
pub(super) fn agreements(look: &Look<'_>) {
    use crate::pages::agreement::{Form, One};
    use crate::pages::agreements::{Agreements, New};
    use crate::pages::came_back::Came;
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Services, "x");
    let mechanism = look.app.desk().mechanism();
    for (name, full, office) in [
        ("8-agreements", true, false),
        ("8-agreements-office", true, true),
        ("8-agreements-none", false, false),
    ] {
        let view = sample::agreements::list(lang, full, office);
        let html = check(name, lang, &Agreements::of(frame(), t, &view));
        assert_eq!(html.contains("/agreements/new"), office);
        assert_eq!(html.contains("?page=2"), full);
        assert!(!html.contains("<b>d’essai"), "what somebody typed is text");
    }
    for (name, office) in [("8-agreement", false), ("8-agreement-office", true)] {
        let view = sample::agreements::one(lang, office);
        let html = check(name, lang, &One::of(frame(), t, &view, None));
        for form in ["signatures", "renewal", "denunciation"] {
            assert_eq!(html.contains(&format!("/{form}\"")), office, "{form}");
        }
        assert_eq!(
            html.contains(&"ab".repeat(32)),
            office,
            "the register is not everybody’s"
        );
    }
    let mut typed = Typed::default();
    for name in ["reference", "party", "from", "until", "on", "function", "reason"] {
        typed.0.insert(name.to_owned(), vec!["Zygomandre".to_owned()]);
    }
    let mistakes = wrong(&["reference", "kind", "classes", "until", "party", "from", "scan"]);
    let page = New::of(frame(), &mechanism, Uuid::nil(), &typed, &mistakes);
    let html = check("8-agreement-new-errors", lang, &page);
    assert_eq!(html.matches("Zygomandre").count(), 5);
    check(
        "8-agreement-new",
        lang,
        &New::of(frame(), &mechanism, Uuid::nil(), &Typed::default(), &[]),
    );
    let view = sample::agreements::one(lang, true);
    for (form, field, kept) in [
        (Form::Sign, "from", 3),
        (Form::Renew, "until", 2),
        (Form::Denounce, "on", 2),
    ] {
        let mistakes = wrong(&[field]);
        let came = Came {
            typed: &typed,
            wrong: &mistakes,
            stale: false,
        };
        let page = One::of(frame(), t, &view, Some((form, &came)));
        let html = check(&format!("8-agreement-errors-{field}"), lang, &page);
        assert_eq!(html.matches("Zygomandre").count(), kept, "{field}");
        assert_eq!(html.matches("<details").count(), 3);
        assert_eq!(html.matches(" open>").count(), 1, "the form that came back stands open");
    }
}

/// Programmes: the list, one of them, the forms of the office.
pub(super) fn programmes(look: &Look<'_>) {
    use crate::pages::came_back::Came;
    use crate::pages::programmes::{New, One, Programmes};
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Services, "x");
    for (name, full, office) in [
        ("8-programmes", true, false),
        ("8-programmes-office", true, true),
        ("8-programmes-none", false, false),
    ] {
        let view = sample::programmes::list(lang, full, office);
        let html = check(name, lang, &Programmes::of(frame(), t, &view));
        assert_eq!(html.contains("/directory/programmes/new"), office);
        assert_eq!(html.contains("?page=2"), full);
        assert!(!html.contains("<b>d’essai"), "what somebody typed is text");
    }
    for (name, office, services) in [
        ("8-programme", false, true),
        ("8-programme-office", true, true),
        ("8-programme-none", true, false),
    ] {
        let view = sample::programmes::one(lang, office, services);
        let html = check(name, lang, &One::of(frame(), t, &view, None));
        assert_eq!(html.contains("name=\"until\""), office);
        assert_eq!(html.contains(t.programme_pays_none()), !services);
        assert_eq!(html.contains("/entries/"), office && services);
    }
    let mut typed = Typed::default();
    for name in ["code", "name_fr", "donors", "until"] {
        typed.0.insert(name.to_owned(), vec!["Zygomandre".to_owned()]);
    }
    let mistakes = wrong(&["code", "name", "organisation", "donors", "until"]);
    let page = New::of(frame(), t, Uuid::nil(), Some(&typed), &mistakes);
    let html = check("8-programme-new-errors", lang, &page);
    assert_eq!(html.matches("Zygomandre").count(), 4);
    check("8-programme-new", lang, &New::of(frame(), t, Uuid::nil(), None, &[]));
    let view = sample::programmes::one(lang, true, true);
    let came = Came {
        typed: &typed,
        wrong: &mistakes,
        stale: false,
    };
    let html = check("8-programme-errors", lang, &One::of(frame(), t, &view, Some(&came)));
    assert_eq!(html.matches("Zygomandre").count(), 3, "its code stays as it is");
}

/// What goes before the steering committee: the page, its form, the sheet.
pub(super) fn ratification(look: &Look<'_>) {
    use crate::pages::came_back::Came;
    use crate::pages::ratification::{Page, Sheet};
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Moderation, "x");
    for (name, full, prepared) in [
        ("8-ratification", true, true),
        ("8-ratification-today", true, false),
        ("8-ratification-none", false, false),
    ] {
        let view = sample::ratification::view(lang, full, prepared, false);
        let html = check(name, lang, &Page::of(frame(), t, &view, None));
        assert_eq!(
            html.contains("name=\"held_on\""),
            prepared,
            "a session is noted of a list"
        );
        assert_eq!(html.contains("?page=2"), full);
        assert_eq!(html.contains(t.ratification_none()), !full);
        assert!(
            !html.contains("<b>individuel") && !html.contains("<b>individual"),
            "what somebody typed is text"
        );
    }
    let mut typed = Typed::default();
    for name in ["held_on", "minutes", "apart"] {
        typed.0.insert(name.to_owned(), vec!["Zygomandre".to_owned()]);
    }
    let mistakes = wrong(&["held_on", "minutes", "apart"]);
    let came = Came {
        typed: &typed,
        wrong: &mistakes,
        stale: false,
    };
    let view = sample::ratification::view(lang, true, true, false);
    let html = check("8-ratification-errors", lang, &Page::of(frame(), t, &view, Some(&came)));
    assert_eq!(html.matches("Zygomandre").count(), 3, "what was typed stays");
    // As long as the list, and made for paper.
    for (paper, prepared) in [(Lang::Fr, true), (Lang::En, false)] {
        let view = sample::ratification::view(paper, true, prepared, true);
        let p = Text(paper);
        let page = Sheet::of(frame(), t, p, "Cameroun", &view);
        let html = page.render().expect("the page renders");
        assert_eq!(html.matches("scope=\"rowgroup\"").count(), 16, "by organisation");
        assert_eq!(html.matches("class=\"n\"").count(), view.rows.len());
        assert_eq!(html.contains(&p.ratified_draft(p.day_of(view.now))), !prepared);
        assert!(
            html.contains(p.ratified_shelters()) && html.len() < 60 * 1024,
            "{} bytes",
            html.len()
        );
        if let Some(folder) = std::env::var_os("RELAIS_PAGES") {
            let name = format!("8-ratification-sheet-{}.{}.html", paper.code(), lang.code());
            let html = html.replace("\"/static/", "\"static/");
            std::fs::write(std::path::Path::new(&folder).join(name), html).expect("a page");
        }
    }
    let none = sample::ratification::view(lang, false, false, true);
    check(
        "8-ratification-sheet-none",
        lang,
        &Sheet::of(frame(), t, t, "Cameroun", &none),
    );
}

/// Entries that are perhaps the same.
pub(super) fn duplicates(look: &Look<'_>) {
    let Look { lang, t, .. } = *look;
    let frame = |title: &str| look.frame(Tab::Moderation, title);
    for (name, rows) in [("8-duplicates", 15), ("8-duplicates-none", 0)] {
        let view = sample::merging::duplicates(lang, rows);
        let asked = Asked {
            what: Some(What::Organisations),
            region: Some("CM005".to_owned()),
            after: None,
        };
        let html = check(name, lang, &duplicates::Page::of(frame("x"), t, &view, &asked));
        assert_eq!(html.contains("/directory/duplicates/pair?what="), rows > 0);
        assert_eq!(
            html.contains("&#38;region=CM005") || html.contains("&region=CM005"),
            rows > 0
        );
        assert_eq!(html.contains("/directory/duplicates/undo"), rows > 0);
    }
    let nothing = Typed::default();
    let chosen = Typed(BTreeMap::from([
        ("stays".to_owned(), vec!["other".to_owned()]),
        ("take_name".to_owned(), vec!["other".to_owned()]),
    ]));
    for what in What::ALL {
        for (tied, typed) in [(false, &nothing), (false, &chosen), (true, &nothing)] {
            let view = sample::merging::side_by_side(lang, *what, tied);
            let page = duplicates_pair::Page::of(frame("x"), t, &view, typed);
            let name = format!("8-pair-{}-{tied}-{}", what.code(), typed.0.len());
            let html = check(&name, lang, &page);
            assert_eq!(html.contains("value=\"merge\""), !tied);
            assert!(html.contains("value=\"apart\"") && !html.contains("<b>d’essai"));
            assert!(!html.contains("name=\"take_kind\""), "what is the same is not chosen");
            // What was chosen stays chosen; what one alone says is proposed.
            let checked = |name: &str, side: &str| html.contains(&format!("name=\"{name}\" value=\"{side}\" checked"));
            if !tied {
                let side = if typed.0.is_empty() { "one" } else { "other" };
                assert!(checked("take_name", side) && checked("take_telephone", "other"));
            }
        }
    }
}

/// The mechanism's office: coordination, late work, letters, needs that nobody meets.
pub(super) fn office(look: &Look<'_>) {
    let Look { app, lang, t, now } = *look;
    let frame = |tab, title: &str| look.frame(tab, title);
    let nothing = Typed::default();
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
    for national in [true, false] {
        let mistakes = if national { wrong(&["file"]) } else { Vec::new() };
        let view = sample::imports(lang, national);
        let frame = frame(Tab::Coordination, "x");
        let page = exchange::Page::of(frame, t, &view, Uuid::nil(), &nothing, &mistakes);
        let html = check(if national { "9-exchange" } else { "9-exchange-region" }, lang, &page);
        assert_eq!(html.contains("/directory/import"), national);
    }
    let page = exchange::Look::of(frame(Tab::Coordination, "x"), t, &sample::import_preview(lang));
    check("9-exchange-look", lang, &page);
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
