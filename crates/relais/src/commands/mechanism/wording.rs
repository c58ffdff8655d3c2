//! The words of the regional layer that name the country it was first written
//! for, and what another country says instead: laid over the region's, so that
//! no form or document of one country names another.

use relais_mechanism::country::Country;
use relais_mechanism::form::{Field, Form};
use relais_mechanism::{Label, Mechanism};

use super::page::Page;

/// French words, and what stands in their place; longer ones first.
/// "{currency}" stands for the currency as the country writes it.
const FRENCH: &[(&str, &str)] = &[
    (
        "Camerounais ou étranger, par exemple +237 6 77 12 34 56.",
        "Numéro du pays, ou de l’étranger avec son indicatif.",
    ),
    ("Ressortissant(e) camerounais(e)", "Ressortissant(e) du pays"),
    ("au Cameroun", "au pays"),
    ("du Cameroun", "du pays"),
    (
        "GECAM, ONU, FNE",
        "organisation des employeurs, ONU, service public de l’emploi",
    ),
    ("Convention GECAM ou secteur privé", "Convention avec le secteur privé"),
    ("Vérifié par le MINAS", "Vérifié par le service social"),
    ("(MINPROFF, sous-groupe VBG)", "(sous-groupe VBG)"),
    ("(MINAS, CPIMS+)", "(CPIMS+)"),
    (" (MINAS)", ""),
    (" (MINSANTE)", ""),
    (" (SPM, comités régionaux)", ""),
    (" (1503, 116…)", ""),
    ("la CDHC", "l’institution nationale des droits de l’homme"),
    ("FCFA", "{currency}"),
];

/// The same in English.
const ENGLISH: &[(&str, &str)] = &[
    (
        "From Cameroon or abroad, for example +237 6 77 12 34 56.",
        "A number of the country, or one from abroad with its country code.",
    ),
    ("Cameroonian national", "National of the country"),
    ("to Cameroon", "to the country"),
    ("outside Cameroon", "outside the country"),
    (
        "GECAM, UN, FNE",
        "employers’ organisation, UN, public employment service",
    ),
    ("GECAM or private-sector convention", "Private-sector convention"),
    ("Verified by MINAS", "Verified by the social service"),
    ("(MINPROFF, GBV sub-cluster)", "(GBV sub-cluster)"),
    ("(MINAS, CPIMS+)", "(CPIMS+)"),
    (" (MINAS)", ""),
    (" (MINSANTE)", ""),
    (" (PM’s Office, regional committees)", ""),
    (" (1503, 116…)", ""),
    ("CDHC", "the national human-rights institution"),
    ("FCFA", "{currency}"),
    ("XAF", "{currency}"),
];

fn replaced(text: &str, phrases: &[(&str, &str)], currency: &str) -> String {
    phrases.iter().fold(text.to_owned(), |text, (from, to)| {
        if text.contains(from) {
            text.replace(from, &to.replace("{currency}", currency))
        } else {
            text
        }
    })
}

/// The label in the country's words; `None` where it names no country.
fn reworded(label: &Label, country: &Country) -> Option<Label> {
    let new = Label {
        fr: replaced(&label.fr, FRENCH, &country.currency_label.fr),
        en: replaced(&label.en, ENGLISH, &country.currency_label.en),
    };
    (new != *label).then_some(new)
}

/// The country's file of words; `None` where the region's name no country.
pub fn file(mechanism: &Mechanism) -> Option<String> {
    let country = mechanism.country();
    let mut page = Page::new(&[
        "Words of the regional layer that name the country it was first written for, put",
        "in neutral words [P]: read them again, and say what is said here.",
    ]);
    for form in mechanism.forms() {
        form_words(&mut page, form, country);
    }
    for list in mechanism.option_lists() {
        let choices: Vec<toml::Value> = list
            .choices
            .iter()
            .filter_map(|c| Some((c, reworded(&c.label, country)?)))
            .map(|(c, label)| {
                let mut choice = toml::Table::new();
                choice.insert("code".to_owned(), c.code.clone().into());
                choice.insert("replaces".to_owned(), true.into());
                choice.insert("fr".to_owned(), label.fr.into());
                choice.insert("en".to_owned(), label.en.into());
                toml::Value::Table(choice)
            })
            .collect();
        if !choices.is_empty() && !DERIVED.contains(&list.code.as_str()) {
            replace(&mut page, "[[list]]", &list.code);
            page.key("options", choices);
        }
    }
    for kind in mechanism.agreement_kinds() {
        if let Some(label) = reworded(&kind.label, country) {
            replace(&mut page, "[[agreement_kind]]", &kind.code);
            words(&mut page, "", label);
        }
    }
    for rule in mechanism.triage() {
        let note = rule.note.as_ref().and_then(|note| reworded(note, country));
        let reason = reworded(&rule.reason, country);
        if note.is_none() && reason.is_none() {
            continue;
        }
        replace(&mut page, "[[triage]]", &rule.code);
        for (prefix, label) in [("", reason), ("do_", note)] {
            if let Some(label) = label {
                words(&mut page, prefix, label);
            }
        }
    }
    page.finish()
}

/// Lists that the program makes of other entries; no file has them.
const DERIVED: &[&str] = &["svc", "data_class", "priority"];

/// Begins an entry that takes the place of words of the region's.
fn replace(page: &mut Page, head: &str, code: &str) {
    page.head(head);
    page.key("code", code);
    page.key("replaces", true);
}

fn words(page: &mut Page, prefix: &str, label: Label) {
    page.key(&format!("{prefix}fr"), label.fr);
    page.key(&format!("{prefix}en"), label.en);
}

/// The label, hint and message of a field that name the country, by the prefix
/// of their keys.
fn field_words(field: &Field, country: &Country) -> Vec<(&'static str, Label)> {
    let own = [
        ("", Some(&field.label)),
        ("hint_", field.hint.as_ref()),
        ("constraint_message_", field.constraint.as_ref().map(|c| &c.message)),
    ];
    own.into_iter()
        .filter_map(|(prefix, label)| Some((prefix, reworded(label?, country)?)))
        .collect()
}

/// The fields of a form that name the country, in their sections.
fn form_words(page: &mut Page, form: &Form, country: &Country) {
    let mut form_begun = false;
    for section in &form.sections {
        let mut section_begun = false;
        // The three questions of a factor stand in one entry of the files, of another code.
        for field in section.fields.iter().filter(|f| f.factor.is_none()) {
            let found = field_words(field, country);
            if found.is_empty() {
                continue;
            }
            if !form_begun {
                replace(page, "[[form]]", &form.code);
                form_begun = true;
            }
            if !section_begun {
                replace(page, "[[form.section]]", &section.code);
                section_begun = true;
            }
            replace(page, "[[form.section.field]]", &field.code);
            for (prefix, label) in found {
                words(page, prefix, label);
            }
        }
    }
}
