//! Names as they are compared: one orthography for the many in which a name
//! of Cameroon and its neighbours is written, in French, English, Fulfulde.

use std::collections::HashMap;
use std::sync::LazyLock;

pub use relais_network::spelling::{sound, spell};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How much a word of a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Weight {
    /// Title or particle: *el hadj*, *Ngo* (daughter of), *née*. Tells next to nothing.
    Particle,
    /// One letter with or without a full stop.
    Initial,
    /// A name that very many bear.
    Common,
    /// Any other name.
    Ordinary,
}

/// A word of a name, prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Without accents, case and signs.
    pub plain: String,
    /// In one orthography: *Oumarou* and *Umaru* are both `umaru`.
    pub spelt: String,
    /// Only its consonants and a first vowel.
    pub sound: String,
    /// How much it tells.
    pub weight: Weight,
    /// Group of forms of one name (*Mamadou*, *Mohamed*), if it is in one.
    pub family: Option<u16>,
}

impl Word {
    fn new(plain: &str) -> Self {
        let spelt = spell(plain);
        let family = FAMILIES.get(spelt.as_str()).copied();
        let weight = if PARTICLES.contains(&plain) {
            Weight::Particle
        } else if plain.chars().count() == 1 {
            Weight::Initial
        } else if family.is_some() || COMMON.contains_key(spelt.as_str()) {
            Weight::Common
        } else {
            Weight::Ordinary
        };
        Self {
            sound: sound(&spelt),
            plain: plain.to_owned(),
            spelt,
            weight,
            family,
        }
    }

    /// Two words written as one: *Ngo Bassong*, *Ngobassong*.
    #[must_use]
    pub fn joined(&self, next: &Self) -> Self {
        Self::new(&format!("{}{}", self.plain, next.plain))
    }
}

/// A name, its words in the order in which they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// At most [`Name::MOST`] words.
    pub words: Vec<Word>,
    /// Each word joined to the next.
    pub joined: Vec<Word>,
}

impl Name {
    /// Words that are read; what follows adds nothing.
    pub const MOST: usize = 6;

    /// The words of a name; `None` when it has no letter or digit.
    #[must_use]
    pub fn new(typed: &str) -> Option<Self> {
        let words: Vec<Word> = plain_words(typed)
            .iter()
            .take(Self::MOST)
            .map(|w| Word::new(w))
            .collect();
        if words.is_empty() {
            return None;
        }
        let joined = words.windows(2).map(|two| two[0].joined(&two[1])).collect();
        Some(Self { words, joined })
    }

    /// The words that tell something; all of them where none does.
    #[must_use]
    pub fn telling(&self) -> Vec<&Word> {
        let telling: Vec<&Word> = self
            .words
            .iter()
            .filter(|w| !matches!(w.weight, Weight::Particle | Weight::Initial))
            .collect();
        if telling.is_empty() {
            self.words.iter().collect()
        } else {
            telling
        }
    }
}

/// The names in one field: *Bouba dit Petit*, *Awa alias Eva*, *Awa / Eva*.
#[must_use]
pub fn split_aliases(typed: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for word in typed.replace(['/', '(', ')', ',', ';'], " \u{1} ").split_whitespace() {
        let plain: String = word.to_lowercase();
        // A comma parts family from given names: the words stay together.
        if word == "\u{1}" && !typed.contains('/') && !typed.contains('(') {
            continue;
        }
        if word == "\u{1}"
            || matches!(
                plain.as_str(),
                "dit" | "dite" | "alias" | "surnommé" | "surnommée" | "aka"
            )
        {
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(' ');
            last.push_str(word);
        }
    }
    out.retain(|name| !name.trim().is_empty());
    out
}

/// The words of a name without accents, case and signs, in their order. The
/// apostrophe joins (N’Gono is Ngono), every other sign parts.
fn plain_words(typed: &str) -> Vec<String> {
    let mut plain = String::with_capacity(typed.len());
    for c in typed
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        match c {
            '\'' | '’' | 'ʼ' | '‘' | '`' | '´' | 'ꞌ' => {}
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            'ß' => plain.push_str("ss"),
            'ɓ' => plain.push('b'),
            'ɗ' | 'đ' => plain.push('d'),
            'ŋ' => plain.push_str("ng"),
            'ƴ' => plain.push('y'),
            'ɛ' | 'ə' | 'ɜ' => plain.push('e'),
            'ɔ' | 'ø' => plain.push('o'),
            'ı' => plain.push('i'),
            'ł' => plain.push('l'),
            'ʉ' => plain.push('u'),
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().map(str::to_owned).collect()
}

/// Titles and particles.
const PARTICLES: &[&str] = &[
    "el", "al", "ul", "elh", "elhadj", "elhadji", "alhadji", "alhaji", "hadj", "hadji", "haji", "alh", "ngo", "nee",
    "ne", "ep", "epse", "epouse", "vve", "veuve", "mr", "mme", "mlle", "dr", "pa", "ma", "mama", "papa", "de", "da",
    "du", "van", "ben", "bin", "bint", "ould", "mallam", "malam", "modibo", "lamido", "fils", "jr", "junior", "pere",
    "les", "la", "le",
];

/// Forms of one name, which families and registrars use for each other.
const FORMS: &[&str] = &[
    "mohamadou muhammadu mouhamadou mohamed mohammed muhammad mohamad mouhamed mamadou mahamadou mahamat mahamad",
    "amadou ahmadou ahmadu ahmed ahmad hamadou amadu hamad",
    "abdou abdoul abdoulaye abdoulahi abdullahi abdullah abdoullah abdulai abdu abdul",
    "abdourahmane abdouraman abdurahman abdulrahman abderahman abdramane",
    "aboubakar abubakar boubakar aboubacar aboubakari boubacar bouba boukar bubakar",
    "ibrahim ibrahima brahim ibrahimou ibro",
    "ousmane ousmanou usman usmanu ousman othman osman",
    "oumarou umaru oumar omar umar omarou",
    "souleymane souleymanou suleiman sulaiman souleman sulemanu souley",
    "youssouf yusuf yousouf youssoufa yusufu issoufou yousoufa",
    "yaya yahya yahaya yahia",
    "moussa musa mousa",
    "issa isa eissa",
    "aliou alioum ali aliyu alim",
    "saidou saidu said seidou",
    "hamidou hamid hamidu abdoulhamid",
    "adamou adam adamu adama",
    "djibril djibrilla jibril jibrilla gabriel",
    "hassan hassana hassane alhassan lassana",
    "housseini hussein houssein husseini ousseini",
    "idrissou idriss idris idrissa",
    "ismaila ismael smaila ismail",
    "aissatou aissata aissatu aicha aisha aissa aichatou ayisha",
    "fatima fatimatou fadimatou fatimata fatoumata fatou fatimah fatoumatou",
    "aminatou aminata amina aminatu",
    "mariam mariama mariamou maryam maria mariamu",
    "halimatou halima halimatu alima",
    "hawa haoua hawaou awa hawau",
    "zenabou zeinabou zainab zeinab zainabu zenab",
    "ramatou rahmatou ramata rahmatu ramatu",
    "salamatou salamata salamatu salama",
    "nafissatou nafissata nafisatu nafi",
    "khadidja kadidja hadidja khadija hadija kadija kadiatou kadidjatou",
    "djamila jamila djamilatou",
    "habiba habibatou abiba",
    "jean john",
    "pierre peter",
    "marie mary",
    "jacques james",
    "paul paulus",
    "etienne stephen steven stephane",
    "andre andrew",
    "philippe philip",
    "francois francis",
    "joseph yosef josef",
    "therese theresa",
    "elisabeth elizabeth elise lisbeth",
    "christine christina kristine",
    "catherine katherine kathryn",
    "emmanuel manuel emanuel",
    "charles carl",
    "henri henry",
    "michel michael",
    "michele michelle",
    "antoine anthony",
    "marguerite margaret",
    "helene helen",
    "madeleine magdalene",
    "samuel sam",
    "daniel dani",
    "david davide",
    "martin martins",
];

/// Names that very many bear, beyond the groups of forms.
const COMMON_NAMES: &str = "ibrahim bello garba sali haman bakari sanda djoda hamoa daouda yakubu yakouba boubou nana asta adda \
    christelle solange serge alain brigitte carine herve nadege thierry sandrine patrick clarisse blaise estelle rodrigue mireille \
    cyrille laure ghislain pauline armand veronique gael rose bernadette jeanne anne claire odile blanche beatrice grace esther \
    ruth rachel simon thomas luc marc mathieu benjamin guy gilbert roger robert richard albert georges eric franck yves olivier \
    mbarga ngono atangana mballa fotso kamga owona essomba onana ateba manga abega ngassa ndongo mvondo nkoulou eyenga simo talla \
    tamo kengne tchoumi wamba djomo nana njoya ndi fru tabi nkeng ayuk achiri che nfor tanyi enow ngwa ngu neba \
    diallo bah barry sow traore coulibaly keita diarra toure kone ouattara ouedraogo cisse camara sylla";

static FAMILIES: LazyLock<HashMap<String, u16>> = LazyLock::new(|| {
    let mut out = HashMap::new();
    for (number, forms) in (0..).zip(FORMS) {
        for form in forms.split_whitespace() {
            out.entry(spell(form)).or_insert(number);
        }
    }
    out
});

static COMMON: LazyLock<HashMap<String, ()>> =
    LazyLock::new(|| COMMON_NAMES.split_whitespace().map(|name| (spell(name), ())).collect());
