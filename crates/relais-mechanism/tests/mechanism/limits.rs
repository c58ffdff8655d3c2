//! Every number of the table of DESIGN §5 and DOMAIN §1.3, as the getters give
//! it. The expected values are written here by hand.

use chrono::NaiveTime;
use relais_mechanism::limits::{LadderAction, LadderTarget, LimitFacts, OnCall};
use relais_mechanism::pathway::{DueKind, WhenDue};
use relais_mechanism::{ActingFor, Mechanism, Priority, Role, Span};

use crate::{cameroon, edited};

const H: u32 = 60;
const D: u32 = 24 * H;

#[test]
fn each_priority_has_its_limits() {
    use Span::{AgreedDate as Agreed, Minutes as M, WorkingDays as W};
    // need, acknowledge, decide, first contact, start, report, news, answer, reach
    let table = [
        (
            Priority::P1,
            [
                M(24 * H),
                M(2 * H),
                M(4 * H),
                M(24 * H),
                M(24 * H),
                M(5 * D),
                M(24 * H),
                M(4 * H),
                M(24 * H),
            ],
        ),
        (
            Priority::P2,
            [
                M(72 * H),
                M(24 * H),
                M(48 * H),
                M(72 * H),
                M(72 * H),
                M(7 * D),
                M(72 * H),
                M(12 * H),
                M(24 * H),
            ],
        ),
        (
            Priority::P3,
            [W(10), W(2), W(5), W(7), W(10), W(10), M(30 * D), W(2), W(5)],
        ),
        (
            Priority::P4,
            [Agreed, W(5), W(10), Agreed, Agreed, W(10), M(30 * D), W(2), W(5)],
        ),
    ];
    for (priority, expected) in table {
        let l = cameroon().limits(priority, "RCP.01");
        let found = [
            l.need,
            l.acknowledge,
            l.decide,
            l.first_contact,
            l.start,
            l.report,
            l.news,
            l.answer,
            l.reach,
        ];
        assert_eq!(found, expected, "{priority}");
        assert_eq!([l.appointment, l.confirm, l.dispute], [W(1), W(10), W(5)], "{priority}");
        assert_eq!(l.priority, priority);
    }
    let limits = |p| cameroon().limits(p, "RCP.01");
    assert_eq!(
        limits(Priority::P4).due(DueKind::FirstContact),
        Some(W(10)),
        "P4: a date within 10 working days"
    );
    assert_eq!(
        Priority::ALL
            .iter()
            .map(|p| limits(*p).waitlist_review)
            .collect::<Vec<_>>(),
        [None, None, Some(M(30 * D)), Some(M(30 * D))]
    );
    assert_eq!(
        Priority::ALL
            .iter()
            .map(|p| limits(*p).answer_pauses)
            .collect::<Vec<_>>(),
        [false, true, true, true]
    );
    assert_eq!(
        Priority::ALL
            .iter()
            .map(|p| limits(*p).open_referrals)
            .collect::<Vec<_>>(),
        [2, 1, 1, 1]
    );
    assert_eq!(
        Priority::ALL.iter().map(|p| limits(*p).on_call).collect::<Vec<_>>(),
        [OnCall::Required, OnCall::DeclaredOrInterim, OnCall::None, OnCall::None]
    );
}

#[test]
fn a_service_tightens_what_is_longer_and_leaves_what_is_shorter() {
    let m = cameroon();
    let hour = Span::Minutes(H);
    for (service, limit) in [
        ("MED.01", hour),
        ("LEG.07", hour),
        ("GBV.01", Span::Minutes(4 * H)),
        ("RCP.01", Span::Minutes(24 * H)),
    ] {
        let l = m.limits(Priority::P1, service);
        assert_eq!([l.need, l.first_contact, l.start], [limit; 3], "{service}");
        assert_eq!(
            (l.acknowledge, l.decide),
            (Span::Minutes(2 * H), Span::Minutes(4 * H)),
            "{service}"
        );
    }
    assert_eq!(
        m.limits(Priority::P4, "MED.01").start,
        hour,
        "an agreed date is longer than an hour"
    );
    assert_eq!(
        m.limits(Priority::P3, "RCP.01").news,
        Span::Minutes(30 * D),
        "news in 24 h is for emergencies"
    );
}

#[test]
fn some_limits_depend_on_the_case() {
    let m = cameroon();
    let suicidal = LimitFacts {
        suicidal_statements: true,
        ..LimitFacts::default()
    };
    let no_bed = LimitFacts {
        no_safe_place_tonight: true,
        ..LimitFacts::default()
    };
    assert_eq!(m.limits(Priority::P1, "PSS.01").start, Span::Minutes(24 * H));
    assert_eq!(m.limits_given(Priority::P1, "PSS.01", suicidal).start, Span::Minutes(H));
    assert_eq!(
        m.limits_given(Priority::P1, "PSS.02", suicidal).start,
        Span::Minutes(24 * H)
    );
    for service in ["RCP.02", "RCP.03", "CHP.02", "GBV.03", "VOT.02"] {
        let l = m.limits_given(Priority::P1, service, no_bed);
        assert_eq!(
            (l.start, l.bed_before),
            (Span::Minutes(4 * H), NaiveTime::from_hms_opt(20, 0, 0)),
            "{service}"
        );
        assert_eq!(m.limits(Priority::P1, service).bed_before, None, "{service}");
    }
}

#[test]
fn the_ladder_is_the_design_s() {
    use LadderAction::{Escalate, Expire, ProposeReroute, Remind};
    use LadderTarget::{Alternate, FocalPoint, Head, RegionalFocalPoint, Secretariat, Sender};
    let steps: Vec<_> = cameroon()
        .ladder()
        .iter()
        .map(|s| (s.percent, s.tell.clone(), s.actions.clone()))
        .collect();
    assert_eq!(
        steps,
        [
            (50, vec![FocalPoint], vec![Remind]),
            (100, vec![Alternate, Head, Sender], vec![Escalate]),
            (
                150,
                vec![RegionalFocalPoint, Secretariat, Sender],
                vec![Escalate, ProposeReroute]
            ),
            (200, vec![Sender], vec![Expire]),
        ]
    );
}

#[test]
fn the_counts_are_the_design_s() {
    let r = cameroon().rules();
    assert_eq!(
        (r.no_shows_max, r.disputes_max, r.waitlist_extensions, r.expire_percent),
        (3, 2, 1, 200)
    );
    assert_eq!(
        (
            r.minutes_per_number,
            r.test_call_days,
            r.grace_days,
            r.keep_after_end_days
        ),
        (15, 30, 90, 30)
    );
    assert_eq!(r.notice_days, [90, 30, 0]);
    assert_eq!(
        (r.waitlist_expires_after, r.right_of_reply),
        (Span::WorkingDays(5), Span::WorkingDays(10))
    );
    assert_eq!(
        (r.stop_use, r.same_answer, r.transfer_answer),
        (Span::WorkingDays(3), Span::WorkingDays(3), Span::WorkingDays(3))
    );
    assert_eq!(r.closure_review, Span::WorkingDays(5));
    assert_eq!(
        (r.complaint_forward, r.complaint_acknowledge, r.complaint_decide),
        (Span::Minutes(24 * H), Span::Minutes(48 * H), Span::Minutes(720 * H))
    );
    assert_eq!(
        (r.co_signature, r.override_lasts),
        (Span::Minutes(24 * H), Span::Minutes(2 * H))
    );
    assert_eq!(
        (
            r.smallest_count,
            r.name_checks_per_day,
            r.child_below,
            r.doubtful_child_to
        ),
        (10, 20, 18, 20)
    );
    assert_eq!(cameroon().grace_days(), 90);
}

#[test]
fn each_waiting_state_has_the_owner_of_the_design() {
    use ActingFor::{Provider, Sender};
    use DueKind as K;
    let expected = [
        ("draft", Sender, Role::CaseManager, K::Need, WhenDue::NoticeSupervisor),
        ("sent", Provider, Role::FocalPoint, K::Acknowledge, WhenDue::Ladder),
        ("received", Provider, Role::FocalPoint, K::Decide, WhenDue::Ladder),
        (
            "needs_info",
            Sender,
            Role::CaseManager,
            K::Answer,
            WhenDue::BackToReceived,
        ),
        (
            "waitlisted",
            Provider,
            Role::FocalPoint,
            K::WaitlistReview,
            WhenDue::RerouteThenExpire,
        ),
        ("accepted", Provider, Role::FocalPoint, K::FirstContact, WhenDue::Ladder),
        ("scheduled", Provider, Role::FocalPoint, K::Appointment, WhenDue::Ladder),
        (
            "no_show",
            Sender,
            Role::CaseManager,
            K::Reach,
            WhenDue::ReportNotReached,
        ),
        ("in_service", Provider, Role::FocalPoint, K::Report, WhenDue::Ladder),
        (
            "reported",
            Sender,
            Role::CaseManager,
            K::Confirm,
            WhenDue::CloseUnconfirmed,
        ),
        (
            "disputed",
            Provider,
            Role::FocalPoint,
            K::Dispute,
            WhenDue::PassToSecretariat,
        ),
    ];
    let found: Vec<_> = cameroon()
        .states()
        .iter()
        .filter_map(|s| s.waiting.map(|w| (s.code.as_str(), w.owner, w.role, w.due, w.when_due)))
        .collect();
    assert_eq!(found, expected);
    let resting: Vec<_> = cameroon()
        .states()
        .iter()
        .filter(|s| s.waiting.is_none())
        .map(|s| s.code.as_str())
        .collect();
    assert_eq!(
        resting,
        [
            "declined",
            "expired",
            "cancelled",
            "withdrawn",
            "voided",
            "closed",
            "ended"
        ]
    );
}

#[test]
fn spans_are_read_and_compared() {
    for (text, span) in [
        ("15 min", Some(Span::Minutes(15))),
        ("4 h", Some(Span::Minutes(240))),
        ("5 d", Some(Span::Minutes(7200))),
        ("10 wd", Some(Span::WorkingDays(10))),
        ("agreed", Some(Span::AgreedDate)),
        ("", None),
        ("4h", None),
        ("-1 h", None),
        ("4 weeks", None),
        ("4294967295 d", None),
        ("99999999999 min", None),
    ] {
        assert_eq!(Span::parse(text), span, "{text}");
    }
    assert_eq!(Span::Minutes(60).tighter(Span::WorkingDays(1)), Span::Minutes(60));
    assert_eq!(Span::WorkingDays(1).tighter(Span::Minutes(1440)), Span::Minutes(1440));
    assert_eq!(
        Span::WorkingDays(1).tighter(Span::Minutes(1441)),
        Span::WorkingDays(1),
        "not certainly tighter"
    );
    assert_eq!(Span::AgreedDate.tighter(Span::WorkingDays(10)), Span::WorkingDays(10));
}

#[test]
fn an_upgrade_changes_the_limits_of_the_new_version_only() {
    let sources = edited("cameroon/mechanism.toml", |text| {
        text.replace("2026.1", "2026.2") + "\n[[priority]]\ncode = \"P3\"\nreplaces = true\nacknowledge = \"3 wd\"\n"
    });
    let new = Mechanism::load(&sources).expect("a country may replace a limit");
    let old = Mechanism::from_bundle(cameroon().bundle()).expect("the older version is kept whole");
    let acknowledge = |m: &Mechanism| m.limits(Priority::P3, "DOC.01").acknowledge;
    assert_eq!(
        (acknowledge(&old), acknowledge(&new)),
        (Span::WorkingDays(2), Span::WorkingDays(3))
    );
    assert_eq!((old.version(), new.version()), ("cm-2026.1", "cm-2026.2"));
    assert_eq!(
        new.limits(Priority::P3, "DOC.01").decide,
        Span::WorkingDays(5),
        "other keys stay the region's"
    );
}
