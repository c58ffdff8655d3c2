//! Every list and page of a viewer, against what the one visibility function says.

use super::*;

pub(super) fn forbidden<T: Debug>(what: &str, viewer: &Viewer, got: Result<T, ActError>) {
    assert!(
        matches!(got, Err(ActError::Forbidden { .. })),
        "{what} for {}: {got:?}",
        viewer.display_name
    );
}

/// Every list and page of one viewer against the oracle.
pub(super) async fn seen_by(play: &Play, files: &[CaseFile], viewer: &Viewer) {
    let desk = &play.world.desk;
    let views: Vec<View> = files.iter().map(|f| play.view(f, viewer)).collect();
    let whole = |view: &View| {
        matches!(
            view,
            View::File {
                scope: FileScope::Whole,
                ..
            }
        )
    };
    let works = viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor);
    let mut text = String::new();

    // The list of cases: whose whole file the viewer sees.
    let list = case::list(desk, viewer, None).await;
    if works {
        let list = list.expect("the list of cases");
        let shown: Vec<CaseId> = list.rows.iter().map(|r| r.id).collect();
        let mut granted: Vec<CaseId> = files
            .iter()
            .zip(&views)
            .filter(|(_, v)| whole(v))
            .map(|(f, _)| f.record.id)
            .collect();
        granted.reverse();
        assert_eq!(shown, granted, "cases of {}", viewer.display_name);
        for row in &list.rows {
            let at = files.iter().position(|f| f.record.id == row.id).expect("a case");
            assert!(row.initials.is_empty() || views[at].classes().contains(DataClass::Identity));
        }
        text += &format!("{list:?}");
    } else {
        forbidden("the list of cases", viewer, list);
    }

    let today = day::my_day(desk, viewer).await.expect("a day");
    to_cosign_equals_oracle(play, files, viewer, &today);
    day_equals_oracle(play, files, &views, viewer, &today, works);
    transfers_equal_oracle(play, files, viewer, &today);
    if works {
        stops_equal_oracle(play, files, viewer, StopSide::Holder, &today.stops, false);
    } else {
        assert!(today.stops.is_empty());
    }
    text += &format!("{today:?}");

    let inbox = day::inbox(desk, viewer).await;
    if viewer.is(Role::FocalPoint) {
        let inbox = inbox.expect("an inbox");
        inbox_equals_oracle(play, files, &views, viewer, &inbox);
        stops_equal_oracle(play, files, viewer, StopSide::Recipient, &inbox.stops, true);
        text += &format!("{inbox:?}");
    } else {
        forbidden("the inbox", viewer, inbox);
    }

    let office = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint];
    let late = day::late(desk, viewer, None).await;
    if office.into_iter().any(|r| viewer.is(r)) {
        let late = late.expect("the late list");
        late_equals_oracle(play, files, &views, viewer, &late);
        text += &format!("{late:?}");
    } else {
        forbidden("the late list", viewer, late);
    }

    for (file, view) in files.iter().zip(&views) {
        let page = case::view(desk, viewer, file.record.id).await;
        match view {
            View::File { .. } => text += &format!("{:?}", page.expect("the file opens")),
            _ => assert!(matches!(page, Err(ActError::NotFound)), "{view:?} opens {page:?}"),
        }
        for t in play.transfers().iter().filter(|t| t.case_id == file.record.id) {
            let page = transfers::view(desk, viewer, t.id).await;
            let network = desk.network();
            let state = TransferState::from_code(&t.state).expect("a state");
            let sight = viewer.sight(&network);
            match transfer_side(&file.facts(), t.from_id, t.to_id, state, &sight, play.now) {
                Some(_) => text += &format!("{:?}", page.expect("the transfer opens")),
                None => assert!(matches!(page, Err(ActError::NotFound)), "{page:?}"),
            }
        }
        for referral in &file.referrals {
            let page = referral_view::view(desk, viewer, referral.record.id).await;
            // The whole office: the secretariat, its supervisor, the region's focal point.
            let office = matches!(view, View::Office);
            if view.shows_referral(referral.record.id) || office {
                text += &format!("{:?}", page.expect("the referral opens"));
            } else {
                assert!(matches!(page, Err(ActError::NotFound)), "{view:?} opens {page:?}");
            }
        }
    }
    // Names and telephones: only where the class is granted, however a
    // telephone's digits are grouped.
    let bare: String = text
        .replace("\\u{a0}", "")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    for (known, view) in play.cases.iter().zip(&views) {
        let classes = view.classes();
        for (class, words) in [
            (DataClass::Identity, &known.name),
            (DataClass::Contact, &known.telephone),
            (DataClass::Contact, &known.national),
        ] {
            assert!(
                classes.contains(class) || !(text.contains(words.as_str()) || bare.contains(words.as_str())),
                "{} reads {words} with {view:?}",
                viewer.display_name
            );
        }
    }
}

pub(super) fn rows(day: &MyDay) -> impl Iterator<Item = &WorkRow> {
    day.late
        .iter()
        .chain(&day.yours)
        .chain(&day.answers)
        .chain(&day.appointments)
        .chain(&day.others)
}

/// To co-sign: what waits for the viewer as supervisor at home, or came up to
/// the secretariat's; nothing of what nobody of theirs may see.
pub(super) fn to_cosign_equals_oracle(play: &Play, files: &[CaseFile], viewer: &Viewer, day: &MyDay) {
    let mut expected = BTreeSet::new();
    for (case, open) in play.overrides() {
        let file = files.iter().find(|f| f.record.id == case).expect("its case");
        let exception = &open.detail.exception;
        let at_home = viewer.is(Role::Supervisor) && viewer.organisation == exception.organisation;
        let came_up = viewer.is(Role::SecretariatSupervisor)
            && !file.is_protected()
            && (open.record.owner_id.is_none() || exception.cosign_due() <= play.now);
        let owned = at_home && open.record.owner_id.is_some();
        if exception.state() == OverrideState::Waiting && (owned || came_up) {
            expected.insert(open.record.id);
        }
    }
    let shown: Vec<_> = day.cosign.iter().map(|r| r.id).collect();
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "to co-sign by {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
}

/// A day: every wait of the cases whose whole file the viewer sees, once.
pub(super) fn day_equals_oracle(
    play: &Play,
    files: &[CaseFile],
    views: &[View],
    viewer: &Viewer,
    day: &MyDay,
    works: bool,
) {
    let mut expected: BTreeSet<Uuid> = BTreeSet::new();
    if works {
        for (file, _) in files.iter().zip(views).filter(|(_, v)| {
            matches!(
                v,
                View::File {
                    scope: FileScope::Whole,
                    ..
                }
            )
        }) {
            let waiting = file.referrals.iter().filter(|r| !r.machine.state.is_terminal());
            expected.extend(waiting.map(|r| r.record.id.0));
            let open = file.needs.iter().filter(|n| n.detail.machine.state == NeedState::Open);
            expected.extend(open.map(|n| n.record.id.0));
            if file.needs.is_empty() && file.record.state == "open" {
                expected.insert(file.record.id.0);
            }
        }
    }
    let mut shown: BTreeSet<Uuid> = BTreeSet::new();
    for row in rows(day) {
        let state = row.state.filter(|s| !s.is_terminal());
        // An answer that gave the need back stands for the need.
        let id = match (row.referral_id, state, row.need_id) {
            (Some(referral), Some(_), _) => referral.0,
            (_, None, Some(need)) => need.0,
            _ => row.case_id.0,
        };
        assert!(shown.insert(id), "shown twice to {}: {row:?}", viewer.display_name);
        let late = row.clock.as_ref().is_some_and(|c| c.late);
        let at = files.iter().position(|f| f.record.id == row.case_id).expect("a case");
        assert!(
            row.initials.is_empty() || views[at].classes().contains(DataClass::Identity),
            "initials with {:?}",
            views[at]
        );
        assert_eq!(row.clock.as_ref().map(|c| c.due <= play.now).unwrap_or_default(), late);
    }
    assert_eq!(shown, expected, "the day of {}", viewer.display_name);
    assert!(day.late.iter().all(|r| r.clock.as_ref().is_some_and(|c| c.late)));
}

/// An inbox: the referrals to the viewer's services that `visible` shows.
pub(super) fn inbox_equals_oracle(
    play: &Play,
    files: &[CaseFile],
    views: &[View],
    viewer: &Viewer,
    inbox: &relais_acts::views::Inbox,
) {
    let since = play.now.checked_sub_days(Days::new(30)).expect("a time");
    let mechanism = play.world.desk.mechanism();
    let mut expected = BTreeSet::new();
    for (file, view) in files.iter().zip(views) {
        for r in &file.referrals {
            if r.record.provider_id == viewer.organisation
                && r.record.sent_at.is_some()
                && view.shows_referral(r.record.id)
                && r.record.ended_at.is_none_or(|at| at > since)
            {
                expected.insert(r.record.id);
            }
        }
    }
    let all = || inbox.to_answer.iter().chain(&inbox.under_way).chain(&inbox.ended);
    let shown: Vec<ReferralId> = all().filter_map(|r| r.referral_id).collect();
    assert_eq!(shown.len(), all().count());
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "the inbox of {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
    for row in all() {
        let at = files.iter().position(|f| f.record.id == row.case_id).expect("a case");
        let (file, view) = (&files[at], &views[at]);
        let referral = file
            .referral(row.referral_id.expect("a referral"))
            .expect("of the case");
        let labels = share::labels(&mechanism, &referral.detail.service_type);
        assert_eq!(row.label, labels.discreet.get(viewer.lang), "discreet always");
        let accepted = ReferralStage::of(referral.machine.state) == ReferralStage::Accepted;
        if !row.initials.is_empty() {
            assert!(
                accepted && view.classes().contains(DataClass::Identity),
                "initials with {view:?}: {row:?}"
            );
        }
        assert!(row.case_code.is_empty() && row.telephone.is_none());
    }
}

/// The late list: of the cases that the office sees, what is past its time.
pub(super) fn late_equals_oracle(
    play: &Play,
    files: &[CaseFile],
    views: &[View],
    viewer: &Viewer,
    late: &relais_acts::views::LateList,
) {
    let mechanism = play.world.desk.mechanism();
    let mut expected: BTreeSet<Uuid> = BTreeSet::new();
    for (file, _) in files.iter().zip(views).filter(|(_, v)| **v == View::Office) {
        let due = |at: Option<chrono::DateTime<chrono::Utc>>| at.is_some_and(|at| at <= play.now);
        expected.extend(
            file.referrals
                .iter()
                .filter(|r| due(r.record.due_at))
                .map(|r| r.record.id.0),
        );
        let needs = file
            .needs
            .iter()
            .filter(|n| n.detail.machine.state == NeedState::Open && due(n.record.due_at));
        expected.extend(needs.map(|n| n.record.id.0));
    }
    let shown: Vec<Uuid> = late
        .rows
        .iter()
        .map(|r| r.referral_id.map_or_else(|| r.need_id.expect("a need").0, |r| r.0))
        .collect();
    assert_eq!(
        shown.iter().copied().collect::<BTreeSet<_>>(),
        expected,
        "the late list of {}",
        viewer.display_name
    );
    assert_eq!(shown.len(), expected.len(), "shown once");
    for row in &late.rows {
        assert!(
            row.initials.is_empty() && row.clock.as_ref().is_some_and(|c| c.late),
            "{row:?}"
        );
        let file = files.iter().find(|f| f.record.id == row.case_id).expect("a case");
        let service = row.referral_id.map_or_else(
            || {
                file.need(row.need_id.expect("a need"))
                    .expect("of the case")
                    .detail
                    .service
                    .clone()
            },
            |r| file.referral(r).expect("of the case").detail.service_type.clone(),
        );
        let words = visible_need(
            &share::labels(&mechanism, &service),
            &View::Office,
            true,
            false,
            Shown::List,
        );
        assert_eq!(
            Some(row.label.as_str()),
            words.as_ref().map(|l| l.get(viewer.lang)),
            "the category at most"
        );
    }
}

/// Transfers and unclaimed cases of a day, and each transfer's page.
pub(super) fn transfers_equal_oracle(play: &Play, files: &[CaseFile], viewer: &Viewer, day: &MyDay) {
    let network = play.world.desk.network();
    let sight = viewer.sight(&network);
    let since = play.now.checked_sub_days(Days::new(7)).expect("a time");
    let mut expected: BTreeSet<TransferId> = BTreeSet::new();
    for t in play.transfers() {
        let file = files.iter().find(|f| f.record.id == t.case_id).expect("its case");
        let state = TransferState::from_code(&t.state).expect("a state");
        let side = transfer_side(&file.facts(), t.from_id, t.to_id, state, &sight, play.now);
        let listed = match side {
            Some(TransferSide::Asked) => state == TransferState::Proposed,
            Some(TransferSide::Former) => t.ended_at.is_some_and(|at| at > since),
            _ => false,
        };
        if listed {
            expected.insert(t.id);
        }
    }
    let shown: BTreeSet<TransferId> = day.transfers.iter().map(|t| t.id).collect();
    assert_eq!(shown, expected, "transfers in the day of {}", viewer.display_name);
    let claimable: BTreeSet<CaseId> = files
        .iter()
        .filter(|f| may_claim(&f.facts(), play.worked_on(f), &sight))
        .map(|f| f.record.id)
        .collect();
    let listed: BTreeSet<CaseId> = day.unclaimed.iter().map(|c| c.id).collect();
    assert_eq!(listed, claimable, "unclaimed in the day of {}", viewer.display_name);
}

/// The requests to stop using what was received, where each viewer finds them.
pub(super) fn stops_equal_oracle(
    play: &Play,
    files: &[CaseFile],
    viewer: &Viewer,
    side: StopSide,
    shown: &[StopRow],
    recent: bool,
) {
    let since = play.now.checked_sub_days(Days::new(30)).expect("a time");
    let expected: BTreeSet<StopRequestId> = play
        .stops()
        .iter()
        .filter(|s| s.confirmed_at.is_none_or(|at| recent && at > since))
        .filter(|s| {
            let file = files.iter().find(|f| f.record.id == s.case_id).expect("its case");
            let own = s.recipient_id == viewer.organisation;
            match play.stop_side(file, s, viewer) {
                Some(found) => found == side || (side == StopSide::Recipient && own),
                None => false,
            }
        })
        .map(|s| s.id)
        .collect();
    let ids: BTreeSet<StopRequestId> = shown.iter().map(|r| r.id).collect();
    assert_eq!(ids, expected, "{side} rows of {}", viewer.display_name);
    assert_eq!(ids.len(), shown.len(), "shown once");
    for row in shown {
        assert_eq!(row.case_id.is_some(), side == StopSide::Holder, "{row:?}");
        assert_eq!(row.case_code.is_empty(), side == StopSide::Recipient, "{row:?}");
        assert_eq!(row.clock.is_some(), row.confirmed_on.is_none(), "{row:?}");
    }
}
