use crate::support::*;
use central::http::{Access, OPENAPI, ROUTES};
use protocol::*;
use regulation::encounter::AnswerKind;
use regulation::incident::Report;
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

fn documented() -> BTreeSet<(String, String, bool)> {
    let document = document();
    let mut all = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let open = operation["security"].as_array().unwrap().is_empty();
            all.insert((method.to_uppercase(), path.clone(), !open));
        }
    }
    all
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .map(|r| {
            (
                r.method.to_string(),
                r.path.to_string(),
                r.access != Access::Anybody,
            )
        })
        .collect();
    assert_eq!(documented(), routes);
    let paths: BTreeSet<_> = ROUTES.iter().map(|r| r.path).collect();
    use path::*;
    assert_eq!(
        paths,
        BTreeSet::from([
            HEALTH,
            OPENAPI,
            ENROL,
            LOGIN,
            ROSTER,
            OUTBOX,
            INBOX,
            DESK,
            INCIDENT,
            CONFIRM,
            REPORT,
            CAPTURE,
            WIPE,
            LATE_ANSWER,
            PHOTO,
            TABLET,
        ])
    );
}

#[tokio::test]
async fn every_documented_route_answers_and_other_methods_do_not() {
    let world = World::new().await;
    let tablet = world.on_duty("a").await;
    let documented = documented();
    for (_, path, _) in &documented {
        for tried in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::DELETE,
            Method::PATCH,
        ] {
            let request = tablet.client.request(tried.clone(), world.url(path));
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            if documented
                .iter()
                .any(|(method, other, _)| tried.as_str() == method && other == path)
            {
                assert!(![404, 405].contains(&status), "{tried} {path}: {status}");
            } else {
                assert_eq!(status, 405, "{tried} {path}");
                let error: ApiError = response.json().await.unwrap();
                assert_eq!(error.code, ErrorCode::NotFound);
            }
        }
    }
}

#[tokio::test]
async fn the_served_document_is_the_document() {
    let world = World::new().await;
    let response = world
        .anonymous()
        .get(world.url(path::OPENAPI))
        .send()
        .await
        .unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), document());
}

#[tokio::test]
async fn an_unknown_path_is_an_error_of_the_contract() {
    let world = World::new().await;
    for path in ["/", "/v1", "/v1/people", "/v2/health", "/v1/health/"] {
        let response = world.anonymous().get(world.url(path)).send().await.unwrap();
        assert_eq!(
            code(reply::<()>(response).await),
            ErrorCode::NotFound,
            "{path}"
        );
    }
}

/// A value's keys are its schema's properties, and the required ones are there.
fn assert_schema(name: &str, value: impl serde::Serialize) {
    let document = document();
    let schema = &document["components"]["schemas"][name];
    let value = serde_json::to_value(value).unwrap();
    let keys: BTreeSet<_> = value.as_object().unwrap().keys().cloned().collect();
    let properties = schema["properties"].as_object().unwrap();
    for key in &keys {
        assert!(
            properties.contains_key(key),
            "{name}.{key} is not documented"
        );
    }
    for required in schema["required"].as_array().unwrap() {
        assert!(
            keys.contains(required.as_str().unwrap()),
            "{name}.{required} is not there"
        );
    }
}

#[tokio::test]
async fn the_documented_shapes_are_the_contracts() {
    let world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    world.admin().import(&registers(), [person(1)]).unwrap();
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    envelopes.push(tablet.ask(&world, encounter, by_document("ZZ0000001")).1);
    let receipt = tablet.send(&world, envelopes).await.unwrap();
    let answer = tablet.answer(&world, 0).await;
    let page = tablet.inbox(&world, 0, 0).await.unwrap();
    assert_schema("EnrolRequest", tablet.keys.request("x"));
    assert_schema("EnrolResponse", &tablet.enrolled);
    assert_schema("SealingKey", &tablet.enrolled.sealing);
    assert_schema(
        "LoginRequest",
        LoginRequest {
            login: "a".into(),
            password: "b".into(),
        },
    );
    assert_schema("LoginResponse", tablet.session());
    assert_schema("Officer", &tablet.session().officer);
    assert_schema("Kit", &tablet.session().kit);
    let (login, password) = ("a".into(), "b".into());
    assert_schema("ConfirmRequest", ConfirmRequest { login, password });
    let officer = tablet.session().officer.clone();
    assert_schema("ConfirmResponse", ConfirmResponse { officer });
    let roster = tablet.roster(&world).await;
    assert_schema("RosterEntry", &roster.entries[0]);
    assert_schema("Roster", roster);
    let receipt_at = receipt.at;
    assert_schema("Receipt", receipt);
    assert_schema(
        "CaptureReceipt",
        CaptureReceipt {
            device: tablet.device(),
            capture: CaptureId(uuid::Uuid::nil()),
            received: 0,
            complete: false,
            safe: false,
            at: world.clock.now(),
            signature: Vec::new(),
        },
    );
    let (at, signature) = (receipt_at, vec![1]);
    let (device, stage) = (tablet.device(), WipeStage::Wiped);
    let order = WipeOrder {
        device,
        challenge: uuid::Uuid::nil(),
        lost_at: at,
        signature: signature.clone(),
    };
    assert_schema("WipeOrder", order);
    let report = WipeReport {
        device,
        stage,
        last_seq: 1,
        head: Digest::default(),
        unsafe_events: 0,
        at,
        signature: signature.clone(),
    };
    assert_schema("WipeReport", report);
    let receipt = WipeReceipt {
        device,
        stage,
        at,
        signature,
    };
    assert_schema("WipeReceipt", receipt);
    assert_schema("Message", &page.messages[0]);
    assert_schema("MessageBody", &page.messages[0].body);
    assert_schema("InboxPage", &page);
    let pause = regulation::PauseId(uuid::Uuid::nil());
    let fault = regulation::FaultId(uuid::Uuid::nil());
    let incident = regulation::IncidentId(uuid::Uuid::nil());
    for body in [
        MessageBody::PauseDecided {
            pause,
            granted: true,
        },
        MessageBody::FaultAssigned {
            fault,
            administrator: "A".into(),
        },
        MessageBody::FaultClosed { fault },
        MessageBody::IncidentReceived { incident },
        MessageBody::IncidentAsked {
            incident,
            at: regulation::Timestamp(1),
            text: "A".into(),
        },
        MessageBody::IncidentClosed { incident },
    ] {
        assert_schema("MessageBody", body);
    }
    assert_schema("AnswerResult", &answer.result);
    assert_schema("Answer", &answer);
    let AnswerResult::Found { person, by } = answer.result else {
        panic!("not found")
    };
    assert_schema("PersonRecord", &person);
    assert_schema("FoundBy", by);
    let gallery = GallerySearched {
        prints: 5_000,
        people: 4_900,
    };
    let fpir = Fpir::of_chance(0.01);
    assert_schema("GallerySearched", gallery);
    assert_schema("Fpir", fpir);
    assert_schema("FoundBy", FoundBy::Fingerprint { fpir, gallery });
    let candidates = vec![Candidate {
        person: person.clone(),
        fpir,
    }];
    assert_schema("Candidate", &candidates[0]);
    let possible = AnswerResult::Possible {
        candidates,
        gallery,
    };
    assert_schema("AnswerResult", possible);
    let gallery = Some(gallery);
    assert_schema("AnswerResult", AnswerResult::NotFound { gallery });
    let candidate = Resemblance {
        person: PersonRecord {
            portrait: Some(Portrait(vec![0xFF, 0xD8])),
            ..person
        },
        false_match: FalseMatch {
            likeness: Likeness::Few,
            strangers_millionths: 12_000,
        },
    };
    let gallery = FacesSearched { faces: 5_000 };
    assert_schema("PersonRecord", &candidate.person);
    assert_schema("FacesSearched", gallery);
    assert_schema("FalseMatch", candidate.false_match);
    assert_schema("Resemblance", &candidate);
    let candidates = vec![candidate];
    let resembling = AnswerResult::Resembling {
        candidates,
        gallery,
    };
    assert_schema("AnswerResult", resembling);
    assert_schema("AnswerResult", AnswerResult::NobodyAlike { gallery });
    assert_schema("AnswerResult", AnswerResult::NotOffered);
    assert_schema(
        "ApiError",
        ApiError {
            code: ErrorCode::Throttled,
            retry_after_s: Some(1),
        },
    );
}

#[tokio::test]
async fn the_documented_board_is_the_contracts() {
    let world = World::new().await;
    let desk = world.at_the_desk("d", "1").await;
    let board = desk.board(&world, "", 0).await.unwrap();
    assert_schema("OnDuty", &board.on_duty[0]);
    let board_officer = board.on_duty[0].officer;
    let pause = regulation::PauseId(uuid::Uuid::nil());
    let (why, minutes) = (String::from("meal"), 30);
    let at = world.clock.now();
    let custody = regulation::CustodyId(uuid::Uuid::nil());
    let device = desk.device();
    let question = regulation::QuestionId(uuid::Uuid::nil());
    for kind in [
        AlertKind::PauseAsked {
            pause,
            why: why.clone(),
            minutes,
        },
        AlertKind::Fault {
            fault: regulation::FaultId(uuid::Uuid::nil()),
            camera: None,
            what: "damaged".into(),
            note: None,
            administrator: None,
        },
        AlertKind::VoiceToConfirm {
            pause,
            why,
            minutes,
            by: regulation::bodycam::PermittedBy::DutyUnit,
            permitted_by: "N".into(),
        },
        AlertKind::Gap { from: at, to: at },
        AlertKind::PauseOverran { pause },
        AlertKind::Incident {
            incident: regulation::IncidentId(uuid::Uuid::nil()),
            report: Box::new(crate::incidents::report(&world)),
            received: true,
            asked: false,
            supplements: 1,
            class: None,
            held: 1,
        },
        AlertKind::CustodyConflict {
            custody,
            device,
            held_by: "N".into(),
        },
        AlertKind::NotHandedIn { custody, device },
        AlertKind::NotReady { device },
        AlertKind::CameraHeldTwice {
            camera: "BC-0001".parse().unwrap(),
            other: "N".into(),
        },
        AlertKind::PersonFound {
            question,
            answer: AnswerKind::Possible,
            wanted: true,
            place: None,
        },
        AlertKind::Resistance {
            encounter: new_encounter(),
            case: "resisted".into(),
            place: None,
        },
        AlertKind::LateAnswer {
            question,
            answer: AnswerKind::NotFound,
            wanted: false,
            missing: false,
            asked_at: at,
            ground: None,
        },
        AlertKind::Silent { device },
        AlertKind::QueueStuck { device },
    ] {
        assert_schema("AlertKind", &kind);
        let row = &board.on_duty[0];
        let alert = Alert {
            at,
            session: row.session,
            name: row.name.clone(),
            rank: row.rank.clone(),
            kind,
        };
        assert_schema("Alert", alert);
    }
    assert_schema("DeskBoard", board);
    let report = Report {
        photos: vec![CaptureId(uuid::Uuid::nil())],
        ..crate::incidents::report(&world)
    };
    assert_schema("Report", report);
    let row = TabletRow {
        device,
        holder: TabletHolder::Unknown,
        readiness: None,
        damage: None,
        photos: vec![CaptureId(uuid::Uuid::nil())],
        heard_at: None,
        standing: TabletStanding::Locked,
    };
    assert_schema("TabletRow", &row);
    let standing = TabletStanding::Lost { since: at };
    assert_schema("TabletStanding", standing);
    let order = TabletOrder::Unlock;
    assert_schema("TabletRequest", TabletRequest { device, order });
    let ordered = TabletOrdered {
        device,
        at,
        standing,
    };
    assert_schema("TabletOrdered", ordered);
    let answer = LateAnswer {
        answer: Answer {
            question,
            encounter: new_encounter(),
            answered_at: at,
            took_ms: 1,
            result: AnswerResult::NotFound { gallery: None },
        },
        encounter: new_encounter(),
        officer: board_officer,
        name: "N".into(),
        rank: "R".into(),
        asked_at: at,
        ground: None,
        place: None,
    };
    assert_schema("LateAnswer", answer);
}

#[tokio::test]
async fn the_documented_report_is_the_contracts() {
    let world = World::new().await;
    world.officer_as("c", "1", Role::Commander);
    let mut tablet = world.tablet().await;
    tablet.log_in(&world, "c").await;
    let now = world.clock.now().0;
    let url = format!("{}?from={}&to={now}", world.url(path::REPORT), now - 1);
    let request = tablet.client.get(url).bearer_auth(&tablet.session().token);
    let report: UnitReport = reply(request.send().await.unwrap()).await.unwrap();
    assert_schema("Figures", &report.totals);
    assert_schema("DutyFigures", report.totals.duty);
    assert_schema("OfficerFigures", &report.officers[0]);
    let again = CheckedAgain {
        person: 1,
        times: 2,
        officers: 1,
        encounters: vec![new_encounter()],
    };
    assert_schema("CheckedAgain", again);
    assert_schema("UnitReport", report);
}

#[test]
fn the_documented_codes_are_the_contracts() {
    let document = document();
    let codes = &document["components"]["schemas"]["ApiError"]["properties"]["code"]["enum"];
    for code in codes.as_array().unwrap() {
        let known: ErrorCode = serde_json::from_value(code.clone()).unwrap();
        assert_eq!(known == ErrorCode::Unknown, code == "unknown", "{code}");
    }
    assert_eq!(codes.as_array().unwrap().len(), 19);
}
