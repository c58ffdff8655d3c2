//! The pages of the registers of the institution.

use super::*;
use crate::pages::came_back::Came;
use crate::pages::registers::line::One;
use crate::pages::registers::new::New;
use crate::pages::registers::{Register, Registers};

/// All registers, one with its lines, a line, its forms.
pub(super) fn registers(look: &Look<'_>) {
    overview(look);
    forms(look);
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Institution, "x");
    for (name, full, office) in [
        ("8-register", true, false),
        ("8-register-office", true, true),
        ("8-register-none", false, true),
    ] {
        let view = sample::registers::lines(lang, full, office);
        let html = check(name, lang, &Register::of(frame(), t, &view));
        assert_eq!(html.contains("/registers/decision/new\""), office);
        assert_eq!(html.contains("?page=2"), full);
        assert_eq!(html.contains(t.registers_lines_none()), !full);
        assert_eq!(
            html.matches("class=\"clock k4\"").count(),
            if full { 5 } else { 0 },
            "what is late says so, what is done does not"
        );
        assert!(
            !html.contains("<b>délais") && !html.contains("<b>delays"),
            "what somebody typed is text"
        );
    }
    for (name, office, thread) in [
        ("8-register-line", false, true),
        ("8-register-line-office", true, true),
        ("8-register-line-alone", true, false),
    ] {
        let view = sample::registers::one(lang, office, thread);
        let html = check(name, lang, &One::of(frame(), t, &view, None));
        assert_eq!(html.contains("name=\"f.title\""), office);
        assert_eq!(
            html.contains(&format!("/registers/action/new?decision={}", view.row.id)),
            office
        );
        let at = |register: &str| html.matches(&format!("<h3><a href=\"/registers/{register}/")).count();
        assert_eq!((at("agenda"), at("action")), if thread { (3, 4) } else { (0, 0) });
        assert_eq!(html.contains(t.registers_leads_to_none()), !thread);
    }
}

fn overview(look: &Look<'_>) {
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Institution, "x");
    for (name, busy, office) in [
        ("8-registers", true, false),
        ("8-registers-office", true, true),
        ("8-registers-calm", false, true),
    ] {
        let view = sample::registers::all(lang, busy, office);
        let html = check(name, lang, &Registers::of(frame(), t, &view, office));
        assert_eq!(
            html.contains("href=\"/registers/agenda/new?indicator=A00"),
            busy && office
        );
        assert_eq!(html.contains(t.registers_late_none()), !busy);
        let late: usize = view.chapters.iter().flat_map(|(_, c)| c).map(|c| c.late).sum();
        assert_eq!(html.contains(&t.registers_late_more(late.max(8) - 8)), busy);
        assert_eq!(html.matches("href=\"/registers/register_").count(), 21);
    }
    let html = check(
        "8-registers-none",
        lang,
        &Registers::of(frame(), t, &sample::registers::nothing(), true),
    );
    assert!(html.contains(t.registers_none()));
}

fn forms(look: &Look<'_>) {
    let Look { lang, t, .. } = *look;
    let frame = || look.frame(Tab::Institution, "x");
    for sealed in [false, true] {
        let view = sample::registers::blank(lang, sealed);
        let html = check(
            &format!("8-register-new-{sealed}"),
            lang,
            &New::of(frame(), t, &view, None),
        );
        assert_eq!(html.contains(t.registers_sealed()), sealed);
        assert_eq!(html.matches("<select").count(), 7, "six kinds of choice, and the state");
    }
    let mut typed = Typed::default();
    for name in ["f.title", "f.note", "f.due", "f.present", "note"] {
        typed.0.insert(name.to_owned(), vec!["Zygomandre".to_owned()]);
    }
    let links = vec!["o3".to_owned(), "o5".to_owned()];
    typed.0.insert("f.depends".to_owned(), links);
    let mistakes = wrong(&["title", "due", "depends", "version", "parameter", "state"]);
    let came = Came {
        typed: &typed,
        wrong: &mistakes,
        stale: false,
    };
    let view = sample::registers::blank(lang, false);
    let html = check("8-register-new-errors", lang, &New::of(frame(), t, &view, Some(&came)));
    assert_eq!(html.matches("Zygomandre").count(), 4);
    assert!(html.contains("href=\"#f-due\"") && html.contains("href=\"#f-depends-1\""));
    assert_eq!(html.matches(" checked").count(), 2);
    let view = sample::registers::one(lang, true, true);
    let html = check("8-register-line-errors", lang, &One::of(frame(), t, &view, Some(&came)));
    assert_eq!(html.matches("Zygomandre").count(), 5, "and why it is changed");
    assert_eq!(html.matches("(due).").count(), 2, "in the summary and beside the field");
}
