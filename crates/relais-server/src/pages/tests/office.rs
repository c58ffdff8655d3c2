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
