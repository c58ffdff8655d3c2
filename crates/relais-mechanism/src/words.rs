//! The closed words of the mechanism: enums that a mechanism's data can label
//! and give limits to, but never extend. The same code stands in Rust, in the
//! database, in the API and in the mechanism's files.

/// Declares a closed enum with a stable text code for every variant.
///
/// The code is what is written to the database, the API and the mechanism's
/// files; [`ALL`](Priority::ALL) lists the variants in their natural order.
#[macro_export]
macro_rules! closed_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every variant, in natural order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The stable code, the same in files, database and API.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)+ }
            }

            /// The variant with this code, or `None`.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                $name::from_code(&code).ok_or_else(|| {
                    serde::de::Error::unknown_variant(&code, &[$($code,)+])
                })
            }
        }
    };
}

closed_enum! {
    /// How soon a need must be met (DOMAIN §1.3).
    Priority {
        /// Emergency: within 24 hours, clock hours day and night.
        P1 = "P1",
        /// Urgent: within 72 hours.
        P2 = "P2",
        /// Standard: 10 working days.
        P3 = "P3",
        /// Planned: on the agreed date.
        P4 = "P4",
    }
}

closed_enum! {
    /// How sensitive a datum is (DOMAIN §2.1).
    Sensitivity {
        /// Public.
        S0 = "S0",
        /// Internal: numbers, dates, states.
        S1 = "S1",
        /// Personal: name, telephone, return data.
        S2 = "S2",
        /// Sensitive: origin, language, documents, assessment, finances.
        S3 = "S3",
        /// Very sensitive: health, violence, trafficking, child protection, justice.
        S4 = "S4",
    }
}

closed_enum! {
    /// What a datum is about. D1 of the paper form is two classes here:
    /// identity and contact travel apart (`mechanisms/regional/mapping.md`).
    DataClass {
        /// D1 (identity): names, age, sex.
        Identity = "identity",
        /// D1 (contact): telephone, address, safe contact rules.
        Contact = "contact",
        /// D2: family situation.
        Family = "family",
        /// D3: migration history.
        Journey = "journey",
        /// D4: needs and reintegration plan.
        Plan = "plan",
        /// D5: skills, education, employment.
        Skills = "skills",
        /// D6: physical health.
        Health = "health",
        /// D7: mental health and psychosocial.
        MentalHealth = "mental_health",
        /// D8: violence, exploitation, trafficking.
        Violence = "violence",
        /// D9: judicial or administrative situation.
        Legal = "legal",
        /// D10: financial data.
        Financial = "financial",
        /// D11: photograph, scanned identity document.
        Documents = "documents",
    }
}

closed_enum! {
    /// Why a datum is kept or passed on. Law 2024/017 asks for one purpose
    /// for each processing; a form section names exactly one of the nine.
    Purpose {
        /// Receive the person and know who they are.
        Receive = "receive",
        /// Protect life and safety.
        Protect = "protect",
        /// Assess needs and plan.
        Assess = "assess",
        /// Refer a need to a service.
        Refer = "refer",
        /// Deliver the service and report on it.
        Deliver = "deliver",
        /// Follow up after the service or the return.
        FollowUp = "follow_up",
        /// Reach or reunite the family.
        Family = "family",
        /// Steer the mechanism: counts and statistics.
        Statistics = "statistics",
        /// Account for what was done: consent, disclosure, complaints.
        Account = "account",
    }
}

closed_enum! {
    /// What a user may be in an organisation (DOMAIN §2.2).
    Role {
        /// Sends an F1E, then sees only "received".
        Reporter = "reporter",
        /// Registers arrivals, consents, needs; sends and follows referrals.
        CaseManager = "case_manager",
        /// Co-signs, reassigns, closes; sees the cases of the own organisation.
        Supervisor = "supervisor",
        /// Answers referrals for a provider's services.
        FocalPoint = "focal_point",
        /// Regional focal point of the mechanism: own region only, no S4.
        RegionalFocalPoint = "regional_focal_point",
        /// Technical secretariat: directory, lateness, no case content.
        Secretariat = "secretariat",
        /// Supervisor of the secretariat.
        SecretariatSupervisor = "secretariat_supervisor",
        /// Data-protection officer: consents, disclosures, access log.
        DataProtectionOfficer = "data_protection_officer",
        /// Receives complaints of sexual exploitation and abuse, and those about
        /// the secretariat; outside it (DOMAIN F10.07). No case content.
        ComplaintRecipient = "complaint_recipient",
        /// System administrator: accounts and settings, no case content.
        Administrator = "administrator",
    }
}

closed_enum! {
    /// For whom a command is given.
    ActingFor {
        /// The organisation that holds the case.
        Sender = "sender",
        /// The organisation whose service is asked.
        Provider = "provider",
        /// The person concerned.
        Person = "person",
        /// The technical secretariat.
        Secretariat = "secretariat",
        /// The mechanism's own clock.
        System = "system",
    }
}

closed_enum! {
    /// How a command reached the system.
    Channel {
        /// Typed by the one who decides, signed in.
        Screen = "screen",
        /// Said by telephone and noted by another, with number and name.
        Telephone = "telephone",
        /// By a one-time link.
        Link = "link",
        /// On the paper slip, typed in later.
        Paper = "paper",
        /// By the programming interface.
        Api = "api",
        /// By the clock.
        Clock = "clock",
    }
}

closed_enum! {
    /// The two languages of the mechanism; French first.
    Lang {
        /// French.
        Fr = "fr",
        /// English.
        En = "en",
    }
}

impl DataClass {
    /// Whether the class is of level S4: seen by named persons only.
    #[must_use]
    pub const fn is_restricted(self) -> bool {
        matches!(self, Self::Health | Self::MentalHealth | Self::Violence | Self::Legal)
    }

    /// The bit of this class in a [`ClassSet`].
    #[must_use]
    pub const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// A set of data classes, one bit each: small enough for a database column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct ClassSet(u16);

impl ClassSet {
    /// No class.
    pub const EMPTY: Self = Self(0);

    /// Every class.
    #[must_use]
    pub fn all() -> Self {
        DataClass::ALL.iter().copied().collect()
    }

    /// The set with these bits; bits of no class are dropped.
    #[must_use]
    pub fn from_bits(bits: i64) -> Self {
        // Masked to twelve bits, so that nothing is cut off.
        let bits = (bits & 0x0fff) as u16;
        Self(bits)
    }

    /// The bits, for a database column.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0 as i64
    }

    /// Whether the class is in the set.
    #[must_use]
    pub const fn contains(self, class: DataClass) -> bool {
        self.0 & class.bit() != 0
    }

    /// Whether every class of `other` is in the set.
    #[must_use]
    pub const fn includes(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set with one class more.
    #[must_use]
    pub const fn with(self, class: DataClass) -> Self {
        Self(self.0 | class.bit())
    }

    /// Classes of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Classes of both sets.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Classes of this set that are not in the other.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The classes, in natural order.
    pub fn iter(self) -> impl Iterator<Item = DataClass> {
        DataClass::ALL.iter().copied().filter(move |c| self.contains(*c))
    }
}

impl FromIterator<DataClass> for ClassSet {
    fn from_iter<T: IntoIterator<Item = DataClass>>(iter: T) -> Self {
        iter.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl std::fmt::Debug for ClassSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl serde::Serialize for ClassSet {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(self.iter())
    }
}

impl<'de> serde::Deserialize<'de> for ClassSet {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Vec::<DataClass>::deserialize(d)?.into_iter().collect())
    }
}

/// A label in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Label {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Label {
    /// A sentence in both languages.
    #[must_use]
    pub fn of(fr: &str, en: &str) -> Self {
        Self {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// The label in the language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Fr => &self.fr,
            Lang::En => &self.en,
        }
    }
}
