//! Reads forms, and checks their expressions against their fields.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::country::Country;
use crate::expression::{Expression, ExpressionError, Scope, Type};
use crate::finding::{Location, both};
use crate::form::{Constraint, Factor, FactorPart, Field, FieldKind, Form, Given, Level, Required, Section};
use crate::load::{Loading, mark};
use crate::options::OptionList;
use crate::read::Reader;
use crate::tree::Value;
use crate::words::{DataClass, Label, Purpose, Sensitivity};

type Lists = BTreeMap<String, Arc<OptionList>>;

/// An expression that is to be checked once all fields are known.
struct Pending {
    at: Location,
    expression: Expression,
    field: String,
    is_constraint: bool,
}

pub(super) fn read(loading: &mut Loading, lists: &Lists, country: &Country) -> Vec<Form> {
    loading.each("form", |r, _| form(r, lists, country))
}

fn form(r: &mut Reader<'_>, lists: &Lists, country: &Country) -> Form {
    let mut given = Vec::new();
    for (table, at) in r.tables("given") {
        let mut own = Reader::new("given", at, table, r.findings);
        let kind = own
            .word("type", FieldKind::ALL, FieldKind::code)
            .unwrap_or(FieldKind::Text);
        given.push(Given {
            code: own.text("code"),
            kind,
            options: options(&mut own, kind, lists),
        });
        own.finish();
    }
    let mut pending = Vec::new();
    let mut sections = Vec::new();
    for (table, at) in r.tables("section") {
        let mut own = Reader::new("section", at, table, r.findings);
        sections.push(section(&mut own, lists, &mut pending));
        own.finish();
    }
    let form = Form {
        code: r.text("code"),
        label: r.label(""),
        who: r.label("who"),
        when: r.label("when"),
        given,
        sections,
        due: r.span_opt("due"),
        due_urgent: r.span_opt("due_urgent"),
        local: super::offset(country.utc_offset_seconds),
        phone: country.phone.clone(),
    };
    let mut seen = BTreeSet::new();
    let codes = form
        .fields()
        .map(|f| f.code.clone())
        .chain(form.given.iter().map(|g| g.code.clone()));
    for code in codes.collect::<Vec<_>>() {
        if !seen.insert(code.clone()) {
            r.fault(
                r.at.clone(),
                "twice",
                both(
                    format!("le champ « {code} » figure deux fois"),
                    format!("the field “{code}” stands twice"),
                ),
                both("Donnez un autre code.", "Give another code."),
            );
        }
        if form.field(&code).is_some() && !code.starts_with(&format!("{}.", form.code)) {
            r.fault(
                r.at.clone(),
                "field_code",
                both(
                    format!("le champ « {code} » ne commence pas par « {}. »", form.code),
                    format!("the field “{code}” does not begin with “{}.”", form.code),
                ),
                both(
                    "Le code d’un champ est celui du formulaire, un point et un numéro.",
                    "A field’s code is the form’s, a dot and a number.",
                ),
            );
        }
    }
    for Pending {
        at,
        expression,
        field,
        is_constraint,
    } in pending
    {
        let scope = FormScope {
            form: &form,
            own: form.field(&field).filter(|_| is_constraint),
        };
        let mut errors = expression.check(&scope);
        if !is_constraint && expression.fields().contains(&field.as_str()) {
            errors.push(ExpressionError {
                at: 0,
                cause: both(
                    "le champ dépend de sa propre réponse",
                    "the field depends on its own answer",
                ),
            });
        }
        for error in errors {
            expression_fault(r, &at, error);
        }
    }
    form
}

fn section(r: &mut Reader<'_>, lists: &Lists, pending: &mut Vec<Pending>) -> Section {
    let class = r.word("class", DataClass::ALL, DataClass::code);
    let purpose = r.word("purpose", Purpose::ALL, Purpose::code);
    let mut own = Section {
        code: r.text("code"),
        label: r.label(""),
        class: class.unwrap_or(DataClass::Identity),
        purpose: purpose.unwrap_or(Purpose::Refer),
        provisional: r.flag("provisional"),
        fields: Vec::new(),
    };
    let level = r.word_opt("level", Level::ALL, Level::code);
    for (table, at) in r.tables("field") {
        let is_factor = matches!(table.get("type").map(|n| &n.value), Some(Value::Text(t)) if t == FACTOR);
        let mut reader = Reader::new("field", at, table, r.findings);
        if is_factor {
            own.fields.extend(factor(&mut reader, &own, level, lists, pending));
        } else {
            let field = field(&mut reader, &own, lists, pending);
            own.fields.push(field);
        }
        reader.finish();
    }
    own
}

/// The kind that stands for three fields.
const FACTOR: &str = "factor";

/// A factor: risk and protection, each 0 to 3, and what shows it. A factor that
/// must be answered asks for the two numbers; the words may stay away.
fn factor(
    r: &mut Reader<'_>,
    section: &Section,
    level: Option<Level>,
    lists: &Lists,
    pending: &mut Vec<Pending>,
) -> Vec<Field> {
    let (at, _) = (r.place("level"), r.take("type"));
    let level = r.word_opt("level", Level::ALL, Level::code).or(level);
    if level.is_none() {
        r.fault(
            at,
            "level",
            both(
                "un facteur ne dit pas à quel niveau du profil il compte",
                "a factor does not say to which level of the profile it counts",
            ),
            both(
                "Donnez level au facteur ou à sa section.",
                "Give level to the factor or to its section.",
            ),
        );
    }
    let whole = plain(r, FieldKind::Text, section, lists, pending);
    let of = |part: FactorPart, end: &str, (fr, en): (&str, &str), kind: FieldKind| {
        let list = match part {
            FactorPart::Risk => lists.get("risk03"),
            FactorPart::Protection => lists.get("prot03"),
            FactorPart::Evidence => None,
        };
        Field {
            code: format!("{}{end}", whole.code),
            label: Label {
                fr: format!("{}\u{a0}: {fr}", whole.label.fr),
                en: format!("{}: {en}", whole.label.en),
            },
            options: list.cloned(),
            required: if part == FactorPart::Evidence {
                Required::Optional
            } else {
                whole.required.clone()
            },
            max_length: if part == FactorPart::Evidence {
                EVIDENCE
            } else {
                whole.max_length
            },
            factor: Some(Factor {
                code: whole.code.clone(),
                label: whole.label.clone(),
                level: level.unwrap_or(Level::Individual),
                part,
            }),
            kind,
            ..whole.clone()
        }
    };
    vec![
        of(FactorPart::Risk, "r", ("risque", "risk"), FieldKind::One),
        of(
            FactorPart::Protection,
            "p",
            ("protection", "protection"),
            FieldKind::One,
        ),
        of(
            FactorPart::Evidence,
            "e",
            ("ce qui le montre", "what shows it"),
            FieldKind::Text,
        ),
    ]
}

/// Most characters of what shows a factor.
const EVIDENCE: usize = 300;

fn field(r: &mut Reader<'_>, section: &Section, lists: &Lists, pending: &mut Vec<Pending>) -> Field {
    let kind = r
        .word("type", FieldKind::ALL, FieldKind::code)
        .unwrap_or(FieldKind::Text);
    plain(r, kind, section, lists, pending)
}

/// What every field says, whatever its kind.
fn plain(r: &mut Reader<'_>, kind: FieldKind, section: &Section, lists: &Lists, pending: &mut Vec<Pending>) -> Field {
    let at = r.at.clone();
    let code = r.text("code");
    let sensitivity = r
        .word("sensitivity", Sensitivity::ALL, Sensitivity::code)
        .unwrap_or(Sensitivity::S4);
    let own_class = r.word_opt("class", DataClass::ALL, DataClass::code);
    let own_purpose = r.word_opt("purpose", Purpose::ALL, Purpose::code);
    let class = own_class.unwrap_or(section.class);
    if class.is_restricted() != (sensitivity == Sensitivity::S4) {
        r.fault(
            at,
            "class_sensitivity",
            both(
                format!("la classe « {class} » et la sensibilité {sensitivity} ne vont pas ensemble"),
                format!("the class “{class}” and the sensitivity {sensitivity} do not go together"),
            ),
            both(
                "Les classes health, mental_health, violence et legal sont S4, et elles seules.",
                "The classes health, mental_health, violence and legal are S4, and they alone.",
            ),
        );
    }
    let required = required(r, &code, pending);
    let relevant = expression(r, "relevant", &code, false, pending);
    let constraint = expression(r, "constraint", &code, true, pending).map(|expression| Constraint {
        expression,
        message: r.label("constraint_message"),
    });
    let max_length = r.number_opt("max_length").and_then(|n| usize::try_from(n).ok());
    let min_length = r.number_opt("min_length").and_then(|n| usize::try_from(n).ok());
    // Kept unless the field says otherwise.
    let kept = r.peek("kept").is_none() || r.flag("kept");
    Field {
        label: r.label(""),
        hint: r.label_opt("hint"),
        options: options(r, kind, lists),
        kind,
        required,
        relevant,
        constraint,
        sensitivity,
        class,
        purpose: own_purpose.unwrap_or(section.purpose),
        provisional: r.flag("provisional") || section.provisional,
        max_length: max_length.unwrap_or_else(|| kind.default_max_length()),
        min_length: min_length.unwrap_or(0),
        kept,
        factor: None,
        mark: mark(r),
        code,
    }
}

fn required(r: &mut Reader<'_>, field: &str, pending: &mut Vec<Pending>) -> Required {
    let at = r.place("required");
    match r.text("required").trim() {
        "always" => Required::Always,
        "optional" => Required::Optional,
        "" => Required::Always,
        other => match other.strip_prefix("when ") {
            Some(condition) => parsed(r, condition, at, field, false, pending).map_or(Required::Always, Required::When),
            None => {
                r.fault(
                    at,
                    "required",
                    both(
                        format!("« {other} » ne dit pas si le champ est obligatoire"),
                        format!("“{other}” does not say whether the field is required"),
                    ),
                    both(
                        "Écrivez always, optional, ou when suivi d’une expression.",
                        "Write always, optional, or when followed by an expression.",
                    ),
                );
                Required::Always
            }
        },
    }
}

fn expression(r: &mut Reader<'_>, key: &str, field: &str, own: bool, pending: &mut Vec<Pending>) -> Option<Expression> {
    let at = r.place(key);
    let text = r.text_opt(key)?;
    parsed(r, &text, at, field, own, pending)
}

fn parsed(
    r: &mut Reader<'_>,
    text: &str,
    at: Location,
    field: &str,
    is_constraint: bool,
    pending: &mut Vec<Pending>,
) -> Option<Expression> {
    match Expression::parse(text) {
        Ok(expression) => {
            pending.push(Pending {
                at,
                expression: expression.clone(),
                field: field.to_owned(),
                is_constraint,
            });
            Some(expression)
        }
        Err(error) => {
            expression_fault(r, &at, error);
            None
        }
    }
}

fn expression_fault(r: &mut Reader<'_>, at: &Location, error: ExpressionError) {
    let place = both(
        format!("expression, signe {} : {}", error.at + 1, error.cause.fr),
        format!("expression, character {}: {}", error.at + 1, error.cause.en),
    );
    r.fault(
        at.clone(),
        "expression",
        place,
        both(
            "Corrigez l’expression ; un champ s’écrit ${code}, une option 'code'.",
            "Correct the expression; a field is written ${code}, an option 'code'.",
        ),
    );
}

fn options(r: &mut Reader<'_>, kind: FieldKind, lists: &Lists) -> Option<Arc<OptionList>> {
    let at = r.place("options");
    match (r.text_opt("options"), kind.has_options()) {
        (Some(name), true) => {
            let list = lists.get(&name).cloned();
            if list.is_none() {
                r.fault(
                    at,
                    "unknown_reference",
                    both(
                        format!("liste d’options inconnue « {name} »"),
                        format!("unknown option list “{name}”"),
                    ),
                    both(
                        "Corrigez le nom, ou ajoutez [[list]].",
                        "Correct the name, or add [[list]].",
                    ),
                );
            }
            list
        }
        (None, true) => {
            r.fault(
                at,
                "missing",
                both(
                    "un champ à choix n’a pas de liste d’options",
                    "a choice field has no option list",
                ),
                both("Ajoutez options = \"…\".", "Add options = \"…\"."),
            );
            None
        }
        (Some(_), false) => {
            r.fault(
                at,
                "options",
                both(
                    "ce type de champ n’a pas d’options",
                    "this kind of field has no options",
                ),
                both(
                    "Effacez options, ou donnez le type select1 ou selectN.",
                    "Erase options, or give the type select1 or selectN.",
                ),
            );
            None
        }
        (None, false) => None,
    }
}

/// The fields of a form and the values given to it, for expressions.
struct FormScope<'a> {
    form: &'a Form,
    own: Option<&'a Field>,
}

impl FormScope<'_> {
    fn given(&self, code: &str) -> Option<&Given> {
        self.form.given.iter().find(|g| g.code == code)
    }
}

impl Scope for FormScope<'_> {
    fn field(&self, code: &str) -> Option<Type> {
        let kind = self
            .form
            .field(code)
            .map(|f| f.kind)
            .or_else(|| self.given(code).map(|g| g.kind));
        kind.map(FieldKind::value_type)
    }

    fn own(&self) -> Option<Type> {
        self.own.map(|f| f.kind.value_type())
    }

    fn has_option(&self, field: Option<&str>, code: &str) -> bool {
        let list = match field {
            None => self.own.and_then(|f| f.options.as_ref()),
            Some(name) => match self.form.field(name) {
                Some(field) => field.options.as_ref(),
                None => self.given(name).and_then(|g| g.options.as_ref()),
            },
        };
        // A list that is itself missing has its own finding.
        list.is_none_or(|l| l.choice(code).is_some())
    }
}
