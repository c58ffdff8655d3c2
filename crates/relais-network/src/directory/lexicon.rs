//! What the directory understands beside the words of its entries: everyday
//! words, names of places, phrases of several words. Made once, with the index;
//! a meaning of one word is written into the word's own entries, so that it
//! costs a search nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use relais_mechanism::search::Sense;

use super::Directory;
use super::search::Word;
use super::set::Set;
use crate::catalogue::{self, AreaLevel, Geography};
use crate::place::Point;
use crate::service::Target;
use crate::words;

/// A word that stands only inside phrases.
pub(super) const INSIDE: u32 = u32::MAX;

/// What the index understands.
#[derive(Debug, Default, Clone)]
pub(super) struct Lexicon {
    pub meanings: Box<[Meaning]>,
    pub places: Box<[Place]>,
    /// Phrases by their first word ([`Word::begins`], less one), longest first.
    starts: Box<[Start]>,
    /// What words mean whose entries say it already: to tell, not to find.
    meant: HashMap<Box<str>, Box<[u32]>>,
    /// What means each service type that somebody offers.
    of_types: HashMap<Box<str>, OfType>,
}

/// What means a service type, and so every entry of it.
#[derive(Debug, Default, Clone)]
pub(super) struct OfType {
    /// Words that do alone.
    pub tokens: Vec<Box<str>>,
    /// The numbers of the meanings that several words say together.
    pub meanings: Vec<usize>,
}

/// The phrases that begin with a word.
#[derive(Debug, Default, Clone)]
struct Start {
    phrases: Vec<Phrase>,
    /// Whether the word alone is more than a word of entries.
    alone: bool,
}

/// A word or several that mean something.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// The tokens after the first.
    pub rest: Box<[Box<str>]>,
    /// The words as they are spelt, where a stem is too little: names of places.
    pub spelled: Box<[Box<str>]>,
    pub means: Means,
}

/// What a phrase means, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    Place(u32),
    Meaning(u32),
}

/// A place that words name.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub pcode: Box<str>,
    /// Its point, or the nearest above it; none for a region, which is too wide
    /// to be near to.
    pub near: Option<Point>,
}

/// What words mean that name no place.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    /// Services and categories.
    pub services: Box<[Box<str>]>,
    /// Their entries, where a phrase of several words means them.
    pub word: Option<Word>,
    pub targets: Box<[Target]>,
    pub language: Option<Box<str>>,
    pub sense: Option<Sense>,
}

impl Lexicon {
    /// The phrases that begin with a word.
    pub fn phrases(&self, word: &Word) -> &[Phrase] {
        self.start(word).map_or(&[], |start| &start.phrases)
    }

    /// Whether the word alone is more than a word of entries.
    pub fn is_more(&self, word: &Word) -> bool {
        word.begins == INSIDE || self.start(word).is_some_and(|start| start.alone)
    }

    fn start(&self, word: &Word) -> Option<&Start> {
        self.starts.get((word.begins as usize).checked_sub(1)?)
    }

    /// What means a service type.
    pub fn of_type(&self, code: &str) -> Option<&OfType> {
        self.of_types.get(code)
    }

    /// Whether a word is known even where no entry bears it.
    pub fn has(&self, token: &str, word: &Word) -> bool {
        word.begins != 0 || self.meant.contains_key(token)
    }

    /// Puts an entry of a service type into what several words mean together,
    /// or takes it out.
    pub fn put(&mut self, code: &str, entry: u32, within: bool) {
        let Some(of) = self.of_types.get(code) else { return };
        for number in &of.meanings {
            if let Some(word) = &mut self.meanings[*number].word {
                word.anywhere.put(entry, within);
            }
        }
    }

    /// What a word means whose entries say it already.
    pub fn meant(&self, token: &str) -> impl Iterator<Item = &Meaning> {
        let numbers = self.meant.get(token).map_or(&[][..], |numbers| numbers);
        numbers.iter().map(|number| &self.meanings[*number as usize])
    }

    /// Whether a word says nothing of what is looked for.
    pub fn is_nothing(&self, word: &Word) -> bool {
        self.means_alone(word, |m| {
            m.sense == Some(Sense::Nothing) && m.services.is_empty() && m.targets.is_empty()
        }) && !self.means_alone(word, |m| !m.services.is_empty() || !m.targets.is_empty())
    }

    /// Whether a word announces a place.
    pub fn is_announcement(&self, word: &Word) -> bool {
        self.means_alone(word, |m| m.sense == Some(Sense::PlaceFollows))
    }

    /// Whether a word is a name of a place and an everyday word.
    pub fn is_everyday(&self, word: &Word) -> bool {
        self.means_alone(word, |m| m.sense == Some(Sense::EverydayWord))
    }

    fn means_alone(&self, word: &Word, which: impl Fn(&Meaning) -> bool) -> bool {
        self.phrases(word).iter().any(|p| match p.means {
            Means::Meaning(m) if p.rest.is_empty() => which(&self.meanings[m as usize]),
            _ => false,
        })
    }
}

/// Gathers the lexicon of a directory that is being built.
pub(super) struct Gathering<'a> {
    /// Entries of each service type that somebody offers.
    pub types: &'a BTreeMap<Box<str>, Vec<u32>>,
    pub entries: usize,
}

/// The lexicon, and what it adds to the words: entries for a token, and where
/// the phrases of a token stand.
pub(super) struct Gathered {
    pub lexicon: Lexicon,
    pub entries: HashMap<Box<str>, Vec<u32>>,
    pub begins: HashMap<Box<str>, u32>,
}

/// The category of a service type, or the category itself.
fn category_of(code: &str) -> &str {
    code.split('.').next().unwrap_or_default()
}

/// Words and tokens of a text.
fn parts(text: &str) -> (Vec<Box<str>>, Vec<Box<str>>) {
    let (mut spelled, mut tokens) = (Vec::new(), Vec::new());
    words::each_word_and_token(text, |word, token| {
        spelled.push(word.into());
        tokens.push(token.into());
    });
    (spelled, tokens)
}

impl<'a> Gathering<'a> {
    /// The service types of kinds and categories that somebody offers; where
    /// nobody offers one of the kinds, those of their categories.
    fn types_of(&self, services: &[String]) -> BTreeSet<&'a str> {
        let of_category = |category: &str| {
            let types = self.types.keys().map(|code| &**code);
            types
                .filter(move |code| category_of(code) == category)
                .collect::<Vec<_>>()
        };
        let of = |code: &str| match self.types.get_key_value(code) {
            Some((code, _)) => vec![&**code],
            None => of_category(code),
        };
        let found: BTreeSet<&str> = services.iter().flat_map(|code| of(code)).collect();
        if !found.is_empty() {
            return found;
        }
        services
            .iter()
            .flat_map(|code| of_category(category_of(code)))
            .collect()
    }

    /// The entries of service types, ascending.
    fn entries_of(&self, types: &BTreeSet<&str>) -> Vec<u32> {
        let mut found: Vec<u32> = types.iter().flat_map(|code| &self.types[*code]).copied().collect();
        found.sort_unstable();
        found
    }

    pub fn gather(&self, from: &catalogue::Lexicon, geography: &Geography) -> Gathered {
        let mut starts: HashMap<Box<str>, Start> = HashMap::new();
        let mut entries: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        let mut inside: Vec<Box<str>> = Vec::new();
        let mut add = |text: &str, means: Means, exact: bool, alone: bool| -> Option<(Box<str>, usize)> {
            let (spelled, tokens) = parts(text);
            let (first, rest) = tokens.split_first()?;
            inside.extend(rest.iter().cloned());
            let start = starts.entry(first.clone()).or_default();
            let same = |p: &Phrase| *p.rest == *rest && (p.means == means || (exact && *p.spelled == *spelled));
            if !start.phrases.iter().any(same) {
                start.alone |= rest.is_empty() && alone;
                start.phrases.push(Phrase {
                    rest: rest.into(),
                    spelled: if exact { spelled.into() } else { Box::default() },
                    means,
                });
            }
            Some((first.clone(), tokens.len()))
        };

        let mut meanings = Vec::new();
        let mut places: Vec<Place> = Vec::new();
        let mut of_types: HashMap<Box<str>, OfType> = HashMap::new();
        for (number, meaning) in (0..).zip(&from.meanings) {
            let types = self.types_of(&meaning.services);
            let own = self.entries_of(&types);
            let more = meaning.services.is_empty()
                || !meaning.targets.is_empty()
                || meaning.language.is_some()
                || meaning.sense.is_some();
            let mut long = false;
            for text in meaning.fr.iter().chain(&meaning.en) {
                let means = match &meaning.place {
                    Some(pcode) => Means::Place(place(&mut places, pcode, geography)),
                    None => Means::Meaning(number),
                };
                match add(text, means, meaning.place.is_some(), more) {
                    Some((token, 1)) if !meaning.services.is_empty() => {
                        for code in &types {
                            of_types.entry((*code).into()).or_default().tokens.push(token.clone());
                        }
                        entries.entry(token).or_default().extend(&own);
                    }
                    Some((_, length)) => long |= length > 1,
                    None => {}
                }
            }
            if long {
                for code in &types {
                    of_types
                        .entry((*code).into())
                        .or_default()
                        .meanings
                        .push(meanings.len());
                }
            }
            meanings.push(Meaning {
                services: meaning.services.iter().map(|c| c.as_str().into()).collect(),
                word: (long && !meaning.services.is_empty()).then(|| Word {
                    anywhere: Set::of(own, self.entries),
                    in_name: Set::none(),
                    begins: 0,
                }),
                targets: meaning.targets.iter().filter_map(|c| Target::from_code(c)).collect(),
                language: meaning.language.as_deref().map(Into::into),
                sense: meaning.sense,
            });
        }
        for (name, pcode) in &from.places {
            let number = place(&mut places, pcode, geography);
            add(name, Means::Place(number), true, true);
        }

        let mut begins = HashMap::new();
        let mut meant = HashMap::new();
        let mut ordered = Vec::with_capacity(starts.len());
        let mut by_token: Vec<(Box<str>, Start)> = starts.into_iter().collect();
        by_token.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (token, mut start) in by_token {
            // The longest says most; of equal ones a place comes first.
            start
                .phrases
                .sort_by_key(|p| (std::cmp::Reverse(p.rest.len()), matches!(p.means, Means::Meaning(_))));
            // A word that is one of entries and nothing else needs no look.
            let plain = start.phrases.iter().all(|p| p.rest.is_empty()) && !start.alone;
            if plain {
                let numbers = start.phrases.iter().filter_map(|p| match p.means {
                    Means::Meaning(number) => Some(number),
                    Means::Place(_) => None,
                });
                meant.insert(token.clone(), numbers.collect());
                begins.insert(token, 0);
                continue;
            }
            ordered.push(start);
            let number = u32::try_from(ordered.len()).unwrap_or(INSIDE);
            begins.insert(token, number);
        }
        for token in inside {
            begins.entry(token).or_insert(INSIDE);
        }
        Gathered {
            lexicon: Lexicon {
                meanings: meanings.into(),
                places: places.into(),
                starts: ordered.into(),
                meant,
                of_types,
            },
            entries,
            begins,
        }
    }
}

/// The number of a place, given on first sight.
fn place(places: &mut Vec<Place>, pcode: &str, geography: &Geography) -> u32 {
    let known = places.iter().position(|p| *p.pcode == *pcode);
    let number = known.unwrap_or_else(|| {
        places.push(Place {
            pcode: pcode.into(),
            near: point(pcode, geography),
        });
        places.len() - 1
    });
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn point(pcode: &str, geography: &Geography) -> Option<Point> {
    let mut at = geography.area(pcode)?;
    while at.level != AreaLevel::Region {
        if at.chief_town.is_some() {
            return at.chief_town;
        }
        at = geography.area(at.parent.as_deref()?)?;
    }
    None
}

impl Directory {
    /// What the index understands.
    pub(super) fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }
}
