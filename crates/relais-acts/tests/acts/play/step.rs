//! What users do in a random world, drawn at random.

use proptest::prelude::*;

/// One thing that somebody does. The numbers choose among what there is.
#[derive(Debug, Clone)]
pub enum Step {
    Register {
        who: u8,
        age: u8,
    },
    Consent {
        who: u8,
        case: u8,
        kind: u8,
    },
    Withdraw {
        who: u8,
        case: u8,
        lines: u8,
        effect: u8,
    },
    Stopped {
        who: u8,
        which: u8,
        by_phone: bool,
    },
    Transfer {
        who: u8,
        case: u8,
        asked: u8,
    },
    Answer {
        who: u8,
        which: u8,
        how: u8,
    },
    Assign {
        who: u8,
        case: u8,
        to: u8,
    },
    Claim {
        who: u8,
        case: u8,
    },
    Need {
        who: u8,
        case: u8,
        service: u8,
        priority: u8,
    },
    Send {
        who: u8,
        need: u8,
        service: u8,
        exception: u8,
    },
    Act {
        who: u8,
        referral: u8,
        command: u8,
        detail: u8,
    },
    WriteApart {
        who: u8,
        need: u8,
        kind: u8,
    },
    Cosign {
        who: u8,
        which: u8,
        sign: bool,
    },
    Wait {
        hours: u16,
    },
    UntilDue {
        which: u8,
    },
    Close {
        who: u8,
        case: u8,
    },
    /// Of one kind only: which draws it would change those of every world.
    End {
        case: u8,
    },
    CloseAccount {
        who: u8,
    },
    EndAgreement {
        which: u8,
        party: bool,
    },
    Protect {
        who: u8,
        case: u8,
    },
}

/// Steps, more of what carries a case forward.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let n = any::<u8>;
    let step = prop_oneof![
        4 => (n(), n()).prop_map(|(who, age)| Step::Register { who, age }),
        5 => (n(), n(), n()).prop_map(|(who, case, kind)| Step::Consent { who, case, kind }),
        3 => (n(), n(), n(), n()).prop_map(|(who, case, lines, effect)| Step::Withdraw { who, case, lines, effect }),
        2 => (n(), n(), any::<bool>()).prop_map(|(who, which, by_phone)| Step::Stopped { who, which, by_phone }),
        3 => (n(), n(), n()).prop_map(|(who, case, asked)| Step::Transfer { who, case, asked }),
        4 => (n(), n(), n()).prop_map(|(who, which, how)| Step::Answer { who, which, how }),
        2 => (n(), n(), n()).prop_map(|(who, case, to)| Step::Assign { who, case, to }),
        2 => (n(), n()).prop_map(|(who, case)| Step::Claim { who, case }),
        8 => (n(), n(), n(), n()).prop_map(|(who, case, service, priority)| Step::Need { who, case, service, priority }),
        12 => (n(), n(), n(), n()).prop_map(|(who, need, service, exception)| Step::Send { who, need, service, exception }),
        32 => (n(), n(), n(), n()).prop_map(|(who, referral, command, detail)| Step::Act { who, referral, command, detail }),
        2 => (n(), n(), n()).prop_map(|(who, need, kind)| Step::WriteApart { who, need, kind }),
        5 => (n(), n(), proptest::bool::weighted(0.6)).prop_map(|(who, which, sign)| Step::Cosign { who, which, sign }),
        3 => (0u16..30).prop_map(|hours| Step::Wait { hours }),
        5 => (0u16..400).prop_map(|hours| Step::Wait { hours }),
        4 => n().prop_map(|which| Step::UntilDue { which }),
        2 => (n(), n()).prop_map(|(who, case)| Step::Close { who, case }),
        1 => n().prop_map(|who| Step::CloseAccount { who }),
        1 => (n(), any::<bool>()).prop_map(|(which, party)| Step::EndAgreement { which, party }),
        2 => (n(), n()).prop_map(|(who, case)| Step::Protect { who, case }),
    ];
    // Every world begins with something to work on, accepted; some with a case
    // that moves with its waits, or whose case manager has left.
    let begin = prop_oneof![
        2 => Just(Vec::new()),
        2 => Just(moves()),
        1 => Just(vec![Step::CloseAccount { who: 0 }, Step::Claim { who: 1, case: 0 }]),
    ];
    (begin, proptest::collection::vec(step, most / 2..most)).prop_map(|(begin, mut steps)| {
        let child = [
            // A child without a word of consent: an override for one referral,
            // and one that is co-signed before anything goes.
            Step::Register { who: 0, age: 15 },
            Step::Need {
                who: 0,
                case: 1,
                service: 2,
                priority: 2,
            },
            Step::WriteApart {
                who: 0,
                need: 1,
                kind: 3,
            },
            Step::Send {
                who: 0,
                need: 1,
                service: 0,
                exception: 4,
            },
        ];
        steps.splice(0..0, accepted().into_iter().chain(child).chain(begin));
        steps
    })
}

/// An adult with every class shared, one need, one referral accepted.
pub fn accepted() -> Vec<Step> {
    vec![
        Step::Register { who: 0, age: 30 },
        Step::Consent {
            who: 0,
            case: 0,
            kind: 0,
        },
        Step::Need {
            who: 0,
            case: 0,
            service: 0,
            priority: 2,
        },
        Step::Send {
            who: 0,
            need: 0,
            service: 0,
            exception: 0,
        },
        Step::Act {
            who: 0,
            referral: 0,
            command: 0,
            detail: 0,
        },
    ]
}

/// Two more referrals, then the case goes to the other organisation, which
/// takes it; its supervisor hands it on.
fn moves() -> Vec<Step> {
    let mut steps = Vec::new();
    for need in 1..3u8 {
        steps.push(Step::Need {
            who: 0,
            case: 0,
            service: 2,
            priority: 2,
        });
        steps.push(Step::Send {
            who: 0,
            need,
            service: need - 1,
            exception: 0,
        });
    }
    steps.extend([
        Step::Transfer {
            who: 0,
            case: 0,
            asked: 0,
        },
        Step::Answer {
            who: 0,
            which: 0,
            how: 5,
        },
        Step::Transfer {
            who: 0,
            case: 0,
            asked: 0,
        },
        Step::Answer {
            who: 0,
            which: 0,
            how: 0,
        },
        Step::Assign { who: 0, case: 0, to: 3 },
    ]);
    steps
}
