//! Reads what the regional model says: taxonomy, options, words, limits,
//! ladder and pathway.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::country::{Regime, RegimeRule};
use crate::finding::{Location, both};
use crate::limits::{
    ConfirmationInterval, LadderAction, LadderStep, LadderTarget, LimitCondition, LimitOf, Limits, OnCall, Rules,
    ServiceLimit, Span,
};
use crate::load::{Loading, Reference, mark};
use crate::options::{Choice, OptionList, Word};
use crate::pathway::{DueKind, Edge, State, Waiting, WhenDue};
use crate::read::Reader;
use crate::taxonomy::{Category, Dimension, ServiceType};
use crate::words::{ActingFor, ClassSet, DataClass, Priority, Purpose, Role, Sensitivity};

/// What the model's files say.
pub(super) struct Model {
    pub categories: Vec<Category>,
    pub services: Vec<ServiceType>,
    pub lists: BTreeMap<String, Arc<OptionList>>,
    pub limits: BTreeMap<Priority, Limits>,
    pub service_limits: Vec<ServiceLimit>,
    pub confirmation_intervals: Vec<ConfirmationInterval>,
    pub ladder: Vec<LadderStep>,
    pub rules: Rules,
    pub states: Vec<State>,
    pub edges: Vec<Edge>,
    pub edge_places: Vec<Location>,
    pub commands: Vec<Word>,
    pub priorities: BTreeMap<Priority, Word>,
    pub roles: BTreeMap<Role, Word>,
    pub classes: BTreeMap<DataClass, (Word, Sensitivity)>,
    pub purposes: BTreeMap<Purpose, Word>,
    pub agreement_kinds: Vec<Word>,
    pub regimes: BTreeMap<Regime, RegimeRule>,
}

pub(super) fn read(loading: &mut Loading) -> Model {
    let categories = categories(loading);
    let services = services(loading, &categories);
    let classes = words(loading, "data_class", DataClass::ALL, DataClass::code, |r| {
        r.word("sensitivity", Sensitivity::ALL, Sensitivity::code)
            .unwrap_or(Sensitivity::S4)
    });
    let mut limits = BTreeMap::new();
    let priorities: BTreeMap<Priority, Word> = words(loading, "priority", Priority::ALL, Priority::code, limits_of)
        .into_iter()
        .map(|(priority, (word, mut own))| {
            own.priority = priority;
            limits.insert(priority, own);
            (priority, word)
        })
        .collect();
    let lists = lists(loading, &services, &classes, &priorities);
    let states = loading.each("state", |r, _| state(r));
    let commands = loading.each("command", |r, _| word(r));
    let mut edge_places = Vec::new();
    let edges = loading.each("edge", |r, references| {
        edge_places.push(r.at.clone());
        edge(r, references, &commands)
    });
    let mut ladder = loading.each("ladder", |r, _| LadderStep {
        percent: r.number("percent"),
        tell: r.words("tell", LadderTarget::ALL, LadderTarget::code),
        actions: r.words("actions", LadderAction::ALL, LadderAction::code),
        label: r.label(""),
    });
    ladder.sort_by_key(|step| step.percent);
    Model {
        categories,
        services,
        lists,
        limits,
        service_limits: loading.each("service_limit", service_limit),
        confirmation_intervals: loading.each("confirmation_interval", confirmation_interval),
        ladder,
        rules: loading.one("rules", rules),
        states,
        edges,
        edge_places,
        commands,
        priorities,
        roles: plain(words(loading, "role", Role::ALL, Role::code, |_| ())),
        classes,
        purposes: plain(words(loading, "purpose", Purpose::ALL, Purpose::code, |_| ())),
        agreement_kinds: loading.each("agreement_kind", |r, _| word(r)),
        regimes: regimes(loading),
    }
}

fn word(r: &mut Reader<'_>) -> Word {
    Word {
        code: r.text("code"),
        label: r.label(""),
        about: r.label_opt("about"),
        mark: mark(r),
    }
}

fn plain<K: Ord>(words: BTreeMap<K, (Word, ())>) -> BTreeMap<K, Word> {
    words.into_iter().map(|(key, (word, ()))| (key, word)).collect()
}

/// The entries that label a closed enum: one for each of its words.
fn words<K: Copy + Ord, T>(
    loading: &mut Loading,
    kind: &'static str,
    all: &[K],
    code: fn(K) -> &'static str,
    more: impl Fn(&mut Reader<'_>) -> T,
) -> BTreeMap<K, (Word, T)> {
    let read = loading.each(kind, |r, _| {
        let at = r.place("code");
        let word = word(r);
        let key = all.iter().copied().find(|k| code(*k) == word.code);
        if key.is_none() {
            r.fault(
                at,
                "unknown_word",
                both(
                    "le mécanisme ne peut pas ajouter ce mot",
                    "the mechanism cannot add this word",
                ),
                both(
                    format!(
                        "Gardez : {}.",
                        all.iter().map(|k| code(*k)).collect::<Vec<_>>().join(", ")
                    ),
                    format!("Keep: {}.", all.iter().map(|k| code(*k)).collect::<Vec<_>>().join(", ")),
                ),
            );
        }
        key.map(|k| (k, (word, more(r))))
    });
    let found: BTreeMap<K, (Word, T)> = read.into_iter().flatten().collect();
    for missing in all.iter().filter(|k| !found.contains_key(k)) {
        loading.findings.add(
            Location::default(),
            "missing_word",
            both(
                format!("[[{kind}]] « {} » manque", code(*missing)),
                format!("[[{kind}]] “{}” is missing", code(*missing)),
            ),
            both("Ajoutez l’entrée avec ses libellés.", "Add the entry with its labels."),
        );
    }
    found
}

fn categories(loading: &mut Loading) -> Vec<Category> {
    loading.each("category", |r, _| {
        let label = r.label("");
        Category {
            code: r.text("code"),
            discreet: r.label_opt("discreet").unwrap_or_else(|| label.clone()),
            label,
            door: r.label_opt("door"),
            dimension: r
                .word("dimension", Dimension::ALL, Dimension::code)
                .unwrap_or(Dimension::Social),
            priority: r
                .word("priority", Priority::ALL, Priority::code)
                .unwrap_or(Priority::P3),
            min_sensitivity: r
                .word("min_sensitivity", Sensitivity::ALL, Sensitivity::code)
                .unwrap_or(Sensitivity::S4),
            needs: needs(r),
            provisional: r.flag("provisional"),
        }
    })
}

fn needs(r: &mut Reader<'_>) -> ClassSet {
    r.words("needs", DataClass::ALL, DataClass::code).into_iter().collect()
}

fn services(loading: &mut Loading, categories: &[Category]) -> Vec<ServiceType> {
    loading.each("service", |r, references| {
        let at = r.place("code");
        let code = r.text("code");
        let category = code.split_once('.').map_or("", |(c, _)| c).to_owned();
        references.push(Reference {
            at: at.clone(),
            kind: "category",
            code: category.clone(),
        });
        let of = categories.iter().find(|c| c.code == category);
        let label = r.label("");
        let discreet = r.label_opt("discreet");
        let min_sensitivity = r
            .word("min_sensitivity", Sensitivity::ALL, Sensitivity::code)
            .unwrap_or(Sensitivity::S4);
        if min_sensitivity == Sensitivity::S4 && discreet.is_none() {
            r.fault(
                at,
                "discreet_label",
                both(
                    "un service S4 n’a pas de libellé discret",
                    "an S4 service has no discreet label",
                ),
                both(
                    "Ajoutez discreet_fr et discreet_en.",
                    "Add discreet_fr and discreet_en.",
                ),
            );
        }
        let own = needs(r);
        ServiceType {
            discreet: discreet.unwrap_or_else(|| label.clone()),
            label,
            dimension: r
                .word_opt("dimension", Dimension::ALL, Dimension::code)
                .or(of.map(|c| c.dimension))
                .unwrap_or(Dimension::Social),
            priority: r
                .word_opt("priority", Priority::ALL, Priority::code)
                .or(of.map(|c| c.priority))
                .unwrap_or(Priority::P3),
            min_sensitivity,
            needs: if own.is_empty() {
                of.map_or(ClassSet::EMPTY, |c| c.needs)
            } else {
                own
            },
            confidential: r.flag("confidential"),
            cash: r.flag("cash"),
            mark: mark(r),
            code,
            category,
        }
    })
}

fn lists(
    loading: &mut Loading,
    services: &[ServiceType],
    classes: &BTreeMap<DataClass, (Word, Sensitivity)>,
    priorities: &BTreeMap<Priority, Word>,
) -> BTreeMap<String, Arc<OptionList>> {
    let mut lists: BTreeMap<String, Arc<OptionList>> = loading
        .each("list", |r, _| {
            let code = r.text("code");
            let mut choices: Vec<Choice> = Vec::new();
            let entries = r.tables("options");
            if entries.is_empty() {
                r.fault(
                    r.at.clone(),
                    "empty",
                    both("la liste n’a aucune option", "the list has no option"),
                    both("Ajoutez options = [ … ].", "Add options = [ … ]."),
                );
            }
            for (table, at) in entries {
                let mut option = Reader::new("option", at.clone(), table, r.findings);
                let choice = Choice {
                    code: option.text("code"),
                    label: option.label(""),
                };
                option.finish();
                if choices.iter().any(|c| c.code == choice.code) {
                    r.fault(
                        at,
                        "twice",
                        both(
                            format!("l’option « {} » figure deux fois", choice.code),
                            format!("the option “{}” stands twice", choice.code),
                        ),
                        both("Effacez l’une des deux.", "Erase one of the two."),
                    );
                }
                choices.push(choice);
            }
            let typed = r.flag("typed");
            (code.clone(), Arc::new(OptionList { code, choices, typed }))
        })
        .into_iter()
        .collect();
    let derived = [
        (
            "svc",
            services
                .iter()
                .map(|s| Choice {
                    code: s.code.clone(),
                    label: s.label.clone(),
                })
                .collect::<Vec<_>>(),
        ),
        (
            "data_class",
            classes
                .iter()
                .map(|(c, (w, _))| Choice {
                    code: c.code().to_owned(),
                    label: w.label.clone(),
                })
                .collect(),
        ),
    ];
    for (code, choices) in derived.into_iter().chain([(
        "priority",
        priorities
            .values()
            .map(|w| Choice {
                code: w.code.clone(),
                label: w.label.clone(),
            })
            .collect(),
    )]) {
        lists.insert(
            code.to_owned(),
            Arc::new(OptionList {
                code: code.to_owned(),
                choices,
                typed: false,
            }),
        );
    }
    lists
}

fn limits_of(r: &mut Reader<'_>) -> Limits {
    let on_call = match r.word("on_call", &["required", "declared_or_interim", "none"], |w| w) {
        Some("required") => OnCall::Required,
        Some("declared_or_interim") => OnCall::DeclaredOrInterim,
        _ => OnCall::None,
    };
    Limits {
        priority: Priority::P1,
        need: r.span("need"),
        acknowledge: fixed(r, "acknowledge"),
        decide: fixed(r, "decide"),
        first_contact: r.span("first_contact"),
        agree_date: fixed(r, "agree_date"),
        start: r.span("start"),
        report: fixed(r, "report"),
        news: fixed(r, "news"),
        answer: fixed(r, "answer"),
        answer_pauses: r.flag("answer_pauses"),
        reach: fixed(r, "reach"),
        appointment: fixed(r, "appointment"),
        confirm: fixed(r, "confirm"),
        dispute: fixed(r, "dispute"),
        waitlist_review: r.span_opt("waitlist_review"),
        on_call,
        open_referrals: r.number("open_referrals"),
        bed_before: None,
    }
}

/// A span that must be a length: somebody waits, so it cannot be "agreed".
fn fixed(r: &mut Reader<'_>, key: &str) -> Span {
    let at = r.place(key);
    let span = r.span(key);
    if span == Span::AgreedDate && at != r.at {
        r.fault(
            at,
            "span",
            both(
                format!("« {key} » doit être une durée, pas une date convenue"),
                format!("“{key}” must be a length of time, not an agreed date"),
            ),
            both("Écrivez par exemple « 10 wd ».", "Write for example “10 wd”."),
        );
    }
    span
}

/// A fixed span that versions adopted before it was written do not have: they
/// stay loadable, with what was then the practice.
fn since(r: &mut Reader<'_>, key: &str, before: Span) -> Span {
    if r.peek(key).is_some() { fixed(r, key) } else { before }
}

fn service_limit(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> ServiceLimit {
    let services = r.texts("services");
    references.extend(services.iter().map(|(code, at)| Reference {
        at: at.clone(),
        kind: "service",
        code: code.clone(),
    }));
    ServiceLimit {
        code: r.text("code"),
        services: services.into_iter().map(|(code, _)| code).collect(),
        condition: r
            .word("condition", LimitCondition::ALL, LimitCondition::code)
            .unwrap_or(LimitCondition::Always),
        of: r.word("of", LimitOf::ALL, LimitOf::code).unwrap_or(LimitOf::Start),
        limit: fixed(r, "limit"),
        before: r.time_opt("before"),
        label: r.label(""),
        mark: mark(r),
    }
}

fn confirmation_interval(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> ConfirmationInterval {
    let kinds = r.texts("kinds");
    references.extend(kinds.iter().map(|(code, at)| Reference {
        at: at.clone(),
        kind: "org_type",
        code: code.clone(),
    }));
    let services = r.texts("services");
    references.extend(services.iter().map(|(code, at)| Reference {
        at: at.clone(),
        kind: if code.contains('.') { "service" } else { "category" },
        code: code.clone(),
    }));
    ConfirmationInterval {
        code: r.text("code"),
        kinds: kinds.into_iter().map(|(code, _)| code).collect(),
        services: services.into_iter().map(|(code, _)| code).collect(),
        days: r.number("days"),
        label: r.label(""),
        mark: mark(r),
    }
}

fn rules(r: &mut Reader<'_>) -> Rules {
    let notice_at = r.place("notice_days");
    let notice_days = match r.take("notice_days").map(|n| n.value) {
        Some(crate::tree::Value::List(items)) => items
            .iter()
            .filter_map(|n| match n.value {
                crate::tree::Value::Int(days) => u32::try_from(days).ok(),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    if notice_days.is_empty() {
        r.fault(
            notice_at,
            "missing",
            both(
                "« notice_days » manque ou n’est pas une liste de jours",
                "“notice_days” is missing or is no list of days",
            ),
            both(
                "Écrivez par exemple notice_days = [90, 30, 0].",
                "Write for example notice_days = [90, 30, 0].",
            ),
        );
    }
    Rules {
        no_shows_max: r.number("no_shows_max"),
        disputes_max: r.number("disputes_max"),
        waitlist_extensions: r.number("waitlist_extensions"),
        waitlist_expires_after: fixed(r, "waitlist_expires_after"),
        expire_percent: r.number("expire_percent"),
        minutes_per_number: r.number("minutes_per_number"),
        test_call_days: r.number("test_call_days"),
        grace_days: r.number("grace_days"),
        notice_days,
        keep_after_end_days: r.number("keep_after_end_days"),
        co_signature: fixed(r, "co_signature"),
        override_lasts: fixed(r, "override_lasts"),
        consent_days: r.number("consent_days"),
        right_of_reply: fixed(r, "right_of_reply"),
        smallest_count: r.number("smallest_count"),
        name_checks_per_day: r.number("name_checks_per_day"),
        stop_use: since(r, "stop_use", Span::WorkingDays(3)),
        same_answer: since(r, "same_answer", Span::WorkingDays(3)),
        transfer_answer: since(r, "transfer_answer", Span::WorkingDays(3)),
        closure_review: since(r, "closure_review", Span::WorkingDays(5)),
        complaint_forward: since(r, "complaint_forward", Span::Minutes(24 * 60)),
        complaint_acknowledge: since(r, "complaint_acknowledge", Span::Minutes(48 * 60)),
        complaint_decide: since(r, "complaint_decide", Span::Minutes(30 * 1440)),
        child_below: r.number("child_below"),
        doubtful_child_to: r.number("doubtful_child_to"),
        directory_stale_days: r.number("directory_stale_days"),
        confirmation_reminder_days: r.number_opt("confirmation_reminder_days").unwrap_or(14),
        funding_reminder_days: r.number_opt("funding_reminder_days").unwrap_or(60),
        unanswered_referrals: r.number_opt("unanswered_referrals").unwrap_or(3).max(1),
        merge_undo_days: r.number_opt("merge_undo_days").unwrap_or(30),
    }
}

fn state(r: &mut Reader<'_>) -> State {
    let waiting = r.flag("waiting").then(|| Waiting {
        owner: r
            .word("owner", ActingFor::ALL, ActingFor::code)
            .unwrap_or(ActingFor::Sender),
        role: r.word("role", Role::ALL, Role::code).unwrap_or(Role::CaseManager),
        due: r.word("due", DueKind::ALL, DueKind::code).unwrap_or(DueKind::Need),
        when_due: r
            .word("when_due", WhenDue::ALL, WhenDue::code)
            .unwrap_or(WhenDue::Ladder),
    });
    let mut priorities = r.words("priorities", Priority::ALL, Priority::code);
    if priorities.is_empty() {
        priorities = Priority::ALL.to_vec();
    }
    State {
        code: r.text("code"),
        label: r.label(""),
        waiting,
        priorities,
    }
}

fn edge(r: &mut Reader<'_>, references: &mut Vec<Reference>, commands: &[Word]) -> Edge {
    for (key, kind) in [("from", "state"), ("to", "state"), ("command", "command")] {
        let at = r.place(key);
        if let Some(crate::tree::Value::Text(code)) = r.peek(key) {
            references.push(Reference {
                at,
                kind,
                code: code.clone(),
            });
        }
    }
    let by_at = r.place("by");
    let by = r.words("by", ActingFor::ALL, ActingFor::code);
    if by.is_empty() {
        r.fault(
            by_at,
            "missing",
            both("personne ne peut suivre cette arête", "nobody may take this edge"),
            both(
                "Ajoutez by = [\"provider\"] ou un autre.",
                "Add by = [\"provider\"] or another.",
            ),
        );
    }
    let command = r.text("command");
    let label = commands
        .iter()
        .find(|c| c.code == command)
        .map(|c| c.label.clone())
        .unwrap_or_default();
    Edge {
        from: r.text("from"),
        to: r.text("to"),
        by,
        label: r.label_opt("").unwrap_or(label),
        command,
    }
}

fn regimes(loading: &mut Loading) -> BTreeMap<Regime, RegimeRule> {
    let label = |word: &Word| word.about.clone().unwrap_or_default();
    words(loading, "regime", Regime::ALL, Regime::code, |r| {
        let categories = r.texts("categories");
        (
            r.word("up_to", Sensitivity::ALL, Sensitivity::code)
                .unwrap_or(Sensitivity::S0),
            r.words("priorities", Priority::ALL, Priority::code),
            r.words("priorities_in_categories", Priority::ALL, Priority::code),
            categories,
        )
    })
    .into_iter()
    .map(
        |(regime, (word, (up_to, priorities, priorities_in_categories, categories)))| {
            loading.references.extend(categories.iter().map(|(code, at)| Reference {
                at: at.clone(),
                kind: "category",
                code: code.clone(),
            }));
            let rule = RegimeRule {
                regime,
                about: label(&word),
                label: word.label,
                up_to,
                priorities,
                priorities_in_categories,
                categories: categories.into_iter().map(|(code, _)| code).collect(),
            };
            (regime, rule)
        },
    )
    .collect()
}
