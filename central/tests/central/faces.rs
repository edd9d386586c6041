//! §12: a search by face brings candidates for a person to compare, and never an identity. The heads are
//! rendered; nobody is on them.

use crate::lookup::ask;
use crate::support::*;
use biometrics::face::RgbImage;
use biometrics::face::synth::{Person as Head, Scene};
use central::people::import::{ImportError, PortraitFault};
use central::people::portrait::{FaceFault, FaceReader, NewPortrait, of_bytes, to_bytes};
use central::{Admin, AdminError, NewPerson};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _};
use protocol::{AnswerResult, FacesSearched, Likeness, Probe, limits};
use regulation::encounter::{Flag, Refusal};
use std::path::PathBuf;

/// Heads that SFace tells apart.
const HEADS: [u64; 4] = [11, 22, 33, 44];

fn sface() -> PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join("target/models/face_recognition_sface_2021dec.onnx");
    assert!(
        path.exists(),
        "SFace is not there: run scripts/models, which fetches it"
    );
    path
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (picture.width(), picture.height());
    JpegEncoder::new_with_quality(&mut bytes, 90)
        .write_image(
            picture.view().pixels(),
            width,
            height,
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    bytes
}

fn picture(head: Head) -> Vec<u8> {
    jpeg(&Scene::of(head).render())
}

/// On the street: a little turned, from another distance.
fn street(id: u64) -> Probe {
    let head = Head {
        yaw: 6.0,
        distance: 700.0,
        ..Head::new(id)
    };
    Probe::Face {
        jpeg: picture(head),
    }
}

fn reader() -> FaceReader {
    FaceReader::new(Some(&sface())).unwrap()
}

/// Four people with portraits; number `n` has the head `HEADS[n - 1]`.
fn people(reader: &FaceReader) -> Vec<NewPerson> {
    let portrait = |id| reader.portrait(&picture(Head::new(id))).unwrap();
    let with = |(n, id): (u64, u64)| NewPerson {
        portrait: Some(portrait(id)),
        ..person(n)
    };
    (1..).zip(HEADS).map(with).collect()
}

#[tokio::test]
async fn a_face_brings_candidates_with_portrait_and_what_the_likeness_is_worth() {
    let world = World::with(|config| config.face_model = Some(sface())).await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), people(&reader()))
        .unwrap();
    let answer = ask(&world, &mut tablet, street(HEADS[2])).await;
    let AnswerResult::Resembling {
        candidates,
        gallery,
    } = &answer.result
    else {
        panic!("{:?}", answer.result.kind())
    };
    assert_eq!(*gallery, FacesSearched { faces: 4 });
    assert_eq!(candidates[0].person.name, person(3).name);
    let portrait = candidates[0].person.portrait.as_ref().unwrap();
    assert!(portrait.0.starts_with(&[0xFF, 0xD8]) && portrait.0.len() <= limits::PORTRAIT_BYTES);
    let worth: Vec<_> = candidates.iter().map(|c| c.false_match).collect();
    assert!(worth[0].likeness >= Likeness::Few, "{worth:?}");
    assert!(
        worth.is_sorted_by_key(|w| w.strangers_millionths),
        "{worth:?}"
    );
    // To be compared even if there is one alone, and nobody is found.
    assert!(answer.result.is_to_be_compared());
    assert_eq!(
        answer.result.kind(),
        regulation::encounter::AnswerKind::Possible
    );
    // A probe joins nothing: asked again, the gallery is as it was.
    let again = ask(&world, &mut tablet, street(HEADS[2])).await;
    assert_eq!(again.result.faces(), Some(FacesSearched { faces: 4 }));
}

/// §12: central holds to it whatever a tablet sends.
#[tokio::test]
async fn a_face_without_a_recorded_reason_is_kept_and_not_looked_up() {
    let world = World::with(|config| config.face_model = Some(sface())).await;
    let mut tablet = world.on_duty("a").await;
    let encounter = new_encounter();
    let mut envelopes = tablet.opened(&world, encounter);
    let (id, envelope) = tablet.ask(&world, encounter, street(HEADS[0]));
    envelopes.push(envelope);
    tablet.send(&world, envelopes).await.unwrap();
    let archived = world
        .admin()
        .archive()
        .encounter(encounter)
        .unwrap()
        .unwrap();
    let refused = |flag: &Flag| {
        let refusal = Refusal::FaceWithoutReason;
        *flag == Flag::OutOfOrder { refusal }
    };
    assert!(archived.state.flags.iter().any(refused));
    assert!(archived.state.question(id).is_none());
}

#[tokio::test]
async fn a_picture_of_nobody_is_unusable() {
    let world = World::with(|config| config.face_model = Some(sface())).await;
    let mut tablet = world.on_duty("a").await;
    let wall = RgbImage::new(320, 400, vec![120; 320 * 400 * 3]).unwrap();
    for jpeg in [jpeg(&wall), b"no picture".to_vec()] {
        let answer = ask(&world, &mut tablet, Probe::Face { jpeg }).await;
        assert!(
            answer.result == AnswerResult::Unusable,
            "{:?}",
            answer.result.kind()
        );
    }
}

#[tokio::test]
async fn who_is_no_more_alike_than_strangers_would_be_is_brought_to_nobodys_eyes() {
    let world = World::with(|config| {
        config.face_model = Some(sface());
        // No likeness of two pictures is so rare.
        config.policy.face_strangers = 1e-300;
    })
    .await;
    let mut tablet = world.on_duty("a").await;
    world
        .admin()
        .import(&registers(), people(&reader()))
        .unwrap();
    let answer = ask(&world, &mut tablet, street(HEADS[2])).await;
    let gallery = FacesSearched { faces: 4 };
    assert!(answer.result == AnswerResult::NobodyAlike { gallery });
}

#[tokio::test]
async fn in_a_gallery_that_holds_nobody_alike_nobody_is_brought() {
    let world = World::with(|config| config.face_model = Some(sface())).await;
    let mut tablet = world.on_duty("a").await;
    let answer = ask(&world, &mut tablet, street(HEADS[0])).await;
    let gallery = FacesSearched { faces: 0 };
    assert!(answer.result == AnswerResult::NobodyAlike { gallery });
}

#[tokio::test]
async fn without_the_model_no_face_is_searched_and_portraits_are_shown_all_the_same() {
    let mut world = World::new().await;
    let mut tablet = world.on_duty("a").await;
    let bare = FaceReader::new(None).unwrap();
    world.admin().import(&registers(), people(&bare)).unwrap();
    let answer = ask(&world, &mut tablet, street(HEADS[0])).await;
    assert!(
        answer.result == AnswerResult::NotOffered,
        "{:?}",
        answer.result.kind()
    );
    let answer = ask(&world, &mut tablet, by_document("ZZ0000001")).await;
    let AnswerResult::Found { person: found, .. } = answer.result else {
        panic!("not found")
    };
    assert!(found.portrait.is_some());
    // What came without the model is comparable from the first start with it.
    world.stop().await;
    world.config.face_model = Some(sface());
    world.start().await;
    world.central().gallery_ready().await;
    let answer = ask(&world, &mut tablet, street(HEADS[0])).await;
    let AnswerResult::Resembling { candidates, .. } = answer.result else {
        panic!("{:?}", answer.result.kind())
    };
    assert_eq!(candidates[0].person.name, person(1).name);
}

#[tokio::test]
async fn another_file_than_the_model_is_refused_at_the_start() {
    let world = World::stopped(|_| {});
    let other = world.dir.path().join("model.onnx");
    std::fs::write(&other, b"not the model").unwrap();
    let mut config = world.config.clone();
    config.face_model = Some(other);
    let error = central::Central::start(config).await.unwrap_err();
    assert!(matches!(error, central::StartError::Faces(_)), "{error}");
}

#[test]
fn a_folder_with_portraits_is_imported_and_a_fault_names_no_person() {
    let world = World::stopped(|config| config.face_model = Some(sface()));
    let dir = world.dir.path().join("people");
    crate::import::folder(&dir, &[crate::import::line(1), crate::import::line(2)]);
    let portraits = dir.join("portraits");
    std::fs::create_dir_all(&portraits).unwrap();
    std::fs::write(portraits.join("p1.jpg"), picture(Head::new(HEADS[0]))).unwrap();
    let admin = Admin::open(&world.config).unwrap();
    let import = || match admin.import_folder(&dir, &mut |_| {}) {
        Ok(imported) => Ok((imported.people, imported.portraits)),
        Err(AdminError::Import(ImportError::Portrait { number, what })) => Err((number, what)),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(import(), Ok((2, 1)));
    let two = Scene {
        people: vec![
            Head {
                aside: -150.0,
                ..Head::new(HEADS[1])
            },
            Head {
                aside: 150.0,
                ..Head::new(HEADS[2])
            },
        ],
        width: 640,
        ..Scene::of(Head::new(1))
    };
    let wall = RgbImage::new(320, 400, vec![120; 320 * 400 * 3]).unwrap();
    for (name, bytes, what) in [
        ("p2.jpg", jpeg(&two.render()), FaceFault::Several.into()),
        ("p2.jpg", jpeg(&wall), FaceFault::NoFace.into()),
        ("p2.jpg", b"nothing".to_vec(), FaceFault::Picture.into()),
        ("p2.iso", b"nothing".to_vec(), PortraitFault::Record),
        ("p2.gif", Vec::new(), PortraitFault::Name),
        ("p3.jpg", Vec::new(), PortraitFault::PersonUnknown),
        ("p1.png", Vec::new(), PortraitFault::Repeated),
    ] {
        std::fs::write(portraits.join(name), bytes).unwrap();
        assert_eq!(import(), Err((2, what)), "{name}");
        std::fs::remove_file(portraits.join(name)).unwrap();
    }
}

#[test]
fn an_embedding_is_kept_as_it_is_and_other_bytes_are_none() {
    let NewPortrait { embedding, .. } = reader().portrait(&picture(Head::new(HEADS[0]))).unwrap();
    let embedding = embedding.unwrap();
    let bytes = to_bytes(&embedding);
    let read = of_bytes(&bytes).unwrap();
    assert!(read.cosine(&embedding) > 0.999_999);
    assert!(of_bytes(&bytes[1..]).is_none() && of_bytes(&[0; 512]).is_none());
    assert!(of_bytes(&[&bytes[..], &[0]].concat()).is_none());
}
