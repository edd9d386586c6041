//! What a desk is told, as the targets begin with it.

use crate::draw::{MARKER, NOW};
use crate::seeds::{of_json, uuid};
use protocol::*;
use regulation::encounter::AnswerKind;
use regulation::{EncounterId, FaultId, OfficerId, QuestionId, Timestamp};

/// Boards, reports, answers, orders about tablets.
pub(crate) fn values(device: DeviceId, at: Timestamp, answers: &[Answer]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let alert = |kind| Alert {
        at: Timestamp(NOW),
        session: SessionId(uuid(2)),
        name: MARKER.into(),
        rank: "R".into(),
        kind,
    };
    let board = DeskBoard {
        version: "1".into(),
        now: Timestamp(NOW),
        on_duty: Vec::new(),
        alerts: vec![
            alert(AlertKind::Gap {
                from: Timestamp(NOW),
                to: Timestamp(NOW),
            }),
            alert(AlertKind::PersonFound {
                question: QuestionId(uuid(7)),
                answer: AnswerKind::Possible,
                wanted: true,
                place: Some(MARKER.into()),
            }),
            alert(AlertKind::LateAnswer {
                question: QuestionId(uuid(7)),
                answer: AnswerKind::NotFound,
                wanted: false,
                missing: false,
                asked_at: at,
                ground: Some("suspicion".into()),
            }),
            alert(AlertKind::Fault {
                fault: FaultId(uuid(9)),
                camera: "BK-0001".parse().ok(),
                what: "other".into(),
                note: Some(MARKER.into()),
                administrator: None,
            }),
        ],
        tablets: vec![TabletRow {
            device,
            holder: TabletHolder::Unknown,
            readiness: None,
            damage: Some(MARKER.into()),
            photos: vec![CaptureId(uuid::Uuid::from_u128(1))],
            heard_at: None,
            standing: TabletStanding::Lost { since: at },
        }],
        more: true,
    };
    all.push(of_json(15, &board));
    let order = TabletOrder::Unlock;
    all.push(of_json(15, &TabletRequest { device, order }));
    let ordered = TabletOrdered {
        device,
        at,
        standing: TabletStanding::Wiped { since: at },
    };
    all.push(of_json(15, &ordered));
    let figures = || Figures {
        encounters: 2,
        by_ground: [("suspicion".to_owned(), 2)].into(),
        median_minutes: Some(3),
        ..Figures::default()
    };
    let report = UnitReport {
        unit: "1".into(),
        from: Timestamp(NOW),
        to: Timestamp(NOW + 1),
        made_at: Timestamp(NOW),
        pending: 1,
        totals: figures(),
        officers: vec![OfficerFigures {
            officer: OfficerId(uuid(3)),
            name: MARKER.into(),
            rank: "R".into(),
            figures: figures(),
        }],
        again: 2,
        checked_again: vec![CheckedAgain {
            person: 1,
            times: 2,
            officers: 1,
            encounters: vec![EncounterId(uuid(7))],
        }],
        more: false,
    };
    all.push(of_json(15, &report));
    for answer in answers {
        let late = LateAnswer {
            answer: answer.clone(),
            encounter: EncounterId(uuid(7)),
            officer: OfficerId(uuid(3)),
            name: MARKER.into(),
            rank: "R".into(),
            asked_at: at,
            ground: None,
            place: Some(MARKER.into()),
        };
        all.push(of_json(15, &late));
    }
    all
}
