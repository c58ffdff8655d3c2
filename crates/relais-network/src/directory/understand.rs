//! Understanding a query's words. Words that are words of entries and nothing
//! else take the short way: one look-up each. Where one of them is more (the
//! name of a place, the beginning of a phrase) or is not known at all, the whole
//! text is read again the long way: phrases first, then words, then the
//! beginnings of words, then slips of the finger.

use std::borrow::Cow;
use std::ops::Range;

use relais_mechanism::search::Sense;

use super::build::lies_in;
use super::lexicon::{INSIDE, Meaning, Means, Phrase};
use super::search::Word;
use super::set::Set;
use super::{Directory, Query};
use crate::service::{Cost, Target};
use crate::words;

/// Most words of a query that are looked at.
const WORDS: usize = 32;

/// Words that say that a place follows. They are stop words else.
const BEFORE_PLACE: &[&str] = &["a", "dans", "in", "at", "near", "vers"];
/// Words between those and the place's name.
const ARTICLES: &[&str] = &["le", "la", "les", "l", "the"];
/// Words that tie a word to the next: "centre de santé" is no place.
const TIES: &[&str] = &["de", "du", "des", "d", "of", "for", "pour"];

/// What was understood of a query's words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Understood {
    /// Kinds of service and categories that words mean, in the order met.
    pub services: Vec<String>,
    /// Groups that words mean.
    pub targets: Vec<Target>,
    /// P-code of the place that words name.
    pub place: Option<String>,
    /// The language that words ask for.
    pub language: Option<String>,
    /// Whether words say that it cannot wait.
    pub urgent: bool,
    /// Whether words say that nothing can be paid.
    pub free: bool,
    /// Words read as others: what was typed, and as what.
    pub corrected: Vec<(String, String)>,
    /// Words that nobody understood.
    pub unknown_words: Vec<String>,
    /// What was given up to find anything.
    pub loosened: Option<Loosened>,
}

/// What of a query was given up, because nothing has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loosened {
    /// No entry has all the words: those with most of them.
    FewerWords,
    /// None of them serves the place that the words name.
    OtherPlaces,
}

/// A query with its words read.
#[derive(Debug)]
pub(super) struct Reading<'d, 'q> {
    /// With what the words add to it: a place, groups, a language.
    pub query: Cow<'q, Query>,
    /// Every entry must be of each.
    pub asked: Vec<Cow<'d, Word>>,
    /// The words of names, where they are others than those asked for.
    pub names: Option<Vec<Cow<'d, Word>>>,
    /// What narrows as long as something is left.
    pub soft: Vec<Cow<'d, Word>>,
    /// What is told of the words.
    pub understood: Understood,
    /// Whether there is more to tell: what took the short way is found as it should be, but nobody said yet what it
    /// means.
    pub untold: bool,
    /// Whether no word of several was understood.
    pub nothing: bool,
}

impl<'d, 'q> Reading<'d, 'q> {
    /// Of a query whose words are not read yet.
    fn of(query: &'q Query) -> Self {
        Self {
            query: Cow::Borrowed(query),
            asked: Vec::new(),
            names: None,
            soft: Vec::new(),
            understood: Understood::default(),
            untold: false,
            nothing: false,
        }
    }

    /// The words that a name must bear to be the one searched for; none where
    /// one of them stands in no name.
    pub fn names(&self) -> &[Cow<'d, Word>] {
        self.names.as_deref().unwrap_or(&self.asked)
    }

    /// Forgets the place that the words named: nothing serves it.
    pub fn leave_the_place(&mut self) -> bool {
        if self.understood.place.is_none() || self.query.home.is_none() {
            return false;
        }
        self.query.to_mut().home = None;
        true
    }
}

/// A content word of a query.
struct Token<'d, 't> {
    /// As typed, folded.
    typed: &'t str,
    /// What it is, if it is known.
    word: Option<&'d Word>,
    /// Its token, or the one that it was read as.
    token: Cow<'t, str>,
    /// Whether it was read as another.
    corrected: bool,
    /// Whether a word before it says that a place follows, and none after it
    /// ties it to another.
    placed: bool,
}

impl Directory {
    /// Reads the words of a query.
    pub(super) fn read<'d, 'q>(&'d self, query: &'q Query) -> Reading<'d, 'q> {
        let mut reading = Reading::of(query);
        let folded = words::fold(&query.words);
        if !self.read_short(&folded, &mut reading) {
            reading.asked.clear();
            reading.untold = false;
            self.read_long(&folded, &mut reading);
        }
        reading
    }

    /// Takes the short way; false where it does not lead to the end.
    fn read_short<'d>(&'d self, folded: &str, reading: &mut Reading<'d, '_>) -> bool {
        let mut content = words::plain_words(folded).filter(|(_, content)| *content);
        while let Some((typed, _)) = content.next() {
            let token = words::stem(typed);
            let Some(word) = self.words.get(&*token) else {
                return false;
            };
            reading.asked.push(Cow::Borrowed(word));
            reading.untold |= self.lexicon().has(&token, word);
            // What begins a phrase begins none with the last word.
            if word.begins != 0 && (self.lexicon().is_more(word) || content.next().is_some()) {
                return false;
            }
        }
        true
    }

    /// What is understood of a query's words.
    #[must_use]
    pub fn understand(&self, query: &Query) -> Understood {
        let mut understood = self.understood(query);
        let (page, _) = self.find_and_read(query);
        understood.loosened = page.loosened;
        understood
    }

    /// The same, but for what was given up.
    pub(super) fn understood(&self, query: &Query) -> Understood {
        let mut reading = Reading::of(query);
        self.read_long(&words::fold(&query.words), &mut reading);
        reading.understood
    }

    /// Takes the long way.
    fn read_long<'d>(&'d self, folded: &str, reading: &mut Reading<'d, '_>) {
        let tokens = self.tokens(folded);
        let heard = self.hear(&tokens, reading, true);
        // All of it is what people say around a search: then that is searched.
        if !heard && reading.understood.unknown_words.is_empty() && !tokens.is_empty() {
            self.hear(&tokens, reading, false);
        }
        let unknown = !reading.understood.unknown_words.is_empty();
        reading.nothing = unknown && !self.says_something(reading);
    }

    fn says_something(&self, reading: &Reading<'_, '_>) -> bool {
        let told = &reading.understood;
        !reading.asked.is_empty()
            || !reading.soft.is_empty()
            || told.place.is_some()
            || !told.targets.is_empty()
            || told.language.is_some()
            || told.urgent
    }

    /// The content words of a folded text, each with what it is.
    fn tokens<'d, 't>(&'d self, folded: &'t str) -> Vec<Token<'d, 't>> {
        let mut tokens: Vec<Token<'d, 't>> = Vec::new();
        let (mut placed, mut fresh) = (false, false);
        for (typed, content) in words::plain_words(folded) {
            if let Some(last) = tokens.last_mut().filter(|_| fresh) {
                last.placed &= !TIES.contains(&typed);
            }
            fresh = false;
            if !content {
                placed = BEFORE_PLACE.contains(&typed) || (placed && ARTICLES.contains(&typed));
                continue;
            }
            if tokens.len() == WORDS {
                break;
            }
            let mut token = words::stem(typed);
            let (mut word, mut corrected) = (self.words.get(&*token), false);
            if word.is_none()
                && !self.begins_a_word(&token)
                && let Some(read_as) = self.nearest(&token)
            {
                (word, corrected) = (self.words.get(read_as), true);
                token = Cow::Owned(read_as.to_owned());
            }
            tokens.push(Token {
                typed,
                token,
                corrected,
                word,
                placed,
            });
            (placed, fresh) = (word.is_some_and(|w| self.lexicon().is_announcement(w)), true);
        }
        tokens
    }

    /// The word of the vocabulary that one with a slip means.
    fn nearest(&self, token: &str) -> Option<&str> {
        let weight = |word: &str| {
            self.words.get(word).map_or(0, |w| {
                // What means something comes before what only stands somewhere.
                let entries = w.anywhere.len();
                if w.begins == 0 { entries } else { entries + self.len() }
            })
        };
        self.sounds.nearest(token, &self.vocabulary, weight)
    }

    /// Takes the tokens' meanings into the reading; false when none says
    /// anything. With `pass`, what people say around a search is passed over.
    fn hear<'d>(&'d self, tokens: &[Token<'d, '_>], reading: &mut Reading<'d, '_>, pass: bool) -> bool {
        let mut said = false;
        let mut names: Vec<Cow<'d, Word>> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let (phrases, span) = self.phrase(tokens, at);
            let these = &tokens[span.clone()];
            at = span.end;
            if these.iter().any(|t| t.corrected) && !phrases.is_empty() {
                self.note_corrections(these, reading);
            }
            let place = phrases.iter().find_map(|p| match p.means {
                Means::Place(number) => Some(number),
                Means::Meaning(_) => None,
            });
            if let Some(number) = place
                && self.take_place(number, reading)
            {
                names.extend(these.iter().filter_map(|t| t.word).map(Cow::Borrowed));
                said = true;
                continue;
            }
            // The query says where: the name of another place narrows where it can.
            if place.is_some() {
                let known = these.iter().filter_map(|t| t.word).filter(|w| !w.anywhere.is_empty());
                reading.soft.extend(known.map(Cow::Borrowed));
                said = true;
                continue;
            }
            let meanings: Vec<&Meaning> = phrases
                .iter()
                .filter_map(|p| match p.means {
                    Means::Meaning(number) => Some(&self.lexicon().meanings[number as usize]),
                    Means::Place(_) => None,
                })
                .collect();
            said |= self.take_meanings(&meanings, these, reading, &mut names, pass);
        }
        // A word that stands in no name at all says nothing about names.
        names.retain(|word| !word.in_name.is_empty());
        if names.len() != reading.asked.len() || names.iter().zip(&reading.asked).any(|(a, b)| !same(a, b)) {
            reading.names = Some(names);
        }
        said
    }

    /// The longest phrase that begins at a token: its meanings, and its tokens.
    fn phrase(&self, tokens: &[Token<'_, '_>], at: usize) -> (Vec<&Phrase>, Range<usize>) {
        let alone = at..at + 1;
        let Some(word) = tokens[at].word else {
            return (Vec::new(), alone);
        };
        let mut found: Option<(Vec<&Phrase>, usize)> = None;
        for phrase in self.lexicon().phrases(word) {
            if found
                .as_ref()
                .is_some_and(|(list, _)| list[0].rest.len() > phrase.rest.len())
            {
                break;
            }
            if let Some(end) = self.matches(phrase, tokens, at) {
                match &mut found {
                    Some((list, _)) => list.push(phrase),
                    None => found = Some((vec![phrase], end)),
                }
            }
        }
        found.map_or((Vec::new(), alone), |(list, end)| (list, at..end))
    }

    /// Where a phrase ends that begins at a token, if it stands there. Between
    /// its words may stand some that say nothing: "perdu tous ses papiers".
    fn matches(&self, phrase: &Phrase, tokens: &[Token<'_, '_>], at: usize) -> Option<usize> {
        let mut next = at + 1;
        for wanted in &phrase.rest {
            loop {
                let token = tokens.get(next)?;
                next += 1;
                if *token.token == **wanted {
                    break;
                }
                token.word.filter(|w| self.lexicon().is_nothing(w))?;
            }
        }
        if phrase.spelled.is_empty() {
            return Some(next);
        }
        // A place's name is spelt out, word by word.
        let spelled = tokens[at..next]
            .iter()
            .zip(&phrase.spelled)
            .all(|(t, s)| t.corrected || t.typed == &**s);
        let everyday = phrase.rest.is_empty() && tokens[at].word.is_some_and(|w| self.lexicon().is_everyday(w));
        (spelled && next - at == phrase.spelled.len() && (!everyday || tokens[at].placed)).then_some(next)
    }

    /// Takes a place as where the person is or goes, unless the query says
    /// where. Of two the last counts ("de Douala à Garoua"), but for one around
    /// the other ("Lagdo, Nord").
    fn take_place(&self, number: u32, reading: &mut Reading<'_, '_>) -> bool {
        let place = &self.lexicon().places[number as usize];
        let Some(area) = self.areas.get(&place.pcode) else {
            return false;
        };
        match &reading.understood.place {
            Some(known) if self.areas.get(&**known).is_some_and(|k| lies_in(k.chain, area.chain)) => return true,
            None if reading.query.home.is_some() || reading.query.near.is_some() => return false,
            _ => {}
        }
        let query = reading.query.to_mut();
        query.home = Some(place.pcode.to_string());
        query.near = place.near;
        reading.understood.place = Some(place.pcode.to_string());
        true
    }

    fn take_meanings<'d>(
        &'d self,
        meanings: &[&'d Meaning],
        these: &[Token<'d, '_>],
        reading: &mut Reading<'d, '_>,
        names: &mut Vec<Cow<'d, Word>>,
        pass: bool,
    ) -> bool {
        let known = these.iter().filter_map(|t| t.word);
        let told = &mut reading.understood;
        let (mut means, mut hard) = (false, false);
        for meaning in meanings {
            for code in &meaning.services {
                hard = true;
                if !told.services.iter().any(|s| **s == **code) {
                    told.services.push(code.to_string());
                }
            }
            for target in &meaning.targets {
                means = true;
                if !told.targets.contains(target) {
                    told.targets.push(*target);
                }
            }
            if let Some(language) = &meaning.language {
                means = true;
                told.language.get_or_insert_with(|| language.to_string());
                reading
                    .query
                    .to_mut()
                    .language
                    .get_or_insert_with(|| language.to_string());
            }
            match meaning.sense {
                Some(Sense::Urgent) => {
                    (means, told.urgent) = (true, true);
                    reading.query.to_mut().urgent = true;
                }
                Some(Sense::Free) => {
                    (means, told.free) = (true, true);
                    reading.soft.push(Cow::Owned(self.free_of_charge()));
                }
                Some(Sense::Remote) => {
                    means = true;
                    reading.soft.push(Cow::Owned(Word::anywhere(self.remote.clone())));
                }
                Some(Sense::PlaceFollows) => means = true,
                Some(Sense::Nothing | Sense::EverydayWord) | None => {}
            }
        }
        if !reading.understood.targets.is_empty() && reading.query.targets.is_empty() {
            reading.query.to_mut().targets = reading.understood.targets.clone();
        }
        if hard {
            match (these, meanings) {
                // One word: its entries have the meaning's already.
                ([one], _) => reading.asked.extend(one.word.map(Cow::Borrowed)),
                (_, [only]) => reading.asked.extend(only.word.as_ref().map(Cow::Borrowed)),
                (_, several) => {
                    let words = several.iter().filter_map(|m| m.word.as_ref());
                    reading.asked.push(Cow::Owned(self.either(words)));
                }
            }
            names.extend(known.map(Cow::Borrowed));
            return true;
        }
        if means {
            // What stands in entries too narrows as long as something is left.
            let written = known.filter(|w| w.begins != INSIDE && !w.anywhere.is_empty());
            reading.soft.extend(written.map(Cow::Borrowed));
            return true;
        }
        let nothing = |token: &Token<'_, '_>| token.word.is_some_and(|w| self.lexicon().is_nothing(w));
        let mut said = false;
        for token in these.iter().filter(|t| !(pass && nothing(t))) {
            let word = match token.word.filter(|w| !w.anywhere.is_empty()) {
                Some(word) => Some(Cow::Borrowed(word)),
                None => self.beginning(&token.token).map(Cow::Owned),
            };
            let Some(word) = word else {
                reading.understood.unknown_words.push(token.typed.to_owned());
                continue;
            };
            if token.corrected {
                self.note_corrections(std::slice::from_ref(token), reading);
            }
            said = true;
            for code in self.lexicon().meant(&token.token).flat_map(|m| &m.services) {
                if !reading.understood.services.iter().any(|s| **s == **code) {
                    reading.understood.services.push(code.to_string());
                }
            }
            names.push(word.clone());
            reading.asked.push(word);
        }
        said
    }

    fn note_corrections(&self, tokens: &[Token<'_, '_>], reading: &mut Reading<'_, '_>) {
        for token in tokens.iter().filter(|t| t.corrected) {
            let told = (token.typed.to_owned(), self.written(&token.token));
            if !reading.understood.corrected.contains(&told) {
                reading.understood.corrected.push(told);
            }
        }
    }

    /// A word of the vocabulary as somebody wrote it: the first entry that bears
    /// it in a name, else its stem.
    fn written(&self, token: &str) -> String {
        let entry = self.words.get(token).and_then(|w| w.in_name.first());
        let mut found = None;
        if let Some(entry) = entry {
            let entry = self.entry_at(entry as usize);
            let names = [&entry.service.name, &entry.organisation.name];
            for name in names.iter().flat_map(|n| [&n.fr, &n.en]).chain([&entry.place.name]) {
                words::each_word_and_token(name, |word, stem| {
                    if stem == token && found.is_none() {
                        found = Some(word.to_owned());
                    }
                });
            }
        }
        found.unwrap_or_else(|| token.to_owned())
    }

    /// The entries where nothing is paid.
    fn free_of_charge(&self) -> Word {
        let free = self
            .by_cost
            .iter()
            .filter(|(cost, _)| matches!(cost, Cost::Free | Cost::Project));
        let mut bits = super::set::Bits::none(self.records.len());
        free.for_each(|(_, set)| bits.add(set));
        Word::anywhere(Set::Made(bits))
    }
}

/// Whether two are one and the same word.
fn same(a: &Word, b: &Word) -> bool {
    std::ptr::eq(a, b)
}
