//! Telephone numbers: read as people type them, kept as E.164, shown in
//! groups. The country's numbering plan is data (DOMAIN §5.6); a number's
//! operator is never inferred.

/// One block of a country's numbering plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneBlock {
    /// What national numbers of the block begin with.
    pub starts: Vec<String>,
    /// Fewest and most digits of a national number.
    pub digits: (usize, usize),
    /// Whether its numbers receive text messages.
    pub mobile: bool,
}

/// A country's numbering plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhonePlan {
    /// Country code without the plus sign, such as "237".
    pub country: String,
    /// Blocks of national numbers.
    pub blocks: Vec<PhoneBlock>,
    /// Sizes of the groups in which a national number is shown.
    pub groups: Vec<usize>,
}

/// Why a telephone number was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PhoneError {
    /// Something that no telephone number contains.
    Characters,
    /// A national number with this many digits instead of that many.
    Digits {
        /// Digits typed.
        found: usize,
        /// Digits that a national number has.
        expected: usize,
    },
    /// A national number that begins like no block of the plan.
    Beginning,
    /// A foreign number that is too short or too long (7 to 15 digits).
    Foreign,
}

impl PhonePlan {
    /// The number as E.164, such as "+237677123456". Spaces, dots, hyphens,
    /// slashes and brackets are allowed; 00 stands for the plus sign.
    ///
    /// # Errors
    /// [`PhoneError`], when the text is no telephone number.
    pub fn normalise(&self, typed: &str) -> Result<String, PhoneError> {
        let mut digits = String::new();
        let mut plus = false;
        for c in typed.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() && !plus => plus = true,
                ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' | '\u{2011}' | '\u{2013}' | '/' | '(' | ')' => {}
                _ => return Err(PhoneError::Characters),
            }
        }
        if !plus && let Some(rest) = digits.strip_prefix("00") {
            digits = rest.to_owned();
            plus = true;
        }
        if plus {
            return match digits.strip_prefix(self.country.as_str()) {
                Some(national) => self.national(national),
                None if (7..=15).contains(&digits.len()) && !digits.starts_with('0') => Ok(format!("+{digits}")),
                None => Err(PhoneError::Foreign),
            };
        }
        match self.national(&digits) {
            Ok(number) => Ok(number),
            Err(error) => match digits.strip_prefix(self.country.as_str()) {
                Some(national) => self.national(national).or(Err(error)),
                None => Err(error),
            },
        }
    }

    /// Whether a number of this country receives text messages; of another
    /// country's nobody knows.
    #[must_use]
    pub fn is_mobile(&self, e164: &str) -> bool {
        let national = e164
            .strip_prefix('+')
            .and_then(|n| n.strip_prefix(self.country.as_str()));
        national.is_some_and(|n| {
            let block = |b: &&PhoneBlock| b.starts.iter().any(|s| n.starts_with(s.as_str()));
            self.blocks.iter().find(block).is_some_and(|b| b.mobile)
        })
    }

    /// Whether a number, as it is written in the directory, is a line that stands
    /// in an office: one of this country, and no mobile. A mobile among a
    /// service's numbers is its focal point's or its on-call desk's (F6.09,
    /// F6.11); of another country's number nobody knows which it is.
    #[must_use]
    pub fn is_office_line(&self, written: &str) -> bool {
        let number = self.normalise(written).unwrap_or_else(|_| written.trim().to_owned());
        let national = !number.starts_with('+') || number.starts_with(&format!("+{}", self.country));
        national && !self.is_mobile(&number)
    }

    fn national(&self, digits: &str) -> Result<String, PhoneError> {
        let mut beginning = None;
        for block in &self.blocks {
            if block.starts.iter().any(|s| digits.starts_with(s.as_str())) {
                if (block.digits.0..=block.digits.1).contains(&digits.len()) {
                    return Ok(format!("+{}{digits}", self.country));
                }
                beginning = Some(block.digits.0);
            }
        }
        let expected = beginning
            .or_else(|| self.blocks.first().map(|b| b.digits.0))
            .unwrap_or(0);
        if beginning.is_some() || digits.len() != expected {
            Err(PhoneError::Digits {
                found: digits.len(),
                expected,
            })
        } else {
            Err(PhoneError::Beginning)
        }
    }

    /// The number as it is shown, such as "+237 6 77 12 34 56"; a foreign
    /// number stays as it is.
    #[must_use]
    pub fn display(&self, e164: &str) -> String {
        let Some(national) = e164
            .strip_prefix('+')
            .and_then(|n| n.strip_prefix(self.country.as_str()))
        else {
            return e164.to_owned();
        };
        if !national.is_ascii() || national.len() != self.groups.iter().sum::<usize>() {
            return format!("+{} {national}", self.country);
        }
        let mut shown = format!("+{}", self.country);
        let mut at = 0;
        for size in &self.groups {
            shown.push(' ');
            shown.push_str(&national[at..at + size]);
            at += size;
        }
        shown
    }
}
