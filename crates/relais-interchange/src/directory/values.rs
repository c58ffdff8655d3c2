//! Values as words: what the mechanism calls them, and what a cell means.

use relais_mechanism::places::{Level, Place as Area, fold};
use relais_mechanism::{Lang, Mechanism};
use relais_network::{ServedArea, ServiceMode};

/// What stands between several values of one cell.
pub(super) const BETWEEN: &str = "; ";

/// What stands between an area and the one within it.
const WITHIN: &str = " / ";

/// The mechanism's words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'m>(pub &'m Mechanism);

const fn pick(lang: Lang, fr: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

/// Yes or no.
pub(super) const fn yes_no(yes: bool, lang: Lang) -> &'static str {
    if yes {
        pick(lang, "oui", "yes")
    } else {
        pick(lang, "non", "no")
    }
}

/// What a cell says of a yes or no.
pub(super) fn is_yes(text: &str) -> Option<bool> {
    match fold(text).as_str() {
        "oui" | "o" | "yes" | "y" | "true" | "vrai" | "1" | "x" => Some(true),
        "non" | "n" | "no" | "false" | "faux" | "0" => Some(false),
        _ => None,
    }
}

const MODES: [(ServiceMode, &str, &str); 3] = [
    (ServiceMode::OnSite, "Sur place", "On site"),
    (ServiceMode::Remote, "À distance", "Remote"),
    (ServiceMode::Mobile, "Équipe mobile", "Mobile team"),
];

/// A mode in words.
pub(super) fn mode(mode: ServiceMode, lang: Lang) -> &'static str {
    MODES
        .iter()
        .find(|(m, ..)| *m == mode)
        .map_or(mode.code(), |(_, fr, en)| pick(lang, fr, en))
}

/// The mode that words mean.
pub(super) fn mode_meant(text: &str) -> Option<ServiceMode> {
    ServiceMode::from_code(text).or_else(|| {
        let wanted = fold(text);
        MODES
            .iter()
            .find(|(_, fr, en)| fold(fr) == wanted || fold(en) == wanted)
            .map(|(m, ..)| *m)
    })
}

/// The level of a served area, and its code.
pub(super) fn served(area: &ServedArea) -> (&'static str, Option<&str>) {
    let level = match area {
        ServedArea::Country => "country",
        ServedArea::Region(_) => "region",
        ServedArea::Department(_) => "department",
        ServedArea::Subdivision(_) => "subdivision",
    };
    (level, area.pcode())
}

impl<'m> Words<'m> {
    /// A choice of a list; its code where the list has none such.
    pub fn option<'a>(&self, list: &str, code: &'a str, lang: Lang) -> &'a str
    where
        'm: 'a,
    {
        self.0.option_label(list, code, lang).unwrap_or(code)
    }

    /// An area; its code where there is none such.
    pub fn place<'a>(&self, code: &'a str, lang: Lang) -> &'a str
    where
        'm: 'a,
    {
        self.0.place(code).map_or(code, |p| p.name.get(lang))
    }

    /// A category or service type.
    pub fn service_type<'a>(&self, code: &'a str, lang: Lang) -> &'a str
    where
        'm: 'a,
    {
        let category = || self.0.category(code).map(|c| c.label.get(lang));
        self.0
            .service_type(code)
            .map(|t| t.label.get(lang))
            .or_else(category)
            .unwrap_or(code)
    }

    /// Name of a taxonomy and what it is.
    pub fn taxonomy(&self, code: &str, lang: Lang) -> (&'static str, &'static str) {
        match code {
            super::hsds::SERVICES => (
                pick(lang, "Services du mécanisme", "Services of the mechanism"),
                pick(
                    lang,
                    "Catégories et types de service du mécanisme de référencement.",
                    "Categories and types of service of the referral mechanism.",
                ),
            ),
            super::hsds::TARGETS => (
                pick(lang, "Publics accueillis", "Groups served"),
                pick(
                    lang,
                    "Les groupes pour lesquels un service est prévu.",
                    "The groups that a service is meant for.",
                ),
            ),
            _ => (
                pick(lang, "Types d’organisation", "Types of organisation"),
                pick(
                    lang,
                    "Les types d’acteurs du mécanisme.",
                    "The types of actors of the mechanism.",
                ),
            ),
        }
    }

    /// What marks an entry that was made for a demonstration.
    pub const fn demonstration(&self, lang: Lang) -> &'static str {
        pick(
            lang,
            "Fiche de démonstration : ce service n’existe pas.",
            "Demonstration entry: this service does not exist.",
        )
    }

    /// The choice that a cell means.
    pub fn choice(&self, list: &str, text: &str) -> Option<&'m str> {
        Some(self.0.option_list(list)?.meant(text)?.code.as_str())
    }

    /// The service type that a cell means, by its code or its name.
    pub fn type_meant(&self, text: &str) -> Option<&'m str> {
        let wanted = fold(text);
        self.0
            .service_type(text.trim())
            .or_else(|| {
                self.0
                    .services()
                    .iter()
                    .find(|t| fold(&t.label.fr) == wanted || fold(&t.label.en) == wanted)
            })
            .map(|t| t.code.as_str())
    }

    /// The area of this level that a cell names, within the one above it.
    pub fn area(&self, level: Level, text: &str, above: Option<&str>) -> Option<&'m Area> {
        let wanted = fold(text);
        let fits = |p: &&Area| p.level == level && above.is_none_or(|a| p.code.starts_with(a));
        let named = |p: &&Area| fold(&p.name.fr) == wanted || fold(&p.name.en) == wanted;
        let mut found = self
            .0
            .places()
            .iter()
            .filter(fits)
            .filter(|p| p.code == text.trim() || named(p));
        let first = found.next()?;
        // Of two that bear the name, none is meant for sure.
        found.next().is_none().then_some(first)
    }

    /// An area served, in words: each area before the one within it.
    pub fn served_in_words(&self, area: &ServedArea, lang: Lang) -> String {
        let Some(code) = area.pcode() else {
            return pick(lang, "Tout le pays", "Whole country").to_owned();
        };
        let mut names = Vec::new();
        let mut at = self.0.place(code);
        while let Some(place) = at {
            names.push(place.name.get(lang));
            at = place.parent.as_deref().and_then(|p| self.0.place(p));
        }
        if names.is_empty() {
            return code.to_owned();
        }
        names.reverse();
        names.join(WITHIN)
    }

    /// The area served that a cell means.
    pub fn served_meant(&self, text: &str) -> Option<ServedArea> {
        let wanted = fold(text);
        let country = [
            self.served_in_words(&ServedArea::Country, Lang::Fr),
            self.served_in_words(&ServedArea::Country, Lang::En),
            self.0.country().label.fr.clone(),
            self.0.country().label.en.clone(),
            self.0.country().code.clone(),
            "country".to_owned(),
            "national".to_owned(),
        ];
        if country.iter().any(|c| fold(c) == wanted) {
            return Some(ServedArea::Country);
        }
        if let Some(place) = self.0.place(text.trim()) {
            return Some(as_served(place));
        }
        let names: Vec<&str> = text.split('/').map(str::trim).collect();
        let levels = [Level::Region, Level::Department, Level::Subdivision];
        let mut found: Option<&Area> = None;
        for (name, level) in names.iter().zip(levels) {
            found = Some(self.area(level, name, found.map(|p| p.code.as_str()))?);
        }
        found.filter(|_| names.len() <= levels.len()).map(as_served)
    }
}

/// A place of the mechanism as an area served.
fn as_served(place: &Area) -> ServedArea {
    match place.level {
        Level::Region => ServedArea::Region(place.code.clone()),
        Level::Department => ServedArea::Department(place.code.clone()),
        Level::Subdivision => ServedArea::Subdivision(place.code.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mechanism() -> Mechanism {
        Mechanism::embedded("cameroon").expect("the built-in mechanism")
    }

    #[test]
    fn every_area_is_found_again_by_its_words() {
        let mechanism = mechanism();
        let words = Words(&mechanism);
        for place in mechanism.places() {
            let area = as_served(place);
            for lang in [Lang::Fr, Lang::En] {
                let said = words.served_in_words(&area, lang);
                assert_eq!(words.served_meant(&said), Some(area.clone()), "{said}");
            }
        }
        assert_eq!(words.served_meant("Tout le pays"), Some(ServedArea::Country));
        assert_eq!(words.served_meant("Nulle part"), None);
    }

    #[test]
    fn every_choice_is_found_again_by_its_words() {
        let mechanism = mechanism();
        let words = Words(&mechanism);
        for list in ["org_type", "cost", "lang", "target"] {
            for choice in &mechanism.option_list(list).expect("a list").choices {
                for label in [&choice.label.fr, &choice.label.en] {
                    assert!(!label.contains(';'), "{list}: {label}");
                    assert_eq!(words.choice(list, label), Some(choice.code.as_str()), "{list}: {label}");
                }
            }
        }
        for (is, fr, en) in MODES {
            assert_eq!((mode_meant(fr), mode_meant(en)), (Some(is), Some(is)));
        }
    }
}
