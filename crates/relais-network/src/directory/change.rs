//! An index in which a few services changed. It shares with the one before all
//! that did not: the numbers of entries, the words and sets that they do not
//! stand in. What it answers is what an index built anew answers (a test holds
//! it to that); where a change would move numbers or meanings, there is none,
//! and the whole is built (decision 0017).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::build::{Numbers, each_text, hides, is_found, language_bits, turn_of, vocabulary};
use super::hours::Hours;
use super::ready::Facets;
use super::search::Word;
use super::set::Set;
use super::typo::Sounds;
use super::{Directory, ON_CALL, REMOTE, Record};
use crate::catalogue::{Catalogue, Geography};
use crate::service::Service;
use crate::words;

/// The words that an entry is found by, each with whether it stands in a name.
type Borne = BTreeMap<Box<str>, bool>;

impl Directory {
    /// The index with these services as they are now; the last of several with
    /// one id counts. `None` where the index must be built anew: a service that
    /// it has no number for, that moved, went to another organisation or became
    /// confidential, or the first or last entry of a service type (what words
    /// mean depends on which types are offered). Catalogue and geography are
    /// those that the index was built with.
    #[must_use]
    pub fn with(&self, services: &[Arc<Service>], catalogue: &Catalogue, geography: &Geography) -> Option<Self> {
        let mut next = self.copy();
        let mut changed = BTreeSet::new();
        let mut moved = false;
        for service in services {
            let entry = next.number_of(service.id)?;
            moved |= next.put(entry, service, catalogue, geography)?;
            changed.insert(entry);
        }
        if moved {
            next.vocabulary = vocabulary(&next.words);
            next.sounds = Arc::new(Sounds::of(&next.vocabulary));
        }
        let changed: Vec<u32> = changed.into_iter().collect();
        let today = self.today.read().unwrap_or_else(PoisonError::into_inner).clone();
        next.today = RwLock::new(today.map(|today| Arc::new(today.with(&next, &changed))));
        Some(next)
    }

    fn copy(&self) -> Self {
        Self {
            organisations: Arc::clone(&self.organisations),
            places: Arc::clone(&self.places),
            services: self.services.clone(),
            live: self.live.clone(),
            found: self.found,
            ids: Arc::clone(&self.ids),
            turns: Arc::clone(&self.turns),
            by_id: Arc::clone(&self.by_id),
            records: self.records.clone(),
            units: Arc::clone(&self.units),
            words: self.words.clone(),
            vocabulary: Arc::clone(&self.vocabulary),
            sounds: Arc::clone(&self.sounds),
            lexicon: Arc::clone(&self.lexicon),
            categories: self.categories.clone(),
            types: self.types.clone(),
            areas: self.areas.clone(),
            languages: self.languages.clone(),
            spoken: self.spoken.clone(),
            remote: self.remote.clone(),
            serving_everywhere: self.serving_everywhere.clone(),
            coming_anywhere: self.coming_anywhere.clone(),
            for_everyone: self.for_everyone.clone(),
            by_target: self.by_target.clone(),
            by_cost: self.by_cost.clone(),
            by_hours: self.by_hours.clone(),
            on_call: self.on_call.clone(),
            located: Arc::clone(&self.located),
            regions: Arc::clone(&self.regions),
            region_codes: Arc::clone(&self.region_codes),
            near: self.near.clone(),
            freshness: self.freshness,
            today: RwLock::default(),
        }
    }

    /// Puts one service in the place of what it was; whether a word came or went.
    fn put(&mut self, entry: u32, now: &Arc<Service>, catalogue: &Catalogue, geography: &Geography) -> Option<bool> {
        let at = entry as usize;
        let (was, before) = (Arc::clone(&self.services[at]), self.records[at]);
        let organisation = Arc::clone(&self.organisations[before.organisation as usize]);
        let place = Arc::clone(&self.places[before.place as usize]);
        let stays = now.organisation == was.organisation
            && now.place == was.place
            && now.service_type == was.service_type
            && !hides(now, catalogue)
            && turn_of(now, &place) == self.turns[at];
        if !stays {
            return None;
        }
        let (was_live, is_live) = (self.live.contains(entry), is_found(now, &organisation));
        let code = &*now.service_type;
        if was_live != is_live
            && self
                .types
                .get(code)
                .is_none_or(|all| all.len() <= usize::from(was_live))
        {
            return None;
        }
        let served = now.served_area.pcode().and_then(|pcode| self.areas.get(pcode));
        let numbers = Numbers {
            area: before.area,
            served: served.map_or([0; 3], |area| area.chain),
            languages: language_bits(&mut self.languages, &now.languages),
            organisation: before.organisation,
            place: before.place,
        };
        let record = Record::of(now, &place, &numbers);

        let borne = |service: &Service, live: bool| -> Borne {
            let mut borne = Borne::new();
            if !live {
                return borne;
            }
            each_text(service, &organisation, &place, catalogue, geography, |text, in_name| {
                for token in words::tokens(text) {
                    *borne.entry(token.into()).or_default() |= in_name;
                }
            });
            for token in self.lexicon.of_type(code).iter().flat_map(|of| &of.tokens) {
                borne.entry(token.clone()).or_default();
            }
            borne
        };
        let (words_before, words_now) = (borne(&was, was_live), borne(now, is_live));
        if was_live != is_live {
            Arc::make_mut(&mut self.lexicon).put(code, entry, is_live);
            for set in [self.types.get_mut(code), self.categories.get_mut(now.category())]
                .into_iter()
                .flatten()
            {
                set.put(entry, is_live);
            }
        }
        let moved = self.put_words(entry, &words_before, &words_now);
        self.put_sets(entry, &record, is_live);
        self.put_lists(entry, now, is_live);
        self.live.put(entry, is_live);
        self.found = self.found + usize::from(is_live) - usize::from(was_live);
        self.near.admit(entry, &Facets::of(&record));
        self.records[at] = record;
        self.services[at] = Arc::clone(now);
        Some(moved)
    }

    /// Puts an entry under its words; whether a word came or went.
    fn put_words(&mut self, entry: u32, before: &Borne, now: &Borne) -> bool {
        let mut moved = false;
        let tokens = before.keys().chain(now.keys().filter(|t| !before.contains_key(*t)));
        for token in tokens.filter(|t| before.get(*t) != now.get(*t)) {
            let within = now.get(token);
            if !self.words.contains_key(&**token) {
                moved = true;
                self.words.insert((&**token).into(), Word::anywhere(Set::none()));
            }
            let Some(word) = self.words.get_mut(&**token) else {
                continue;
            };
            word.anywhere.put(entry, within.is_some());
            word.in_name.put(entry, within == Some(&true));
            if word.anywhere.is_empty() && !self.lexicon.has(token, word) {
                moved = true;
                self.words.remove(&**token);
            }
        }
        moved
    }

    /// Puts an entry into the sets of what a record says.
    fn put_sets(&mut self, entry: u32, record: &Record, live: bool) {
        for area in self.areas.values_mut() {
            area.served_by.put(entry, live && record.is_served_in(area.chain));
            area.reached_by.put(entry, live && record.reaches(area.chain));
        }
        for (set, within) in [
            (&mut self.remote, record.is(REMOTE)),
            (&mut self.on_call, record.is(ON_CALL)),
            (&mut self.serving_everywhere, record.serves_everywhere()),
            (&mut self.coming_anywhere, record.comes_anywhere()),
            (&mut self.for_everyone, record.targets == 0),
        ] {
            set.put(entry, live && within);
        }
        for (bit, set) in &mut self.by_target {
            set.put(entry, live && record.targets & *bit != 0);
        }
    }

    /// Puts an entry under its languages, its cost and its hours.
    fn put_lists(&mut self, entry: u32, service: &Service, live: bool) {
        self.spoken.resize(self.languages.len(), Set::none());
        for (code, number) in &self.languages {
            let speaks = live && service.languages.iter().any(|l| **l == **code);
            self.spoken[*number as usize].put(entry, speaks);
        }
        let cost = service.cost.filter(|_| live);
        for (of, set) in &mut self.by_cost {
            set.put(entry, cost == Some(*of));
        }
        if let Some(cost) = cost
            && !self.by_cost.iter().any(|(of, _)| *of == cost)
        {
            self.by_cost.push((cost, Set::Few([entry].into())));
        }
        let hours = Hours::read(&service.opening_hours).filter(|_| live);
        let mut stands = false;
        for (of, set) in &mut self.by_hours {
            // Two spellings of the same hours have each a list.
            let here = !stands && hours.as_ref() == Some(&*of);
            stands |= here;
            set.put(entry, here);
        }
        if let Some(hours) = hours.filter(|_| !stands) {
            self.by_hours.push((hours, Set::Few([entry].into())));
        }
    }
}
