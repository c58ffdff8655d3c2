//! A form filled in section by section, over several days and by several
//! people: which questions are asked of whom, how far a section is, and what
//! stands in it after it was written again.

use relais_mechanism::form::{Field, Required, Section};
use relais_mechanism::{Answers, ClassSet, Form, closed_enum};

closed_enum! {
    /// How far a section is, for one viewer.
    SectionState {
        /// What was answered elsewhere rules every question out, for now.
        NothingAsked = "nothing_asked",
        /// Nobody has begun it.
        NotBegun = "not_begun",
        /// An answer that must be given is missing.
        Begun = "begun",
        /// Every answer that must be given is there.
        Complete = "complete",
    }
}

/// What is asked of a viewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asking {
    /// The classes that the viewer sees, the S4 ones only where named.
    pub classes: ClassSet,
    /// Whether the S4 classes may be kept at all (mode sans S4: no).
    pub s4: bool,
}

impl Asking {
    /// Whether the viewer may read the answer.
    #[must_use]
    pub const fn reads(self, field: &Field) -> bool {
        self.classes.contains(field.class)
    }

    /// Whether the question is put to the viewer, as far as it is relevant:
    /// whoever may not read an answer does not write it, and what may not be
    /// kept is not asked, unless its answer is not kept anyway.
    #[must_use]
    pub const fn asks(self, field: &Field) -> bool {
        self.reads(field)
            && (!field.class.is_restricted() || self.s4 || !field.kept)
            && !field.kind.is_filled_by_system()
    }

    /// The questions of a section that are put to the viewer; none where there
    /// is none. What is asked elsewhere is given from outside.
    #[must_use]
    pub fn part(self, form: &Form, section: &str) -> Option<Form> {
        let part = form.only(|s, field| s.code == section && self.asks(field));
        (!part.sections.is_empty()).then_some(part)
    }
}

/// Codes of the questions that must be answered and are not. `answers` holds
/// what was answered in every section, and what is given from outside.
#[must_use]
pub fn missing<'a>(part: &'a Form, answers: &'a Answers) -> Vec<&'a str> {
    part.relevant_fields(answers)
        .filter(|field| match &field.required {
            Required::Always => true,
            Required::When(condition) => condition.eval(answers, None),
            Required::Optional => false,
        })
        .map(|field| field.code.as_str())
        .filter(|code| !answers.contains_key(*code))
        .collect()
}

/// How far the part of a section is.
#[must_use]
pub fn state(part: &Form, answers: &Answers, begun: bool) -> SectionState {
    if part.relevant_fields(answers).next().is_none() {
        return SectionState::NothingAsked;
    }
    match (begun, missing(part, answers).is_empty()) {
        (false, _) => SectionState::NotBegun,
        (true, false) => SectionState::Begun,
        (true, true) => SectionState::Complete,
    }
}

/// What stands in a section after it was written again. `part`: what was asked
/// of the writer; `before`: what stood; `read`: what was read of what was typed;
/// `given`: every other answer.
///
/// What was not asked of the writer stays as it was: another person's S4 answers,
/// and what was said in private once when this time there is no privacy. What was
/// asked and is empty now is gone, and so is what an answer changed now rules out.
#[must_use]
pub fn after(section: &Section, part: &Form, before: &Answers, read: &Answers, given: &Answers) -> Answers {
    let scope: Answers = given.iter().chain(read).map(|(c, a)| (c.clone(), a.clone())).collect();
    let mut now = Answers::new();
    for field in section.fields.iter().filter(|f| f.kept) {
        let stays = || before.get(&field.code).cloned();
        let answer = if part.field(&field.code).is_none() {
            stays()
        } else if let Some(typed) = read.get(&field.code) {
            Some(typed.clone())
        } else {
            let relevance = field.relevant.as_ref().filter(|r| !r.eval(&scope, None));
            // Ruled out from outside: as it was. By an answer of this section: gone.
            relevance
                .filter(|r| {
                    let fields = r.fields();
                    let mut own = fields.iter().filter(|code| part.field(code).is_some());
                    own.all(|code| now.get(*code) == before.get(*code))
                })
                .and_then(|_| stays())
        };
        if let Some(answer) = answer {
            now.insert(field.code.clone(), answer);
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use relais_mechanism::{Answer, DataClass, Mechanism};

    use super::*;

    fn form() -> Form {
        let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism");
        mechanism.form("F1").expect("the form").clone()
    }

    fn all(s4: bool) -> Asking {
        Asking {
            classes: ClassSet::all(),
            s4,
        }
    }

    fn frame(private: bool) -> Answers {
        let yes = |code: &str, b: bool| (code.to_owned(), Answer::Bool(b));
        Answers::from([
            yes("F1.09", private),
            yes("F1.10", true),
            yes("F1.11", true),
            yes("F1.12", true),
            yes("non_state", true),
        ])
    }

    fn one(code: &str, value: &str) -> (String, Answer) {
        (code.to_owned(), Answer::One(value.to_owned()))
    }

    #[test]
    fn nobody_is_asked_what_they_may_not_read_nor_what_may_not_be_kept() {
        let form = form();
        let open: ClassSet = ClassSet::all().iter().filter(|c| !c.is_restricted()).collect();
        let untrained = Asking {
            classes: open,
            s4: true,
        };
        assert!(untrained.part(&form, "flags").is_none() && untrained.part(&form, "trafficking").is_none());
        assert!(untrained.part(&form, "journey").is_some());
        let off = all(false).part(&form, "flags").expect("one question stays");
        let codes: Vec<&str> = off.fields().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["F1.68b"], "its answer is not kept anyway");
        assert!(all(false).part(&form, "urgent").is_none());
        assert!(all(true).part(&form, "urgent").is_some());
        assert!(all(true).part(&form, "nowhere").is_none());
    }

    #[test]
    fn a_section_waits_begins_and_is_complete() {
        let form = form();
        let part = all(true).part(&form, "situation").expect("a part");
        let mut answers = frame(true);
        assert_eq!(state(&part, &answers, false), SectionState::NotBegun);
        answers.extend([one("F1.69", "no"), one("F1.70", "no"), one("F1.72", "no")]);
        assert_eq!(missing(&part, &answers), ["F1.75"]);
        assert_eq!(state(&part, &answers, true), SectionState::Begun);
        answers.extend([one("F1.75", "yes")]);
        assert_eq!(missing(&part, &answers), ["F1.75b"], "an answer asks another question");
        answers.extend([one("F1.75b", "no")]);
        assert_eq!(state(&part, &answers, true), SectionState::Complete);
        let journey = all(true).part(&form, "journey").expect("a part");
        assert_eq!(state(&journey, &Answers::new(), false), SectionState::NothingAsked);
    }

    #[test]
    fn what_was_not_asked_now_stays_and_what_was_ruled_out_now_goes() {
        let form = form();
        let section = form.section("flags").expect("a section");
        let before = Answers::from([
            one("F1.65", "yes"),
            one("F1.66", "yes"),
            one("F1.66b", "no"),
            one("F1.71", "no"),
        ]);
        // This time there is no privacy: nothing is asked, nothing is lost.
        let part = all(true).part(&form, "flags").expect("a part");
        let kept = after(section, &part, &before, &Answers::new(), &frame(false));
        assert_eq!(kept, before);
        // In private again: the flag is now no, what rested on it goes; what was emptied is gone.
        let read = Answers::from([one("F1.66", "no")]);
        let kept = after(section, &part, &before, &read, &frame(true));
        assert_eq!(
            kept,
            Answers::from([one("F1.66", "no"), one("F1.71", "no")]),
            "F1.71 was not asked: the sex is not known"
        );
        // A writer who sees one class leaves the others alone.
        let legal = Asking {
            classes: ClassSet::EMPTY.with(DataClass::Legal),
            s4: true,
        };
        let part = legal.part(&form, "flags").expect("a part");
        let kept = after(
            section,
            &part,
            &before,
            &Answers::from([one("F1.68a", "yes")]),
            &frame(true),
        );
        assert_eq!(kept.len(), before.len() + 1);
        // What is not kept is not kept.
        let read = Answers::from([one("F1.68b", "yes")]);
        assert!(!after(section, &part, &before, &read, &frame(true)).contains_key("F1.68b"));
    }
}
